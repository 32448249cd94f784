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
from service.store.tables import ITEMS, TOKEN_KEYS


class StoreOutdated(WeirError):  # noqa: N818 - named after what the operator meets
    """The store's schema is not the one that this version of Weir works on."""


class ForeignDatabase(WeirError):  # noqa: N818 - named after what the operator meets
    """A database that something else than Weir keeps its tables in."""


_NEWER = "it was made by a newer Weir; install that one"
_VERSIONS = "alembic_version"


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


def _is_known(found: str | None) -> bool:
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return found is None or any(script.revision == found for script in scripts)


def _require_ours(connection: Connection) -> None:
    """Refuse a database with tables that Weir did not make; an empty one is welcome."""
    tables = set(inspect(connection).get_table_names())
    if tables <= {_VERSIONS} or {_VERSIONS, ITEMS.name, TOKEN_KEYS.name} <= tables:
        return
    raise ForeignDatabase(
        f"this database holds tables that are not Weir's, such as {min(tables - {_VERSIONS})}; "
        "name an empty one as WEIR_DATABASE_URL"
    )


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

    Raises
    ------
    ForeignDatabase
        If its tables are not those of Weir; nothing was changed.
    StoreOutdated
        If it was made by a newer Weir; nothing was changed.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with store.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        _require_ours(connection)
        before = revision(connection)
        if not _is_known(before):
            raise StoreOutdated(f"the store is at schema {before}: {_NEWER}")
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
    ForeignDatabase
        If its tables are not those of Weir.
    """
    with store.read() as connection:
        _require_ours(connection)
        found = revision(connection)
    wanted = newest_revision()
    if found != wanted:
        advice = "run weir db upgrade" if _is_known(found) else _NEWER
        raise StoreOutdated(f"the store is at schema {found or 'none'}, not {wanted}: {advice}")
