"""How fast: simulation, features, fitting, batch scoring, the service, and other model servers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import polars as pl

from features.records import ITEMS
from training.evaluation import batch_pace, features_pace, fit_pace
from training.evaluation.children import ChildFailed, proved
from training.evaluation.request import Answer, Request
from training.evaluation.speed_figures import (
    SIZES,
    http_rows,
    peer_rows,
    size_names,
    speed_targets,
)
from training.evaluation.summary import ROW, Row
from training.evaluation.worlds import Progress
from training.score import compute_matrix
from training.simulation.run import simulate
from training.simulation.world import load_world
from training.tables import read_table

NOTES = [
    "A turn takes the place of a world: each seed is a turn, and decides what is drawn in it.",
    "Medians, intervals and the worst are over turns; ratios are of two that ran side by side.",
    "Batch scoring goes from parquet to a file; Booster.predict has the same rows ready in memory.",
    "Both predict on as many threads; reading has a thread of its own, which only CPU counts.",
    "Seconds depend on what else the machine does; ratios depend less on it.",
]


@dataclass(frozen=True)
class Sizes:
    """How much is done in a turn.

    Parameters
    ----------
    batch_rows : int
        Rows scored in batch; memory is measured at five times as many as well.
    items : tuple of int
        Items that become rows of X, ascending, two or three.
    fit_rows : tuple of int
        Labelled rows that are fitted, ascending, two or three.
    http_items, peer_requests : int
        Items posted to the service in each case, requests to each server.
    """

    batch_rows: int
    items: tuple[int, ...]
    fit_rows: tuple[int, ...]
    http_items: int
    peer_requests: int


FULL = Sizes(400_000, (100_000, 300_000, 1_000_000), (50_000, 200_000, 1_000_000), 4_000, 1_000)
BRIEF = Sizes(100_000, (20_000, 60_000), (2_000, 6_000), 300, 300)


@dataclass(frozen=True)
class SpeedRequest(Request):
    """A benchmark of speed to run.

    Parameters
    ----------
    peers : bool
        Whether other model servers are installed and measured too.
    cache : Path, optional
        Where their environments are kept; without it they are removed.
    n_threads : int
        Threads for features, fits and batch scoring.
    """

    peers: bool = True
    cache: Path | None = None
    n_threads: int = 2

    @property
    def sizes(self) -> Sizes:
        """How much is done in a turn."""
        return BRIEF if self.brief else FULL

    def parameters(self) -> dict[str, Any]:
        """Give what a result depends on.

        Returns
        -------
        dict
            JSON values.
        """
        sizes = {name: list(each) if isinstance(each, tuple) else each
                 for name, each in vars(self.sizes).items()}  # fmt: skip
        return super().parameters() | sizes | {"threads": self.n_threads, "peers": self.peers}

    def headline(self) -> str:
        """Say in a line what was run.

        Returns
        -------
        str
            World, scale, weeks and turns.
        """
        return (
            f"{self.world}, scale {self.scale:g}, {self.weeks} weeks, {len(self.seeds)} turns."
            " Medians over turns; intervals are in the report."
        )


def run_speed(request: SpeedRequest, progress: Progress | None) -> Answer:
    """Measure everything turn by turn, then the service and the peers.

    Parameters
    ----------
    request : SpeedRequest
        World, turns and sizes.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    Answer
        Figures by turn; what could not be measured is in the notes.

    Raises
    ------
    ChildFailed
        If something of ours could not be measured.
    """
    tell = progress or (lambda _what, _done, _total: None)
    rows: list[Row] = []
    for done, seed in enumerate(request.seeds):
        tell("Turns", done, len(request.seeds))
        rows += _turn(request, seed, tell)
    tell("Turns", len(request.seeds), len(request.seeds))
    notes = list(NOTES)
    versions: dict[str, Any] = {}
    with TemporaryDirectory(prefix="weir-speed-") as place:
        told = _service(request, Path(place) / "service", tell)
        rows += http_rows(told, request.seeds)
        if request.peers:
            found, versions = measure_peers(request, Path(place) / "peers", notes, tell)
            rows += found
        else:
            notes.append("Other model servers were not asked for.")
    frame = pl.DataFrame(rows, schema=ROW, orient="row")
    parameters = {"peer_versions": versions} if versions else {}
    return Answer(frame, parameters, notes, speed_targets(frame, told))


def _turn(request: SpeedRequest, seed: int, tell: Progress) -> Iterator[Row]:
    sizes, n_threads = request.sizes, request.n_threads
    with TemporaryDirectory(prefix="weir-speed-") as place:
        folder = Path(place) / "world"
        for at, size, pace in _simulations(request, seed, folder, tell):
            yield "items_per_second", "simulation", "all", at, seed, pace
            yield "size", "simulation", "all", at, seed, size
        paces = features_pace.measure_pace(
            folder, list(sizes.items), n_threads=n_threads, progress=tell
        )
        for at, each in zip(size_names(sizes.items), paces, strict=True):
            for figure, value in (
                ("items_per_second", each.items_per_second),
                ("times_prediction", each.ratio),
                ("peak_mib", each.peak_bytes / 2**20),
                ("size", each.n_items),
            ):
                yield figure, "tables to X", "all", at, seed, value
        for at, n_rows in zip(size_names(sizes.fit_rows), sizes.fit_rows, strict=True):
            yield from _fit_rows(n_rows, at, seed, n_threads, tell)
        yield from _batch_rows(request, seed, folder, Path(place), tell)


def _simulations(
    request: SpeedRequest, seed: int, folder: Path, tell: Progress
) -> Iterator[tuple[str, int, float]]:
    """Simulate the world at a quarter, a half and the whole of its scale; the last one stays."""
    world = load_world(request.world)
    for number, at in enumerate(SIZES):
        tell("Simulating", number, len(SIZES))
        started = perf_counter()
        simulate(
            world, seed=seed, weeks=request.weeks, out=folder,
            scale=request.scale / 2 ** (len(SIZES) - 1 - number),
        )  # fmt: skip
        taken = perf_counter() - started
        n_items = read_table(folder, ITEMS).height
        yield at, n_items, n_items / taken
    tell("Simulating", len(SIZES), len(SIZES))


def _fit_rows(n_rows: int, at: str, seed: int, n_threads: int, tell: Progress) -> Iterator[Row]:
    pace = fit_pace.measure_fit(n_rows, n_threads=n_threads, seed=seed, progress=tell)
    for policy, cost in (("fit", pace.fit), ("lightgbm.train", pace.train)):
        yield "items_per_second", policy, "all", at, seed, n_rows / cost.seconds
        yield "peak_mib", policy, "all", at, seed, cost.peak_bytes / 2**20
        yield "size", policy, "all", at, seed, n_rows
    yield "times_longer", "fit", "all", at, seed, pace.times_longer
    yield "times_larger", "fit", "all", at, seed, pace.times_larger


def _batch_rows(
    request: SpeedRequest, seed: int, world: Path, place: Path, tell: Progress
) -> Iterator[Row]:
    """Score drawn rows of the world's matrix, then five times as many for their memory."""
    matrix, n_rows = compute_matrix(world), request.sizes.batch_rows
    folders = []
    for times in (1, 5):
        folders.append(place / f"{times}-times")
        folders[-1].mkdir()
        batch_pace.write_matrices(matrix, times * n_rows, folders[-1], seed)
    steps = 2 + len(folders)
    for step, (at, n_threads) in enumerate((("1 thread", 1), ("all threads", request.n_threads))):
        tell("Batch scoring", step, steps)
        pace = batch_pace.measure_batch(folders[0], n_threads=n_threads)
        yield "rows_per_second", "batch scoring", "all", at, seed, pace.rows_per_second
        yield "rows_per_second", "Booster.predict", "all", at, seed, pace.ready_per_second
        yield "rows_ratio", "batch scoring", "all", at, seed, pace.ratio
        yield "cpu_ratio", "batch scoring", "all", at, seed, pace.cpu_ratio
    peaks = []
    for step, folder in enumerate(folders):
        tell("Batch scoring", 2 + step, steps)
        peaks.append(batch_pace.measure_peak(folder))
    tell("Batch scoring", steps, steps)
    for at, peak in zip(("", "5 times the rows"), peaks, strict=True):
        yield "peak_mib", "batch scoring", "all", at, seed, peak / 2**20
    yield "memory_growth", "batch scoring", "all", "5 times the rows", seed, peaks[1] / peaks[0]


