from datetime import timedelta
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import FEATURE_NAMES, FEATURES
from features.encoding import encode_items, encode_table
from features.errors import InvalidTable
from features.matrix import latest_versions, matrix_from_items, matrix_from_tables
from features.records import Inspection
from tests.fakes import (
    START,
    MemoryHistory,
    Received,
    inspections_table,
    items_table,
    shipment,
    vehicle,
)
from tests.streams import inspections, received

NONE = inspections_table([])


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Received], list[Inspection]]:
    versions = draw(received())
    return versions, draw(inspections(versions))


def _latest(versions: list[Received]) -> list[Received]:
    last = {each.item.item_id: each for each in versions}
    return list(last.values())


@given(histories())
@settings(max_examples=60, deadline=None)
def test_tables_and_lane_give_the_same_numbers(
    history: tuple[list[Received], list[Inspection]],
) -> None:
    versions, findings = history
    latest = _latest(versions)
    lane = matrix_from_items(
        [each.item for each in latest],
        [each.as_of for each in latest],
        MemoryHistory(versions, findings),
    )
    tables = matrix_from_tables(items_table(versions), inspections_table(findings))
    for item_id, row in zip(lane.item_ids, lane.X, strict=True):
        other = tables.X[tables.item_ids.index(item_id)]
        differing = [
            (name, a, b)
            for name, a, b in zip(FEATURE_NAMES, row.tolist(), other.tolist(), strict=True)
            if a != b and not (np.isnan(a) and np.isnan(b))
        ]
        assert not differing, item_id


@given(received())
@settings(max_examples=60, deadline=None)
def test_items_and_tables_are_read_as_the_same_integers(versions: list[Received]) -> None:
    from_items = encode_items([each.item for each in versions])
    from_table = encode_table(items_table(versions))
    assert from_items.item_ids == from_table.item_ids
    np.testing.assert_array_equal(from_items.line_item, from_table.line_item)
    for name, column in from_items.items.items():
        np.testing.assert_array_equal(column, from_table.items[name], err_msg=name)
    for name, column in from_items.lines.items():
        np.testing.assert_array_equal(column, from_table.lines[name], err_msg=name)


@given(histories(), st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_nothing_recorded_later_changes_the_features_of_an_item(
    history: tuple[list[Received], list[Inspection]], days: int
) -> None:
    versions, findings = history
    cut = min(each.item.presented_at for each in versions) + timedelta(days=days)
    known = [each for each in versions if max(each.item.presented_at, each.received_at) < cut]
    if not known:
        return
    early = [finding for finding in findings if finding.recorded_at < cut]
    late_again = [each for each in versions if each not in known and each.version == 1]
    full = matrix_from_tables(items_table(known + late_again), inspections_table(findings))
    cut_short = matrix_from_tables(items_table(known), inspections_table(early))
    for item_id, row in zip(cut_short.item_ids, cut_short.X, strict=True):
        np.testing.assert_array_equal(row, full.X[full.item_ids.index(item_id)])


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_a_batch_gives_what_single_items_in_any_order_give(
    history: tuple[list[Received], list[Inspection]], random: Random
) -> None:
    versions, findings = history
    source = MemoryHistory(versions, findings)
    batch = matrix_from_items(
        [each.item for each in versions], [each.as_of for each in versions], source
    )
    order = list(range(len(versions)))
    random.shuffle(order)
    for row in order:
        single = matrix_from_items([versions[row].item], [versions[row].as_of], source)
        np.testing.assert_array_equal(single.X[0], batch.X[row])


def test_more_than_the_latest_entries_do_not_count() -> None:
    versions = [
        Received(vehicle(f"V{n:03}", START + timedelta(minutes=n)), 1, START) for n in range(80)
    ]
    matrix = matrix_from_tables(items_table(versions), NONE)
    counts = matrix.X[:, FEATURE_NAMES.index("plate_n_items_1d")]
    np.testing.assert_array_equal(counts, np.minimum(np.arange(80), 64))


def test_an_amended_item_is_not_part_of_its_own_history() -> None:
    first = Received(vehicle("V1"), 1, START)
    amended = Received(vehicle("V1", occupants=4), 2, START + timedelta(hours=1))
    matrix = matrix_from_tables(items_table([first, amended]), NONE)
    assert matrix.item_ids == ["V1"]
    assert matrix.X[0, FEATURE_NAMES.index("plate_n_items_90d")] == 0
    assert matrix.X[0, FEATURE_NAMES.index("n_occupants")] == 4


def test_without_history_its_columns_are_missing_and_said_to_be() -> None:
    matrix = matrix_from_items([vehicle()], [0], None)
    history = [n for n, feature in enumerate(FEATURES) if feature.group == "history"]
    assert np.isnan(matrix.X[0, history]).all()
    assert "history" in matrix.missing[0]


def test_optional_inputs_that_an_item_lacks_are_listed() -> None:
    matrix = matrix_from_items([shipment(phone="555", routed=True)], [0], None)
    assert matrix.missing == [["forwarder", "consignee_address", "container", "history"]]


def test_rows_can_be_chosen_without_losing_the_history_of_the_others() -> None:
    versions = [Received(vehicle(f"V{n}", START + timedelta(days=n)), 1, START) for n in range(5)]
    table = items_table(versions)
    chosen = matrix_from_tables(table, NONE, where=pl.col("item_id") == "V4")
    assert chosen.item_ids == ["V4"]
    np.testing.assert_array_equal(chosen.X[0], matrix_from_tables(table, NONE).X[4])


def test_one_version_given_twice_is_refused_by_name() -> None:
    twice = items_table([Received(vehicle(), 1, START)] * 2)
    with pytest.raises(InvalidTable, match="'V1' version 1"):
        latest_versions(twice)


def test_the_frame_starts_with_the_item_and_names_every_feature() -> None:
    frame = matrix_from_items([vehicle(), shipment()], [0, 0], None).to_frame()
    assert frame.columns == ["item_id", *FEATURE_NAMES]
    assert set(frame.dtypes[1:]) == {pl.Float32()}
