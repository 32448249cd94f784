"""Use cases: which model answers, who decides that, and the switch that takes all models away."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from features.errors import WeirError
from models.bundle import VerifiedBundle
from models.loaded import Loaded
from models.promotion import require_other, require_promotable, sign_promotion
from models.registry import bundle_path, list_bundles
from models.signing import PROMOTER, load_or_create_key, trusted_keys
from service.acting import Deed, Done
from service.auth import Principal
from service.champion import require_deployable
from service.store.champions import promote, roll_back
from service.store.live_models import (
    add_proposal,
    compared,
    confirm,
    moves,
    open_proposals,
    pointers,
    set_challenger,
    throw_switch,
)


class NeedsAnother(WeirError):  # noqa: N818 - what the caller sees
    """A proposal that its proposer tried to confirm."""


class InUse(WeirError):  # noqa: N818 - what the caller sees
    """A bundle that is in use already."""


def check_installed(state_dir: Path, version: str, loaded: Loaded) -> VerifiedBundle:
    """Tell whether an installed bundle may answer here.

    Parameters
    ----------
    state_dir : pathlib.Path
        The state folder, with installed bundles and trusted keys.
    version : str
        The bundle.
    loaded : Loaded
        Bundles in memory.

    Returns
    -------
    VerifiedBundle
        What was verified.

    Raises
    ------
    UnknownBundle
        If it is not installed.
    BundleRefused
        If it does not verify or must not be deployed.
    """
    verified = loaded.verify(bundle_path(state_dir, version), trusted_keys(state_dir))
    require_deployable(verified.manifest)
    return verified


def check_promotable(state_dir: Path, version: str, loaded: Loaded) -> VerifiedBundle:
    """Tell whether an installed bundle may be promoted here.

    Parameters
    ----------
    state_dir, version, loaded
        As for `check_installed`.

    Returns
    -------
    VerifiedBundle
        What was verified.

    Raises
    ------
    UnknownBundle, BundleRefused
        As for `check_installed`, and if it did not meet its targets.
    KeyRefused
        If the promoter's key here is the one that signed the bundle.
    """
    verified = check_installed(state_dir, version, loaded)
    require_promotable(verified)
    require_other(load_or_create_key(state_dir, PROMOTER), verified)
    return verified


def promote_by_two(principal: Principal, verified: VerifiedBundle, state_dir: Path) -> Deed:
    """Make the act of proposing a bundle, or of confirming what somebody else proposed.

    Parameters
    ----------
    principal : Principal
        Who proposes or confirms.
    verified : VerifiedBundle
        From `check_promotable`.
    state_dir : pathlib.Path
        Where the promotion is signed; the signature is on disk before the pointer moves.

    Returns
    -------
    callable
        The act. It replies with what became of it; it raises `NeedsAnother` for the proposer's
        own confirmation, and `InUse`.
    """
    version = verified.manifest.version

    def deed(connection: Connection, now: datetime) -> Done:
        if pointers(connection).champion == version:
            raise InUse(f"bundle {version} is in use already", field="version")
        waiting = [each for each in open_proposals(connection, now) if each.version == version]
        if not waiting:
            add_proposal(connection, version, principal.key_id, now)
            return _said(principal, "proposed", version)
        if any(each.proposed_by == principal.key_id for each in waiting):
            raise NeedsAnother(
                "you proposed this bundle; somebody with another key has to confirm it",
                field="version",
            )
        signed = sign_promotion(state_dir, verified, load_or_create_key(state_dir, PROMOTER), now)
        confirm(connection, waiting[0], principal.key_id, now)
        promote(connection, version, now)
        return _said(
            principal,
            "promoted",
            version,
            proposed_by=waiting[0].proposed_by,
            manifest_sha256=signed.manifest_sha256,
            fitter=signed.fitter,
            promoter=signed.promoter,
        )

    return deed


def _said(principal: Principal, state: str, version: str | None, **told: Any) -> Done:  # noqa: ANN401 - JSON
    reply = {"state": state, "version": version}
    return Done(reply, [principal.did(f"bundle.{state}", version, **told)])


def go_back(principal: Principal, state_dir: Path) -> Deed:
    """Make the act of going back to the bundle that was in use before.

    Parameters
    ----------
    principal : Principal
        Who goes back.
    state_dir : pathlib.Path
        Where bundles are installed.

    Returns
    -------
    callable
        The act. It raises `NothingToRollBack`, and `UnknownBundle` if the earlier one is not
        installed any more.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        version = roll_back(connection, now)
        if version is not None:
            bundle_path(state_dir, version)
        return _said(principal, "rolled_back", version)

    return deed


def switch(principal: Principal, *, kill: bool) -> Deed:
    """Make the act of throwing the kill switch or of putting it back; the same again is nothing.

    Parameters
    ----------
    principal : Principal
        Who does it.
    kill : bool
        Whether the rules alone are to answer.

    Returns
    -------
    callable
        The act.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        before = pointers(connection)
        state = "killed" if kill else "restored"
        if before.killed == kill:
            return Done({"state": state, "version": before.champion})
        throw_switch(connection, "kill" if kill else "restore", principal.key_id, now)
        return Done(
            {"state": state, "version": before.champion}, [principal.did(f"models.{state}", None)]
        )

    return deed


def challenge(principal: Principal, version: str | None) -> Deed:
    """Make the act of putting a bundle in shadow, or of taking it out.

    Parameters
    ----------
    principal : Principal
        Who does it.
    version : str or None
        An installed bundle that was checked; None for none.

    Returns
    -------
    callable
        The act; the same again is nothing.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        state = "challenging" if version else "retired"
        if pointers(connection).challenger == version:
            return Done({"state": state, "version": version})
        set_challenger(connection, version, principal.key_id, now)
        return _said(principal, state, version)

    return deed


def list_models(connection: Connection, state_dir: Path, now: datetime) -> dict[str, Any]:
    """Tell which models there are and what they do.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    state_dir : pathlib.Path
        Where bundles are installed.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    dict
        The champion, the challenger with its comparison, whether the switch is thrown, what is
        installed, proposed, and the latest moves.
    """
    at = pointers(connection)
    shadow = at.challenger
    return {
        "champion": at.champion,
        "killed": at.killed,
        "challenger": None
        if shadow is None
        else {"version": shadow} | compared(connection, shadow),
        "installed": list_bundles(state_dir),
        "proposals": [
            {"version": each.version, "proposed_at": each.proposed_at}
            for each in open_proposals(connection, now)
        ],
        "moves": moves(connection),
    }
