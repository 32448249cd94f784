"""The catalogue as a document: one table of features per group."""

from collections.abc import Mapping
from typing import get_args

from features.catalogue import FEATURES, catalogue_hash
from features.definition import Feature, Group

_COLUMNS = ("name", "unit", "meaning", "source", "default", "reason")

_ABOUT: Mapping[Group, str] = {
    "item": "Of the vehicle or shipment as it stands there: route, hour, lead, vehicle.",
    "filing": "Of what a shipment declares: claims, values, goods, words. NaN for vehicles.",
    "history": "Of earlier items and inspections of each entity and pair, as of the item.",
    "link": "Of parties that share an address, phone, consignee or plate, as of the item.",
    "signal": "Of what agencies have reported and may be used for targeting, as of the item.",
}

_HEAD = """# Features

{n} columns of X, in their order, as `weir-train features --markdown` prints them; a test holds this
page to the catalogue. A bundle carries the catalogue's digest (this one: `{digest}`), so that a
model never meets another matrix. NaN stands for what is not given or does not apply. What rests on
assumptions says `(assumed)`; `features/reference/README.md` has their sources.
"""


def markdown() -> str:
    """Write the catalogue as a page.

    Returns
    -------
    str
        Markdown: a heading and a table for each group that has features.
    """
    head = _HEAD.format(n=len(FEATURES), digest=catalogue_hash()[:16])
    return "\n".join([head, *(_section(group) for group in get_args(Group))])


def _section(group: Group) -> str:
    rows = [feature for feature in FEATURES if feature.group == group]
    lines = ["| " + " | ".join(_COLUMNS) + " |", "|" + "---|" * len(_COLUMNS), *map(_row, rows)]
    return f"## {group.capitalize()}: {len(rows)}\n\n{_ABOUT[group]}\n\n" + "\n".join(lines) + "\n"


def _row(feature: Feature) -> str:
    cells = [str(getattr(feature, column)).replace("|", "\\|") for column in _COLUMNS]
    return "| `" + cells[0] + "` | " + " | ".join(cells[1:]) + " |"
