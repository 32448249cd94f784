"""Hold a world against the facts: ten calibration checks, and volumes by port and month."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from training.simulation.calibrate import legacy_policy
from training.simulation.draws import Numbers
from training.simulation.environment import Environment, WeekRecord
from training.simulation.exams import detection
from training.simulation.facts import Target, targets
from training.simulation.legacy import METHODS
from training.simulation.places import SOUTH_FLORIDA, stream_of
from training.simulation.run import DEFAULT_START, Progress
from training.simulation.setting import Setting
from training.simulation.volumes import VolumeRow, VolumeTally
from training.simulation.world import World

DAYS_PER_YEAR = 365.0
FULL_PROPORTIONS: Mapping[str, float] = {"volume.fraction": 0.02, "trafficking.oversample": 50.0}
"""Overrides that leave trafficking at its national number and thin lawful traffic to a fiftieth.

The legacy policy draws each item by itself, so that the chance of finding something does not
depend on how much lawful traffic passes beside it; see `check_world`.
"""

_VEHICLES = ("pov", "bus")


@dataclass(frozen=True)
class Checked:
    """One calibration check.

    Parameters
    ----------
    target : Target
        What is wanted.
    value : float
        What the world gives; not a number where nothing of the kind happened.
    """

    target: Target
    value: float

    @property
    def passed(self) -> bool:
        """Whether the value lies in the range."""
        return self.target.low <= self.value <= self.target.high


@dataclass(frozen=True)
class WorldReport:
    """How a world compares with the facts.

    Parameters
    ----------
    world : str
        Name.
    seed, weeks, n_items, n_events : int
        What was run, and how many items and hidden events it had.
    national_factor : float
        What counts of events were multiplied by to be national and yearly.
    checks : tuple of Checked
        The ten checks.
    volumes : tuple of VolumeRow
        Land ports by mode and month beside the published counts.
    """

    world: str
    seed: int
    weeks: int
    n_items: int
    n_events: int
    national_factor: float
    checks: tuple[Checked, ...]
    volumes: tuple[VolumeRow, ...]

    @property
    def passed(self) -> bool:
        """Whether all ten checks lie in their ranges."""
        return all(check.passed for check in self.checks)


def check_world(  # noqa: PLR0913 - the parameters are those of the command
    world: World,
    *,
    seed: int,
    weeks: int = 52,
    scale: float = 1.0,
    start: date | None = None,
    progress: Progress | None = None,
) -> WorldReport:
    """Run a world under its legacy policy and hold it against the facts.

    Seizures are counted as expectations: the probability that the policy examines an item
    times the probability that the exam finds what is in it. So a handful of lucky exams does
    not decide a check. An event that is split over shipments counts once, by the probability
    that any of them is found.

    Parameters
    ----------
    world : World
        From `world.load_world`; with `FULL_PROPORTIONS` for the world `full`.
    seed, weeks : int
        As for `run.simulate`.
    scale : float
        Share of actors to keep.
    start : datetime.date, optional
        First day; 2025-01-06 if not given.
    progress : callable, optional
        As for `run.simulate`.

    Returns
    -------
    WorldReport
        Values beside ranges.
    """
    setting = Setting(world, seed, start or DEFAULT_START, scale)
    environment, policy = Environment(setting), legacy_policy(setting)
    tally, volumes, n_items = _Tally(), VolumeTally(), 0
    for week in range(weeks):
        record = environment.advance(policy)
        tally.add(record, policy.officer_chances)
        volumes.add(record.traffic.items, record.traffic.hidden["day"], setting.days(week))
        n_items += record.traffic.items.height
        if progress is not None:
            progress(week + 1, weeks, n_items)
    share = world.volume.fraction * max(world.trafficking.oversample, 1e-9) * scale
    factor = DAYS_PER_YEAR / (7 * weeks) / share
    events = tally.events()
    values = {name: of(events, tally, factor) for name, of in _FIGURES.items()}
    return WorldReport(
        world=world.name,
        seed=seed,
        weeks=weeks,
        n_items=n_items,
        n_events=events.height,
        national_factor=factor,
        checks=tuple(Checked(target, values[name]) for name, target in targets().items()),
        volumes=volumes.rows(world.volume, scale),
    )


class _Tally:
    def __init__(self) -> None:
        self._illicit: list[pl.DataFrame] = []
        self.propensity_of_lawful, self.n_lawful = 0.0, 0

    def add(self, record: WeekRecord, officer_chances: Numbers) -> None:
        traffic = record.traffic
        choices = record.choices.with_columns(
            propensity=1 - (1 - pl.col("propensity")) * (1 - pl.Series(officer_chances))
        )
        week = traffic.items.select("mode", "port", "destination").hstack(traffic.hidden)
        week = week.hstack(choices.select("propensity", "method"))
        lawful = week.filter((pl.col("mode") == "pov") & ~pl.col("illicit"))
        self.propensity_of_lawful += float(lawful["propensity"].sum())
        self.n_lawful += lawful.height
        illicit = week.filter("illicit")
        found = illicit["propensity"].to_numpy() * detection(
            illicit["method"], illicit["ease"].to_numpy()
        )
        self._illicit.append(illicit.select(*_KEPT).with_columns(seized=pl.Series(found)))

    def items(self) -> pl.DataFrame:
        return pl.concat(self._illicit)

    def events(self) -> pl.DataFrame:
        stream = pl.col("destination").replace_strict(_streams(self.items()["destination"]))
        return (
            self.items()
            .with_columns(stream=stream, south=pl.col("port").is_in(list(SOUTH_FLORIDA)))
            .group_by("event", maintain_order=True)
            .agg(
                pl.col("stream", "mode", "south").first(),
                pl.col("n_firearms", "n_rifles", "n_parts").sum(),
                guns_seized=(pl.col("n_firearms") * pl.col("seized")).sum(),
                rifles_seized=(pl.col("n_rifles") * pl.col("seized")).sum(),
                parts_seized=(pl.col("n_parts") * pl.col("seized")).sum(),
                seized=1.0 - (1.0 - pl.col("seized")).product(),
            )
        )


_KEPT = ("event", "mode", "port", "destination", "ease", "n_firearms", "n_rifles", "n_parts")


def _streams(destinations: pl.Series) -> dict[str, str]:
    return {code: stream_of(code) for code in destinations.unique()}


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def _sum(events: pl.DataFrame, column: str, rows: pl.Expr) -> float:
    return float(events.filter(rows)[column].sum())


_TO_MEXICO = pl.col("stream") == "mexico"
_TO_CARIBBEAN = pl.col("stream") == "caribbean"
_ELSEWHERE = pl.col("stream") == "latin_america"


def _share_of(part: pl.Expr, whole: pl.Expr, column: str = "seized") -> "_Figure":
    def figure(events: pl.DataFrame, _: _Tally, __: float) -> float:
        return _ratio(_sum(events, column, part & whole), _sum(events, column, whole))

    return figure


def _interdiction(events: pl.DataFrame, _: _Tally, __: float) -> float:
    seized = _sum(events, "guns_seized", _TO_MEXICO)
    return _ratio(seized, _sum(events, "n_firearms", _TO_MEXICO))


def _events_per_year(events: pl.DataFrame, _: _Tally, factor: float) -> float:
    return float(events["seized"].sum()) * factor


def _rifles(stream: pl.Expr) -> "_Figure":
    def figure(events: pl.DataFrame, _: _Tally, __: float) -> float:
        return _ratio(_sum(events, "rifles_seized", stream), _sum(events, "guns_seized", stream))

    return figure


def _parts(events: pl.DataFrame, _: _Tally, __: float) -> float:
    guns = _sum(events, "guns_seized", _TO_CARIBBEAN)
    return _ratio(_sum(events, "parts_seized", _TO_CARIBBEAN), guns)


def _paradox(_: pl.DataFrame, tally: _Tally, __: float) -> float:
    ease = tally.items().filter(pl.col("mode") == "pov")["ease"].to_numpy()
    if not len(ease):
        return float("nan")
    shares = METHODS["pov"]
    found = sum(
        share * float(detection(pl.repeat(method, len(ease), eager=True), ease).mean())
        for method, share in shares.items()
    ) / sum(shares.values())
    return found * _ratio(tally.propensity_of_lawful, tally.n_lawful)


_Figure = Callable[[pl.DataFrame, _Tally, float], float]
_FIGURES: Mapping[str, _Figure] = {
    "C-interdiction": _interdiction,
    "C-events": _events_per_year,
    "C-mx-pov": _share_of(pl.col("mode").is_in(_VEHICLES), _TO_MEXICO),
    "C-carib-sea": _share_of(pl.col("mode") == "ocean", _TO_CARIBBEAN),
    "C-latam-sea": _share_of(pl.col("mode") == "ocean", _ELSEWHERE),
    "C-fl": _share_of(pl.col("south"), _TO_CARIBBEAN),
    "C-rifle-carib": _rifles(_TO_CARIBBEAN),
    "C-rifle-latam": _rifles(_TO_MEXICO | _ELSEWHERE),
    "C-parts": _parts,
    "C-coverage-paradox": _paradox,
}
