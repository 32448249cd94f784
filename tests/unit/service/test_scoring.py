from collections.abc import Sequence

import pytest

from features.filing import totals
from features.history import EntityHistory, EntityQuery
from features.items import Shipment, Vehicle
from features.records import EntityKind
from features.reference.tables import default_method
from service.scoring import Scored, score
from service.store.history import HistoryUnavailable
from service.store.scores import MUST_INSPECT, ORDINARY
from tests.fakes import MemoryHistory, line, shipment, vehicle
from tests.serving import VERSION, plain_model

NOBODY = MemoryHistory([], [])
PISTOL = line(schedule_b="9302", description="pistol", value_usd=400.0)


class NoHistory:
    """A history that cannot be read."""

    def fetch(self, _queries: Sequence[EntityQuery]) -> Sequence[EntityHistory]:
        raise HistoryUnavailable("not now")

    fetch_linked = fetch

    def spelled(self, _kind: EntityKind, key: str) -> str:
        return key


def _score(item: Vehicle | Shipment, *, with_model: bool = True) -> Scored:
    declared = totals([item]) if isinstance(item, Shipment) else {}
    model = plain_model() if with_model else None
    (scored,) = score([item], [0], NOBODY, declared, model)
    return scored


def test_risk_band_and_priority_come_from_the_model() -> None:
    scored = _score(vehicle(occupants=4))
    assert scored.risk == pytest.approx(0.5)
    assert scored.band == "high"
    assert scored.severity == 2.0
    assert scored.priority == pytest.approx(0.5 * 2.0 / default_method("pov").minutes)
    assert (scored.bundle, scored.degraded, scored.tier) == (VERSION, False, ORDINARY)


def test_a_reason_says_what_moved_the_risk() -> None:
    (reason,) = _score(vehicle(occupants=4)).reasons
    assert (reason.code, reason.direction, reason.strength) == ("occupants", "raises", "strong")


def test_answers_keep_the_order_of_the_items() -> None:
    items = [vehicle(f"V{n}", occupants=n) for n in (3, 1, 2)]
    scored = score(items, [0] * 3, NOBODY, {}, plain_model())
    risks = [each.risk for each in scored if each.risk is not None]
    assert sorted(risks) == [risks[1], risks[2], risks[0]]


def test_what_must_be_inspected_is_so_whatever_the_risk() -> None:
    scored = _score(shipment(lines=[PISTOL]))
    assert scored.risk is not None
    assert scored.risk < 0.1
    assert (scored.tier, scored.band) == (MUST_INSPECT, "very_high")


def test_a_raised_item_ranks_at_the_floor_of_the_next_band() -> None:
    plain = _score(shipment())
    raised = _score(shipment(lines=[line(value_usd=9_000.0)]))
    assert [hit.action for hit in raised.rule_hits] == ["raise"]
    assert (plain.band, raised.band) == ("low", "medium")
    assert (raised.risk, raised.raised, raised.tier) == (plain.risk, True, ORDINARY)
    assert plain.risk is not None
    assert raised.priority == pytest.approx(plain.priority * 0.1 / plain.risk)


def test_without_a_model_the_rules_alone_answer_and_say_so() -> None:
    plain = _score(shipment(), with_model=False)
    assert (plain.risk, plain.bundle, plain.degraded, plain.band) == (None, None, True, None)
    assert plain.missing[-1] == "model"
    armed = _score(shipment(lines=[PISTOL]), with_model=False)
    assert (armed.band, armed.tier) == (None, MUST_INSPECT)
    dear = _score(shipment(lines=[line(value_usd=9_000.0)]), with_model=False)
    assert (dear.band, dear.priority, dear.raised) == (None, 0.0, True)


def test_without_history_the_model_still_answers_and_it_is_said() -> None:
    (scored,) = score([vehicle(occupants=4)], [0], NoHistory(), {}, plain_model())
    assert scored.risk == pytest.approx(0.5)
    assert "history" in scored.missing
    assert not scored.degraded
