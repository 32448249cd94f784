from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from polars.datatypes import DataTypeClass
from pydantic import ValidationError

from features.errors import InvalidTable
from features.items import PROTECTED_ATTRIBUTES, Record, Shipment, Vehicle
from features.records import (
    INSPECTIONS,
    ITEMS,
    SIGNALS,
    TABLES,
    Decision,
    Inspection,
    LateOutcome,
    Score,
    Signal,
    Table,
    Truth,
)
from features.schema import MONEY, TIME
from tests.declarations import shipment_of, vehicle_of

Column = pl.DataType | DataTypeClass
AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
DESIGNED = {
    "items": """item_id version supersedes source received_at kind mode port presented_at departs_at
        destination plate plate_state body model_year occupants lane trailer driver form_4457
        shipper consignee forwarder consignee_address phone filing routed content packages
        gross_weight_kg container lines""",
    "signals": """signal_id kind entity_kind entity agency known_at expires_at strength
        permitted_use detail""",
    "scores": """item_id version as_of risk severity priority band bundle degraded missing""",
    "decisions": """decision_id item_id shift_id arm decided_at policy_id chosen reason propensity
        capacity_minutes model_version""",
    "inspections": """inspection_id supersedes item_id method minutes outcome n_firearms n_parts
        n_rounds found_at recorded_at agency""",
    "outcomes": """outcome_id kind item_id entity_kind entity agency happened_at recorded_at
        permitted_use""",
    "truth": """item_id illicit event_id network n_firearms n_parts n_rounds severity
        concealment""",
}


def leaves(columns: Mapping[str, Column]) -> list[tuple[str, Column]]:
    found: list[tuple[str, Column]] = []
    for name, kind in columns.items():
        inner = kind.inner if isinstance(kind, pl.List) else kind
        if isinstance(inner, pl.Struct):
            found += leaves(inner.to_schema())
        else:
            found.append((name, inner))
    return found


@pytest.mark.parametrize("name", sorted(DESIGNED))
def test_each_table_has_the_designed_columns_and_no_others(name: str) -> None:
    assert set(TABLES[name].columns) == set(DESIGNED[name].split())


def test_there_is_no_table_that_is_not_designed() -> None:
    assert set(TABLES) == set(DESIGNED)


def test_the_items_table_holds_filing_and_lines_as_structures() -> None:
    columns = ITEMS.columns
    assert columns["filing"] == pl.Struct(
        {"itn": pl.String(), "exemption": pl.String(), "option": pl.String()}
    )
    assert isinstance(columns["lines"], pl.List)
    assert dict(leaves({"lines": columns["lines"]})) == {
        "schedule_b": pl.String(),
        "description": pl.String(),
        "value_usd": MONEY,
        "quantity": pl.Int64(),
        "weight_kg": pl.Float64(),
        "eccn": pl.String(),
        "license": pl.String(),
    }


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_times_are_utc_money_is_exact_and_truth_is_boolean(table: Table) -> None:
    for name, kind in leaves(table.columns):
        assert (kind == TIME) is (name.endswith("_at") or name == "as_of")
        assert (kind == MONEY) is name.endswith("_usd")
        if name in ("illicit", "chosen", "degraded"):
            assert kind == pl.Boolean()


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_no_table_holds_a_protected_attribute(table: Table) -> None:
    assert not {name for name, _ in leaves(table.columns)} & PROTECTED_ATTRIBUTES


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_the_key_is_among_the_columns(table: Table) -> None:
    assert set(table.key) <= set(table.columns)


def test_items_of_both_kinds_fit_the_table() -> None:
    rows = [
        {name: item.model_dump().get(name) for name in ITEMS.columns} | {"version": 1}
        for item in (vehicle_of(), shipment_of())
    ]
    frame = pl.DataFrame(rows, schema=ITEMS.schema)
    assert ITEMS.check(frame).equals(frame)
    restored = frame.row(1, named=True)
    assert (
        Shipment.model_validate({name: restored[name] for name in Shipment.model_fields})
        == shipment_of()
    )
    restored = frame.row(0, named=True)
    assert (
        Vehicle.model_validate({name: restored[name] for name in Vehicle.model_fields})
        == vehicle_of()
    )


