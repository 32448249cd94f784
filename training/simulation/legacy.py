"""The past policy: rules and lookouts in pulses, a random share, and what officers pick."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from training.simulation.columns import compact
from training.simulation.draws import Flags, Integers, Keys, Numbers, chance, fold, pick, root
from training.simulation.policy import CHOICE_COLUMNS, ObservedHistory, ObservedWeek
from training.simulation.setting import Setting
from training.simulation.watch import sightings, strongest
from training.simulation.world import MODES, Mode

Words = np.ndarray[tuple[int], np.dtype[np.object_]]

_FOLLOWED_STAFFED, _FOLLOWED_ELSEWHERE = 0.9, 0.05
_MOST_BY_RULE = 0.5
_REMEMBERED = timedelta(days=400)
_WORKED_OFF = pl.Schema(
    {"entity_kind": pl.String(), "entity": pl.String(), "examined_at": pl.Datetime("us", "UTC")}
)
_CARGO = ("air", "ocean", "express", "mail")

METHODS: dict[Mode, dict[str, float]] = {
    "pov": {"partial_search": 0.40, "canine": 0.30, "nii_pov": 0.18, "full_search": 0.12},
    "bus": {"partial_search": 0.45, "canine": 0.35, "nii_pov": 0.10, "full_search": 0.10},
    "truck": {"nii_truck": 0.75, "canine": 0.15, "truck_devan": 0.10},
    "air": {"parcel_xray": 0.60, "canine": 0.15, "partial_search": 0.15, "parcel_open": 0.10},
    "ocean": {"nii_container": 0.80, "canine": 0.05, "container_devan": 0.15},
    "express": {"parcel_xray": 0.75, "parcel_open": 0.25},
    "mail": {"parcel_xray": 0.75, "parcel_open": 0.25},
}
"""How a port examines, by mode: choices of this project among the methods of the reference."""

_RULES: dict[str, tuple[pl.Expr, float]] = {
    "night crossing": (
        (pl.col("mode") == "pov") & pl.col("presented_at").dt.hour().is_in([2, 3, 4, 5, 6, 7, 8]),
        1.6,
    ),
    "van or pickup": (pl.col("body").is_in(["van", "pickup", "suv"]), 1.5),
    "truck without data": ((pl.col("mode") == "truck") & (pl.col("kind") == "vehicle"), 1.3),
    "value just under the threshold": (
        pl.col("lines").list.eval(
            pl.element().struct.field("value_usd").is_between(2000, 2500)).list.any(),
        2.2,
    ),
    "gift or household goods": (
        pl.col("content").is_in(["gift", "household_goods", "personal_effects"]), 1.8),
    "watched destination": (pl.col("destination").is_in(["HT", "JM", "DO", "TT", "HN"]), 1.7),
    "no forwarder": (
        pl.col("mode").is_in(["air", "ocean"]) & pl.col("forwarder").is_null(), 1.3),
}  # fmt: skip
"""Rules with the factor that each puts on the chance of an exam: choices of this project."""


def rule_factors(items: pl.DataFrame) -> pl.DataFrame:
    """Rate items by the rules.

    Parameters
    ----------
    items : polars.DataFrame
        The columns of the `items` table.

    Returns
    -------
    polars.DataFrame
        `factor` (1 where no rule hits) and `reason` (the heaviest rule that hits, or null).
    """
    hits = [
        expression.fill_null(value=False).alias(name) for name, (expression, _) in _RULES.items()
    ]
    frame = items.select(hits)
    factor = pl.lit(1.0)
    for name, (_, weight) in _RULES.items():
        factor = factor * pl.when(pl.col(name)).then(weight).otherwise(1.0)
    heaviest = sorted(_RULES, key=lambda name: -_RULES[name][1])
    reason = pl.coalesce([pl.when(pl.col(name)).then(pl.lit(name)) for name in heaviest])
    return frame.select(factor.alias("factor"), reason.alias("reason"))


class LegacyPolicy:
    """Choose each item by itself, with a probability that is written down.

    Four arms: a random share at all hours, rules and officers' picks while lanes are staffed,
    and lookouts of other agencies, each of which is worked off by one exam. Each item is drawn
    independently of all others (Poisson sampling), so that propensities are exact and thinning
    a world changes nobody's fate. What is logged is the policy's own propensity; officers add
    what it left, and `officer_chances` holds the chance of that for each item of the last week.

    Parameters
    ----------
    setting : Setting
        World and seed.
    mean_factor : mapping of str to float
        Mean rule factor of each mode's items, so that coverage comes out as the world says.
    staffed_share : mapping of str to float
        Share of each mode's items that is presented while lanes are staffed.
    """

    policy_id = "legacy"

    def __init__(
        self,
        setting: Setting,
        mean_factor: Mapping[Mode, float],
        staffed_share: Mapping[Mode, float],
    ) -> None:
        self._past, self._root = setting.world.past, root(setting.seed, "legacy policy")
        self._mean_factor, self._staffed_share = mean_factor, staffed_share
        self._worked_off = pl.DataFrame(schema=_WORKED_OFF)
        self.officer_chances: Numbers = np.zeros(0)

    def choose(self, week: ObservedWeek, history: ObservedHistory) -> pl.DataFrame:
        """Choose among the items of a week; see `policy.Policy`.

        Parameters
        ----------
        week : ObservedWeek
            The items.
        history : ObservedHistory
            Signals on record.

        Returns
        -------
        polars.DataFrame
            `CHOICE_COLUMNS`.
        """
        items = week.items
        mode = items["mode"].to_numpy()
        cargo = np.isin(mode, _CARGO)
        staffed = week.staffed.to_numpy() | cargo
        rated = rule_factors(items)
        at_random, by_rule, by_officer = self._shares(mode, rated["factor"].to_numpy(), staffed)
        seen = self._not_worked_off(sightings(items, history.signals))
        named = strongest(items, seen)
        followed = np.where(staffed, _FOLLOWED_STAFFED, _FOLLOWED_ELSEWHERE)
        by_lookout = followed * named["strength"].to_numpy()
        key = fold(self._root, _item_keys(items))
        chances = _Chances(at_random, by_rule, by_officer, by_lookout, self._past.skip_share)
        arms = _Arms(key, chances)
        self.officer_chances = by_officer
        reason = pl.when(pl.Series(arms.is_lookout)).then(named["kind"]).otherwise(rated["reason"])
        self._work_off(seen.filter(pl.col("item_id").is_in(items["item_id"].filter(
            pl.Series(arms.chosen)).implode())))  # fmt: skip
        return pl.DataFrame(
            {
                "item_id": items["item_id"],
                "chosen": arms.chosen,
                "arm": pl.Series(["exploration", "rule", "officer", None]).gather(arms.arm),
                "propensity": chances.of_policy,
                "method": _methods(key, mode),
            }
        ).with_columns(
            pl.when(pl.Series(arms.skipped)).then(pl.lit("skipped by an officer"))
            .when(pl.col("arm") == "rule").then(reason)
            .when(pl.col("arm") == "officer").then(pl.lit("picked by an officer"))
            .when(pl.col("arm") == "exploration").then(pl.lit("random"))
            .alias("reason")
        ).select(CHOICE_COLUMNS.names())  # fmt: skip

    def _not_worked_off(self, seen: pl.DataFrame) -> pl.DataFrame:
        examined = seen.join(self._worked_off, on=["entity_kind", "entity"], how="left")
        since = pl.col("examined_at")
        return examined.filter(since.is_null() | (since < pl.col("known_at"))).drop("examined_at")

    def _work_off(self, examined: pl.DataFrame) -> None:
        newly = examined.select("entity_kind", "entity", pl.col("as_of").alias("examined_at"))
        latest = pl.concat([self._worked_off, newly]).group_by("entity_kind", "entity")
        whole = latest.agg(pl.col("examined_at").max())
        recent = pl.col("examined_at") > pl.col("examined_at").max() - _REMEMBERED
        self._worked_off = compact(whole.filter(recent))

    def _shares(self, mode: Words, factor: Numbers,
                staffed: Flags) -> tuple[Numbers, Numbers, Numbers]:  # fmt: skip
        past = self._past
        coverage, mean, on = (np.zeros(len(mode)) for _ in range(3))
        for name in MODES:
            here = mode == name
            coverage[here] = past.coverage[name]
            mean[here] = self._mean_factor[name]
            on[here] = self._staffed_share[name]
        at_random = coverage * past.random_share
        pulse = np.where(staffed, 1.0 / np.maximum(on, 0.01), 0.0)
        ruled = coverage * (1.0 - past.random_share - past.officer_share) * pulse
        by_rule = np.minimum(_MOST_BY_RULE, ruled * factor / mean / (1.0 - past.skip_share))
        by_officer = np.minimum(_MOST_BY_RULE, coverage * past.officer_share * pulse)
        return at_random, by_rule, by_officer


@dataclass(frozen=True)
class _Chances:
    at_random: Numbers
    by_rule: Numbers
    by_officer: Numbers
    by_lookout: Numbers
    skip_share: float

    @property
    def of_policy(self) -> Numbers:
        followed = 1.0 - (1.0 - self.by_rule) * (1.0 - self.by_lookout)
        return 1.0 - (1.0 - self.at_random) * (1.0 - followed * (1.0 - self.skip_share))


class _Arms:
    def __init__(self, key: Keys, chances: _Chances) -> None:
        explored = chance(key, "random", chances.at_random)
        picked = chance(key, "officer", chances.by_officer)
        self.is_lookout: Flags = chance(key, "lookout", chances.by_lookout)
        wanted = self.is_lookout | chance(key, "rule", chances.by_rule)
        skip = chance(key, "skip", chances.skip_share)
        followed = wanted & ~skip
        self.chosen: Flags = explored | followed | picked
        self.skipped: Flags = wanted & skip & ~self.chosen
        arm = np.where(explored, 0, np.where(followed, 1, 2))
        self.arm: Integers = np.where(self.chosen, arm, 3)


def _item_keys(items: pl.DataFrame) -> Keys:
    column = items["item_id"].str.to_integer(base=16, dtype=pl.UInt64)
    return column.to_numpy()


def _methods(key: Keys, mode: Words) -> pl.Series:
    names = sorted({name for weights in METHODS.values() for name in weights})
    code = np.zeros(len(mode), dtype=np.int64)
    for name, weights in METHODS.items():
        here = mode == name
        position = np.array([names.index(method) for method in weights])
        code[here] = position[pick(key[here], "method", list(weights.values()))]
    return pl.Series(names).gather(code)
