import json

import pytest
from pydantic import TypeAdapter, ValidationError

from features.errors import InvalidTable, WeirError
from service.api.body import ItemBatch
from service.api.problems import InvalidRequest, field_errors, problem, problem_of
from service.auth import NotAuthenticated
from service.reach import UnknownItem
from service.store.engine import StoreUnavailable
from tests.declarations import LINE, SHIPMENT, VEHICLE


def _fields(value: object) -> list[str]:
    try:
        TypeAdapter(ItemBatch).validate_json(json.dumps(value))
    except ValidationError as refused:
        return [error["field"] for error in field_errors(refused)]
    raise AssertionError("accepted")


def test_fields_are_named_as_the_caller_wrote_them() -> None:
    bad_line = SHIPMENT | {"lines": [LINE, LINE | {"value_usd": -1, "weight_kg": "1"}]}
    assert _fields({"items": [VEHICLE | {"plate": ""}, bad_line]}) == ["items[0].plate"]
    assert _fields({"items": [VEHICLE, bad_line]}) == [
        "items[1].lines[1].value_usd",
        "items[1].lines[1].weight_kg",
    ]


def test_a_missing_kind_is_named() -> None:
    assert _fields({"items": [{"item_id": "V1"}]}) == ["items[0].kind"]


def test_the_whole_body_is_named_as_such() -> None:
    assert _fields([]) == ["(request body)"]


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (NotAuthenticated("who?"), 401, "not-authenticated"),
        (UnknownItem("none", field="item_id"), 404, "unknown-item"),
        (StoreUnavailable("later"), 503, "store-unavailable"),
        (InvalidRequest([{"field": "port", "detail": "no"}]), 422, "invalid-request"),
    ],
)
def test_each_error_has_its_status_and_a_stable_name(
    error: WeirError, status: int, slug: str
) -> None:
    reply = problem_of(error)
    content = json.loads(bytes(reply.body))
    assert reply.status_code == content["status"] == status
    assert content["type"] == f"urn:weir:problem:{slug}"
    assert reply.media_type == "application/problem+json"


def test_an_error_that_is_not_meant_for_callers_is_a_500_without_its_words() -> None:
    reply = problem_of(InvalidTable("items.parquet is broken"))
    assert reply.status_code == 500
    assert b"parquet" not in bytes(reply.body)


def test_a_503_says_when_to_come_back_and_a_401_how_to_come_in() -> None:
    assert problem(503, "later").headers["retry-after"] == "1"
    assert problem(401, "who?").headers["www-authenticate"] == 'Bearer realm="weir"'


def test_a_field_of_an_error_is_listed() -> None:
    content = json.loads(bytes(problem_of(UnknownItem("none", field="item_id")).body))
    assert content["errors"] == [{"field": "item_id", "detail": "none"}]
