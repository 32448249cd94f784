from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter
from typing import Annotated, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, ValidationError

from features.errors import InvalidTable
from features.items import ITEM, Record
from features.records import DECISIONS, INSPECTIONS, ITEM_LEDGER, ITEMS, SCORES, ItemReceipt, Table
from features.schema import model_columns
from features.table_rules import Fault, value_faults
from tests.declarations import LINE, SHIPMENT, VEHICLE, line_of, shipment_of, vehicle_of

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
INSPECTION: dict[str, Any] = {
    "inspection_id": "I1",
    "item_id": "V1",
    "method": "canine",
    "minutes": 2.0,
    "outcome": "clear",
    "n_firearms": 0,
    "n_parts": 0,
    "n_rounds": 0,
    "found_at": AT,
    "recorded_at": AT,
    "agency": "CBP",
}
DECISION: dict[str, Any] = {
    "decision_id": "D1",
    "item_id": "V1",
    "shift_id": "H1",
    "decided_at": AT,
    "policy_id": "p",
    "chosen": False,
    "propensity": 0.1,
    "capacity_minutes": 480.0,
}


def _items(*changes: dict[str, Any]) -> pl.DataFrame:
    """Make a table of a vehicle, a shipment and one further row per change."""
    lines = (line_of(), line_of(schedule_b="9306"))
    items = [vehicle_of().model_dump(), shipment_of(*lines).model_dump()]
    rows = [{"version": 1} | row for row in items]
    rows += [
        {"version": 1} | items[change.get("kind") == "shipment"] | change for change in changes
    ]
    return pl.DataFrame(
        [{name: row.get(name) for name in ITEMS.columns} for row in rows], schema=ITEMS.schema
    )


def _line(**changes: object) -> dict[str, Any]:
    good = line_of().model_dump()
    return {"kind": "shipment", "lines": [good, good | changes]}


@pytest.mark.parametrize(
    ("change", "column", "advice"),
    [
        ({"port": None}, "port", "missing"),
        ({"port": "9999"}, "port", "not a known port"),
        ({"kind": "boat"}, "kind", "give one of 'vehicle' or 'shipment'"),
        ({"kind": None}, "kind", "missing"),
        ({"mode": "ocean"}, "mode", "give one of 'pov'"),
        ({"destination": "ZZ"}, "destination", "not a country"),
        ({"item_id": "V 1"}, "item_id", "of the form"),
        ({"plate": "---"}, "plate", "letter or digit"),
        ({"plate": "AB\u202eC"}, "plate", "control characters"),
        ({"plate": "x" * 121}, "plate", "at most 120"),
        ({"occupants": -1}, "occupants", "give 0 or more"),
        ({"model_year": 3000}, "model_year", "give 2100 or less"),
        ({"presented_at": datetime(1066, 10, 14, tzinfo=UTC)}, "presented_at", "between 1990"),
        ({"departs_at": datetime(2026, 1, 1, tzinfo=UTC)}, "departs_at", "must not lie before"),
        ({"shipper": "s"}, "shipper", "a vehicle has no such field"),
        ({"version": 0}, "version", "give 1 or more"),
        ({"version": None}, "version", "missing"),
        ({"kind": "shipment", "departs_at": None}, "departs_at", "missing"),
        ({"kind": "shipment", "lines": None}, "lines", "missing"),
        ({"kind": "shipment", "lines": []}, "lines", "at least 1 entries"),
        ({"kind": "shipment", "lines": [None]}, "lines[0]", "missing"),
        ({"kind": "shipment", "filing": None}, "filing", "missing"),
        ({"kind": "shipment", "filing": {"itn": "1"}}, "filing.itn", "of the form"),
        ({"kind": "shipment", "filing": {"exemption": "1"}}, "filing.exemption", "not an exempt"),
        ({"kind": "shipment", "gross_weight_kg": float("nan")}, "gross_weight_kg", "finite"),
        ({"kind": "shipment", "content": "guns"}, "content", "give one of"),
        (_line(weight_kg=-5.0), "lines[1].weight_kg", "or more"),
        (_line(weight_kg=float("inf")), "lines[1].weight_kg", "finite number"),
        (_line(schedule_b="77"), "lines[1].schedule_b", "4, 6 or 10 digits"),
        (_line(schedule_b="770100"), "lines[1].schedule_b", "4, 6 or 10 digits"),
        (_line(value_usd=None), "lines[1].value_usd", "missing"),
        (_line(value_usd=Decimal(-1)), "lines[1].value_usd", "between 0 and"),
        (_line(quantity=-3), "lines[1].quantity", "give 0 or more"),
    ],
)
def test_a_bad_value_is_named_with_its_file_row_and_column(
    change: dict[str, Any], column: str, advice: str
) -> None:
    with pytest.raises(InvalidTable) as caught:
        ITEMS.check(_items(change), where="DIR/items.parquet")
    assert caught.value.detail.startswith(f"DIR/items.parquet row 3: {column}: ")
    assert advice in caught.value.detail
    assert caught.value.field == "DIR/items.parquet"


