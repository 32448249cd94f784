"""What survives: the proofs of the service and of bundles, in steps that are not done twice."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from training.evaluation.children import ChildFailed
from training.evaluation.durability_steps import Counts, Figures, Step, has_fuzz, steps
from training.evaluation.request import Answer, Target
from training.evaluation.summary import ROW, Row
from training.evaluation.tables import Column
from training.evaluation.worlds import Progress

WRONG = ("lost", "doubled", "breaks", "wrong", "taken", "failed", "missed")
"""Figures of which not one may be above 0."""

LEAST_FINDINGS = 50_000
LEAST_KILLS = 1_000
"""Kills on SQLite from which so many findings are asked for."""
MOST_P99_RATIO = 2.0
MANY_AUDIT_ROWS = 1_000_000
"""Rows of an audit from which the pace of verifying it is held against its target."""
MOST_SECONDS = 15.0

NOTES = [
    "Of what was offered nothing may be lost, doubled, broken, wrong, taken, failed or missed.",
    "The seed decides when servers are killed, and what is damaged, edited and sent.",
    "How many findings are acknowledged before a kill depends on the machine, and so on the run.",
    "A kill ends the process, not the machine: that replies follow the fsync is another test.",
]


@dataclass(frozen=True)
class DurabilityRequest:
    """A benchmark of durability to run.

    Parameters
    ----------
    seeds : tuple of int
        All steps are run once with each.
    counts : Counts
        How much is offered in each step.
    folder : Path
        Where steps and their results are kept.
    database : str, optional
        URL of an empty database of PostgreSQL, which the first seed kills servers on as well.
    brief : bool
        Whether counts are small ones.
    """

    seeds: tuple[int, ...]
    counts: Counts
    folder: Path = field(default=Path("durability"))
    database: str | None = None
    brief: bool = False

    def parameters(self) -> dict[str, Any]:
        """Give what a result depends on.

        Returns
        -------
        dict
            JSON values; of the database only whether there was one.
        """
        told = {"seeds": list(self.seeds), **asdict(self.counts)}
        return told | {"postgresql": self.database is not None}

    def headline(self) -> str:
        """Say in a line what was run.

        Returns
        -------
        str
            Counts and seeds.
        """
        counts = ", ".join(f"{name} {each:,}" for name, each in asdict(self.counts).items())
        seeds = ", ".join(map(str, self.seeds))
        return f"{counts}; seeds {seeds}. Medians over seeds."


def run_durability(request: DurabilityRequest, progress: Progress | None) -> Answer:
    """Run every step that this folder does not hold the result of.

    Parameters
    ----------
    request : DurabilityRequest
        Seeds, counts and the folder.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    Answer
        Counts by step; a step that could not be run is a missed target, and is run again next
        time.
    """
    wanted = [
        (seed, step)
        for number, seed in enumerate(request.seeds)
        for step in steps(request.counts, seed, request.database if number == 0 else None)
    ]
    rows: list[Row] = []
    notes, failed, n_kept = [*NOTES, *_left_out(request)], [], 0
    tell = progress or (lambda _what, _done, _total: None)
    for seed, step in wanted:
        what = f"{step.name}, seed {seed}"
        tell(what, 0, 1)
        record = request.folder / "steps" / f"{step.name}-{seed}.json"
        found = _read(record, step)
        n_kept += found is not None
        try:
            found = found or _run(record, step)
        except ChildFailed as error:
            failed.append(step.name)
            notes.append(f"{what}, could not be run: {error.detail}")
            continue
        tell(what, 1, 1)
        rows += rows_of(found, seed)
        notes.append(f"Seed {seed}: {_told(found)}.")
    if n_kept:
        notes.append(f"{n_kept} of {len(wanted)} steps had been done before in this folder.")
    frame = pl.DataFrame(rows, schema=ROW, orient="row")
    return Answer(frame, {}, notes, durability_targets(frame, request.counts, failed))


def rows_of(found: Mapping[str, Figures], seed: int) -> list[Row]:
    """Turn what a step found into rows, with the sum of all that went wrong.

    Parameters
    ----------
    found : mapping of str to dict of str to float
        Figures by what they are about.
    seed : int
        The seed of the step.

    Returns
    -------
    list of tuple
        As `summary.ROW`.
    """
    rows: list[Row] = []
    for policy, figures in found.items():
        wrong = sum(value for figure, value in figures.items() if figure in WRONG)
        whole = {**figures, "went_wrong": wrong}
        rows += [(figure, policy, "all", "", seed, value) for figure, value in whole.items()]
    return rows


def _left_out(request: DurabilityRequest) -> list[str]:
    told = []
    if request.database is None:
        told.append("Kills on PostgreSQL were left out: no --database was given.")
    if request.counts.made_up_requests and not has_fuzz():
        told.append("Made-up requests were left out: the tests of Weir are not here.")
    return told


def _key(step: Step) -> str:
    """Name what a step's result depends on; a digest, since a database's URL holds a password."""
    told = json.dumps([step.name, *step.words, version("weir")])
    return sha256(told.encode()).hexdigest()


def _read(record: Path, step: Step) -> dict[str, Figures] | None:
    if not record.is_file():
        return None
    told = json.loads(record.read_text(encoding="utf-8"))
    if told["key"] != _key(step):
        return None
    found: dict[str, Figures] = told["found"]
    return found


def _run(record: Path, step: Step) -> dict[str, Figures]:
    """Run a step in a clean folder, unless it goes on by itself, and keep what it found."""
    folder, begun = record.with_suffix(""), record.with_suffix(".begun")
    goes_on = step.goes_on and begun.is_file() and begun.read_text() == _key(step)
    if not goes_on:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    begun.write_text(_key(step))
    found = step.run(folder)
    aside = record.with_suffix(".part")
    aside.write_text(json.dumps({"key": _key(step), "found": found}, indent=1) + "\n")
    aside.replace(record)
    begun.unlink()
    return found


def _told(found: Mapping[str, Figures]) -> str:
    """Say every figure in full: tables round them."""
    return "; ".join(
        f"{policy}: "
        + ", ".join(f"{name.replace('_', ' ')} {value:,.10g}" for name, value in figures.items())
        for policy, figures in found.items()
    )


def durability_targets(rows: pl.DataFrame, counts: Counts, failed: Sequence[str]) -> list[Target]:
    """Hold counts of all seeds together against what was asked for.

    Parameters
    ----------
    rows : polars.DataFrame
        `summary.ROW`.
    counts : Counts
        What was offered.
    failed : sequence of str
        Steps that could not be run.

    Returns
    -------
    list of Target
        One for what went wrong with each thing that was offered, and those of paces.
    """
    targets = [Target(f"{name}: run to its end", None, 0.0) for name in dict.fromkeys(failed)]
    for policy in rows["policy"].unique(maintain_order=True):
        of = rows.filter(pl.col("policy") == policy)
        named = of.filter(pl.col("figure").is_in(WRONG))["figure"].unique(maintain_order=True)
        wrong: list[float] = of.filter(pl.col("figure").is_in(WRONG))["value"].to_list()
        targets.append(Target(f"{policy}: {', '.join(named)}", sum(wrong), 0.0))
    ratios: list[float] = rows.filter(figure="p99_ratio")["value"].to_list()
    if ratios:
        what = "p99 of requests under swaps over the quiet one"
        targets.append(Target(what, median(ratios), MOST_P99_RATIO))
    paces: list[float] = rows.filter(figure="verified_per_second")["value"].to_list()
    if paces and counts.audit_rows >= MANY_AUDIT_ROWS:
        what = "seconds to verify a million rows of the audit"
        targets.append(Target(what, MANY_AUDIT_ROWS / median(paces), MOST_SECONDS))
    if counts.kills + counts.kills_with_model >= LEAST_KILLS:
        on_sqlite = rows.filter(
            pl.col("policy").is_in(["kills", "kills, with a model"]), figure="offered"
        )
        sums: list[float] = on_sqlite.group_by("seed").agg(pl.col("value").sum())["value"].to_list()
        targets.append(
            Target(
                "findings acknowledged, SQLite, fewest of a seed",
                min(sums, default=None),
                LEAST_FINDINGS,
                is_least=True,
            )
        )
    return targets


DURABILITY_TABLES = (
    (
        "Offered, and what went wrong",
        (
            Column("times", "times"),
            Column("offered", "offered"),
            Column("went wrong", "went_wrong"),
            *(Column(figure, figure) for figure in ("lost", "doubled", "breaks")),
        ),
    ),
    (
        "Paces beside",
        (
            Column("p99, times the quiet one", "p99_ratio"),
            Column("audit rows verified a second", "verified_per_second"),
        ),
    ),
)
