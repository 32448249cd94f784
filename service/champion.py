"""The model in use: whatever the store's pointer names, once it has been verified."""

import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import structlog

from features.catalogue import catalogue_hash
from features.errors import WeirError
from models.errors import BundleRefused
from models.loaded import Loaded
from models.manifest import Manifest
from models.promotion import require_promotion
from models.registry import SHIPPED, bundle_path
from models.risk import RiskModel
from models.signing import trusted_keys, trusted_promoters
from service.store.champions import champion
from service.store.engine import Store
from service.store.live_models import is_killed

RETRY_SECONDS = 30.0
"""How long a bundle that was refused is left alone before it is tried again."""

_NEVER = "never loaded"


def load_champion(
    state_dir: Path,
    version: str | None,
    loaded: Loaded | None = None,
) -> RiskModel:
    """Verify and load a bundle.

    Parameters
    ----------
    state_dir : pathlib.Path
        The state folder, with installed bundles and trusted keys.
    version : str or None
        Version of an installed bundle, None for the one that Weir ships.
    loaded : Loaded, optional
        Models in memory; what is there need not be verified and loaded again.

    Returns
    -------
    RiskModel
        Ready to score.

    Raises
    ------
    UnknownBundle
        If no such version is installed.
    BundleRefused
        If it does not verify, must not be deployed, or no trusted promoter signed for it.
    """
    folder = SHIPPED if version is None else bundle_path(state_dir, version)
    memory = loaded or Loaded()
    verified = memory.verify(folder, trusted_keys(state_dir))
    require_deployable(verified.manifest)
    if version is not None:
        if verified.manifest.version != version:
            raise BundleRefused(
                str(folder), f"it holds {verified.manifest.version}; promote the bundle again"
            )
        require_promotion(state_dir, verified, trusted_promoters(state_dir))
    return memory.load(verified)


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
        self.killed = False

    @property
    def in_use(self) -> RiskModel | None:
        """The model that answers now; None where the rules alone do."""
        return None if self.killed else self.model

    def refresh(self) -> None:
        """Look at the kill switch and where the pointer points, and load that if it has moved.

        What cannot be loaded is logged, and the last good model stays in use.
        """
        try:
            with self._store.read() as connection:
                wanted, killed = champion(connection), is_killed(connection)
            self._note(killed=killed)
            refused_long_ago = self.degraded and monotonic() - self._tried_at > RETRY_SECONDS
            if wanted == self._tried and not refused_long_ago:
                return
            self._tried, self._tried_at = wanted, monotonic()
            self.model = self._load(wanted)
            self.degraded = False
        except (WeirError, OSError) as failed:
            self.degraded = True
            check = failed.check if isinstance(failed, BundleRefused) else ""
            structlog.get_logger().error(
                "champion_not_loaded", version=self._tried, check=check, detail=str(failed)
            )
        else:
            structlog.get_logger().info("champion_loaded", version=self.model.version)

    def _note(self, *, killed: bool) -> None:
        if killed != self.killed:
            structlog.get_logger().warning("kill_switch", killed=killed)
        self.killed = killed

    def watch(self, every_seconds: float, also: Callable[[], None] | None = None) -> None:
        """Look again and again, in a thread of its own.

        Parameters
        ----------
        every_seconds : float
            Time between two looks.
        also : callable, optional
            Called after each look.
        """

        def look() -> None:
            while not self._stop.wait(every_seconds):
                self.refresh()
                if also is not None:
                    also()

        self._thread = threading.Thread(target=look, name="weir-champion", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
