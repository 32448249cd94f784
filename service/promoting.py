"""Moving the champion pointer: verified and on disk first, then one transaction."""

from datetime import datetime
from pathlib import Path

from models.bundle import verify_bundle
from models.registry import bundle_path, install_bundle
from models.signing import trusted_keys
from service.champion import require_deployable
from service.operating import operator_did
from service.store.chain import append
from service.store.champions import promote, roll_back
from service.store.engine import Store


def promote_bundle(store: Store, state_dir: Path, folder: Path, now: datetime) -> str:
    """Verify a bundle, install it, and point the store at it.

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
        If it does not verify or must not be deployed; nothing is installed.
    """
    trusted = trusted_keys(state_dir)
    require_deployable(verify_bundle(folder, trusted).manifest)
    version = install_bundle(folder, state_dir, trusted).manifest.version
    with store.write() as connection:
        promote(connection, version, now)
        append(connection, [operator_did("bundle.promoted", version)], now)
    return version


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
