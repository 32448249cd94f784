import pytest

from training.card import figures_table
from training.metrics import FEWEST_FINDS

ENOUGH = {
    "n_inspected": 900.0,
    "n_finds": 9.0,
    "auc": 0.8123,
    "n_finds_at_5": 5.0,
    "hit_rate_at_5": 0.1,
    "low_at_5": 0.03327,
    "high_at_5": 0.21814,
    "mean_risk": 0.01,
    "observed_over_expected": 1.25,
}


def _told(**changes: float) -> dict[str, list[str]]:
    return dict(figures_table({"model": ENOUGH | changes, "random": {"auc": 0.5}}))


def test_a_hit_rate_stands_beside_its_interval() -> None:
    assert _told()["hit rate at 5 % capacity (95 %)"] == ["0.1 (0.0333 to 0.218)", "-"]


def test_other_figures_are_told_as_they_are() -> None:
    assert _told()["area under the ROC curve"] == ["0.8123", "0.5"]
    assert _told()["observed over expected"] == ["1.25", "-"]


def test_a_hit_rate_of_too_few_finds_is_a_bound_alone() -> None:
    told = _told(n_finds_at_5=FEWEST_FINDS - 1.0)
    assert told["hit rate at 5 % capacity (95 %)"][0] == "too few finds to say, at most 0.218"
    assert told["area under the ROC curve"][0] == "0.8123"


@pytest.mark.parametrize("words", ["area under the ROC curve", "observed over expected"])
def test_with_too_few_finds_in_all_no_figure_of_the_model_is_told(words: str) -> None:
    told = _told(n_finds=FEWEST_FINDS - 1.0)
    assert told[words][0] == "too few finds to say"
    assert told["finds among them"][0] == "4"
    assert told["mean risk, expected"][0] == "0.01"
