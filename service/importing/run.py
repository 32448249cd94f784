"""Loading a history from files, with its own times: all checked first, then bit by bit."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from service.importing.check import Progress, check_tables, require_same
from service.importing.files import chunks, find_tables
from service.importing.pace import PAUSE_SECONDS, Pace
from service.importing.rows import Claim, Importer, Rows
from service.importing.tables import rows_of
from service.store.engine import Store, StoreConflict

MOST_TRIES = 3


class Loaded(NamedTuple):
    """What was done with one table.

    Parameters
    ----------
    n_rows : int
        Rows of the file.
    n_new : int
        Those that were not stored before.
    """

    n_rows: int
    n_new: int


def import_data(into: Importer, folder: Path, progress: Progress) -> dict[str, Loaded]:
    """Load the tables of a folder; rows that are stored already are left as they are.

    Nothing is written before the whole folder was checked. Then each transaction holds a few
    rows, in the order of the files, and others may write between two of them. What is loaded
    when it stops stays, consistent, and the same call goes on from there.

    Parameters
    ----------
    into : Importer
        Where to load.
    folder : pathlib.Path
        Holds some of the tables of `files.FILES` as `.parquet`.
    progress : callable
        Told how far it is.

    Returns
    -------
    dict of str to Loaded
        Table to what was done.

    Raises
    ------
    InvalidTable
        If there is none of the files, one is not its table, or rows contradict each other or
        the store; names file, row and field.
    InvalidRecord
        If a row breaks the contract of its record; names file, row and field.
    """
    paths = find_tables(folder)
    counts = check_tables(into, paths, progress)
    pace = Pace(PAUSE_SECONDS if into.store.has_one_writer else 0.0)
    return {
        name: _load(into.store, rows_of(into, name), path, pace, _teller(progress, name, n_rows))
        for (name, path), n_rows in zip(paths.items(), counts.values(), strict=True)
    }


def _teller(progress: Progress, name: str, n_rows: int) -> Callable[[int], None]:
    return lambda done: progress("load", name, done, n_rows)


def _load(store: Store, rows: Rows, path: Path, pace: Pace, tell: Callable[[int], None]) -> Loaded:
    done, n_new = 0, 0
    for chunk in chunks(path):
        claims = [rows.claim(row, chunk.place(at)) for at, row in enumerate(chunk.rows)]
        while claims:
            part, claims = claims[: pace.n_rows], claims[pace.n_rows :]
            with pace.transaction(len(part)):
                n_new += _add(store, rows, part)
            done += len(part)
            tell(done)
    return Loaded(done, n_new)


def _add(store: Store, rows: Rows, claims: Sequence[Claim]) -> int:
    for _ in range(MOST_TRIES - 1):
        try:
            return _add_once(store, rows, claims)
        except StoreConflict:
            continue  # a server stored one of them meanwhile; it is known now
    return _add_once(store, rows, claims)


def _add_once(store: Store, rows: Rows, claims: Sequence[Claim]) -> int:
    with store.write() as connection:
        stored = rows.stored(connection, claims)
        require_same(rows, connection, claims, stored)
        fresh = {claim.key: claim for claim in claims if claim.key not in stored.contents}
        rows.add(connection, list(fresh.values()))
    return len(fresh)
