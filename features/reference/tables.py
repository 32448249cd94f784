"""Loaders of the reference tables; each is read once from the CSV file beside this module."""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from features.errors import UnknownCode
from features.reference.rows import (
    Country,
    Eccn,
    ExamMethod,
    Exemption,
    FilingScope,
    Heading,
    HeadingKind,
    Port,
)

if TYPE_CHECKING:
    import polars as pl


def _rows(table: str) -> Iterator[dict[str, str]]:
    text = files("features.reference").joinpath(f"{table}.csv").read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _range(row: Mapping[str, str], name: str) -> tuple[float, float] | None:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return (float(low), float(high)) if low else None


def _words(cell: str) -> tuple[str, ...]:
    return tuple(cell.split())


@cache
def ports() -> Mapping[str, Port]:
    """Give every port of exit by its Schedule D code.

    Returns
    -------
    mapping of str to Port
        55 ports: the land border with Mexico, the ports of the Caribbean and Latin American
        streams, and the pseudo-ports of mail and low-value shipments.
    """
    return MappingProxyType({row["code"]: _port(row) for row in _rows("ports")})


def _port(row: Mapping[str, str]) -> Port:
    return Port(
        code=row["code"],
        name=row["name"],
        state=row["state"],
        time_zone=row["time_zone"],
        modes=_words(row["modes"]),
        latitude=_number(row["latitude"]),
        longitude=_number(row["longitude"]),
        destinations=_words(row["destinations"]),
        pov_share=_number(row["pov_share"]),
        truck_share=_number(row["truck_share"]),
        bus_share=_number(row["bus_share"]),
        stream_share=_number(row["stream_share"]),
        loaded_share=_number(row["loaded_share"]),
        source=row["source"],
    )


@cache
def countries() -> Mapping[str, Country]:
    """Give every country of ISO 3166-1 by its alpha-2 code.

    Returns
    -------
    mapping of str to Country
        The complete list, territories such as Puerto Rico included.
    """
    return MappingProxyType(
        {
            row["code"]: Country(
                code=row["code"],
                name=row["name"],
                oas=row["oas"] == "true",
                group_e=row["group_e"] == "true",
            )
            for row in _rows("countries")
        }
    )


@cache
def headings() -> Mapping[str, Heading]:
    """Give the known Schedule B headings by their digits.

    Returns
    -------
    mapping of str to Heading
        Arms and ammunition, motor vehicles, and goods that travel a lot or serve as cover.
        A number that is not here is ordinary goods without a known unit value.
    """
    return MappingProxyType({row["number"]: _heading(row) for row in _rows("headings")})


def _heading(row: Mapping[str, str]) -> Heading:
    return Heading(
        number=row["number"],
        text=row["text"],
        kind=cast("HeadingKind", row["kind"]),
        unit_value_usd=_range(row, "unit_value_usd"),
        unit_kg=_range(row, "unit_kg"),
        modes=_words(row["modes"]),
        firearm=row["firearm"] == "true",
        cover=row["cover"] == "true",
        source=row["source"],
    )


def heading_of(schedule_b: str) -> Heading | None:
    """Find the most exact heading that a declared number falls under.

    Parameters
    ----------
    schedule_b : str
        4, 6 or 10 digits, without dots.

    Returns
    -------
    Heading or None
        The six-digit heading if it is known, else the four-digit one, else none. A number
        declared at four digits never finds a six-digit heading.

    Examples
    --------
    >>> heading_of("8528720000").text
    'Televisions'
    >>> heading_of("8528") is None
    True
    """
    known = headings()
    return known.get(schedule_b[:6]) or known.get(schedule_b[:4])


@cache
def eccns() -> Mapping[str, Eccn]:
    """Give the ECCNs of the firearms series by their first five characters.

    Returns
    -------
    mapping of str to Eccn
        0A501 to 0A509. Kept as data because the list changed in 2020, 2024 and 2025.
    """
    return MappingProxyType(
        {
            row["code"]: Eccn(
                code=row["code"],
                text=row["text"],
                filing=cast("FilingScope", row["filing"]),
                paragraphs=_words(row["paragraphs"]),
                parts=row["parts"] == "true",
                source=row["source"],
            )
            for row in _rows("eccns")
        }
    )


