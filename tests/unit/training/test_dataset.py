from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.errors import InvalidTable
from features.records import DECISIONS, INSPECTIONS
from tests.fakes import START, Received, items_table, signals_table, vehicle
from training.dataset import (
    MOST_WEIGHT,
    final_findings,
    inspection_weights,
    labelled,
    moment,
    split_by_time,
)
from training.tables import Tables, read_tables


def _inspection(inspection_id: str, outcome: str, **changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "inspection_id": inspection_id,
        "supersedes": None,
        "item_id": "V1",
        "method": "canine",
        "minutes": 2.0,
        "outcome": outcome,
        "n_firearms": int(outcome == "find"),
        "n_parts": 0,
        "n_rounds": 0,
        "found_at": START,
        "recorded_at": START + timedelta(hours=1),
        "agency": "CBP",
    }
    return fields | changes


def _inspections(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=INSPECTIONS.schema)


def _decisions(*rows: tuple[str, str | None, bool, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "decision_id": f"D{number}",
                "item_id": item_id,
                "shift_id": "S",
                "arm": arm,
                "decided_at": START,
                "policy_id": "p",
                "chosen": chosen,
                "reason": None,
                "propensity": propensity,
                "capacity_minutes": 60.0,
                "model_version": None,
            }
            for number, (item_id, arm, chosen, propensity) in enumerate(rows)
        ],
        schema=DECISIONS.schema,
    )


def test_a_correction_replaces_what_it_corrects() -> None:
    found = final_findings(
        _inspections(_inspection("A", "find"), _inspection("B", "clear", supersedes="A"))
    )
    assert found["find"].to_list() == [False]


def test_an_examination_that_was_not_completed_is_no_label() -> None:
    assert final_findings(_inspections(_inspection("A", "not_completed"))).is_empty()


def test_a_find_decides_among_several_examinations() -> None:
    found = final_findings(_inspections(_inspection("A", "clear"), _inspection("B", "find")))
    assert found.row(0, named=True)["find"]
    assert found.row(0, named=True)["n_firearms"] == 1


def test_a_label_weighs_the_inverse_of_its_propensity_up_to_a_bound() -> None:
    weights = inspection_weights(
        _decisions(("A", "risk", True, 0.25), ("B", "exploration", True, 1e-6))
    )
    assert dict(weights.sort("item_id").iter_rows()) == {"A": 4.0, "B": MOST_WEIGHT}


def test_officers_picks_have_no_known_probability_and_weigh_nothing() -> None:
    assert inspection_weights(_decisions(("A", "officer", True, 1.0)))["weight"].to_list() == [0.0]


def test_items_that_were_not_chosen_get_no_weight() -> None:
    assert inspection_weights(_decisions(("A", None, False, 0.5))).is_empty()


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
        _inspections(_inspection("A", "clear")),
        _decisions(("V1", "risk", True, 0.5)),
        signals_table([]),
    )
    with pytest.raises(InvalidTable, match="no find among them"):
        labelled(tables)


def test_each_part_of_the_split_is_later_than_the_one_before(data_folder: Path) -> None:
    data = labelled(read_tables(data_folder))
    split = split_by_time(data)
    parts = [split.fit, split.stop, split.calibrate, split.test]
    for before, after in pairwise(parts):
        assert before.presented_at.max() < after.presented_at.min()
    assert sum(len(part.y) for part in parts) == len(data.y)


def test_a_split_without_both_outcomes_in_every_part_is_refused(data_folder: Path) -> None:
    data = labelled(read_tables(data_folder))
    with pytest.raises(InvalidTable, match="both outcomes are needed"):
        split_by_time(replace(data, y=np.ones_like(data.y)))


def test_moments_are_exact() -> None:
    assert moment(1) == moment(0) + timedelta(microseconds=1)
    assert moment(0).isoformat() == "1970-01-01T00:00:00+00:00"
