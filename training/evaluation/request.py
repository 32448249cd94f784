"""What a benchmark is asked for, and what it answers with."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import polars as pl

from features.errors import WeirError
from training.evaluation.worlds import Progress
from training.simulation.setting import Setting
from training.simulation.world import load_world

START = date(2025, 1, 6)
MOST_SEEDS = 1000


class InvalidRequest(WeirError):  # noqa: N818 - named after the user's mistake
    """A benchmark that cannot be run as asked."""


class Asked(Protocol):
    """What a benchmark can be asked for."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """What decides everything that is drawn."""

    def parameters(self) -> dict[str, Any]:
        """Give what a result depends on, as JSON values."""

    def headline(self) -> str:
        """Say in a line what was run, and over what medians are."""


@dataclass(frozen=True)
class Request:
    """A benchmark to run.

    Parameters
    ----------
    world : str
        A world by name, or the path of a world file.
    seeds : tuple of int
        Worlds to run, at least one.
    scale : float
        Share of the world's actors to keep.
    weeks : int
        Weeks of each world.
    jobs : int
        Worlds that run side by side, each in a process of its own.
    scores : Path, optional
        Somebody's scores, to be judged beside the others.
    policy : str, optional
        Somebody's policy, as `FILE.py:NAME`.
    one_seed : bool
        Whether only one world was asked for, so that scores need not say of which they are.
    brief : bool
        Whether to leave out what is not needed to see how the benchmark works.
    """

    world: str
    seeds: tuple[int, ...]
    scale: float
    weeks: int
    jobs: int = 1
    scores: Path | None = None
    policy: str | None = None
    one_seed: bool = False
    brief: bool = False

    def setting(self, seed: int, overrides: dict[str, str | float] | None = None) -> Setting:
        """Give the setting of one of the worlds.

        Parameters
        ----------
        seed : int
            Its seed.
        overrides : dict of str to number or text, optional
            Parameters of the world to change.

        Returns
        -------
        Setting
            From the first Monday of 2025.
        """
        return Setting(load_world(self.world, overrides), seed, START, self.scale)

    def alone(self, seed: int) -> "Request":
        """Ask for one of the worlds only.

        Parameters
        ----------
        seed : int
            Its seed.

        Returns
        -------
        Request
            Otherwise the same.
        """
        return replace(self, seeds=(seed,), jobs=1)

    def parameters(self) -> dict[str, Any]:
        """Give what a result depends on.

        Returns
        -------
        dict
            JSON values.
        """
        given = {"world": self.world, "seeds": list(self.seeds), "scale": self.scale}
        own = {"scores": self.scores and self.scores.name, "policy": self.policy}
        told = own | {"brief": self.brief}
        return given | {"weeks": self.weeks} | {name: each for name, each in told.items() if each}

    def headline(self) -> str:
        """Say in a line what was run.

        Returns
        -------
        str
            World, scale, weeks and seeds.
        """
        seeds = ", ".join(map(str, self.seeds))
        return (
            f"{self.world}, scale {self.scale:g}, {self.weeks} weeks, seeds {seeds}. Medians over"
            " worlds; intervals are in the report."
        )


class Target(NamedTuple):
    """What a figure was held against.

    Parameters
    ----------
    what : str
        The figure in words.
    value : float or None
        Its median; None if it could not be measured.
    limit : float
        What it must reach, or must not exceed.
    is_least : bool
        Whether it must reach the limit.
    """

    what: str
    value: float | None
    limit: float
    is_least: bool = False

    @property
    def met(self) -> bool:
        """Whether it is on the right side; never if it could not be measured."""
        if self.value is None:
            return False
        return self.value >= self.limit if self.is_least else self.value <= self.limit

    def stated(self) -> dict[str, Any]:
        """Give the target as JSON values."""
        side = "at least" if self.is_least else "at most"
        told = {"what": self.what, "value": self.value, "target": f"{side} {self.limit:g}"}
        return told | {"met": self.met}


@dataclass(frozen=True)
class Answer:
    """What a benchmark found.

    Parameters
    ----------
    rows : polars.DataFrame
        `summary.ROW`.
    parameters : dict
        What it depends on beside the request; JSON values.
    notes : list of str
        What a reader must know; the same for the same seeds.
    targets : list of Target
        What figures were held against.
    """

    rows: pl.DataFrame
    parameters: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read seeds.

    Parameters
    ----------
    text : str
        Numbers and ranges, such as `1-3,7`.

    Returns
    -------
    tuple of int
        Each once, in the order given.

    Raises
    ------
    InvalidRequest
        If it is something else.

    Examples
    --------
    >>> parse_seeds("1-3,7")
    (1, 2, 3, 7)
    """
    seeds: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (last.isdecimal() if dash else True)):
            raise InvalidRequest(f"--seeds {text!r}: write numbers and ranges, such as 1-3,7")
        seeds |= dict.fromkeys(range(int(first), int(last or first) + 1))
        if len(seeds) > MOST_SEEDS:
            raise InvalidRequest(f"--seeds {text!r}: give at most {MOST_SEEDS:,} seeds")
    if not seeds:
        raise InvalidRequest(f"--seeds {text!r}: give at least one seed")
    return tuple(seeds)


OneSeed = Callable[[Request, Progress | None], pl.DataFrame]


def over_seeds(one: OneSeed, request: Request, progress: Progress | None) -> pl.DataFrame:
    """Run worlds one after another, or side by side.

    Parameters
    ----------
    one : callable
        Runs a request for one seed; a function of a module, so that a process can find it.
    request : Request
        All seeds.
    progress : callable, optional
        Told of the steps of each world, or of each world that is done when several run side by
        side.

    Returns
    -------
    polars.DataFrame
        The rows of all, in the order of the seeds.
    """
    parts = [request.alone(seed) for seed in request.seeds]
    if request.jobs == 1 or len(parts) == 1:
        return pl.concat([one(part, progress) for part in parts])
    from joblib import Parallel, delayed  # noqa: PLC0415 - only for several at a time

    done: list[pl.DataFrame] = []
    for rows in Parallel(n_jobs=request.jobs, return_as="generator")(
        delayed(one)(part, None) for part in parts
    ):
        done.append(rows)
        if progress is not None:
            progress("Worlds", len(done), len(parts))
    return pl.concat(done)
