"""The data that a proof runs on: a folder that is given, or a world simulated for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from training.simulation.run import simulate
from training.simulation.world import load_world

Progress = Callable[[str, int, int], None]
"""Told the name of a step, how far it is, and how far it goes."""


class Source(NamedTuple):
    """Which data to use.

    Parameters
    ----------
    data : Path or None
        A data folder; without one a world is simulated and thrown away.
    world : str
        Name of the world.
    seed : int
        Its seed.
    weeks : int
        Its length.
    scale : float
        Share of its actors to keep, 0 to 1.
    """

    data: Path | None
    world: str = "small"
    seed: int = 1
    weeks: int = 12
    scale: float = 1.0

    def stated(self) -> dict[str, str | int | float]:
        """Say in words of JSON what was used."""
        if self.data is not None:
            return {"data": self.data.name}
        return {"world": self.world, "seed": self.seed, "weeks": self.weeks, "scale": self.scale}


@contextmanager
def data_folder(source: Source, progress: Progress) -> Iterator[Path]:
    """Give the folder of a source for as long as the block lasts.

    Parameters
    ----------
    source : Source
        What to use.
    progress : callable
        Told of simulated weeks.

    Yields
    ------
    Path
        A data folder.
    """
    if source.data is not None:
        yield source.data
        return
    with TemporaryDirectory(prefix="weir-bench-") as place:
        folder = Path(place) / "world"
        simulate(
            load_world(source.world),
            seed=source.seed,
            weeks=source.weeks,
            scale=source.scale,
            out=folder,
            progress=lambda week, weeks, _: progress("Simulating weeks", week, weeks),
        )
        yield folder
