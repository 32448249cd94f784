"""The keys of items read from whole tables, as integers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from features.declared_value import is_short_filed, just_under
from features.encoding import PORTS, Encoded, Integers, encode_columns
from features.entities import IDENTIFIERS, normalise, signal_key
from features.history import (
    ENTITIES,
    MOST_FILING_KEYS,
    PAIRS,
    PARTNERS,
    KeyKind,
)
from features.history_logs import Codes
from features.line_sums import sum_of_lines
from features.records import EntityKind

_PLAIN = r"^[0-9A-Z]*$"
_READ = ("mode", "content", "value_cents", "number")
_HOUSEHOLD_GOODS = -1


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


def numbered(values: pl.Series) -> Codes:
    """Give a number to each distinct value of a column, in no particular order.

    Parameters
    ----------
    values : polars.Series
        Strings, some null.

    Returns
    -------
    array of int, shape (n,)
        The same number for the same value, -1 for null.
    """
    physical = values.cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    return _dense(physical)


def _dense(values: Integers) -> Codes:
    """Give a number to each distinct integer; negative ones are none."""
    codes = np.full(len(values), -1, dtype=np.int32)
    there = values >= 0
    codes[there] = np.unique(values[there], return_inverse=True)[1]
    return codes


def _together(one: Codes, other: Codes) -> Codes:
    """Give a number to each pair of two numbers; -1 where either is none."""
    width = int(other.max(initial=0)) + 1
    pairs = one.astype(np.int64) * width + other
    return _dense(np.where((one >= 0) & (other >= 0), pairs, -1))


@dataclass(frozen=True)
class FilingKeys:
    """Filing keys of the versions of items.

    Parameters
    ----------
    version : array of int, shape (k,)
        Row of the version, ascending; at most `MOST_FILING_KEYS` of each.
    key : array of int, shape (k,)
        Number of the key.
    value_cents : array of int, shape (k,)
        What the version declares for it.
    """

    version: Integers
    key: Codes
    value_cents: Integers


@dataclass(frozen=True)
class Versions:
    """Every version of every item, with its keys as numbers.

    Parameters
    ----------
    item : array of int, shape (n,)
        Code of the item.
    number : array of int, shape (n,)
        Number of the version.
    known_at, value_cents : array of int, shape (n,)
        Microseconds since the epoch, US cents.
    just_under, port : array of int, shape (n,)
        1 if a value lies just under the threshold; code of the port.
    order : array of int, shape (n,)
        Rows in the order of `(known_at, item_id)`.
    keys : mapping of str to array of int, shape (n,)
        Per kind of entity and pair, the number of the key, -1 for none.
    signalled : mapping of str to array of int
        Per kind of entity, the numbers of the entities that the signals of that kind name.
    filings : FilingKeys
        Their filing keys.
    """

    item: Codes
    number: Integers
    known_at: Integers
    value_cents: Integers
    just_under: Codes
    port: Codes
    order: Integers
    keys: Mapping[KeyKind, Codes]
    signalled: Mapping[EntityKind, Codes]
    filings: FilingKeys

    def partner(self, kind: KeyKind) -> Codes:
        """Give the numbers of the partners of the keys of one kind.

        Parameters
        ----------
        kind : str
            Kind of key.

        Returns
        -------
        array of int, shape (n,)
            For one kind of partner, its number of `keys`; -1 for none.
        """
        kinds = PARTNERS.get(kind, ())
        if not kinds:
            return np.full(len(self.item), -1, dtype=np.int32)
        found, offset = self.keys[kinds[0]], 0
        for other, last in zip(kinds[1:], kinds, strict=False):
            offset += int(self.keys[last].max(initial=-1)) + 1
            more = self.keys[other]
            found = np.where((found < 0) & (more >= 0), more + np.int32(offset), found)
        return found


def _lines(items: pl.DataFrame) -> tuple[Encoded, Integers]:
    """Read what history needs of the lines, and the Schedule B number of each as declared."""
    encoded = encode_columns(items, _READ)
    is_short = is_short_filed(encoded)[encoded.line_item]
    return encoded, np.where(is_short, _HOUSEHOLD_GOODS, encoded.lines["number"])


def _filings(
    items: pl.DataFrame, lines: Encoded, number: Integers, pair: Codes, port: Codes
) -> FilingKeys:
    mode = numbered(items["mode"])
    departs = _dense(items["departs_at"].dt.epoch("us").fill_null(-1).to_numpy())
    conveyance = _together(_together(_together(pair, mode), port), departs)
    declared = (
        pl.DataFrame(
            {"version": lines.line_item, "number": number, "cents": lines.lines["value_cents"]}
        )
        .group_by("version", "number")
        .agg(pl.col("cents").sum())
        .sort("version", -pl.col("cents"), "number")
        .filter(pl.int_range(pl.len()).over("version") < MOST_FILING_KEYS)
    )
    version = declared["version"].to_numpy()
    goods = _dense(declared["number"].to_numpy() + 1)
    return FilingKeys(
        version, _together(conveyance[version], goods), declared["cents"].to_numpy().copy()
    )


def _entity_codes(
    items: pl.DataFrame, signals: pl.DataFrame, kind: EntityKind
) -> tuple[Codes, Codes]:
    named = signals.filter(pl.col("entity_kind") == kind)["entity"]
    told = pl.Series(kind, [signal_key(kind, name) for name in named], dtype=pl.String)
    codes = numbered(pl.concat([entity_key(items, kind), told]))
    return codes[: items.height], codes[items.height :]


def read_versions(items: pl.DataFrame, signals: pl.DataFrame) -> Versions:
    """Read the keys of every version of every item.

    Parameters
    ----------
    items : polars.DataFrame
        The `items` table, all versions.
    signals : polars.DataFrame
        Rows of the `signals` table.

    Returns
    -------
    Versions
        In the order of the table.
    """
    known_at = items.select(
        pl.max_horizontal("presented_at", "received_at").dt.epoch("us").alias("known_at"), "item_id"
    )
    lines, number = _lines(items)
    port = items["port"].replace_strict(PORTS, return_dtype=pl.Int32).to_numpy().copy()
    keys: dict[KeyKind, Codes] = {}
    signalled: dict[EntityKind, Codes] = {}
    for kind in ENTITIES:
        keys[kind], signalled[kind] = _entity_codes(items, signals, kind)
    for pair, (one, other) in PAIRS.items():
        keys[pair] = _together(keys[one], keys[other])
    return Versions(
        item=numbered(items["item_id"]),
        number=items["version"].to_numpy(),
        known_at=known_at["known_at"].to_numpy().copy(),
        value_cents=sum_of_lines(lines, lines.lines["value_cents"]),
        just_under=(just_under(lines) > 0).astype(np.int32),
        port=port,
        order=known_at.select(pl.arg_sort_by("known_at", "item_id"))
        .to_series()
        .cast(pl.Int64)
        .to_numpy(),
        keys=keys,
        signalled=signalled,
        filings=_filings(items, lines, number, keys["shipper_consignee"], port),
    )
