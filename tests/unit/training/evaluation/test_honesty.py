import math

import numpy as np
import polars as pl
import pytest

from models.estimates.honesty import Trial
from models.estimates.intervals import Interval
from training.evaluation.honesty import beaten, by_port, honesty_rows, pooled, run_honesty
from training.evaluation.request import InvalidRequest, Request
from training.evaluation.summary import ROW
from training.evaluation.trials import EVERY_PORT, Period, Told, periods
from training.evaluation.worlds import Simulated


@pytest.fixture(scope="module")
def period(world: Simulated) -> Period:
    return next(periods(world, 4))


def told(naive: float, weighted: float, *, held: bool, port: str = EVERY_PORT) -> Told:
    trial = Trial(port, Interval(0.0, 1.0 if held else 0.1), 0.5)
    return Told(
        port=port,
        trials=[("prevalence", trial)],
        naive=naive,
        weighted=weighted,
        helped=math.nan,
        truth=0.5,
        enough=True,
        unreachable_share=0.25,
        refused=False,
    )


def test_periods_part_the_items_and_know_the_truth_of_each(
    world: Simulated, period: Period
) -> None:
    two = list(periods(world, 4))
    assert len(two) == 2
    ids = [set(each.logged.item_id.tolist()) for each in two]
    assert not ids[0] & ids[1]
    truth = dict(world.truth.select("item_id", "finds").iter_rows())
    items = period.logged.item_id.tolist()
    assert period.finds.tolist() == [float(truth[item]) for item in items]
    assert (period.logged.found <= (period.finds > 0)).all()
    assert period.target.sum() == pytest.approx(round(0.05 * len(items)))


def test_every_kind_of_interval_is_held_against_the_truth_at_every_port(period: Period) -> None:
    every = by_port(period)
    assert every[0].port == EVERY_PORT
    assert {each.port for each in every[1:]} == set(period.logged.port.tolist())
    kinds = {kind for each in every for kind, _ in each.trials}
    assert {
        "prevalence",
        "total, two-sided",
        "doubly robust",
        "carried",
        "capture share",
        "hit rate of an arm",
        "lift of an arm",
        "what another policy would find",
    } <= kinds
    first = dict(every[0].trials)["prevalence"]
    assert first.truth == pytest.approx(period.finds.mean())
    logged = period.logged
    rate = logged.found.sum() / logged.examined.sum()
    assert every[0].naive == pytest.approx(rate - period.finds.mean())
    covered = [trial.covered for each in every for _, trial in each.trials]
    assert np.mean(covered) > 0.9


def test_counts_and_errors_are_those_of_a_hand_count() -> None:
    rows = honesty_rows(
        [
            told(0.3, 0.1, held=True),
            told(0.1, -0.1, held=False),
            told(9, 9, held=True, port="2304"),
        ],
        "legacy",
        7,
    )
    assert rows.schema == ROW
    values = {
        f"{figure} {at}": value
        for figure, at, value in rows.select("figure", "at", "value").iter_rows()
    }
    assert values["coverage prevalence"] == pytest.approx(2 / 3)
    assert values["n_trials prevalence"] == 3
    assert values["relative_bias naive"] == pytest.approx(0.4)
    assert values["relative_bias weighted"] == pytest.approx(0.0)
    assert values["rmse weighted"] == pytest.approx(0.1)
    assert values["share items out of reach"] == pytest.approx(0.25)
    assert "rmse helped" not in values


def test_worlds_are_pooled_and_what_claims_too_much_is_called_out() -> None:
    good = honesty_rows([told(0.3, 0.1, held=True)] * 50, "legacy", 1)
    bad = honesty_rows([told(0.3, 0.4, held=False)] * 50, "legacy", 2)
    (honest,) = pooled(good)
    assert honest.startswith("legacy, prevalence: 50 of 50 held, 1.000 (0.929 to 1.000)")
    (both,) = pooled(pl.concat([good, bad]))
    assert both.endswith("less often than the 95% that it claims.")
    assert beaten(pl.concat([good, bad])) == [
        "legacy: the weighted estimate is closer than the naive one in 1 of 2 worlds."
    ]


def test_a_world_of_too_few_weeks_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="at least 4"):
        run_honesty(Request("demo", (1,), 0.1, 3))


def test_where_nothing_is_left_to_chance_items_are_out_of_reach_and_the_estimate_is_open() -> None:
    rows = run_honesty(Request("demo", (3,), 0.1, 4)).rows
    shares = rows.filter(figure="share", at="items out of reach")
    by_policy = dict(shares.select("policy", "value").iter_rows())
    assert by_policy["plan, nothing by chance"] > 0.5
    assert by_policy["plan, 10% by chance"] == 0
    enough = rows.filter(figure="share", at="answers with enough finds")
    assert dict(enough.select("policy", "value").iter_rows())["plan, nothing by chance"] == 0
