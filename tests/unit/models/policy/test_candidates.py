import polars as pl
import pytest

from models.errors import InvalidPlan
from models.policy.candidates import CANDIDATE_COLUMNS, NEVER, read_candidates


def _row(**changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "item_id": "V1",
        "risk": 0.1,
        "severity": 1.0,
        "method": "canine",
        "minutes": 2.0,
        "departs_at": None,
        "must_inspect": False,
        "released": False,
        "n_rule_hits": 0,
        "cluster": None,
        "prior": 0.0,
        "settled": False,
    }
    return row | changes


def _frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=CANDIDATE_COLUMNS)


def test_an_item_without_departure_never_leaves_and_one_without_cluster_is_its_own() -> None:
    read = read_candidates(_frame(_row(), _row(item_id="V2", cluster="V1")))
    assert read.departs_at.tolist() == [NEVER, NEVER]
    assert read.cluster[0] != read.cluster[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"risk": 1.5}, "risk of item 'V1' must lie between 0 and 1"),
        ({"risk": float("nan")}, "risk of item 'V1'"),
        ({"prior": -0.1}, "prior of item 'V1'"),
        ({"severity": float("inf")}, "severity of item 'V1' must be finite"),
        ({"minutes": 0.0}, "minutes of item 'V1' must be finite and above 0"),
        ({"n_rule_hits": -1}, "n_rule_hits of item 'V1'"),
        ({"risk": None}, "column risk has a null"),
    ],
)
def test_a_value_out_of_range_names_the_column_and_the_item(
    change: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidPlan, match=words):
        read_candidates(_frame(_row(**change)))


def test_a_column_that_is_missing_or_mistyped_and_an_item_given_twice_are_refused() -> None:
    with pytest.raises(InvalidPlan, match="column risk is None, not Float64"):
        read_candidates(_frame(_row()).drop("risk"))
    with pytest.raises(InvalidPlan, match="given twice"):
        read_candidates(_frame(_row(), _row()))
