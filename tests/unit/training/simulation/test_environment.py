from datetime import timedelta

import polars as pl
import pytest

from features.records import TABLES
from tests.unit.training.simulation.settings import START, setting
from training.simulation.calibrate import legacy_policy
from training.simulation.environment import Environment, WeekRecord
from training.simulation.policy import InvalidChoice, ObservedHistory, ObservedWeek

TRUTH = {"illicit", "network", "event", "ease", "severity", "concealment"}


class Everything:
    """Examines every item of some modes by one method and keeps what it saw."""

    policy_id = "everything"

    def __init__(self, *modes: str, method: str = "canine") -> None:
        self.modes, self.method = modes, method
        self.seen: list[tuple[ObservedWeek, ObservedHistory]] = []

    def choose(self, week: ObservedWeek, history: ObservedHistory) -> pl.DataFrame:
        self.seen.append((week, history))
        wanted = pl.col("mode").is_in(list(self.modes))
        return week.items.select(
            "item_id",
            chosen=wanted,
            arm=pl.when(wanted).then(pl.lit("risk")),
            reason=pl.lit(None, dtype=pl.String),
            propensity=wanted.cast(pl.Float64),
            method=pl.lit(self.method),
        )


class Nothing(Everything):
    """Examines nothing."""

    policy_id = "nothing"


def run(policy: Everything, weeks: int, **overrides: float) -> list[WeekRecord]:
    environment = Environment(setting(**overrides))
    return [environment.advance(policy) for _ in range(weeks)]


def test_any_policy_drives_the_environment() -> None:
    records = run(Everything("pov"), 2)
    for record in records:
        modes = record.traffic.items.join(record.inspections, on="item_id")["mode"]
        assert set(modes) == {"pov"}
        assert record.inspections.height == (record.traffic.items["mode"] == "pov").sum()
        assert set(record.decisions["policy_id"]) == {"everything"}


def test_a_policy_never_sees_the_truth() -> None:
    policy = Everything("pov")
    run(policy, 2)
    for week, history in policy.seen:
        assert week.items.columns == list(TABLES["items"].columns)
        assert not TRUTH & set(history.signals.columns) - {"kind"}
        assert not TRUTH & set(history.inspections.columns)


def test_a_policy_sees_outcomes_of_earlier_weeks_only() -> None:
    policy = Everything("pov")
    records = run(policy, 3)
    for (_, history), past in zip(policy.seen, ([], records[:1], records[:2]), strict=True):
        known = [row for record in past for row in record.inspections["inspection_id"]]
        assert history.inspections["inspection_id"].to_list() == known


def test_weeks_follow_each_other() -> None:
    policy = Nothing()
    run(policy, 3)
    starts = [week.starts_at for week, _ in policy.seen]
    assert [start.date() - START for start in starts] == [timedelta(days=7 * n) for n in range(3)]
    assert [week.number for week, _ in policy.seen] == [0, 1, 2]


def test_what_is_examined_is_found_as_often_as_the_exam_detects() -> None:
    records = run(Everything("pov", method="full_search"), 6, volume__fraction=0.004,
                  past__not_completed_share=0, adaptation__strength=0)  # fmt: skip
    found = missed = expected = 0.0
    for record in records:
        both = record.traffic.items.select("item_id").hstack(record.traffic.hidden)
        both = both.filter("illicit").join(record.inspections, on="item_id")
        found += both.filter(pl.col("outcome") == "find").height
        missed += both.filter(pl.col("outcome") == "clear").height
        expected += float((both["ease"] * 0.93).clip(upper_bound=0.99).sum())
    assert found + missed > 300
    assert found == pytest.approx(expected, rel=0.1)


def test_finds_report_what_was_there_and_clears_report_nothing() -> None:
    for record in run(Everything("pov", method="full_search"), 3):
        truth = record.traffic.items.select("item_id").hstack(record.traffic.hidden)
        both = record.inspections.join(truth, on="item_id", suffix="_hidden")
        finds = both.filter((pl.col("outcome") == "find") & pl.col("illicit"))
        for name in ("n_firearms", "n_parts", "n_rounds"):
            assert finds[name].equals(finds[f"{name}_hidden"], check_names=False)
        clears = both.filter(pl.col("outcome") == "clear")
        assert (
            clears.select(pl.sum_horizontal("n_firearms", "n_parts", "n_rounds")).sum().item() == 0
        )


def test_a_wrong_choice_is_refused() -> None:
    class Wrong(Everything):
        def choose(self, week: ObservedWeek, history: ObservedHistory) -> pl.DataFrame:
            return super().choose(week, history).head(3)

    with pytest.raises(InvalidChoice):
        run(Wrong("pov"), 1)


def trips_of_networks(records: list[WeekRecord]) -> pl.DataFrame:
    rows = [record.traffic.items.hstack(record.traffic.hidden) for record in records]
    return pl.concat(rows).filter(pl.col("network") > 0)


