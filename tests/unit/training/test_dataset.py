from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from features.errors import InvalidTable
from features.reference.tables import exam_methods
from tests.examined import decisions, inspection, inspections
from tests.fakes import START, Received, items_table, signals_table, vehicle
from training.dataset import labelled, moment
from training.tables import Tables, read_tables


def test_only_inspected_items_have_a_row(data_folder: Path) -> None:
    tables = read_tables(data_folder)
    data = labelled(tables)
    assert set(data.item_ids) == set(tables.inspections["item_id"])
    assert len(data.item_ids) < tables.items.height
    assert list(data.presented_at) == sorted(data.presented_at)


def test_labels_severity_and_weights_are_those_of_the_item(data_folder: Path) -> None:
    tables = read_tables(data_folder)
    data = labelled(tables)
    outcome = dict(tables.inspections.select("item_id", "outcome").iter_rows())
    assert [outcome[item_id] == "find" for item_id in data.item_ids] == list(data.y == 1)
    np.testing.assert_array_equal(data.severity, 2.0 * data.y)
    assert set(data.weight) == {2.0}
    assert set(data.detection) == {exam_methods()["full_search"].detection}
    assert 0.4 < data.explored.mean() < 0.6


def test_the_features_are_those_of_the_item(data_folder: Path) -> None:
    from features.catalogue import FEATURE_NAMES  # noqa: PLC0415 - only here

    tables = read_tables(data_folder)
    data = labelled(tables)
    occupants = dict(tables.items.select("item_id", "occupants").iter_rows())
    column = data.X[:, FEATURE_NAMES.index("n_occupants")]
    assert [occupants[item_id] for item_id in data.item_ids] == column.tolist()


def test_nothing_found_is_nothing_to_learn_from() -> None:
    received = [Received(vehicle("V1"), 1, START)]
    tables = Tables(
        items_table(received),
        inspections(inspection("A", "clear")),
        decisions(("V1", "risk", True, 0.5)),
        signals_table([]),
    )
    with pytest.raises(InvalidTable, match="no find among them"):
        labelled(tables)


def test_moments_are_exact() -> None:
    assert moment(1) == moment(0) + timedelta(microseconds=1)
    assert moment(0).isoformat() == "1970-01-01T00:00:00+00:00"
