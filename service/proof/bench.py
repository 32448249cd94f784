"""A folder for a proof: a store with a key, and settings for servers that use it."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from service.auth import create_key
from service.clock import now
from service.roles import Role
from service.settings import Settings, load_settings
from service.store.champions import champion, promote, roll_back
from service.store.engine import Store
from service.store.schema import upgrade

NO_MODEL = "rules-only"
"""A bundle that is installed nowhere: servers that are pointed at it start by the rules alone."""


@dataclass(frozen=True)
class Bench:
    """A store of its own for one proof.

    Parameters
    ----------
    settings : Settings
        Where it is.
    store : Store
        Open, with its tables.
    folder : pathlib.Path
        Where the proof keeps its files.
    """

    settings: Settings
    store: Store
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Variables for a server that uses the store, with no limit on how fast keys call."""
        return {
            "WEIR_SECRET": self.settings.secret.get_secret_value(),
            "WEIR_STATE_DIR": str(self.settings.state_dir),
            "WEIR_DATABASE_URL": self.settings.url,
            "WEIR_CALLER_RATE": "100000",
            "WEIR_LOG_LEVEL": "warning",
            "WEIR_CHECKPOINT_SECONDS": "0.2",
        }

    def key(self) -> str:
        """Give the key of this proof: an inspector's that reaches every port.

        Returns
        -------
        str
            The same one each time, so that idempotency keys keep their meaning.
        """
        path = self.folder / "key"
        if not path.exists():
            made = self.new_key()
            path.touch(0o600)
            path.write_text(made)
        return path.read_text()

    def new_key(self, role: Role = "inspector") -> str:
        """Make another key that reaches every port.

        Parameters
        ----------
        role : str
            Its role.

        Returns
        -------
        str
            The key.
        """
        with self.store.write() as connection:
            return create_key(connection, role, None, now())

    def choose_model(self, *, with_model: bool) -> None:
        """Decide whether servers load the bundle that Weir ships, or answer by the rules alone.

        Parameters
        ----------
        with_model : bool
            Whether they load it.
        """
        with self.store.write() as connection:
            in_use = champion(connection)
            if with_model and in_use is not None:
                roll_back(connection, now())
            elif not with_model and in_use is None:
                promote(connection, NO_MODEL, now())


def open_bench(folder: Path, database: str | None) -> Bench:
    """Open the folder of a proof, or make it.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.
    database : str or None
        SQLAlchemy URL of a database that is the proof's alone; by default SQLite in the folder.

    Returns
    -------
    Bench
        With its store's tables made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "secret"
    if not secret.exists():
        secret.touch(0o600)
        secret.write_text(secrets.token_urlsafe(48))
    given = {"database_url": database} if database else {}
    settings = load_settings(secret=secret.read_text(), state_dir=folder / "state", **given)
    store = Store(settings.url)
    upgrade(store)
    return Bench(settings, store, folder)
