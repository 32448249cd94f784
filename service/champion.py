"""The model in use: whatever the store's pointer names, once it has been verified."""

import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import structlog

from features.catalogue import catalogue_hash
from features.errors import WeirError
from models.bundle import load_bundle, verify_bundle
from models.errors import BundleRefused
from models.manifest import Manifest
from models.registry import SHIPPED, bundle_path
from models.risk import RiskModel
from models.signing import trusted_keys
from service.store.champions import champion
from service.store.engine import Store

RETRY_SECONDS = 30.0
"""How long a bundle that was refused is left alone before it is tried again."""

_NEVER = "never loaded"


def load_champion(state_dir: Path, version: str | None) -> RiskModel:
    """Verify and load a bundle.

    Parameters
    ----------
    state_dir : pathlib.Path
        The state folder, with installed bundles and trusted keys.
    version : str or None
        Version of an installed bundle, None for the one that Weir ships.

    Returns
    -------
    RiskModel
        Ready to score.

    Raises
    ------
    UnknownBundle
        If no such version is installed.
    BundleRefused
        If it does not verify or must not be deployed.
    """
    folder = SHIPPED if version is None else bundle_path(state_dir, version)
    verified = verify_bundle(folder, trusted_keys(state_dir))
    require_deployable(verified.manifest)
    return load_bundle(verified, warm=True)


def require_deployable(manifest: Manifest) -> None:
    """Refuse a bundle that is sound but must not decide anything here.

    Parameters
    ----------
    manifest : Manifest
        What the bundle says about itself, verified.

    Raises
    ------
    BundleRefused
        If it scores rows of somebody else's table, was made for other features than this
        version of Weir computes, or was fitted on the simulator's truth.
    """
    if manifest.subject != "items":
        raise BundleRefused(
            "manifest.json",
            "it scores rows of a table that no server has; use it with `weir-train score --table`",
        )
    if manifest.catalogue_hash != catalogue_hash():
        raise BundleRefused(
            "manifest.json",
            "it was fitted on another catalogue of features; fit again with this version of Weir",
        )
    if manifest.labels != "observed":
        raise BundleRefused(
            "manifest.json",
            "it was fitted on labels that no port has; it is a ceiling to compare with",
        )


class Champion:
    """Keeps the model that answers; swaps it when the pointer moves, and never for a bad one.

    Parameters
    ----------
    store : Store
        Holds the pointer.
    load : callable
        Takes a version, None for the shipped one, and gives a verified model or raises.
    """

    def __init__(self, store: Store, load: Callable[[str | None], RiskModel]) -> None:
        self._store = store
        self._load = load
        self._tried: str | None = _NEVER
        self._tried_at = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.model: RiskModel | None = None
        self.degraded = True

    def refresh(self) -> None:
        """Look where the pointer points and load that, if it has moved.

        What cannot be loaded is logged, and the last good model stays in use.
        """
        try:
            with self._store.read() as connection:
                wanted = champion(connection)
            refused_long_ago = self.degraded and monotonic() - self._tried_at > RETRY_SECONDS
            if wanted == self._tried and not refused_long_ago:
                return
            self._tried, self._tried_at = wanted, monotonic()
            self.model = self._load(wanted)
            self.degraded = False
        except (WeirError, OSError) as failed:
            self.degraded = True
            structlog.get_logger().error("champion_not_loaded", detail=str(failed))
        else:
            structlog.get_logger().info("champion_loaded", version=self.model.version)

    def watch(self, every_seconds: float) -> None:
        """Look again and again, in a thread of its own.

        Parameters
        ----------
        every_seconds : float
            Time between two looks.
        """

        def look() -> None:
            while not self._stop.wait(every_seconds):
                self.refresh()

        self._thread = threading.Thread(target=look, name="weir-champion", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
