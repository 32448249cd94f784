"""Many rows in one statement, written once per table: what each row costs is the driver's work.

A statement that SQLAlchemy builds is looked up, and a dictionary of parameters made for each row,
on every call; for tables of which a posting writes several rows an item that is more than the
database takes to store them.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect

_PLACEHOLDERS = {"sqlite": "?", "postgresql": "%s"}

_Convert = Callable[[Any], Any]


class BulkInsert:
    """Inserts rows of some columns of one table.

    Parameters
    ----------
    table : sqlalchemy.Table
        Where to insert.
    columns : sequence of str
        Columns that are given, in the order in which rows give them.
    skip : bool
        Whether rows whose key is there already are left alone; without it they are an error.
    as_stored : bool
        Whether values are given as the database keeps them (a moment as microseconds); without
        it as the columns' types take them.
    """

    def __init__(
        self, table: Table, columns: Sequence[str], *, skip: bool = False, as_stored: bool = False
    ) -> None:
        self._table = table
        self._columns = tuple(columns)
        self._skip, self._as_stored = skip, as_stored
        self._prepared = lru_cache(None)(self._prepare)

    def __call__(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows.

        Parameters
        ----------
        connection : sqlalchemy.Connection
            A transaction that may write.
        rows : sequence of tuple
            Values in the order of the columns.
        """
        if not rows:
            return
        statement, converts = self._prepared(connection.dialect)
        if converts:
            columns = list(zip(*rows, strict=True))
            for place, convert in converts:
                columns[place] = tuple(map(convert, columns[place]))
            rows = list(zip(*columns, strict=True))
        connection.exec_driver_sql(statement, list(rows))

    def _prepare(self, dialect: Dialect) -> tuple[str, list[tuple[int, _Convert]]]:
        quote = dialect.identifier_preparer.quote
        names = ", ".join(map(quote, self._columns))
        values = ", ".join([_PLACEHOLDERS[dialect.name]] * len(self._columns))
        skip = " ON CONFLICT DO NOTHING" if self._skip else ""
        # the names are those of our own tables, never anything that was sent
        statement = f"INSERT INTO {quote(self._table.name)} ({names}) VALUES ({values}){skip}"  # noqa: S608
        if self._as_stored:
            return statement, []
        types = [self._table.c[name].type for name in self._columns]
        found = [each.dialect_impl(dialect).bind_processor(dialect) for each in types]
        return statement, [(place, each) for place, each in enumerate(found) if each is not None]
