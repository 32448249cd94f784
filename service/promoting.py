"""Moving the champion pointer: verified and on disk first, then one transaction."""

from datetime import datetime
from pathlib import Path

from models.bundle import VerifiedBundle, verify_bundle
from models.promotion import require_other, require_promotable, sign_promotion
from models.registry import bundle_path, install_verified
from models.signing import PROMOTER, load_or_create_key, trusted_keys
from models.targets import Verdict
from service.champion import require_deployable
from service.operating import operator_did
from service.store.chain import append
from service.store.champions import promote, roll_back
from service.store.engine import Store


def check_bundle(state_dir: Path, folder: Path) -> tuple[VerifiedBundle, list[Verdict]]:
    """Tell whether a bundle may be promoted here; nothing is installed or signed.

    Parameters
    ----------
    state_dir : pathlib.Path
        Whose keys are trusted.
    folder : pathlib.Path
        The bundle.

    Returns
    -------
    tuple of VerifiedBundle and list of Verdict
        The bundle, and the targets that it met.

    Raises
    ------
    BundleRefused
        If it does not verify, must not be deployed, or did not meet the targets that were stored
        before it was fitted.
    """
    verified = verify_bundle(folder, trusted_keys(state_dir))
    require_deployable(verified.manifest)
    return verified, require_promotable(verified)


def promote_bundle(store: Store, state_dir: Path, folder: Path, now: datetime) -> str:
    """Verify a bundle, install it, sign for it, and point the store at it.

    The key that signs is `keys/promoter.pem` of the state folder, made when there is none. The
    signature is on disk before the pointer moves; pointer and audit row are one transaction.

    Parameters
    ----------
    store : Store
        Holds the pointer.
    state_dir : pathlib.Path
        Where bundles are installed, and whose keys are trusted.
    folder : pathlib.Path
        The bundle.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    str
        Version now in use.

    Raises
    ------
    BundleRefused
        As for `check_bundle`; nothing is installed.
    KeyRefused
        If the promoter's key is the one that signed the bundle; nothing is installed.
    """
    verified, _ = check_bundle(state_dir, folder)
    key = load_or_create_key(state_dir, PROMOTER)
    require_other(key, verified)
    install_verified(verified, state_dir)
    signed = sign_promotion(state_dir, verified, key, now)
    particulars = signed.model_dump(mode="json", include={"manifest_sha256", "fitter", "promoter"})
    with store.write() as connection:
        promote(connection, signed.bundle, now)
        append(connection, [operator_did("bundle.promoted", signed.bundle, **particulars)], now)
    return signed.bundle


def roll_back_bundle(store: Store, state_dir: Path, now: datetime) -> str | None:
    """Point the store at the bundle that was in use before.

    Parameters
    ----------
    store : Store
        Holds the pointer.
    state_dir : pathlib.Path
        Where bundles are installed.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    str or None
        Version now in use, None for the one that Weir ships.

    Raises
    ------
    NothingToRollBack
        If the shipped bundle is in use.
    UnknownBundle
        If the earlier one is not installed any more; the pointer stays.
    """
    with store.write() as connection:
        version = roll_back(connection, now)
        if version is not None:
            bundle_path(state_dir, version)
        append(connection, [operator_did("bundle.rolled_back", version)], now)
    return version