def test_a_right_table_comes_back_in_the_order_of_the_contract() -> None:
    frame = pl.DataFrame(schema=dict(reversed(list(SIGNALS.columns.items()))))
    assert SIGNALS.check(frame).columns == list(SIGNALS.columns)


def test_every_fault_of_a_table_is_named_with_its_file() -> None:
    frame = (
        pl.DataFrame(schema=INSPECTIONS.schema)
        .drop("method")
        .with_columns(pl.col("minutes").cast(pl.Int32), pl.lit("x").alias("officer_name"))
    )
    with pytest.raises(InvalidTable) as caught:
        INSPECTIONS.check(frame, where="DIR/inspections.parquet")
    assert caught.value.field == "DIR/inspections.parquet"
    for fault in ("'method' is missing", "'officer_name' is unknown", "'minutes' is Int32"):
        assert fault in caught.value.detail


def test_a_table_without_a_file_is_called_by_its_own_name() -> None:
    with pytest.raises(InvalidTable, match=r"^signals: "):
        SIGNALS.check(pl.DataFrame())


VALID: dict[type[Record], dict[str, Any]] = {
    Signal: {
        "signal_id": "G1",
        "kind": "tip",
        "entity_kind": "plate",
        "entity": "TX:ABC1234",
        "agency": "ATF",
        "known_at": AT,
        "strength": 0.5,
    },
    Decision: {
        "decision_id": "D1",
        "item_id": "V1",
        "shift_id": "H1",
        "decided_at": AT,
        "policy_id": "p",
        "chosen": False,
        "propensity": 0.1,
        "capacity_minutes": 480.0,
    },
    Inspection: {
        "inspection_id": "I1",
        "item_id": "V1",
        "method": "canine",
        "minutes": 2.0,
        "outcome": "clear",
        "found_at": AT,
        "recorded_at": AT,
        "agency": "CBP",
    },
    LateOutcome: {
        "outcome_id": "O1",
        "kind": "trace",
        "agency": "ATF",
        "happened_at": AT,
        "recorded_at": AT,
    },
    Truth: {"item_id": "V1", "illicit": True},
    Score: {
        "item_id": "V1",
        "version": 1,
        "as_of": AT,
        "risk": None,
        "severity": 1.0,
        "priority": 0.0,
        "band": None,
        "bundle": None,
        "degraded": True,
        "missing": ["history"],
    },
}


@pytest.mark.parametrize("model", list(VALID), ids=lambda model: model.__name__)
def test_a_record_is_accepted_as_it_stands_and_with_nothing_more(model: type[Record]) -> None:
    assert model.model_validate(VALID[model]).model_fields_set == VALID[model].keys()
    for extra in ("note_to_self", "nationality"):
        with pytest.raises(ValidationError, match=extra):
            model.model_validate(VALID[model] | {extra: "x"})


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        (Signal, "strength", 1.5),
        (Signal, "kind", "rumour"),
        (Signal, "known_at", datetime(2026, 1, 1)),  # noqa: DTZ001 - a naive time is the case
        (Decision, "propensity", -0.1),
        (Inspection, "minutes", float("nan")),
        (Inspection, "n_firearms", -1),
        (Inspection, "outcome", "suspicious"),
        (LateOutcome, "permitted_use", "anything"),
        (Truth, "illicit", 1),
        (Score, "risk", 1.01),
    ],
)
def test_a_value_out_of_its_range_is_refused(
    model: type[Record], field: str, value: object
) -> None:
    with pytest.raises(ValidationError, match=field):
        model.model_validate(VALID[model] | {field: value})
