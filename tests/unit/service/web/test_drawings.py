"""Where things go in drawings."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from service.web.drawings import LABELS_PX, STRIP_PX, draw_links, draw_strip

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SINCE = NOW - timedelta(days=90)


def _entity(kind: str, n_partners: int = 0, **changes: object) -> dict[str, Any]:
    partners = [
        {"kinds": ("driver",), "token": f"{n}" * 32, "n_items": n} for n in range(n_partners)
    ]
    fields = {"kind": kind, "crossings": [], "finds": [], "partners": partners}
    return fields | {"n_items": 0, "n_finds": 0} | changes


def test_the_strip_runs_from_its_beginning_to_now() -> None:
    moments = [SINCE, SINCE + timedelta(days=45), NOW]
    strip = draw_strip([_entity("plate", crossings=moments, finds=[NOW])], SINCE, NOW)
    (row,) = strip.rows
    ends = [LABELS_PX, LABELS_PX + STRIP_PX / 2, LABELS_PX + STRIP_PX]
    assert [mark.x for mark in row.marks] == [*ends, ends[-1]]
    assert [mark.found for mark in row.marks] == [False, False, False, True]
    assert [text for _, text in strip.ticks] == ["90 d ago", "60 d ago", "30 d ago", "now"]


def test_an_item_without_entities_has_an_empty_strip_and_stands_alone() -> None:
    assert draw_strip([], SINCE, NOW).rows == []
    links = draw_links([])
    assert [node.lines for node in links.nodes] == [["This item"]]
    assert links.edges == []


@pytest.mark.parametrize("partners", [(0,), (3,), (2, 0, 4)])
def test_boxes_do_not_overlap_and_stay_within_the_drawing(partners: tuple[int, ...]) -> None:
    links = draw_links([_entity(f"kind{at}", n) for at, n in enumerate(partners)])
    assert len(links.nodes) == 1 + len(partners) + sum(partners)
    assert len(links.edges) == len(links.nodes) - 1
    for column in {node.x for node in links.nodes}:
        tops = sorted(node.y for node in links.nodes if node.x == column)
        assert all(after - before >= 34 for before, after in pairwise(tops))
        assert tops[0] >= 0
        assert tops[-1] + 34 <= links.height


def test_an_entity_with_finds_is_marked() -> None:
    links = draw_links([_entity("plate", n_finds=1), _entity("driver")])
    assert [node.role for node in links.nodes] == ["self", "found", ""]
