"""Signals and late evidence: kept once, counted once, matched where that can be told."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from service.store.finding_tables import OUTCOMES
from service.store.tables import SIGNALS
from tests.declarations import SHIPMENT, VEHICLE
from tests.serving import Desk

SOON = VEHICLE | {"presented_at": "2026-11-24T07:00:00Z"}
SIGNAL = {
    "signal_id": "G1",
    "kind": "lookout",
    "entity_kind": "plate",
    "entity": "tx:abc 1234",
    "strength": 0.5,
}
ON_PLATE = {
    "outcome_id": "O1",
    "kind": "seizure_abroad",
    "entity_kind": "plate",
    "entity": "TX:ABC1234",
    "happened_at": "2026-11-24T08:00:00Z",
}
ON_ITEM = {
    "outcome_id": "O2",
    "kind": "seizure_abroad",
    "item_id": "V1",
    "happened_at": "2026-11-24T08:30:00Z",
}


def _signals(desk: Desk, headers: dict[str, str], *signals: object) -> httpx2.Response:
    return desk.client.post("/v1/signals", json={"signals": signals}, headers=headers)


def _outcomes(desk: Desk, headers: dict[str, str], *outcomes: object) -> httpx2.Response:
    return desk.client.post("/v1/outcomes", json={"outcomes": outcomes}, headers=headers)


def _kept(desk: Desk, headers: dict[str, str], *outcomes: object) -> list[dict[str, Any]]:
    reply = _outcomes(desk, headers, *outcomes)
    assert reply.status_code == 201, reply.text
    kept: list[dict[str, Any]] = reply.json()["outcomes"]
    return kept


def test_a_signal_counts_from_its_receipt_under_the_agency_of_the_key(desk: Desk) -> None:
    reply = _signals(desk, desk.headers_of("feed", "ATF"), SIGNAL)
    assert reply.status_code == 201, reply.text
    assert reply.json() == {"signals": [{"signal_id": "G1", "known_at": "2026-11-24T09:00:00Z"}]}
    with desk.runtime.store.read() as connection:
        row = connection.execute(select(SIGNALS)).one()
    assert (row.agency, row.token) == (
        "ATF",
        desk.runtime.desk.tokens.token("plate", "TX:ABC1234"),
    )


def test_a_repeated_signal_keeps_its_moment(desk: Desk) -> None:
    headers = desk.headers("feed")
    first = _signals(desk, headers, SIGNAL).json()
    desk.clock.forward(hours=1)
    again = _signals(desk, headers, SIGNAL, SIGNAL | {"signal_id": "G2"}).json()["signals"]
    assert again[0] == first["signals"][0]
    assert again[1]["known_at"] == "2026-11-24T10:00:00Z"


def test_an_id_with_other_content_is_refused_and_nothing_of_the_batch_kept(desk: Desk) -> None:
    headers = desk.headers("feed")
    _signals(desk, headers, SIGNAL)
    refused = _signals(desk, headers, SIGNAL | {"signal_id": "G2"}, SIGNAL | {"strength": 0.9})
    assert refused.status_code == 409
    assert [error["field"] for error in refused.json()["errors"]] == ["signals[1].signal_id"]
    with desk.runtime.store.read() as connection:
        assert len(connection.execute(select(SIGNALS)).all()) == 1


def test_a_seizure_of_an_entity_is_of_its_last_item_before(desk: Desk) -> None:
    desk.score(SOON)
    desk.score(SOON | {"item_id": "V2", "presented_at": "2026-11-24T08:30:00Z"})
    (kept,) = _kept(desk, desk.headers("analyst"), ON_PLATE)
    assert (kept["matched_item"], kept["event_id"], kept["first_report"]) == ("V1", "O1", True)


def test_a_seizure_long_after_the_last_item_matches_none(desk: Desk) -> None:
    desk.score(SOON)
    desk.clock.forward(days=40)
    late = ON_PLATE | {"happened_at": "2026-12-25T08:00:00Z"}
    (kept,) = _kept(desk, desk.headers("analyst"), late)
    assert kept["matched_item"] is None


def test_a_trace_of_an_entity_matches_no_item(desk: Desk) -> None:
    desk.score(SOON)
    (kept,) = _kept(desk, desk.headers("analyst"), ON_PLATE | {"kind": "trace"})
    assert kept["matched_item"] is None


def test_what_two_agencies_report_of_one_event_counts_once(desk: Desk) -> None:
    desk.score(SOON)
    (first,) = _kept(desk, desk.headers_of("analyst", "ATF"), ON_PLATE)
    (second,) = _kept(desk, desk.headers_of("analyst", "HSI"), ON_ITEM)
    assert second["event_id"] == first["event_id"] == "O1"
    assert (first["first_report"], second["first_report"]) == (True, False)


def test_one_agency_knows_its_own_cases_apart(desk: Desk) -> None:
    desk.score(SOON)
    headers = desk.headers("analyst")
    kept = _kept(desk, headers, ON_PLATE, ON_ITEM)
    assert [each["event_id"] for each in kept] == ["O1", "O2"]
    (third,) = _kept(desk, desk.headers_of("analyst", "HSI"), ON_ITEM | {"outcome_id": "O3"})
    assert third["event_id"] == "O1"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "seizure_other_agency"},
        {"happened_at": "2026-11-20T08:00:00Z"},
        {"item_id": "S1"},
    ],
)
def test_other_kinds_moments_or_items_are_other_events(
    desk: Desk, change: dict[str, object]
) -> None:
    desk.score(SOON)
    desk.score(SHIPMENT)
    _kept(desk, desk.headers_of("analyst", "ATF"), ON_ITEM | {"outcome_id": "O1"})
    (other,) = _kept(desk, desk.headers_of("analyst", "HSI"), ON_ITEM | change)
    assert other["first_report"]


def test_what_was_found_here_is_the_event_that_others_report(desk: Desk) -> None:
    desk.score(SOON)
    finding = {"item_id": "V1", "method": "full_search", "minutes": 70.0} | {
        "outcome": "find",
        "n_firearms": 1,
    }
    found = desk.client.post(
        "/v1/inspections", json=finding, headers=desk.headers() | {"Idempotency-Key": "record-01"}
    ).json()
    (kept,) = _kept(desk, desk.headers_of("analyst", "HSI"), ON_ITEM)
    assert kept["event_id"] == found["inspection_id"]


def test_repeated_evidence_stays_as_it_was_settled(desk: Desk) -> None:
    headers = desk.headers("analyst")
    before = _kept(desk, headers, ON_PLATE)
    desk.score(SOON)
    assert _kept(desk, headers, ON_PLATE) == before
    assert _outcomes(desk, headers, ON_PLATE | {"kind": "trace"}).status_code == 409
    with desk.runtime.store.read() as connection:
        assert len(connection.execute(select(OUTCOMES)).all()) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"item_id": "V1"}, "outcomes[0].item_id"),
        ({"entity": None}, "outcomes[0].item_id"),
        ({"entity": None, "entity_kind": None}, "outcomes[0].item_id"),
        ({"happened_at": "2026-11-24T09:00:01Z"}, "outcomes[0].happened_at"),
        ({"kind": "rumour"}, "outcomes[0].kind"),
        ({"agency": "ATF"}, "outcomes[0].agency"),
    ],
)
def test_evidence_that_cannot_be_is_refused_by_name(
    desk: Desk, change: dict[str, object], field: str
) -> None:
    body = {name: value for name, value in (ON_PLATE | change).items() if value is not None}
    reply = _outcomes(desk, desk.headers("analyst"), body)
    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == [field]


def test_the_item_of_a_foreign_port_is_not_told(desk: Desk) -> None:
    desk.score(SOON)
    headers = desk.headers("analyst", "5201")
    (kept,) = _kept(desk, headers, ON_PLATE)
    assert kept["matched_item"] is None
    refused = _outcomes(desk, headers, ON_PLATE, ON_ITEM)
    assert refused.status_code == 404
    assert [error["field"] for error in refused.json()["errors"]] == ["outcomes[1].item_id"]
