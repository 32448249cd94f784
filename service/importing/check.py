"""The check of a whole folder, before anything of it is written."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import polars as pl
from sqlalchemy import Connection

from features.errors import InvalidTable
from service.importing.files import chunks, count_rows
from service.importing.ledger import Ledger, superseded_already
from service.importing.rows import Claim, Importer, Rows, Stored
from service.importing.tables import rows_of

Step = Literal["check", "load"]
Progress = Callable[[Step, str, int, int], None]
"""Told the step, the table, the rows done and the rows there are."""


def check_tables(into: Importer, paths: Mapping[str, Path], progress: Progress) -> dict[str, int]:
    """Check every row of every file, against its contract, the other rows and the store.

    Parameters
    ----------
    into : Importer
        Where they will go; only read here.
    paths : mapping of str to pathlib.Path
        Table to file, in the order in which they are loaded.
    progress : callable
        Told how far it is.

    Returns
    -------
    dict of str to int
        Table to rows.

    Raises
    ------
    InvalidTable
        If a file is not its table, or rows contradict each other or the store.
    InvalidRecord
        If a row breaks the contract of its record; names file, row and field.
    """
    counts = {name: count_rows(name, path) for name, path in paths.items()}
    brought = pl.Series("item", [], pl.String())
    for name, path in paths.items():
        rows, ledger, done = rows_of(into, name), Ledger(path.name), 0
        for chunk in chunks(path):
            claims = [rows.claim(row, chunk.place(at)) for at, row in enumerate(chunk.rows)]
            with into.store.read() as connection:
                stored = rows.stored(connection, claims)
                require_same(rows, connection, claims, stored)
            ledger.add(claims, stored)
            done += len(claims)
            progress("check", name, done, counts[name])
        if name == "items":
            brought = ledger.items()
        ledger.require_consistent(brought)
    return counts


def require_same(
    rows: Rows, connection: Connection, claims: Sequence[Claim], stored: Stored
) -> None:
    """Refuse rows that the store holds with other content, or has superseded otherwise.

    Parameters
    ----------
    rows : Rows
        How the table is handled.
    connection : sqlalchemy.Connection
        A transaction.
    claims : sequence of Claim
        The rows.
    stored : Stored
        What the store holds of them.

    Raises
    ------
    InvalidTable
        For the first such row; names file, row and field.
    """
    for claim in claims:
        content = stored.contents.get(claim.key, claim.content)
        if content != claim.content:
            field = rows.field_that_differs(connection, claim, content)
            raise InvalidTable(
                f"{claim.place}: {field}: {claim.key} is stored already with other content; "
                f"{_REMEDY[claim.key.split(maxsplit=1)[0]]}",
                field=field,
            )
        other = stored.successors.get(claim.follows or "", claim.key)
        if other != claim.key:
            problem = superseded_already(claim.key, claim.follows or "", other)
            raise InvalidTable(f"{claim.place}: supersedes: {problem}", field="supersedes")


_REMEDY = {
    "item": "give it the next version",
    "inspection": "correct it by one that supersedes it",
    "signal": "give it a signal_id of its own",
    "decision": "give it a decision_id of its own",
    "outcome": "give it an outcome_id of its own",
}