def _service(request: SpeedRequest, folder: Path, tell: Progress) -> dict[str, Any]:
    tell("Service", 0, 1)
    told = proved(
        "speed", folder, "--turns", str(len(request.seeds)),
        "--items", str(request.sizes.http_items), "--seed", str(request.seeds[0]),
    )  # fmt: skip
    tell("Service", 1, 1)
    return told


def measure_peers(
    request: SpeedRequest, folder: Path, notes: list[str], tell: Progress
) -> tuple[list[Row], dict[str, Any]]:
    """Measure other model servers beside ours; what stops that is a note.

    Parameters
    ----------
    request : SpeedRequest
        Turns, and where environments are kept.
    folder : Path
        For the proof; made.
    notes : list of str
        Notes are added to it.
    tell : callable
        Told of the step.

    Returns
    -------
    rows : list of tuple
        As `summary.ROW`; none if nothing could be measured.
    versions : dict of str to dict of str to str
        Packages of each environment.
    """
    tell("Peers", 0, 1)
    cache = ["--cache", str(request.cache.resolve())] if request.cache else []
    try:
        told = proved(
            "peers", folder, "--turns", str(len(request.seeds)),
            "--requests", str(request.sizes.peer_requests), "--seed", str(request.seeds[0]), *cache,
        )  # fmt: skip
    except ChildFailed as failed:
        notes.append(f"Other model servers could not be measured: {failed.detail}")
        return [], {}
    tell("Peers", 1, 1)
    notes += [f"{name} was left out: {reason}" for name, reason in told["skipped"].items()]
    kept = f"kept in {request.cache}" if request.cache else "removed when they were measured"
    notes.append(f"The environments of other model servers were {kept}.")
    return peer_rows(told, request.seeds), told["versions"]
