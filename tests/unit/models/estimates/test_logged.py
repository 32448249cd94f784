from datetime import timedelta

import polars as pl
import pytest

from features.errors import InvalidTable
from features.records import TABLES
from models.estimates.logged import Logged, read_logged
from tests.borders import OPENS_AT, PORTS, Shift, run_shift


@pytest.fixture(scope="module")
def shift() -> Shift:
    return run_shift(PORTS[0], 3)


def _read(shift: Shift, decisions: pl.DataFrame, inspections: pl.DataFrame) -> Logged:
    return read_logged(shift.items, decisions, inspections, shift.scores)


def _at(told: Logged, item_id: str) -> int:
    return int(told.item_id.tolist().index(item_id))


def test_the_border_of_these_tests_keeps_the_tables_of_the_contract(shift: Shift) -> None:
    assert TABLES["decisions"].check(shift.decisions).height == shift.items.height
    assert TABLES["inspections"].check(shift.inspections).height > 0


def test_every_decision_is_one_item_with_its_port_and_risk(shift: Shift) -> None:
    told = _read(shift, shift.decisions, shift.inspections)
    assert len(told) == shift.items.height
    assert set(told.port.tolist()) == {"2304"}
    first = shift.scores.row(0, named=True)
    assert told.risk[_at(told, first["item_id"])] == first["risk"]


def test_the_last_of_several_decisions_holds_the_propensity(shift: Shift) -> None:
    chosen = shift.decisions.filter(pl.col("arm") == "exploration").head(1)
    later = chosen.with_columns(
        decision_id=pl.lit("later"),
        chosen=pl.lit(value=False),
        arm=pl.lit(None, pl.String()),
        propensity=pl.lit(0.75),
        decided_at=pl.col("decided_at") + timedelta(hours=1),
    )
    told = _read(shift, pl.concat([later, shift.decisions]), shift.inspections)
    at = _at(told, chosen["item_id"][0])
    assert told.propensity[at] == 0.75
    assert told.arm[at] == "exploration"


def test_the_policys_arm_comes_before_the_officers(shift: Shift) -> None:
    picked = shift.decisions.filter(pl.col("arm") == "exploration").head(1)
    officer = picked.with_columns(
        decision_id=pl.lit("officer"),
        arm=pl.lit("officer"),
        decided_at=pl.lit(OPENS_AT - timedelta(hours=1)).cast(pl.Datetime("us", "UTC")),
    )
    told = _read(shift, pl.concat([shift.decisions, officer]), shift.inspections)
    assert told.arm[_at(told, picked["item_id"][0])] == "exploration"


def test_a_correction_takes_the_place_of_what_it_corrects(shift: Shift) -> None:
    find = shift.inspections.filter(pl.col("outcome") == "find").head(1)
    correction = find.with_columns(
        inspection_id=pl.lit("corrected"),
        supersedes=pl.col("inspection_id"),
        outcome=pl.lit("clear"),
    )
    told = _read(shift, shift.decisions, pl.concat([shift.inspections, correction]))
    at = _at(told, find["item_id"][0])
    assert told.examined[at]
    assert not told.found[at]


def test_two_exams_miss_what_both_miss(shift: Shift) -> None:
    exam = shift.inspections.filter(pl.col("outcome") == "clear").head(1)
    again = exam.with_columns(inspection_id=pl.lit("again"))
    told = _read(shift, shift.decisions, pl.concat([shift.inspections, again]))
    assert told.detection[_at(told, exam["item_id"][0])] == pytest.approx(0.75)


def test_an_exam_that_was_not_completed_is_none(shift: Shift) -> None:
    unfinished = shift.inspections.filter(pl.col("outcome") == "not_completed")["item_id"][0]
    told = _read(shift, shift.decisions, shift.inspections)
    assert not told.examined[_at(told, unfinished)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"item_id": pl.lit("nobody")}, "'nobody' has a decision but no row in items"),
        ({"propensity": pl.lit(1.5)}, "propensity that is not between 0 and 1"),
        ({"propensity": pl.lit(0.0)}, "chosen by the policy with propensity 0"),
    ],
)
def test_impossible_decisions_are_refused(
    shift: Shift, change: dict[str, pl.Expr], words: str
) -> None:
    bad = shift.decisions.filter(pl.col("arm") == "risk").head(1).with_columns(**change)
    with pytest.raises(InvalidTable, match=words):
        _read(shift, bad, shift.inspections)


def test_an_unknown_method_and_two_scores_for_one_item_are_refused(shift: Shift) -> None:
    unknown = shift.inspections.head(1).with_columns(method=pl.lit("crystal_ball"))
    with pytest.raises(InvalidTable, match="method that no reference table has"):
        _read(shift, shift.decisions, unknown)
    with pytest.raises(InvalidTable, match="more than one score"):
        read_logged(
            shift.items,
            shift.decisions,
            shift.inspections,
            pl.concat([shift.scores, shift.scores]),
        )


def test_other_risks_can_take_the_place_of_those_that_were_used(shift: Shift) -> None:
    told = _read(shift, shift.decisions, shift.inspections)
    other = told.with_risk(shift.scores.with_columns(risk=pl.lit(0.25)))
    assert set(other.risk.tolist()) == {0.25}
