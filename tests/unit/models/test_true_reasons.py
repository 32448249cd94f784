"""Every sentence that an inspector reads is true of the item, whatever the model makes of it."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import FEATURE_NAMES, REASON_CODES
from features.items import Shipment, Vehicle
from features.matrix import Matrix, matrix_from_items
from features.reasons import REASONS
from models.reasons import OTHER, ReasonBook
from tests.fakes import START, MemoryHistory, Received, line, shipment, vehicle
from tests.streams import inspections, received
from tests.sundry import sundry_items

BOOK = ReasonBook(REASON_CODES, REASONS)
Item = Vehicle | Shipment
Moves = npt.NDArray[np.float64]

FIELDS = {text.field for text in REASONS.values() if text.field is not None}


def field(*names: str) -> Callable[[Item], bool]:
    return lambda item: any(getattr(item, name, None) is not None for name in names)


def of_kind(kind: str) -> Callable[[Item], bool]:
    return lambda item: item.kind == kind


NAMES: dict[str, Callable[[Item], bool]] = {
    "plate": field("plate"),
    "driver": field("driver"),
    "shipper": field("shipper"),
    "consignee address": field("consignee_address"),
    "this consignee ": field("consignee"),
    "forwarder": field("forwarder"),
    "phone": field("phone"),
    "container or trailer": field("container", "trailer"),
    "number of people": field("occupants"),
    "A Form 4457": lambda item: bool(getattr(item, "form_4457", None)),
    "No Form 4457": lambda item: getattr(item, "form_4457", None) is False,
    "the vehicle": of_kind("vehicle"),
    "It is a vehicle": of_kind("vehicle"),
    "It is a shipment": of_kind("shipment"),
    "goods": of_kind("shipment"),
    "filing": of_kind("shipment"),
    "declared": of_kind("shipment"),
}
"""Words that name something, and whether an item has it."""


def said(items: list[Item], matrix: Matrix, moved: Moves) -> list[dict[str, str]]:
    kinds = [item.kind for item in items]
    explained = BOOK.explain(moved, matrix.X, kinds, matrix.missing, n=len(BOOK.codes))
    return [{reason.code: reason.text for reason in reasons} for reasons in explained]


def moves(seed: int, n_rows: int) -> Moves:
    return np.random.default_rng(seed).normal(size=(n_rows, len(FEATURE_NAMES) + 1))


def ones(n_rows: int = 1) -> Moves:
    return np.ones((n_rows, len(FEATURE_NAMES) + 1))


def check(item: Item, row: npt.NDArray[np.float32], reasons: dict[str, str]) -> None:
    values = dict(zip(FEATURE_NAMES, row.tolist(), strict=True))
    for code, text in reasons.items():
        if code.removeprefix("no_") in FIELDS and code.startswith("no_"):
            assert not field(code.removeprefix("no_"))(item), text
            continue
        false = [words for words, has in NAMES.items() if words in text and not has(item)]
        assert false == [], (code, text)
        shown = [name for name in REASONS[code].evidence if values[name] > 0]
        assert shown or not REASONS[code].evidence, (code, text)


@given(sundry_items(4), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_no_reason_names_what_the_item_lacks(items: list[Item], seed: int) -> None:
    for history in (MemoryHistory([], []), None):
        matrix = matrix_from_items(items, [0] * len(items), history)
        told = said(items, matrix, moves(seed, len(items)))
        for item, row, reasons in zip(items, matrix.X, told, strict=True):
            check(item, row, reasons)


@st.composite
def seen(draw: st.DrawFn) -> tuple[list[Item], Matrix]:
    versions = draw(received(6))
    past = MemoryHistory(versions, draw(inspections(versions)))
    items: list[Item] = [each.item for each in versions]
    return items, matrix_from_items(items, [each.as_of for each in versions], past)


@given(seen(), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_what_is_said_to_be_seen_has_been_and_what_is_said_to_be_new_has_not(
    drawn: tuple[list[Item], Matrix], seed: int
) -> None:
    items, matrix = drawn
    told = said(items, matrix, moves(seed, len(items)))
    for item, row, reasons in zip(items, matrix.X, told, strict=True):
        check(item, row, reasons)
        values = dict(zip(FEATURE_NAMES, row.tolist(), strict=True))
        for code, text in reasons.items():
            kind = code.partition("_")[0]
            if "has been seen" in text:
                assert values[f"{kind}_n_items_90d"] > 0 or values[f"{kind}_days_since_last"] > 90
            if code.endswith("_new"):
                assert values[f"{kind}_n_items_90d"] == 0
                assert np.isnan(values[f"{kind}_days_since_last"])
            if code.endswith("_results"):
                assert values[f"{kind}_n_finds"] + values[f"{kind}_n_clears"] > 0
            if code.endswith("_uninspected"):
                assert values[f"{kind}_n_finds"] == values[f"{kind}_n_clears"] == 0


@given(sundry_items(4), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_nothing_that_moves_the_risk_is_lost(items: list[Item], seed: int) -> None:
    matrix, moved = matrix_from_items(items, [0] * len(items), None), moves(seed, len(items))
    sums = BOOK.sums(moved, matrix.X, [item.kind for item in items], matrix.missing)
    np.testing.assert_allclose(sums.sum(axis=1), moved[:, :-1].sum(axis=1), atol=1e-9)
    assert BOOK.codes[-1] == OTHER


def test_history_that_could_not_be_read_is_not_said_to_be_absent() -> None:
    named, unnamed = vehicle("V1", driver="D1"), vehicle("V2")
    matrix = matrix_from_items([named, unnamed], [0, 0], None)
    first, second = said([named, unnamed], matrix, ones(2))
    assert not any("driver" in text or "plate" in text for text in first.values())
    assert second["no_driver"] == "No driver is named."


def test_a_shipment_hears_nothing_of_vehicles_but_that_it_is_none() -> None:
    item = shipment(lines=[line(value_usd=2400.0)])
    (reasons,) = said([item], matrix_from_items([item], [0], MemoryHistory([], [])), ones())
    assert reasons["is_shipment"] == "It is a shipment, not a vehicle."
    assert reasons["threshold"].startswith("A declared value lies just under")
    assert not {"vehicle", "occupants", "plate_activity", "driver_new"} & reasons.keys()


def test_a_plate_seen_before_is_spoken_of_as_seen_and_as_never_inspected() -> None:
    first, again = vehicle("V1"), vehicle("V2", at=START + timedelta(hours=5))
    past = MemoryHistory([Received(first, 1, START)], [])
    moment = Received(again, 1, again.presented_at).as_of
    (reasons,) = said([again], matrix_from_items([again], [moment], past), ones())
    assert "has been seen" in reasons["plate_activity"]
    assert reasons["plate_uninspected"].startswith("No result of an earlier inspection")


def test_every_wording_can_be_reached_and_none_is_missing() -> None:
    assert set(BOOK.codes) - {OTHER} == set(REASONS)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_sentence_is_a_sentence(code: str) -> None:
    for text in REASONS[code][:2]:
        assert text[0].isupper()
        assert text.endswith(".")
