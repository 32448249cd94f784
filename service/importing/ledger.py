"""What the rows of one file say about each other: repeats, order, and what they refer to."""

from collections.abc import Sequence
from typing import NoReturn

import polars as pl

from features.errors import InvalidTable
from service.importing.rows import Claim, Stored

_COLUMNS = {
    "row": pl.UInt32(),
    "key": pl.String(),
    "content": pl.Int64(),
    "follows": pl.String(),
    "follows_stored": pl.Boolean(),
    "item": pl.String(),
    "item_stored": pl.Boolean(),
}


class Ledger:
    """Collects what each row of a file claims, about a hundred bytes a row.

    Parameters
    ----------
    where : str
        Name of the file.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._parts = [pl.DataFrame(schema=_COLUMNS)]
        self._n_rows = 0

    def add(self, claims: Sequence[Claim], stored: Stored) -> None:
        """Note the next rows of the file.

        Parameters
        ----------
        claims : sequence of Claim
            The rows, in order.
        stored : Stored
            What the store holds of them.
        """
        rows = [
            (
                self._n_rows + offset,
                claim.key,
                hash(claim.content),
                claim.follows,
                claim.follows in stored.contents,
                claim.item,
                claim.item in stored.items,
            )
            for offset, claim in enumerate(claims, start=1)
        ]
        self._parts.append(pl.DataFrame(rows, schema=_COLUMNS, orient="row"))
        self._n_rows += len(claims)

    def items(self) -> pl.Series:
        """Give the items that the file speaks of, each once.

        Returns
        -------
        polars.Series
            Their ids.
        """
        return self._frame()["item"].unique()

    def require_consistent(self, brought: pl.Series) -> None:
        """Refuse a file whose rows contradict each other or refer to what is not there.

        Parameters
        ----------
        brought : polars.Series
            Items that the folder itself brings.

        Raises
        ------
        InvalidTable
            If two rows have one key and other content, a row comes before the one that it
            supersedes, two rows supersede one, or an inspection's item is not there.
        """
        frame = self._frame()
        self._require_one_content(frame)
        self._require_order(frame)
        self._require_one_successor(frame)
        absent = frame.filter(pl.col("item").is_not_null() & ~pl.col("item_stored"))
        strangers = absent.join(brought.to_frame("item"), on="item", how="anti").sort("row")
        for row, item in strangers.select("row", "item").head(1).iter_rows():
            self._refuse(
                row, "item_id", f"item {item!r} is neither stored nor in items.parquet; add it"
            )

    def _frame(self) -> pl.DataFrame:
        return pl.concat(self._parts)

    def _require_one_content(self, frame: pl.DataFrame) -> None:
        first = pl.col("content", "row").first().over("key")
        clash = frame.with_columns(first.name.prefix("first_"))
        clash = clash.filter(pl.col("content") != pl.col("first_content")).head(1)
        for row, key, earlier in clash.select("row", "key", "first_row").iter_rows():
            self._refuse(
                row,
                _key_field(key),
                f"{key} is in row {earlier} already with other content; keep one of them",
            )

    def _require_order(self, frame: pl.DataFrame) -> None:
        firsts = frame.group_by("key").agg(pl.col("row").min().alias("first_row"))
        followers = frame.filter(pl.col("follows").is_not_null() & ~pl.col("follows_stored"))
        found = followers.join(firsts, left_on="follows", right_on="key", how="left").sort("row")
        absent = found.filter(pl.col("first_row").is_null()).head(1)
        for row, key, follows in absent.select("row", "key", "follows").iter_rows():
            self._refuse(
                row, _order_field(key), f"{key} supersedes {follows}, which is not there; add it"
            )
        early = found.filter(pl.col("first_row") > pl.col("row")).head(1)
        for row, key, follows in early.select("row", "key", "follows").iter_rows():
            self._refuse(
                row,
                _order_field(key),
                f"{key} comes before {follows}; sort items by item_id and version, "
                "inspections by recorded_at",
            )

    def _require_one_successor(self, frame: pl.DataFrame) -> None:
        first = pl.col("key").first().over("follows").alias("first_key")
        followers = frame.filter(pl.col("follows").is_not_null()).with_columns(first)
        clash = followers.filter(pl.col("key") != pl.col("first_key")).head(1)
        for row, key, follows, other in clash.select(
            "row", "key", "follows", "first_key"
        ).iter_rows():
            self._refuse(row, "supersedes", superseded_already(key, follows, other))

    def _refuse(self, row: int, field: str, problem: str) -> NoReturn:
        raise InvalidTable(f"{self._where} row {row}: {field}: {problem}", field=field)


def superseded_already(key: str, follows: str, other: str) -> str:
    """Say that a row comes too late to supersede another.

    Parameters
    ----------
    key, follows, other : str
        The row, the one that it supersedes, and the one that did so before.

    Returns
    -------
    str
        What is wrong and what to do.
    """
    return f"{key} supersedes {follows}, which {other} supersedes already; supersede that one"


def _key_field(key: str) -> str:
    return f"{key.split(maxsplit=1)[0]}_id"


def _order_field(key: str) -> str:
    return "version" if key.startswith("item ") else "supersedes"
