"""What the law of filing looks at in a line: its licence, and whether it is a used vehicle."""

import re
from functools import lru_cache
from typing import Literal

from features.entities import normalise
from features.items import Line
from features.reference.tables import heading_of

LicenceKind = Literal["none", "baggage", "exception", "licence"]

LICENCE_EXCEPTIONS = frozenset(
    {"ACE", "AGR", "APP", "APR", "AVS", "BAG", "CCD", "ENC", "GBS", "GFT", "GOV"}
    | {"HBM", "LVS", "MED", "NLR", "RPL", "SCP", "STA", "TMP", "TSR", "TSU"}
)
"""Symbols of 15 CFR part 740 and NLR: what stands in the licence field where none is needed."""

_USED = re.compile(r"\b(used|second[ -]?hand|pre-?owned|usad[oa]s?)\b", re.IGNORECASE)


def is_licensed(line: Line) -> bool:
    """Tell whether a line names a licence, rather than nothing or a licence exception.

    Parameters
    ----------
    line : Line
        One declared line.

    Returns
    -------
    bool
        True for a licence number; false for a symbol such as BAG, LVS or NLR.
    """
    return licence_kind(line.license) == "licence"


@lru_cache(maxsize=4096)
def licence_kind(license_field: str | None) -> LicenceKind:
    """Tell what stands in the licence field of a line.

    Parameters
    ----------
    license_field : str or None
        The field as declared.

    Returns
    -------
    str
        `none`; `baggage` for the exception BAG; `exception` for any other symbol of 15 CFR
        part 740 or NLR; `licence` for everything else, which is taken for a licence number.
    """
    if license_field is None:
        return "none"
    symbol = normalise(license_field)
    if symbol == "BAG":
        return "baggage"
    return "exception" if symbol in LICENCE_EXCEPTIONS else "licence"


def is_used_vehicle(line: Line) -> bool:
    """Tell whether a line is a used self-propelled vehicle (19 CFR 192.1).

    Parameters
    ----------
    line : Line
        One declared line.

    Returns
    -------
    bool
        True if the heading is one of motor vehicles and the description calls it used.
    """
    return is_vehicle(line) and calls_it_used(line.description)


def calls_it_used(description: str) -> bool:
    """Tell whether a description calls the goods used.

    Parameters
    ----------
    description : str
        The description of a line.

    Returns
    -------
    bool
        True for `used`, `second hand`, `pre-owned` and `usado`, as whole words.
    """
    return _USED.search(description) is not None


def is_vehicle(line: Line) -> bool:
    """Tell whether a line is a motor vehicle by its heading.

    Parameters
    ----------
    line : Line
        One declared line.

    Returns
    -------
    bool
        True for the headings of motor vehicles.
    """
    heading = heading_of(line.schedule_b)
    return heading is not None and heading.kind == "vehicle"
