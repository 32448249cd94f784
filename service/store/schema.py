"""The schema of a store: making it, migrating it, and telling how old it is."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from features.errors import WeirError
from service.store.engine import Store


class StoreOutdated(WeirError):  # noqa: N818 - named after what the operator meets
    """The store's schema is not the one that this version of Weir works on."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """Name the revision that this version of Weir works on.

    Returns
    -------
    str
        Identifier of the last migration.
    """
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise StoreOutdated("this installation has no migrations; install Weir again")
    return head


def revision(connection: Connection) -> str | None:
    """Name the revision that a store is at.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A connection to the store.

    Returns
    -------
    str or None
        Identifier of its last migration, None where none was ever run.
    """
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(store: Store) -> tuple[str | None, str]:
    """Make the tables of a store, or migrate them to the newest schema.

    Parameters
    ----------
    store : Store
        The store to change, in one transaction.

    Returns
    -------
    tuple of (str or None, str)
        The revision before and the revision after.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with store.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        before = revision(connection)
        command.upgrade(_config(connection), "head")
    return before, newest_revision()


def is_fresh(store: Store) -> bool:
    """Tell whether a store has no tables at all.

    Parameters
    ----------
    store : Store
        The store to look at.

    Returns
    -------
    bool
        True if nothing was ever made in it.
    """
    with store.read() as connection:
        return not inspect(connection).get_table_names()


def require_newest(store: Store) -> None:
    """Refuse a store whose schema is older or newer than this version of Weir.

    Parameters
    ----------
    store : Store
        The store to look at.

    Raises
    ------
    StoreOutdated
        If the revisions differ; says which command puts it right.
    """
    with store.read() as connection:
        found = revision(connection)
    wanted = newest_revision()
    if found != wanted:
        known = found is None or any(
            script.revision == found
            for script in ScriptDirectory.from_config(_config()).walk_revisions()
        )
        advice = "run weir db upgrade" if known else "it was made by a newer Weir; install that one"
        raise StoreOutdated(f"the store is at schema {found or 'none'}, not {wanted}: {advice}")