def test_networks_that_lose_all_the_time_go_elsewhere() -> None:
    losing = trips_of_networks(run(Everything("pov", method="full_search"), 14))
    safe = trips_of_networks(run(Nothing(), 14))
    early = pl.col("presented_at").dt.date() < START + timedelta(days=20)
    assert losing.filter(early)["item_id"].equals(safe.filter(early)["item_id"])
    assert not losing["item_id"].equals(safe["item_id"]) or not losing["port"].equals(safe["port"])


def test_networks_that_do_not_adapt_take_no_notice() -> None:
    still = {"adaptation__strength": 0.0}
    losing = trips_of_networks(run(Everything("pov", method="full_search"), 8, **still))
    safe = trips_of_networks(run(Nothing(), 8, **still))
    assert losing["item_id"].equals(safe["item_id"])
    assert losing["port"].equals(safe["port"])


def test_scouts_avoid_staffed_lanes() -> None:
    def staffed_share(strength: float) -> float:
        policy = Nothing()
        records = run(policy, 8, adaptation__strength=strength, adaptation__scout_share=0.7,
                      past__hours_on_per_day=5)  # fmt: skip
        shares = []
        for record, (week, _) in zip(records, policy.seen, strict=True):
            mine = (record.traffic.hidden["network"] > 0) & (record.traffic.items["mode"] == "pov")
            shares += week.staffed.filter(mine).to_list()
        return float(sum(shares) / len(shares))

    assert staffed_share(1.0) < 0.75 * staffed_share(0.0)


def test_insiders_let_some_contraband_go() -> None:
    records = run(Everything("pov"), 4, past__insider_share=1.0, past__override_share=0.5)
    chosen = pl.concat([r.choices.hstack(r.traffic.hidden.select("illicit")) for r in records])
    pov = pl.concat([r.traffic.items.select("mode") for r in records])["mode"] == "pov"
    illicit = chosen.filter(pov & chosen["illicit"])
    lawful = chosen.filter(pov & ~chosen["illicit"])
    assert 0.35 < (~illicit["chosen"]).mean() < 0.65  # type: ignore[operator]  # a number
    assert lawful["chosen"].all()
    let_go = illicit.filter(~pl.col("chosen"))
    assert set(let_go["reason"]) == {"skipped by an officer"}


def test_the_legacy_policy_covers_what_its_world_says() -> None:
    where = setting(volume__fraction=0.003)
    environment, policy = Environment(where), legacy_policy(where)
    records = [environment.advance(policy) for _ in range(4)]
    for mode in ("pov", "mail", "air"):
        rows = pl.concat([r.traffic.items.select("mode").hstack(r.choices) for r in records])
        share = rows.filter(pl.col("mode") == mode)["chosen"].mean()
        assert share == pytest.approx(where.world.past.coverage[mode], rel=0.25)


def test_logged_propensities_are_those_with_which_items_are_chosen() -> None:
    where = setting(volume__fraction=0.004, past__insider_share=0)
    environment, policy = Environment(where), legacy_policy(where)
    rows = pl.concat([environment.advance(policy).choices for _ in range(3)])
    bands = rows.with_columns(band=(pl.col("propensity") * 10).floor())
    for _, band in bands.group_by("band"):
        propensity = band["propensity"].cast(pl.Float64).to_numpy()
        spread = float((propensity * (1 - propensity)).sum()) ** 0.5
        by_policy = band["chosen"] & (band["arm"] != "officer")
        chosen = int(by_policy.to_numpy().sum())
        assert abs(chosen - float(propensity.sum())) < 4 * spread + 3


def test_the_random_arm_takes_its_share_at_all_hours() -> None:
    where = setting(volume__fraction=0.004)
    environment, policy = Environment(where), legacy_policy(where)
    record = environment.advance(policy)
    explored = record.choices["arm"] == "exploration"
    assert record.week.staffed.filter(explored).any()
    assert not record.week.staffed.filter(explored).all()


def test_a_lookout_is_worked_off_by_one_exam() -> None:
    where = setting(agencies__stolen_gun_share=0.3, volume__fraction=0.003)
    environment, policy = Environment(where), legacy_policy(where)
    records = [environment.advance(policy) for _ in range(6)]
    rows = pl.concat([r.traffic.items.select("plate", "presented_at").hstack(r.choices)
                      for r in records])  # fmt: skip
    followed = rows.filter((pl.col("reason") == "stolen_gun") & pl.col("chosen"))
    assert followed.height > 20
    per_week = followed.group_by("plate").agg(
        pl.len(), weeks=pl.col("presented_at").dt.truncate("1w").n_unique()
    )
    assert (per_week["weeks"] == 1).mean() > 0.9  # type: ignore[operator]  # a number
