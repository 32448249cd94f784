import numpy as np
import polars as pl

from training.evaluation.entrants import CEILING, MODEL, RANDOM, RULES
from training.evaluation.exam import Exam
from training.evaluation.parts import item_parts, split_events
from training.evaluation.policy import Policy, Situation
from training.evaluation.quality import judge
from training.evaluation.quality_figures import Truth
from training.evaluation.scored import Random, Scored
from training.evaluation.summary import ROW
from training.evaluation.worlds import Simulated


def test_policies_see_nothing_that_was_not_on_record_before_the_test_weeks(exam: Exam) -> None:
    first = exam.situation.items["presented_at"].min()
    past = exam.situation.past
    assert (past.items["presented_at"] < first).all()
    assert (past.inspections["recorded_at"] < first).all()
    assert (past.signals["known_at"] < first).all()
    assert set(past.items.columns).isdisjoint({"illicit", "event_id", "finds"})


def test_the_truth_says_what_every_exam_would_find(world: Simulated) -> None:
    done = world.tables.inspections.join(world.truth, on="item_id")
    assert ((done["outcome"] == "find") == done["finds"]).all()
    assert world.truth.filter("finds", ~pl.col("illicit")).height < 20
    illicit = world.truth.filter("illicit")
    assert illicit["find_share"].is_between(0, 1).all()
    expected, would = illicit["find_share"].to_numpy().mean(), illicit["finds"].to_numpy().mean()
    assert abs(expected - would) < 0.1


def test_every_policy_has_every_figure_and_the_ends_of_n_are_chance_and_ceiling(
    rows: pl.DataFrame, policies: list[tuple[str, Policy]]
) -> None:
    assert rows.schema == ROW
    assert not rows.select(pl.struct(rows.columns[:5]).is_duplicated().any()).item()
    whole = rows.filter(part="all", at="2.0%", figure="N")
    assert set(whole["policy"]) == {name for name, _ in policies}
    told = dict(whole.select("policy", "value").iter_rows())
    assert (told[RANDOM], told[CEILING]) == (0, 1)
    captured = rows.filter(part="all", at="5.0%", figure="capture_events")
    values = dict(captured.select("policy", "value").iter_rows())
    assert values[CEILING] > values[RANDOM]
    assert 0.045 < values[RANDOM] < 0.06


def test_probabilities_have_calibration_and_rankings_have_none(rows: pl.DataFrame) -> None:
    calibrated = set(rows.filter(figure="ece")["policy"])
    assert MODEL in calibrated
    assert calibrated.isdisjoint({RULES, RANDOM, CEILING, "isolation forest"})


def test_the_best_learner_of_the_ceiling_counts(
    exam: Exam, policies: list[tuple[str, Policy]], rows: pl.DataFrame
) -> None:
    learners = [policy for name, policy in policies if name == CEILING]
    assert len(learners) >= 3
    ends: list[tuple[str, Policy]] = [(RANDOM, Random())]
    alone = [judge(exam, [*ends, (CEILING, learner)]) for learner in learners]
    figure = {"part": "all", "at": "5.0%", "figure": "capture_events", "policy": CEILING}
    best = max(each.filter(**figure)["value"][0] for each in alone)
    assert rows.filter(**figure)["value"][0] == best


def test_somebody_who_knows_the_truth_captures_as_much_as_capacity_allows(exam: Exam) -> None:
    knowing = exam.situation.items.select("item_id").with_columns(
        score=pl.Series((exam.truth.event >= 0).astype(np.float64))
    )
    told = judge(exam, [(RANDOM, Random()), (CEILING, Scored("truth", knowing))])
    captured = told.filter(figure="capture_guns", policy=CEILING, at="5.0%", part="all")
    assert captured["value"][0] == 1


def test_figures_are_the_same_on_a_second_run(
    exam: Exam, policies: list[tuple[str, Policy]], rows: pl.DataFrame
) -> None:
    assert judge(exam, policies).equals(rows, null_equal=True)


def test_parts_are_what_is_on_the_face_of_an_item(exam: Exam) -> None:
    items, past = exam.situation.items, exam.situation.past.items
    parts = item_parts(items, past)
    assert parts["all"].all()
    assert sum(parts[name].sum() for name in parts if name.startswith("mode=")) == items.height
    new = items.filter(pl.Series(parts["first seen"]))
    again = new.join(past, on=["plate_state", "plate"], how="semi")
    assert again.is_empty()
    assert 0 < new.height < items.height
    under = items.filter(pl.Series(parts["value just under $2,500"]))
    values = under.explode("lines")["lines"].struct.field("value_usd")
    assert values.is_between(2000, 2500).sum() >= under.height > 0


def test_split_consignments_are_events_of_two_items_or_more() -> None:
    event = np.array([0, 0, 1, -1, -1, 2])
    truth = Truth(np.zeros(6), event, np.zeros(6), np.zeros(6))
    assert split_events(truth).tolist() == [True, True, False, False, False, False]
    nobody = Truth(np.zeros(2), np.array([-1, -1]), np.zeros(2), np.zeros(2))
    assert split_events(nobody).tolist() == [False, False]


def test_a_policy_of_ones_own_enters_the_same_tables(exam: Exam) -> None:
    class Heaviest:
        name = "heaviest"

        def choose(self, situation: Situation, n_choices: int) -> pl.DataFrame:
            order = (
                situation.items["gross_weight_kg"].fill_null(0.0).rank("ordinal", descending=True)
            )
            return situation.items.select(
                "item_id",
                chosen=pl.Series(order <= n_choices),
                propensity=pl.Series(order <= n_choices).cast(pl.Float64),
            )

    ends: list[tuple[str, Policy]] = [(RANDOM, Random()), (CEILING, Random("ceiling"))]
    told = judge(exam, [*ends, ("heaviest", Heaviest())])
    assert told.filter(policy="heaviest", figure="lift", part="all").height == 4
    assert told.filter(policy="heaviest", figure="average_precision").is_empty()
