"""Logs of keys, laid out from whole tables."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from features.encoding import Integers
from features.history import ENTITIES, FILING, SIGNAL_KINDS, KeyKind
from features.history_logs import NEVER, Bounds, Codes, ItemLog, KindLogs, ResultLog, SignalLog
from features.records import EntityKind
from features.signal_sums import STRENGTH_PARTS
from features.table_keys import Versions, numbered


def _bounds(keys: Codes, n_keys: int) -> Bounds:
    edges = np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=n_keys))))
    return Bounds(edges[:-1].astype(np.int64), edges[1:].astype(np.int64))


def _first_naming(versions: Versions, rows: Integers, keys: Codes) -> npt.NDArray[np.bool_]:
    """Tell which of an item's versions were the first to name a key."""
    kept = np.ones(len(rows), dtype=np.bool_)
    if not (versions.number > 1).any():
        return kept
    by_version = np.lexsort((versions.number[rows], keys, versions.item[rows]))
    item, key = versions.item[rows][by_version], keys[by_version]
    again = np.append(False, (item[1:] == item[:-1]) & (key[1:] == key[:-1]))[: len(rows)]
    kept[by_version[again]] = False
    return kept


class _Named(NamedTuple):
    """The versions that name keys of one kind first, with the keys and the values."""

    rows: Integers
    keys: Codes
    cents: Integers


def _named(versions: Versions, kind: KeyKind) -> _Named:
    if kind == FILING:
        rows, keys, cents = (
            versions.filings.version,
            versions.filings.key,
            versions.filings.value_cents,
        )
    else:
        rows = np.flatnonzero(versions.keys[kind] >= 0)
        keys, cents = versions.keys[kind][rows], versions.value_cents[rows]
    kept = _first_naming(versions, rows, keys)
    return _Named(rows[kept], keys[kept], cents[kept])


def _item_log(versions: Versions, kind: KeyKind, named: _Named, n_keys: int) -> ItemLog:
    place = np.empty(len(versions.order), dtype=np.int64)
    place[versions.order] = np.arange(len(versions.order))
    order = np.lexsort((place[named.rows], named.keys))
    rows = named.rows[order]
    return ItemLog(
        _bounds(named.keys, n_keys),
        versions.known_at[rows],
        named.cents[order],
        versions.just_under[rows],
        versions.port[rows],
        versions.partner(kind)[rows],
        versions.item[rows],
    )


def changes(inspections: pl.DataFrame) -> pl.DataFrame:
    """Give each inspection the difference that it makes to the counts of each outcome.

    Parameters
    ----------
    inspections : polars.DataFrame
        The `inspections` table.

    Returns
    -------
    polars.DataFrame
        `item_id, inspection_id, recorded_at` in microseconds, `find, clear, skip`.
    """
    earlier = inspections.select(
        pl.col("inspection_id").alias("supersedes"), pl.col("outcome").alias("replaced")
    )

    def change(outcome: str) -> pl.Expr:
        now = (pl.col("outcome") == outcome).cast(pl.Int32)
        return now - (pl.col("replaced") == outcome).cast(pl.Int32).fill_null(0)

    return inspections.join(earlier, on="supersedes", how="left").select(
        "item_id",
        "inspection_id",
        pl.col("recorded_at").dt.epoch("us"),
        change("find").alias("find"),
        change("clear").alias("clear"),
        change("not_completed").alias("skip"),
    )


def _result_log(versions: Versions, named: _Named, results: pl.DataFrame, n_keys: int) -> ResultLog:
    inspected = np.isin(versions.item[named.rows], results["item"].to_numpy())
    rows, keys = named.rows[inspected], named.keys[inspected]
    entries = (
        pl.DataFrame(
            {"item": versions.item[rows], "key": keys, "known_at": versions.known_at[rows]}
        )
        .join(results, on="item")
        .with_columns(pl.max_horizontal("known_at", "recorded_at").alias("at"))
        .sort("key", "at", "inspection_id")
    )
    return ResultLog(
        _bounds(entries["key"].to_numpy(), n_keys),
        entries["at"].to_numpy().copy(),
        entries["find"].to_numpy().copy(),
        entries["clear"].to_numpy().copy(),
        entries["skip"].to_numpy().copy(),
        entries["item"].to_numpy().copy(),
    )


def _signal_log(signals: pl.DataFrame, keys: Codes, n_keys: int) -> SignalLog:
    kinds = {kind: code for code, kind in enumerate(SIGNAL_KINDS)}
    told = signals.select(
        pl.col("known_at").dt.epoch("us"),
        pl.col("expires_at").dt.epoch("us").fill_null(NEVER),
        (pl.col("strength") * STRENGTH_PARTS + 0.5).floor().cast(pl.Int64),
        pl.col("kind").replace_strict(kinds, return_dtype=pl.Int32),
        pl.Series("agency", numbered(signals["agency"])),
        pl.Series("detail", numbered(signals["detail"])),
        "signal_id",
        pl.Series("key", keys),
    ).sort("key", "known_at", "signal_id")
    names = ("known_at", "expires_at", "strength", "kind", "agency", "detail")
    return SignalLog(
        _bounds(told["key"].to_numpy(), n_keys), *(told[name].to_numpy().copy() for name in names)
    )


def kind_logs(
    versions: Versions, results: pl.DataFrame, signals: pl.DataFrame, kind: KeyKind
) -> KindLogs:
    """Lay out all that is known of keys of one kind.

    Parameters
    ----------
    versions : Versions
        Every version of every item.
    results : polars.DataFrame
        From `changes`, with the code of each item as `item`.
    signals : polars.DataFrame
        Signals for targeting, those that `versions.signalled` numbers the entities of.
    kind : str
        Kind of key.

    Returns
    -------
    KindLogs
        Key number k of the versions is key number k of each log.
    """
    named = _named(versions, kind)
    plain: EntityKind | None = next((each for each in ENTITIES if each == kind), None)
    told = versions.signalled[plain] if plain else np.empty(0, np.int32)
    n_keys = int(max(named.keys.max(initial=-1), told.max(initial=-1))) + 1
    about = signals.filter(pl.col("entity_kind") == plain) if plain else signals.clear()
    return KindLogs(
        _item_log(versions, kind, named, n_keys),
        _result_log(versions, named, results if plain else results.clear(), n_keys),
        _signal_log(about, told, n_keys),
    )
