"""What is read from each line of a shipment."""

from functools import lru_cache
from typing import get_args

import polars as pl

from features.arms import Arms, arms_of
from features.descriptions import pack_wording
from features.filing_goods import LicenceKind, licence_kind
from features.reading import MISSING, Reading, judged, number, weight
from features.reference.tables import heading_of, headings

HEADINGS = tuple(headings())
"""Known headings; a line's `heading` is a position in them."""

ARMS: tuple[Arms, ...] = get_args(Arms)
LICENCES: tuple[LicenceKind, ...] = get_args(LicenceKind)

_HEADING_DIGITS = 4
_POSITION = {heading: position for position, heading in enumerate(HEADINGS)}


@lru_cache(maxsize=4096)
def _heading(schedule_b: str) -> int:
    known = heading_of(schedule_b)
    return MISSING if known is None else _POSITION[known.number]


def _arms(schedule_b: str, eccn: str | None) -> int:
    return ARMS.index(arms_of(schedule_b, eccn))


def _licence(license_field: str | None) -> int:
    return LICENCES.index(licence_kind(license_field))


_digits = pl.col("schedule_b")

LINE_READINGS: tuple[Reading, ...] = (
    Reading(
        "value_cents",
        ("value_usd",),
        lambda values: [int(value * 100) for value in values],
        (pl.col("value_usd") * 100).cast(pl.Int64),
    ),
    number("quantity"),
    weight("grams", "weight_kg"),
    Reading(
        "number",
        ("schedule_b",),
        lambda values: [int(value) for value in values],
        _digits.cast(pl.Int64),
    ),
    Reading(
        "heading_4",
        ("schedule_b",),
        lambda values: [int(value[:_HEADING_DIGITS]) for value in values],
        _digits.str.slice(0, _HEADING_DIGITS).cast(pl.Int64),
    ),
    judged("heading", ("schedule_b",), _heading),
    judged("arms", ("schedule_b", "eccn"), _arms),
    judged("licence", ("license",), _licence),
    judged("wording", ("description", "schedule_b"), pack_wording),
    Reading(
        "description_length",
        ("description",),
        lambda values: [len(value) for value in values],
        pl.col("description").str.len_chars().cast(pl.Int64),
    ),
)
"""The columns of lines. Numbers of 4, 6 and 10 digits never share an integer: chapters start at
01, so that they lie below 10^4, 10^6 and 10^10, and each above the one before."""
