"""History read from whole tables, laid out for the sums."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from features.declared_value import just_under, value_cents
from features.encoding import PORTS, Encoded, Integers
from features.entities import IDENTIFIERS, normalise
from features.history import KINDS, LATEST, PARTNERS
from features.history_sums import ItemLog, ResultLog, Stretch, first_at_or_after
from features.records import EntityKind

_PLAIN = r"^[0-9A-Z]*$"


def _normalised(identifiers: pl.Series) -> pl.Series:
    if identifiers.str.contains(_PLAIN).all():
        return identifiers
    spellings = identifiers.drop_nulls().unique()
    return identifiers.replace_strict(spellings, [normalise(spelling) for spelling in spellings])


def entity_key(items: pl.DataFrame, kind: EntityKind) -> pl.Series:
    """Read the keys of one kind of entity, as `features.entities` spells them.

    Parameters
    ----------
    items : polars.DataFrame
        Rows of the `items` table.
    kind : str
        Kind of entity.

    Returns
    -------
    polars.Series
        The normalised key of each row, null where the item names no such entity.
    """
    keys = [_normalised(items[column]) for column in IDENTIFIERS[kind]]
    frame = pl.DataFrame([key.alias(f"{n}") for n, key in enumerate(keys)])
    read = pl.coalesce(pl.all())
    if kind == "plate":
        read = pl.concat_str(items["plate_state"].fill_null(""), pl.lit(":"), pl.first())
    return frame.select(read.alias(kind)).to_series()


@dataclass(frozen=True)
class KindHistory:
    """The history of all entities of one kind, and what each item of the matrix sees of it.

    Parameters
    ----------
    kind : str
        Kind of entity.
    rows : array of int, shape (n,)
        Rows of the matrix whose item names such an entity.
    items, results : ItemLog, ResultLog
        The entries.
    seen_items, seen_results : Stretch
        Which of them each of the n rows sees.
    """

    kind: EntityKind
    rows: Integers
    items: ItemLog
    seen_items: Stretch
    results: ResultLog
    seen_results: Stretch


def versions_with_history(items: pl.DataFrame, encoded: Encoded) -> pl.DataFrame:
    """Give every version of every item what it adds to the history of its entities.

    Parameters
    ----------
    items : polars.DataFrame
        The `items` table, all versions.
    encoded : Encoded
        The same rows, encoded.

    Returns
    -------
    polars.DataFrame
        `item_id, version, known_at, value_cents, just_under, port` and one column of keys
        per entity kind.
    """
    return items.select(
        "item_id",
        "version",
        pl.max_horizontal("presented_at", "received_at").dt.epoch("us").alias("known_at"),
        pl.Series("value_cents", value_cents(encoded)),
        pl.Series("just_under", (just_under(encoded) > 0).astype(np.int64)),
        pl.col("port").replace_strict(PORTS, return_dtype=pl.Int64),
        *(entity_key(items, kind) for kind in KINDS),
    )


def _results(inspections: pl.DataFrame) -> pl.DataFrame:
    """Give each inspection the difference that it makes to the counts of finds and clears."""
    earlier = inspections.select(
        pl.col("inspection_id").alias("supersedes"), pl.col("outcome").alias("replaced")
    )

    def change(outcome: str) -> pl.Expr:
        now = (pl.col("outcome") == outcome).cast(pl.Int64)
        return now - (pl.col("replaced") == outcome).cast(pl.Int64).fill_null(0)

    return inspections.join(earlier, on="supersedes", how="left").select(
        "item_id",
        "inspection_id",
        pl.col("recorded_at").dt.epoch("us"),
        change("find").alias("find"),
        change("clear").alias("clear"),
    )


def _entries(versions: pl.DataFrame, kind: EntityKind) -> pl.DataFrame:
    partner = pl.coalesce([pl.col(other) for other in PARTNERS[kind]])
    named = versions.select(
        "item_id",
        "version",
        "known_at",
        "value_cents",
        "just_under",
        "port",
        pl.col(kind).alias("key"),
        partner.rank("dense").cast(pl.Int64).fill_null(-1).alias("partner"),
    ).drop_nulls("key")
    if (versions["version"] > 1).any():
        named = named.sort("version").unique(["item_id", "key"], keep="first")
    return (
        named.with_columns(pl.col("key").rank("dense").cast(pl.Int64).alias("entity"))
        .sort("entity", "known_at", "item_id")
        .with_row_index("entry")
        .with_columns(pl.col("entry").cast(pl.Int64))
        .with_columns(
            pl.col("entry").shift(1).over("entity", by).fill_null(-1).alias(f"same_{by}")
            for by in ("partner", "port")
        )
    )


def _bounds(ordered: Integers, wanted: Integers) -> tuple[Integers, Integers]:
    start = np.searchsorted(ordered, wanted, side="left").astype(np.int64)
    stop = np.searchsorted(ordered, wanted, side="right").astype(np.int64)
    return start, stop


def _look_back(
    entity: Integers, moments: Integers, wanted: Integers, as_of: Integers
) -> tuple[Stretch, Integers]:
    """Find what each query sees, and how far back its entity's entries reach."""
    first, end = _bounds(entity, wanted)
    stop = first_at_or_after(moments, first, end, as_of)
    return Stretch(np.maximum(first, stop - LATEST), stop, as_of), first


