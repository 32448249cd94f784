from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.errors import InvalidTable
from training.evaluation.policy import CHOICE_COLUMNS, InvalidChoice, Situation, check_choices
from training.evaluation.scored import Random, Scored, highest, read_scores
from training.tables import Tables

ITEMS = pl.DataFrame({"item_id": ["a", "b", "c", "d"]})
NOW = datetime(2025, 1, 6, tzinfo=UTC)
EMPTY = pl.DataFrame()
SITUATION = Situation(ITEMS, Tables(EMPTY, EMPTY, EMPTY, EMPTY))


def choices(chosen: list[bool], propensity: list[float], ids: str = "abcd") -> pl.DataFrame:
    return pl.DataFrame(
        {"item_id": list(ids), "chosen": chosen, "propensity": propensity}, schema=CHOICE_COLUMNS
    )


def test_propensities_come_back_in_the_order_of_the_items() -> None:
    answer = choices([True, False, False, False], [0.9, 0.1, 0.5, 0.2], "dcba")
    assert check_choices(answer, ITEMS, 2, "mine").tolist() == [0.2, 0.5, 0.1, 0.9]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (choices([True] * 4, [0.5, 0.5, 0.0, 0.5]), "'c' has no propensity between 0 and 1, or is"),
        (choices([False] * 4, [0.5, 1.5, 0.0, 0.0]), "'b' has no propensity"),
        (choices([True] * 4, [1.0] * 4), "chooses 4 items in expectation; 2 are allowed"),
        (choices([False] * 4, [0.1] * 4, "abce"), "'d' has no propensity"),
        (choices([False] * 4, [0.1] * 4).head(3), "returned 3 rows for 4 items"),
        (choices([False] * 5, [0.1] * 5, "abcdd"), "returned 5 rows for 4 items"),
        (ITEMS, "mine returned Schema"),
    ],
)
def test_an_answer_that_breaks_the_protocol_is_refused_and_says_why(
    answer: pl.DataFrame, fault: str
) -> None:
    with pytest.raises(InvalidChoice) as told:
        check_choices(answer, ITEMS, 2, "mine")
    assert fault in told.value.detail


def test_the_highest_scores_are_chosen_and_ties_share_what_is_left() -> None:
    assert highest(np.array([3.0, 1.0, 1.0, 0.0]), 1).tolist() == [1, 0, 0, 0]
    assert highest(np.array([1.0, 1.0, 1.0, 1.0]), 3).tolist() == [0.75] * 4
    assert highest(np.array([1.0, 2.0]), 0).tolist() == [0, 0]
    assert highest(np.array([1.0, 2.0]), 2).tolist() == [1, 1]


def test_a_scored_policy_and_a_random_one_keep_the_protocol() -> None:
    scored = Scored("mine", ITEMS.with_columns(score=pl.Series([0.1, 0.9, 0.9, 0.2])))
    for policy in (scored, Random()):
        for n_choices in (1, 2, 4):
            answer = policy.choose(SITUATION, n_choices)
            assert check_choices(answer, ITEMS, n_choices, "x").sum() == pytest.approx(n_choices)
            assert answer["chosen"].sum() == n_choices
    assert scored.choose(SITUATION, 1)["propensity"].to_list() == [0, 0.5, 0.5, 0]


def test_scores_that_lack_an_item_are_refused_by_its_name() -> None:
    lacking = Scored("mine", pl.DataFrame({"item_id": ["a", "b"], "score": [0.1, float("nan")]}))
    with pytest.raises(InvalidChoice, match="3 of 4 items have no score, 'b' first"):
        lacking.choose(SITUATION, 1)


def test_a_file_of_risks_is_judged_as_probabilities_and_one_of_scores_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mine.parquet"
    ITEMS.with_columns(risk=pl.lit(0.5)).write_parquet(path)
    read = read_scores(path, 3, one_seed=True)
    assert (read.name, read.is_probability, read.of(ITEMS).tolist()) == ("mine", True, [0.5] * 4)
    ITEMS.with_columns(score=pl.lit(7)).write_parquet(path)
    assert not read_scores(path, 3, one_seed=True).is_probability


def test_a_file_for_several_worlds_needs_their_seeds_and_is_read_by_them(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    frame = ITEMS.with_columns(risk=pl.lit(0.5))
    frame.write_parquet(path)
    with pytest.raises(InvalidTable, match="no column seed"):
        read_scores(path, 3, one_seed=False)
    seeds = [frame.with_columns(seed=pl.lit(seed), risk=pl.lit(seed / 10)) for seed in (3, 4)]
    pl.concat(seeds).write_parquet(path)
    assert read_scores(path, 4, one_seed=False).of(ITEMS).tolist() == [0.4] * 4


def test_a_file_that_is_no_parquet_or_scores_an_item_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    path.write_text("item_id,risk\n")
    with pytest.raises(InvalidTable, match="cannot be read as parquet"):
        read_scores(path, 1, one_seed=True)
    pl.DataFrame({"item_id": ["a", "a"], "risk": [0.1, 0.2]}).write_parquet(path)
    with pytest.raises(InvalidChoice, match="'a' has more than one score"):
        read_scores(path, 1, one_seed=True)
