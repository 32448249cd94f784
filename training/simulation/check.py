"""Hold a world against the facts: ten calibration checks, and volumes by port and month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from training.simulation.calibrate import legacy_policy
from training.simulation.environment import Environment
from training.simulation.facts import Target, targets
from training.simulation.jackknife import jackknife_error
from training.simulation.run import DEFAULT_START, Progress
from training.simulation.seizures import SeizureTally, figures
from training.simulation.setting import Setting
from training.simulation.volumes import VolumeRow, VolumeTally
from training.simulation.world import World

DAYS_PER_YEAR = 365.0
FULL_PROPORTIONS: Mapping[str, float] = {
    "volume.fraction": 0.08, "trafficking.oversample": 50.0, "trafficking.networks": 160,
}  # fmt: skip
"""Overrides that put four times the national trafficking beside a twelfth of lawful traffic.

The legacy policy draws each item by itself, so that the chance of finding something does not
depend on how much lawful traffic passes beside it. A national year rests on about a hundred
events of which somebody told; four times as many networks and events halve the errors.
"""

Verdict = Literal["pass", "fail", "not enough weeks"]


@dataclass(frozen=True)
class Checked:
    """One calibration check.

    Parameters
    ----------
    target : Target
        What is wanted.
    value : float
        What the world gives; not a number where nothing of the kind happened.
    error : float
        Standard error of the value over networks; not a number where it cannot be estimated.
    """

    target: Target
    value: float
    error: float

    @property
    def verdict(self) -> Verdict:
        """Whether the value lies in the range, if the run is long enough to say.

        A value that lies out of it by more than two standard errors fails. Otherwise a run is
        too short where two standard errors are wider than the range, since the value would
        leave it by chance alone, and where nothing varies from network to network, since then
        there was hardly anything to vary.
        """
        low, high, spread = self.target.low, self.target.high, 2 * self.error
        if spread > 0 and (self.value - spread > high or self.value + spread < low):
            return "fail"
        if not 0 < spread <= high - low:
            return "not enough weeks"
        return "pass" if low <= self.value <= high else "fail"

    @property
    def passed(self) -> bool:
        """Whether the value lies in the range and the run is long enough to say so."""
        return self.verdict == "pass"


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
        """Whether all ten checks pass."""
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

    Seizures are counted as expectations; see `seizures.SeizureTally`.

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
        Values with their errors beside ranges.
    """
    setting = Setting(world, seed, start or DEFAULT_START, scale)
    environment, policy = Environment(setting), legacy_policy(setting)
    tally, volumes, n_items = SeizureTally(), VolumeTally(), 0
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
    checks = []
    for name, figure in figures(tally.coverage_of_lawful).items():
        error = jackknife_error(figure, events, factor)
        checks.append(Checked(targets()[name], figure(events, factor), error))
    return WorldReport(
        world=world.name,
        seed=seed,
        weeks=weeks,
        n_items=n_items,
        n_events=events.height,
        national_factor=factor,
        checks=tuple(checks),
        volumes=volumes.rows(world.volume, scale),
    )
