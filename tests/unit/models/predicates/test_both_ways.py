"""Predicates over tables and over live items answer alike."""

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import InvalidTable
from features.items import Shipment, Vehicle
from features.records import ITEMS
from models.predicates.columns import ITEM_COLUMNS
from models.predicates.live import compile_predicate
from models.predicates.parse import parse
from models.predicates.tables import holds, needed_columns
from tests.declarations import line_of, shipment_of, vehicle_of
from tests.streams import items
from tests.unit.models.predicates.strategies import FEATURES, conditions, feature_values

PLACES = {name: place for place, name in enumerate(FEATURES)}


def table_of(rows: list[Vehicle | Shipment], values: list[list[float]]) -> pl.DataFrame:
    """Lay items out as the table of the contract has them, features beside them."""
    blank = dict.fromkeys(ITEMS.columns)
    told = [blank | item.model_dump() for item in rows]
    features = pl.DataFrame(
        np.asarray(values, dtype=np.float32).reshape(len(rows), len(FEATURES)),
        schema=list(FEATURES),
        orient="row",
    )
    return pl.DataFrame(told, schema=ITEMS.schema).hstack(features)


def live(text: str, rows: list[Vehicle | Shipment], values: list[list[float]]) -> list[bool]:
    test = compile_predicate(parse(text), PLACES)
    return [test(item, row) for item, row in zip(rows, values, strict=True)]


rows_of_both = st.integers(1, 6).flatmap(
    lambda n: st.tuples(
        st.tuples(*(items(f"I{place}") for place in range(n))).map(list),
        st.lists(
            st.lists(feature_values, min_size=len(FEATURES), max_size=len(FEATURES)),
            min_size=n,
            max_size=n,
        ),
    )
)


@given(conditions(), rows_of_both)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_table_and_live_items_answer_alike(
    text: str, rows: tuple[list[Vehicle | Shipment], list[list[float]]]
) -> None:
    there, values = rows
    answered = holds(parse(text), table_of(there, values))
    assert answered.dtype == pl.Boolean
    assert answered.to_list() == live(text, there, values), text


SHARED = st.sampled_from(
    [
        "occupants > 4 AND mode = 'pov'",
        "NOT (occupants > 4 OR model_year < 2000)",
        "mode IN ('pov', 'mail') OR port NOT IN ('2304')",
        "occupants + 2 * model_year - 1 BETWEEN 0 AND 4010",
        "plate_state IS NULL AND NOT routed",
        "body LIKE 's%' OR content NOT LIKE '%gift%'",
        "coalesce(occupants, packages, 0) >= 3 AND abs(local_hour - 12) <= 6",
        "lower(mode) = 'mail' OR form_4457 = TRUE",
        "NOT (plate_state = 'TX' AND occupants <> 3)",
        "n_occupants IS NOT NULL AND n_occupants > 0.1",
    ]
)


@given(SHARED, SHARED, st.sampled_from(["AND", "OR", "AND NOT"]), rows_of_both)
@settings(max_examples=60, deadline=None)
def test_the_sql_of_polars_answers_alike_where_the_dialects_coincide(
    left: str, right: str, joint: str, rows: tuple[list[Vehicle | Shipment], list[list[float]]]
) -> None:
    text = f"({left}) {joint} ({right})"
    there, values = rows
    plain = table_of(there, values).with_columns(
        *(each.table.alias(each.column.name) for each in ITEM_COLUMNS.values()),
        *(pl.when(pl.col(name).is_finite()).then(name).cast(pl.Float64) for name in FEATURES),
    )
    query = f"SELECT ({text}) AS holds FROM items"  # noqa: S608 - texts of this test alone
    theirs = pl.SQLContext(items=plain).execute(query, eager=True)
    ours = holds(parse(text), table_of(there, values))
    assert ours.to_list() == theirs["holds"].fill_null(value=False).to_list(), text


def one(text: str, item: Vehicle | Shipment) -> bool:
    """Ask both executors about one item."""
    values = [[float("nan")] * len(FEATURES)]
    (found,) = live(text, [item], values)
    assert holds(parse(text), table_of([item], values)).to_list() == [found]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("occupants > 3", False),
        ("NOT occupants > 3", False),
        ("occupants > 3 OR mode = 'pov'", True),
        ("occupants > 3 AND mode = 'bus'", False),
        ("NOT (occupants > 3 AND mode = 'bus')", True),
        ("occupants IN (1, 2)", False),
        ("occupants NOT IN (1, 2)", False),
        ("occupants IS NULL", True),
        ("coalesce(occupants, 7) = 7", True),
        ("n_occupants = n_occupants", False),
    ],
)
def test_what_is_not_known_is_neither_true_nor_false(text: str, *, expected: bool) -> None:
    assert one(text, vehicle_of(occupants=None)) is expected


@pytest.mark.parametrize(
    "text", ["model_year / occupants > 0", "model_year * 1e308 > 0", "-(model_year / 0) < 0"]
)
def test_what_is_no_finite_number_is_not_known(text: str) -> None:
    item = vehicle_of(occupants=0, model_year=2014)
    assert not one(text, item)
    assert not one(f"NOT ({text})", item)


def test_a_condition_on_lines_must_hold_for_one_and_the_same_line() -> None:
    item = shipment_of(
        line_of(description="rifle scope", value_usd=100), line_of(value_usd=5_000, quantity=3)
    )
    assert one("any_line(description LIKE '%rifle%' AND value_usd < 200)", item)
    assert not one("any_line(description LIKE '%rifle%' AND value_usd > 200)", item)
    assert one("any_line(value_usd > 200 AND mode = 'ocean')", item)
    assert not one("any_line(eccn = '0A501.a')", item)
    assert one("NOT any_line(eccn = '0A501.a')", item)


def test_a_vehicle_has_no_lines() -> None:
    assert not one("any_line(TRUE)", vehicle_of())
    assert one("NOT any_line(TRUE)", vehicle_of())


def test_patterns_tell_capitals_apart_and_know_no_escape() -> None:
    item = shipment_of(line_of(description="Rifle 100% new"))
    assert one("any_line(description LIKE 'Rifle%')", item)
    assert not one("any_line(description LIKE 'rifle%')", item)
    assert one("any_line(lower(description) LIKE 'rifle 1__% new')", item)
    assert not one("any_line(description LIKE 'Rifle')", item)


def test_a_table_without_a_column_that_is_read_is_refused() -> None:
    predicate = parse("occupants > 1 AND filing_itn IS NULL AND any_line(TRUE)")
    assert needed_columns(predicate) == {"occupants", "filing", "lines"}
    with pytest.raises(InvalidTable, match="'filing' is missing"):
        holds(predicate, pl.DataFrame({"occupants": [1]}))
