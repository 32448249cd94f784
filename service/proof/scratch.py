"""A store that a proof may fill and throw away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from features.errors import WeirError
from service.store.engine import Store
from service.store.schema import is_fresh, upgrade
from service.store.tokens import Tokens, claim_token_key

LANE_WINDOW = timedelta(minutes=30)
_SECRET = "known to all: what a proof stores is made up"  # noqa: S105 - guards nothing
_BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)


class NotEmpty(WeirError):  # noqa: N818 - named after the user's mistake
    """A database that holds tables already, where a proof wants an empty one."""


class Scratch(NamedTuple):
    """A store of a proof, with what makes its tokens."""

    store: Store
    tokens: Tokens
    token_key: int


@contextmanager
def scratch_store(url: str | None) -> Iterator[Scratch]:
    """Make a store for a proof.

    Parameters
    ----------
    url : str or None
        URL of an empty database, which keeps what the proof writes; None for a SQLite file
        that is deleted afterwards.

    Yields
    ------
    Scratch
        The store with its tables.

    Raises
    ------
    NotEmpty
        If the database holds tables.
    """
    with TemporaryDirectory(prefix="weir-proof-") as folder:
        store = Store(url or f"sqlite:///{Path(folder) / 'weir.sqlite'}")
        try:
            if not is_fresh(store):
                raise NotEmpty("the database holds tables already; name an empty one")
            upgrade(store)
            tokens = Tokens(_SECRET)
            with store.write() as connection:
                token_key = claim_token_key(connection, tokens, _BEGINNING)
            yield Scratch(store, tokens, token_key)
        finally:
            store.close()