def _skip_own(
    arrays: Mapping[str, Integers],
    stretch: Stretch,
    first: Integers,
    own: Mapping[int, set[int]],
    previous: Mapping[str, str],
) -> tuple[dict[str, Integers], Stretch]:
    """Rewrite the few stretches that hold entries of the queried item itself."""
    log = {name: [column] for name, column in arrays.items()}
    start, stop = stretch.start.copy(), stretch.stop.copy()
    end = len(arrays["at"])
    for row, skipped in own.items():
        low = max(int(first[row]), int(stop[row]) - LATEST - len(skipped))
        kept = [entry for entry in range(low, int(stop[row])) if entry not in skipped][-LATEST:]
        taken = np.array(kept, dtype=np.int64)
        for name, column in arrays.items():
            log[name].append(column[taken])
        for name, by in previous.items():
            last: dict[int, int] = {}
            positions = []
            for position, value in enumerate(arrays[by][taken].tolist(), start=end):
                positions.append(last.get(value, -1))
                last[value] = position
            log[name][-1] = np.array(positions, dtype=np.int64)
        start[row], stop[row] = end, end + len(kept)
        end += len(kept)
    joined = {name: np.concatenate(parts) for name, parts in log.items()}
    return joined, Stretch(start, stop, stretch.as_of)


def _own_entries(
    entries: pl.DataFrame, rows: pl.DataFrame, at: str, entry: str
) -> dict[int, set[int]]:
    """Find entries of the queried item itself that lie before its moment, per query."""
    own = rows.join(entries, on=["item_id", "entity"]).filter(pl.col(at) < pl.col("as_of"))
    found: dict[int, set[int]] = {}
    for query, position in own.select("query", entry).iter_rows():
        found.setdefault(query, set()).add(position)
    return found


def _array(frame: pl.DataFrame, column: str) -> Integers:
    return frame[column].cast(pl.Int64).to_numpy()


def kind_history(
    versions: pl.DataFrame, inspections: pl.DataFrame, queried: pl.DataFrame, kind: EntityKind
) -> KindHistory:
    """Lay out the history of one kind of entity for the items of the matrix.

    Parameters
    ----------
    versions : polars.DataFrame
        From `versions_with_history`.
    inspections : polars.DataFrame
        The `inspections` table.
    queried : polars.DataFrame
        The items of the matrix: rows of `versions`, one per item, in the order of the matrix.
    kind : str
        Kind of entity.

    Returns
    -------
    KindHistory
        Entries, and what each item sees of them.
    """
    entries = _entries(versions, kind)
    keys = entries.group_by("key").agg(pl.col("entity").first())
    rows = (
        queried.select("item_id", pl.col("known_at").alias("as_of"), pl.col(kind).alias("key"))
        .with_row_index("row")
        .drop_nulls("key")
        .join(keys, on="key", how="left", maintain_order="left")
        .with_row_index("query")
    )
    wanted, as_of = _array(rows, "entity"), _array(rows, "as_of")
    results = (
        entries.select("item_id", "entity", "known_at")
        .join(_results(inspections), on="item_id")
        .with_columns(pl.max_horizontal("known_at", "recorded_at").alias("at"))
        .sort("entity", "at", "inspection_id")
        .with_row_index("entry")
    )

    stretch, first = _look_back(
        _array(entries, "entity"), _array(entries, "known_at"), wanted, as_of
    )
    names = ("value_cents", "just_under", "partner", "port", "same_partner", "same_port")
    columns = {"at": _array(entries, "known_at")} | {n: _array(entries, n) for n in names}
    own = _own_entries(entries, rows, "known_at", "entry")
    columns, seen_items = _skip_own(
        columns, stretch, first, own, {"same_partner": "partner", "same_port": "port"}
    )
    item_log = ItemLog(
        columns["at"],
        columns["value_cents"],
        columns["just_under"],
        columns["partner"],
        columns["same_partner"],
        columns["same_port"],
    )

    stretch, first = _look_back(_array(results, "entity"), _array(results, "at"), wanted, as_of)
    columns = {name: _array(results, name) for name in ("at", "find", "clear")}
    own = _own_entries(results, rows, "at", "entry")
    columns, seen_results = _skip_own(columns, stretch, first, own, {})
    result_log = ResultLog(columns["at"], columns["find"], columns["clear"])
    return KindHistory(kind, _array(rows, "row"), item_log, seen_items, result_log, seen_results)


def history_by_kind(
    versions: pl.DataFrame, inspections: pl.DataFrame, queried: pl.DataFrame
) -> Iterator[KindHistory]:
    """Lay out the history of every kind of entity, one kind at a time to bound memory.

    Parameters
    ----------
    versions, inspections, queried : polars.DataFrame
        As for `kind_history`.

    Yields
    ------
    KindHistory
        One per kind of entity, in the order of `features.history.KINDS`.
    """
    for kind in KINDS:
        yield kind_history(versions, inspections, queried, kind)