def _frame(table: Table, row: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in table.columns}], schema=table.schema)


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        (INSPECTIONS, INSPECTION | {"outcome": "maybe"}, "outcome"),
        (INSPECTIONS, INSPECTION | {"n_firearms": -3}, "n_firearms"),
        (INSPECTIONS, INSPECTION | {"n_firearms": None}, "n_firearms"),
        (INSPECTIONS, INSPECTION | {"minutes": float("nan")}, "minutes"),
        (DECISIONS, DECISION | {"propensity": 2.0}, "propensity"),
        (DECISIONS, DECISION | {"propensity": None}, "propensity"),
        (DECISIONS, DECISION | {"arm": "luck"}, "arm"),
        (DECISIONS, DECISION | {"capacity_minutes": float("inf")}, "capacity_minutes"),
    ],
)
def test_a_bad_value_of_other_tables_is_named(
    table: Table, row: dict[str, Any], column: str
) -> None:
    with pytest.raises(InvalidTable, match=f"^{table.name} row 1: {column}: "):
        table.check(_frame(table, row))


def test_good_tables_are_let_through() -> None:
    for table, row in ((INSPECTIONS, INSPECTION), (DECISIONS, DECISION)):
        assert table.check(_frame(table, row)).height == 1
    assert ITEMS.check(_items()).height == 2


def test_further_columns_with_faults_are_counted() -> None:
    with pytest.raises(InvalidTable, match=r"row 3: occupants.*; 2 more column\(s\) have faults"):
        ITEMS.check(_items({"occupants": -1}, {"port": None}, {"plate": ""}))


def test_entries_of_a_plain_list_are_looked_at() -> None:
    row = {
        "item_id": "V1",
        "version": 1,
        "as_of": AT,
        "risk": None,
        "severity": 0.0,
        "priority": 0.0,
        "band": "low",
        "bundle": None,
        "degraded": True,
        "missing": ["a", None],
    }
    with pytest.raises(InvalidTable, match=r"row 1: missing"):
        SCORES.check(_frame(SCORES, row))
    assert SCORES.check(_frame(SCORES, row | {"missing": []})).height == 1


def test_the_receipt_has_the_columns_of_the_ledger() -> None:
    ledger = {name: kind for name, kind in ITEM_LEDGER.items() if name != "item_id"}
    assert model_columns(ItemReceipt) == ledger


texts = st.one_of(
    st.text(max_size=6), st.sampled_from(["\u2167", "\u00e9", "a\u200b", "\ufb01", "\U0001f600"])
)


@settings(deadline=None, max_examples=60)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "plate": texts,
            "lane": texts,
            "port": st.sampled_from(["2304", "9999", "", "23040"]),
            "destination": st.sampled_from(["MX", "ZZ", "mx"]),
            "occupants": st.one_of(st.none(), st.integers(-2, 130)),
            "plate_state": st.one_of(st.none(), st.text("TX1a", max_size=4)),
            "mode": st.sampled_from(["pov", "bus", "air"]),
        },
    )
)
def test_a_table_and_a_request_are_judged_alike(changes: dict[str, Any]) -> None:
    fields = {name: value for name, value in (VEHICLE | changes).items() if value is not None}
    try:
        ITEM.validate_python(fields)
        accepted = True
    except ValidationError:
        accepted = False
    frame = pl.DataFrame(
        [
            {name: vehicle_of().model_dump().get(name) for name in ITEMS.columns}
            | changes
            | {"version": 1}
        ],
        schema=ITEMS.schema,
    )
    assert (not value_faults(frame, ITEMS.models)) is accepted


@settings(deadline=None, max_examples=60)
@given(
    st.builds(
        lambda text, weight: LINE | {"description": text, "weight_kg": weight}, texts, st.floats()
    )
)
def test_a_line_of_a_table_and_of_a_request_are_judged_alike(line: dict[str, Any]) -> None:
    try:
        ITEM.validate_python(SHIPMENT | {"lines": [line]})
        accepted = True
    except ValidationError:
        accepted = False
    stored = line_of().model_dump() | {name: line[name] for name in ("description", "weight_kg")}
    frame = _items({"kind": "shipment", "lines": [stored]})
    assert (not value_faults(frame, ITEMS.models)) is accepted


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("give an even number")
    return number


class Pair(Record):
    """A record with a rule that has no vectorised test."""

    n: Annotated[int, AfterValidator(_even)]


def test_a_rule_without_a_vectorised_test_is_kept_all_the_same() -> None:
    assert value_faults(pl.DataFrame({"n": [2, 4, 4]}), (Pair,)) == []
    (fault,) = value_faults(pl.DataFrame({"n": [2, 4, 3, 5]}), (Pair,))
    assert fault == Fault(3, "n", "Value error, give an even number")


def test_a_hundred_thousand_rows_are_checked_in_well_under_a_second() -> None:
    many = _items()[[0, 1] * 50_000].rechunk()
    many = many.with_columns(
        pl.format("I{}", pl.int_range(pl.len())).alias("item_id"),
        pl.when(pl.col("plate").is_not_null())
        .then(pl.format("P{}", pl.int_range(pl.len())))
        .alias("plate"),
    )
    started = perf_counter()
    ITEMS.check(many)
    assert perf_counter() - started < 1
