"""Histories made by hand, with the numbers that they must come to, along both paths to X."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from features.catalogue import FEATURE_NAMES
from features.items import Shipment, Vehicle
from features.matrix import matrix_from_items, matrix_from_tables
from features.records import Signal
from tests.fakes import (
    START,
    MemoryHistory,
    Received,
    inspections_table,
    items_table,
    line,
    shipment,
    signals_table,
    vehicle,
)


def _day(number: float) -> datetime:
    return START + timedelta(days=number)


def _features(
    items: Sequence[Vehicle | Shipment], signals: Sequence[Signal] = ()
) -> dict[str, float]:
    """Give the features of the last item, which both paths must agree on."""
    received = [Received(item, 1, item.presented_at) for item in items]
    tables = matrix_from_tables(
        items_table(received), inspections_table([]), signals_table(signals)
    )
    last = received[-1]
    lane = matrix_from_items([last.item], [last.as_of], MemoryHistory(received, [], signals))
    np.testing.assert_array_equal(tables.X[-1], lane.X[0])
    return dict(zip(FEATURE_NAMES, lane.X[0].tolist(), strict=True))


def _seen(*days: float) -> dict[str, float]:
    return _features([vehicle(f"V{number}", _day(day)) for number, day in enumerate(days)])


def test_a_plate_that_comes_every_second_day_and_then_late_is_three_gaps_late() -> None:
    told = _seen(0, 2, 4, 10)
    assert told["plate_mean_gap_days"] == 2
    assert told["plate_days_since_last"] == 6
    assert told["plate_days_since_first"] == 10
    assert told["plate_gap_ratio"] == 3


def test_a_plate_on_time_is_one_gap_late() -> None:
    assert _seen(0, 2, 4, 6)["plate_gap_ratio"] == 1


@pytest.mark.parametrize("days", [(5,), (0, 5), (1, 1, 5)])
def test_without_two_moments_there_is_no_cadence(days: tuple[float, ...]) -> None:
    told = _seen(*days)
    assert np.isnan(told["plate_mean_gap_days"])
    assert np.isnan(told["plate_gap_ratio"])


def _lot(number: int, value_usd: float, **changes: Any) -> Shipment:  # noqa: ANN401 - any field
    fields = {"departs_at": _day(3), "lines": [line(value_usd=value_usd)]} | changes
    return shipment(f"S{number}", START + timedelta(hours=number), **fields)


def test_a_lot_split_over_three_items_of_one_conveyance_is_seen_at_the_third() -> None:
    lots = [_lot(number, 1_000.0) for number in range(3)]
    second, third = _features(lots[:2]), _features(lots)
    assert (second["filing_key_total_usd"], second["is_split"]) == (2_000, 0)
    assert third["filing_key_n_items"] == 2
    assert third["filing_key_before_usd"] == 2_000
    assert (third["filing_key_total_usd"], third["is_split"]) == (3_000, 1)


def test_what_needs_a_filing_by_itself_is_not_split() -> None:
    told = _features([_lot(0, 1_000.0), _lot(1, 2_600.0)])
    assert (told["filing_key_total_usd"], told["is_split"]) == (3_600, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"departs_at": _day(4)},
        {"consignee": "C2"},
        {"shipper": "S2"},
        {"mode": "air"},
        {"lines": [line(value_usd=2_000.0, schedule_b="870899")]},
    ],
)
def test_another_conveyance_party_or_number_is_another_filing_key(changes: dict[str, Any]) -> None:
    told = _features([_lot(0, 2_000.0, **changes), _lot(1, 2_000.0)])
    assert (told["filing_key_n_items"], told["is_split"]) == (0, 0)


def _lookout(number: int, known: float, expires: float | None, **changes: Any) -> Signal:  # noqa: ANN401 - any field
    fields = {
        "signal_id": f"L{number}",
        "kind": "lookout",
        "entity_kind": "plate",
        "entity": "TX:ABC1234",
        "agency": "HSI",
        "known_at": _day(known),
        "expires_at": None if expires is None else _day(expires),
        "strength": 0.75,
    }
    return Signal.model_validate(fields | changes)


def _looked_for(*signals: Signal) -> tuple[float, float, float]:
    told = _features([vehicle("V1", _day(10))], signals)
    return told["lookout_n_events"], told["lookout_age_days"], told["lookout_strength"]


def test_a_signal_counts_from_when_it_was_known_until_it_expires() -> None:
    assert _looked_for(_lookout(1, 7, None)) == (1, 3, 0.75)
    assert _looked_for(_lookout(1, 7, 10.001)) == (1, 3, 0.75)


@pytest.mark.parametrize(("known", "expires"), [(7, 9), (7, 10), (10, None), (11, None)])
def test_one_that_expired_or_was_not_known_before_the_moment_does_not(
    known: float, expires: float | None
) -> None:
    n_events, age_days, strength = _looked_for(_lookout(1, known, expires))
    assert (n_events, strength) == (0, 0)
    assert np.isnan(age_days)


@pytest.mark.parametrize("use", ["lead_only", "statistics"])
def test_one_that_may_not_be_used_for_targeting_does_not(use: str) -> None:
    assert _looked_for(_lookout(1, 7, None, permitted_use=use))[0] == 0
    both = (_lookout(1, 7, None, permitted_use=use), _lookout(2, 8, None, strength=0.5))
    assert _looked_for(*both) == (1, 2, 0.5)


def test_reports_of_one_event_by_two_agencies_count_once_but_for_the_agencies() -> None:
    signals = (_lookout(1, 7, None), _lookout(2, 7.5, None, agency="ATF", strength=0.25))
    told = _features([vehicle("V1", _day(10))], signals)
    assert told["lookout_n_events"] == 1
    assert told["lookout_age_days"] == 2.5
    assert told["n_signal_agencies"] == 2
    apart = (signals[0], _lookout(2, 8.5, None, agency="ATF"))
    assert _looked_for(*apart)[0] == 2
