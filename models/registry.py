"""Installed bundles: `bundles/<version>` in the state folder, each whole and verified."""

import re
from pathlib import Path

from models.bundle import MOST_BYTES, MOST_TABLE_BYTES, VerifiedBundle, verify_bundle
from models.disk import folder_aside, read_folder, sync_folder
from models.errors import BundleRefused, UnknownBundle
from models.manifest import VERSION_PATTERN
from models.signing import TrustedKeys

SHIPPED = Path(__file__).parent / "bundles" / "shipped"
"""The bundle that comes with Weir."""


def install_bundle(folder: Path, state_dir: Path, trusted: TrustedKeys) -> VerifiedBundle:
    """Verify a bundle and copy what was verified into the state folder, flushed to disk.

    A version that is there already with the same bytes is left as it is.

    Parameters
    ----------
    folder : Path
        The bundle.
    state_dir : Path
        The state folder; made if absent.
    trusted : TrustedKeys
        Whose bundles are believed.

    Returns
    -------
    VerifiedBundle
        What was installed; its bytes need not be verified again.

    Raises
    ------
    BundleRefused
        If it does not verify, or the version is there with other bytes.
    """
    verified = verify_bundle(folder, trusted)
    install_verified(verified, state_dir)
    return verified


def install_verified(verified: VerifiedBundle, state_dir: Path) -> None:
    """Copy what was verified into the state folder, flushed to disk.

    A version that is there already with the same bytes is left as it is.

    Parameters
    ----------
    verified : VerifiedBundle
        From `verify_bundle`.
    state_dir : Path
        The state folder; made if absent.

    Raises
    ------
    BundleRefused
        If the version is there with other bytes.
    """
    target = _installed(state_dir) / verified.manifest.version
    if not target.exists():
        with folder_aside(target, verified.contents) as aside:
            try:
                aside.rename(target)
            except OSError:
                # another process may have been first; what it left is compared below
                if not target.exists():
                    raise
        sync_folder(target.parent)
    if read_folder(target, MOST_BYTES, MOST_TABLE_BYTES) != verified.contents:
        raise BundleRefused(
            str(target), "this version is installed with other bytes; remove that folder first"
        )


def list_bundles(state_dir: Path) -> list[str]:
    """List the installed versions, oldest first.

    Parameters
    ----------
    state_dir : Path
        The state folder.

    Returns
    -------
    list of str
        Versions; empty if nothing was installed yet.
    """
    folder = _installed(state_dir)
    if not folder.is_dir():
        return []
    names = (path.name for path in folder.iterdir() if path.is_dir())
    return sorted(name for name in names if re.fullmatch(VERSION_PATTERN, name))


def bundle_path(state_dir: Path, version: str) -> Path:
    """Find an installed bundle.

    Parameters
    ----------
    state_dir : Path
        The state folder.
    version : str
        The bundle's version.

    Returns
    -------
    Path
        Its folder; verify it before loading.

    Raises
    ------
    UnknownBundle
        If no such version is installed.
    """
    if version not in list_bundles(state_dir):
        raise UnknownBundle(
            f"bundle {version!r} is not installed; see which are, or install it first",
            field="version",
        )
    return _installed(state_dir) / version


def _installed(state_dir: Path) -> Path:
    return state_dir / "bundles"