@cache
def exemptions() -> Mapping[str, Exemption]:
    """Give the exemptions from filing by their citation.

    Returns
    -------
    mapping of str to Exemption
        15 CFR 30.36, the paragraphs of 30.37, 30.39 and 30.40. Section 30.38 (household
        goods) is not here: it thins a filing out, it does not exempt from it.
    """
    return MappingProxyType(
        {
            row["citation"]: Exemption(row["citation"], row["text"], row["source"])
            for row in _rows("exemptions")
        }
    )


@cache
def exam_methods() -> Mapping[str, ExamMethod]:
    """Give the exam methods by their code.

    Returns
    -------
    mapping of str to ExamMethod
        From a look at the lane to the unloading of a container.
    """
    return MappingProxyType(
        {
            row["code"]: ExamMethod(
                code=row["code"],
                name=row["name"],
                modes=_words(row["modes"]),
                first_for=_words(row["first_for"]),
                minutes=float(row["minutes"]),
                detection=float(row["detection"]),
                false_alarm=float(row["false_alarm"]),
                source=row["source"],
            )
            for row in _rows("exam_methods")
        }
    )


@cache
def default_method(mode: str) -> ExamMethod:
    """Give the exam that a port would use first for a mode.

    Its minutes are what an inspection is taken to cost when items are ranked.

    Parameters
    ----------
    mode : str
        One of the modes of an item.

    Returns
    -------
    ExamMethod
        A partial search for cars and buses, X-ray for everything else.

    Raises
    ------
    UnknownCode
        If no method is first for the mode.
    """
    for method in exam_methods().values():
        if mode in method.first_for:
            return method
    raise UnknownCode(f"{mode!r} is not a mode; give one such as pov or ocean", field="mode")


@cache
def border_crossings() -> "pl.DataFrame":
    """Give the monthly counts of entries at each port of the Mexican border.

    These are **inbound** entries (US Bureau of Transportation Statistics, from CBP). Outbound
    counts are not published by port, so they stand in for them: that the two are alike is an
    assumption (ratio 1.0, range 0.9 to 1.1).

    Returns
    -------
    polars.DataFrame
        One row per port and month from 2019 to February 2025: `port_code`, `port_name`,
        `state`, `latitude`, `longitude`, `month` (YYYY-MM) and counts by means of crossing.
    """
    import polars as pl  # noqa: PLC0415 - items are validated without it

    path = files("features.reference").joinpath("border_crossings.csv")
    return pl.read_csv(path.read_bytes(), schema_overrides={"port_code": pl.String})


@cache
def chapters() -> Mapping[str, str]:
    """Give the titles of the chapters of the Harmonized System by their two digits.

    Returns
    -------
    mapping of str to str
        Chapters 01 to 98 without 77, which is reserved; titles as in the US HTS, shortened.
    """
    return MappingProxyType({row["number"]: row["text"] for row in _rows("chapters")})


@cache
def vague_words() -> tuple[str, ...]:
    """Give the words that describe goods without saying what they are.

    Returns
    -------
    tuple of str
        Words that customs refuses as descriptions, and others of the kind (assumptions).
    """
    return tuple(row["word"] for row in _rows("vague_words"))


@cache
def rhythms() -> Mapping[tuple[str, str], tuple[float, ...]]:
    """Give how the traffic of each mode spreads over the day and over the week.

    Nobody publishes counts by hour or by day of the week, so both are assumptions.

    Returns
    -------
    mapping of tuple of str to tuple of float
        Mode and clock (`hour`: 24 local hours from midnight; `weekday`: seven from Monday) to
        the traffic of each over their mean.
    """
    found = {}
    for row in _rows("rhythms"):
        weights = [float(weight) for weight in row["weights"].split()]
        mean = sum(weights) / len(weights)
        found[row["mode"], row["clock"]] = tuple(weight / mean for weight in weights)
    return MappingProxyType(found)
