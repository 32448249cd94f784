"""Where things go in the drawings of an item's page: plain numbers; templates write the SVG."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

LABELS_PX = 96
STRIP_PX = 500
ROW_PX = 24
TICKS_DAYS = (90, 60, 30, 0)

COLUMN_PX = 200
NODE_PX = (168, 34)
LINK_ROW_PX = 46


class Mark(NamedTuple):
    """One mark on the strip, in pixels from the left."""

    x: float
    found: bool


class StripRow(NamedTuple):
    """The crossings of one entity."""

    label: str
    y: int
    marks: Sequence[Mark]


class Strip(NamedTuple):
    """Crossings over time, a row for each entity."""

    width: int
    height: int
    rows: Sequence[StripRow]
    ticks: Sequence[tuple[float, str]]


class Node(NamedTuple):
    """One box of a drawing of links; `x` and `y` are its left upper corner."""

    x: float
    y: float
    lines: Sequence[str]
    role: str


class Links(NamedTuple):
    """An item, its entities, and whom those dealt with."""

    width: int
    height: int
    nodes: Sequence[Node]
    edges: Sequence[tuple[float, float, float, float]]


def short(token: str) -> str:
    """Give enough of a token to tell entities of one page apart.

    Parameters
    ----------
    token : str
        The token.

    Returns
    -------
    str
        Its first characters.
    """
    return token[:6]


def draw_strip(entities: Sequence[Mapping[str, Any]], since: datetime, as_of: datetime) -> Strip:
    """Lay out crossings over time.

    Parameters
    ----------
    entities : sequence of mapping
        As `service.surroundings` gives them.
    since, as_of : datetime.datetime
        Ends of the strip.

    Returns
    -------
    Strip
        Marks between `LABELS_PX` and `LABELS_PX + STRIP_PX`, earliest left.
    """
    span = (as_of - since).total_seconds()

    def place(at: datetime) -> float:
        return round(LABELS_PX + STRIP_PX * (at - since).total_seconds() / span, 1)

    rows = [
        StripRow(
            each["kind"],
            ROW_PX * (row + 1),
            [Mark(place(at), found=False) for at in each["crossings"]]
            + [Mark(place(at), found=True) for at in each["finds"]],
        )
        for row, each in enumerate(entities)
    ]
    ticks = [
        (LABELS_PX + STRIP_PX * (1 - days / TICKS_DAYS[0]), f"{days} d ago" if days else "now")
        for days in TICKS_DAYS
    ]
    return Strip(LABELS_PX + STRIP_PX + 24, ROW_PX * (len(rows) + 2), rows, ticks)


def draw_links(entities: Sequence[Mapping[str, Any]]) -> Links:
    """Lay out an item, its entities and their partners in three columns.

    Parameters
    ----------
    entities : sequence of mapping
        As `service.surroundings` gives them.

    Returns
    -------
    Links
        Boxes and lines that do not cross each other.
    """
    width, height = NODE_PX
    rows = [max(1, len(each["partners"])) for each in entities]
    item_y = LINK_ROW_PX * (max(1, sum(rows)) - 1) / 2
    nodes = [Node(0, item_y, ["This item"], "self")]
    edges: list[tuple[float, float, float, float]] = []
    first = 0
    for each, n_rows in zip(entities, rows, strict=True):
        y = LINK_ROW_PX * (first + (n_rows - 1) / 2)
        past = f"{each['n_items']} earlier" if each["n_items"] else "new here"
        nodes.append(Node(COLUMN_PX, y, [each["kind"], past], "found" if each["n_finds"] else ""))
        edges.append((width, item_y + height / 2, COLUMN_PX, y + height / 2))
        for at, partner in enumerate(each["partners"]):
            below = LINK_ROW_PX * (first + at)
            label = f"{' or '.join(partner['kinds'])} {short(partner['token'])}"
            nodes.append(Node(2 * COLUMN_PX, below, [label, f"in {partner['n_items']} items"], ""))
            edges.append((COLUMN_PX + width, y + height / 2, 2 * COLUMN_PX, below + height / 2))
        first += n_rows
    return Links(2 * COLUMN_PX + width, LINK_ROW_PX * max(1, sum(rows)), nodes, edges)
