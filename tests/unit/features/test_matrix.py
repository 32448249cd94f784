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
from features.matrix import Matrix, latest_versions, matrix_from_items, matrix_from_tables
from features.records import Inspection, Signal
from tests.fakes import (
    START,
    MemoryHistory,
    Received,
    inspections_table,
    items_table,
    shipment,
    signals_table,
    vehicle,
)
from tests.streams import histories, received

NONE = inspections_table([])
NOBODY = signals_table([])


History = tuple[list[Received], list[Inspection], list[Signal]]


def _tables(history: History) -> Matrix:
    versions, findings, told = history
    return matrix_from_tables(
        items_table(versions), inspections_table(findings), signals_table(told)
    )


def _plain_tables(versions: list[Received]) -> Matrix:
    return _tables((versions, [], []))


def _latest(versions: list[Received]) -> list[Received]:
    last = {each.item.item_id: each for each in versions}
    return list(last.values())


@given(histories())
@settings(max_examples=60, deadline=None)
def test_tables_and_lane_give_the_same_numbers(
    history: History,
) -> None:
    latest = _latest(history[0])
    lane = matrix_from_items(
        [each.item for each in latest],
        [each.as_of for each in latest],
        MemoryHistory(*history),
    )
    tables = _tables(history)
    order = [tables.item_ids.index(item_id) for item_id in lane.item_ids]
    assert lane.clusters == [tables.clusters[row] for row in order]
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
    history: History, days: int
) -> None:
    versions, findings, told = history
    cut = min(each.item.presented_at for each in versions) + timedelta(days=days)
    known = [each for each in versions if max(each.item.presented_at, each.received_at) < cut]
    if not known:
        return
    early = [finding for finding in findings if finding.recorded_at < cut]
    late_again = [each for each in versions if each not in known and each.version == 1]
    heard = [signal for signal in told if signal.known_at < cut]
    full = _tables((known + late_again, findings, told))
    cut_short = _tables((known, early, heard))
    for item_id, row in zip(cut_short.item_ids, cut_short.X, strict=True):
        np.testing.assert_array_equal(row, full.X[full.item_ids.index(item_id)])


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_a_batch_gives_what_single_items_in_any_order_give(
    history: History, random: Random
) -> None:
    versions = history[0]
    source = MemoryHistory(*history)
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
    matrix = _plain_tables(versions)
    counts = matrix.X[:, FEATURE_NAMES.index("plate_n_items_1d")]
    np.testing.assert_array_equal(counts, np.minimum(np.arange(80), 64))


def test_an_amended_item_is_not_part_of_its_own_history() -> None:
    first = Received(vehicle("V1"), 1, START)
    amended = Received(vehicle("V1", occupants=4), 2, START + timedelta(hours=1))
    matrix = _plain_tables([first, amended])
    assert matrix.item_ids == ["V1"]
    assert matrix.X[0, FEATURE_NAMES.index("plate_n_items_90d")] == 0
    assert matrix.X[0, FEATURE_NAMES.index("n_occupants")] == 4


def test_without_history_its_columns_are_missing_and_said_to_be() -> None:
    matrix = matrix_from_items([vehicle()], [0], None)
    groups = {"history", "link", "signal"}
    history = [n for n, feature in enumerate(FEATURES) if feature.group in groups]
    assert np.isnan(matrix.X[0, history]).all()
    assert "history" in matrix.missing[0]


def test_optional_inputs_that_an_item_lacks_are_listed() -> None:
    matrix = matrix_from_items([shipment(phone="555", routed=True)], [0], None)
    assert matrix.missing == [["forwarder", "consignee_address", "container", "history"]]


def test_rows_can_be_chosen_without_losing_the_history_of_the_others() -> None:
    versions = [Received(vehicle(f"V{n}", START + timedelta(days=n)), 1, START) for n in range(5)]
    table = items_table(versions)
    chosen = matrix_from_tables(table, NONE, NOBODY, where=pl.col("item_id") == "V4")
    assert chosen.item_ids == ["V4"]
    np.testing.assert_array_equal(chosen.X[0], matrix_from_tables(table, NONE, NOBODY).X[4])


def test_one_version_given_twice_is_refused_by_name() -> None:
    twice = items_table([Received(vehicle(), 1, START)] * 2)
    with pytest.raises(InvalidTable, match="'V1' version 1"):
        latest_versions(twice)


def test_the_frame_starts_with_the_item_and_names_every_feature() -> None:
    frame = matrix_from_items([vehicle(), shipment()], [0, 0], None).to_frame()
    assert frame.columns == ["item_id", *FEATURE_NAMES]
    assert set(frame.dtypes[1:]) == {pl.Float32()}
