"""The model in shadow, and models that are loaded before they are needed."""

from collections.abc import Callable
from pathlib import Path

import structlog

from features.errors import WeirError
from models.errors import BundleRefused
from models.loaded import Loaded
from models.registry import SHIPPED, bundle_path
from models.risk import RiskModel
from models.signing import trusted_keys
from service.champion import require_deployable
from service.clock import Clock
from service.store.engine import Store
from service.store.live_models import challenger, wanted_soon


def load_candidate(state_dir: Path, loaded: Loaded, version: str | None) -> RiskModel:
    """Verify and load a bundle that decides nothing yet; nobody need have signed for it.

    Parameters
    ----------
    state_dir : pathlib.Path
        The state folder, with installed bundles and trusted keys.
    loaded : Loaded
        Models in memory.
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
    verified = loaded.verify(folder, trusted_keys(state_dir))
    require_deployable(verified.manifest)
    if version is not None and verified.manifest.version != version:
        raise BundleRefused(str(folder), f"it holds {verified.manifest.version}; install it again")
    return loaded.load(verified)


class Challenger:
    """Keeps the model in shadow, and has the next champion in memory before it is one.

    Parameters
    ----------
    store : Store
        Holds the pointers.
    load : callable
        Takes a version, None for the shipped one, and gives a verified model or raises.
    clock : callable
        Tells the time.
    """

    def __init__(self, store: Store, load: Callable[[str | None], RiskModel], clock: Clock) -> None:
        self._store = store
        self._load = load
        self._clock = clock
        self._tried: dict[str, list[str | None]] = {"shadow": [None], "soon": []}
        self.model: RiskModel | None = None

    def refresh(self) -> None:
        """Look what is in shadow and what may be in use soon, and load what is new.

        What cannot be loaded is logged and left out; nothing that answers waits for it.
        """
        try:
            with self._store.read() as connection:
                shadow, soon = challenger(connection), wanted_soon(connection, self._clock())
        except WeirError as failed:
            structlog.get_logger().error("challenger_not_read", detail=str(failed))
            return
        if self._is_new("shadow", [shadow]):
            self.model = None if shadow is None else self._try(shadow)
        if self._is_new("soon", soon):
            for version in soon:
                self._try(version)

    def _is_new(self, what: str, wanted: list[str | None]) -> bool:
        is_new = self._tried.get(what) != wanted
        self._tried[what] = wanted
        return is_new

    def _try(self, version: str | None) -> RiskModel | None:
        try:
            return self._load(version)
        except (WeirError, OSError) as failed:
            structlog.get_logger().error(
                "candidate_not_loaded", version=version, detail=str(failed)
            )
            return None
