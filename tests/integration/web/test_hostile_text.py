"""Markup in whatever can be declared, typed or sent shows as text, on every page that shows it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from features.items import ITEM
from service.roles import Role
from tests.declarations import LINE, SHIPMENT, VEHICLE
from tests.serving import Desk
from tests.visitors import visitor_of

MARKUP = "<b id=x>&\"'</b><script>x</script>"
WATCHED = {"entity_kind": "phone", "entity": "956 555 0142", "expires_at": "2026-12-01T00:00:00Z"}


def _texts(schema: Mapping[str, Any], definition: str, path: str = "") -> Iterator[str]:
    """List where a record holds text, in records within it too."""
    for name, field in schema["$defs"][definition]["properties"].items():
        for kind in (field, *field.get("anyOf", ())):
            within = kind.get("items", kind).get("$ref", "").rpartition("/")[2]
            if within:
                yield from _texts(schema, within, f"{path}{name}.")
            elif kind.get("type") == "string":
                yield path + name


SCHEMA = ITEM.json_schema()
FIELDS = sorted(
    {("Vehicle", field) for field in _texts(SCHEMA, "Vehicle")}
    | {("Shipment", field) for field in _texts(SCHEMA, "Shipment")}
)
FREE = {
    "plate",
    "lane",
    "trailer",
    "driver",
    "shipper",
    "consignee",
    "forwarder",
    "consignee_address",
    "phone",
    "container",
    "lines.description",
    "lines.license",
}
"""Fields that take any text; all others refuse it."""


def _with(kind: str, field: str) -> dict[str, Any]:
    outer, _, inner = field.partition(".")
    if not inner:
        return (VEHICLE if kind == "Vehicle" else SHIPMENT) | {outer: MARKUP}
    if outer == "lines":
        return SHIPMENT | {"lines": [LINE | {inner: MARKUP}]}
    whole: Any = SHIPMENT.get(outer, {})
    return SHIPMENT | {outer: whole | {inner: MARKUP}}


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_a_declared_field_refuses_markup_or_shows_it_as_text(
    desk: Desk, kind: str, field: str
) -> None:
    item = _with(kind, field)
    reply = desk.client.post("/v1/score", json=item, headers=desk.headers())
    assert reply.status_code == (200 if field in FREE else 422), reply.text
    if field not in FREE:
        return
    inspector, name = visitor_of(desk), item["item_id"]
    paths = ("/queue", f"/items/{name}", f"/items/{name}/finding", f"/items/{name}/skip")
    pages = [inspector.get(path) for path in paths]
    assert [page.status for page in pages] == [200] * 4
    for page in pages:
        assert "<b id" not in page.markup
        assert "<script>" not in page.markup
    assert MARKUP in pages[1].text


def test_what_was_written_down_shows_as_text_in_the_audit(desk: Desk) -> None:
    desk.score(VEHICLE)
    skipped = {"reason": "other", "detail": MARKUP}
    rule = {"rule_id": "r", "text": MARKUP, "action": "raise", "predicate": "lane = '<b id=x>'"}
    acts: tuple[tuple[str, dict[str, str], Role], ...] = (
        ("/v1/items/V1/skip", skipped, "inspector"),
        ("/v1/rules", rule, "analyst"),
        ("/v1/lookouts", WATCHED | {"text": MARKUP}, "analyst"),
        ("/v1/suppressions", WATCHED | {"reason": MARKUP}, "analyst"),
    )
    for path, body, role in acts:
        headers = desk.headers(role) | {"Idempotency-Key": "key-of-this-act"}
        reply = desk.client.post(path, json=body, headers=headers)
        assert reply.is_success, reply.text
    page = visitor_of(desk, "auditor").get("/audit")
    # a lookout's words and a suppression's; of a skip and a rule other particulars are kept
    assert page.text.count(MARKUP) == 2
    assert "lane = '<b id=x>'" in page.text
    assert "<b id" not in page.markup
    assert "<script>x" not in page.markup
