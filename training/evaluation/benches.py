"""The benchmarks there are: how each is run, and what its table and plots show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import monotonic
from typing import Any

from training.evaluation.durability import (
    DURABILITY_TABLES,
    DurabilityRequest,
    run_durability,
)
from training.evaluation.durability_steps import BRIEF, Counts
from training.evaluation.honesty import run_honesty
from training.evaluation.loop import run_loop
from training.evaluation.plots import (
    Figures,
    can_plot,
    capture_plot,
    counts_plot,
    coverage_plot,
    growth_plot,
    servers_plot,
    weeks_plot,
)
from training.evaluation.quality import run_quality
from training.evaluation.report import write_report
from training.evaluation.request import Answer, Asked, Request
from training.evaluation.result import Timings, make_result, write_result
from training.evaluation.speed import SpeedRequest, run_speed
from training.evaluation.speed_figures import SPEED_TABLES
from training.evaluation.tables import Column, Laid, lay
from training.evaluation.worlds import Progress


@dataclass(frozen=True)
class Bench:
    """One benchmark.

    Parameters
    ----------
    name : str
        What the command is called.
    run : callable
        Runs it.
    full, quick : Asked
        What is run if nothing else is asked for, and with `--quick`.
    tables : sequence of tuple of str and sequence of Column
        Titles and columns of its tables.
    plots : callable
        Name to SVG, from the figures.
    """

    name: str
    run: Callable[[Any, Progress | None], Answer]
    full: Asked
    quick: Asked
    tables: Sequence[tuple[str, Sequence[Column]]]
    plots: Callable[[Figures], dict[str, str]]

    def lay_out(self, result: Mapping[str, Any], *, short: bool = False) -> list[Laid]:
        """Lay the tables of a result out.

        Parameters
        ----------
        result : mapping
            Of this benchmark.
        short : bool
            Whether to leave intervals out.

        Returns
        -------
        list of Laid
            In order.
        """
        figures = result["figures"]
        return [lay(title, figures, columns, short=short) for title, columns in self.tables]


_MODES = ("pov", "truck", "air", "ocean")

_QUALITY_TABLES = (
    (
        "Events captured and N, by share of the items that can be inspected",
        (
            Column("events at 1.0%", "capture_events", at="1.0%"),
            Column("events at 2.0%", "capture_events", at="2.0%"),
            *(Column(f"N at {at}", "N", at=at) for at in ("0.5%", "1.0%", "2.0%", "5.0%")),
            *(Column(f"worst N at {at}", "N", at=at, worst=True) for at in ("1.0%", "2.0%")),
        ),
    ),
    (
        "Hits, ranking and calibration",
        (
            Column("hit rate at 1.0%", "hit_rate", at="1.0%"),
            Column("lift at 1.0%", "lift", at="1.0%"),
            Column("precision at 50", "precision_at_50"),
            Column("average precision", "average_precision"),
            Column("ECE", "ece"),
            Column("Brier", "brier"),
            Column("observed / expected", "observed_over_expected"),
        ),
    ),
    (
        "N at 2.0% where it is hard",
        (
            Column("first seen", "N", "first seen", "2.0%"),
            Column("value just under $2,500", "N", "value just under $2,500", "2.0%"),
            Column("split consignments", "N", "split consignments", "2.0%"),
            *(Column(mode, "N", f"mode={mode}", "2.0%") for mode in _MODES),
        ),
    ),
)

_SCENARIOS = ("steady", "adapting", "shifted")


def _loop_tables(scenario: str) -> list[tuple[str, list[Column]]]:
    year, before, after, later = (
        "whole year",
        "before the middle",
        "after the middle",
        "weeks 9 to 16 after",
    )
    stopped = [
        Column("stopped, whole year", "stopped", scenario, year),
        Column("times legacy", "times_legacy", scenario, year),
        Column("of the ceiling, after the middle", "of_ceiling", scenario, after),
        Column("N before the middle", "N", scenario, before),
        Column("N after the middle", "N", scenario, after),
        Column("N weeks 9 to 16 after", "N", scenario, later),
        Column("of the earlier N", "N_kept", scenario, later),
        Column("weeks to recover", "weeks_to_recover", scenario),
    ]
    attention = [
        Column("more than greedy, before", "over_greedy", scenario, before),
        Column("more than greedy, after", "over_greedy", scenario, after),
        Column("share of chance", "exploration_share", scenario, year),
        Column("HHI of ports, before", "port_hhi", scenario, before),
        Column("HHI of ports, after", "port_hhi", scenario, after),
        Column("largest port's share", "largest_port_share", scenario, year),
        Column("stopped in 100 exams", "stopped_per_100_exams", scenario, year),
    ]
    return [
        (f"{scenario}: events stopped", stopped),
        (f"{scenario}: what chance cost and bought, and where attention went", attention),
    ]


_KINDS_OF_TOTALS = {
    "prevalence": "prevalence",
    "enough finds": "prevalence, enough finds",
    "total": "total, two-sided",
    "doubly robust": "doubly robust",
    "carried": "carried",
}
_KINDS_OF_CHOICES = {
    "capture": "capture share",
    "hit rate": "hit rate of an arm",
    "lift": "lift of an arm",
    "what-if": "what another policy would find",
}

_HONESTY_TABLES = (
    *(
        (
            f"Share of intervals that hold the truth: {about}",
            [Column(title, "coverage", at=kind) for title, kind in kinds.items()],
        )
        for about, kinds in (
            ("how much there is", _KINDS_OF_TOTALS),
            ("choices", _KINDS_OF_CHOICES),
        )
    ),
    (
        "Errors of estimates of the share of items with a find, all ports together",
        [
            Column(f"{figure.replace('_', ' ')}, {kind}", figure, at=kind)
            for figure in ("relative_bias", "rmse")
            for kind in ("naive", "weighted", "helped")
        ],
    ),
    (
        "What is said where little is known",
        [
            Column(kind, "share", at=kind)
            for kind in ("answers with enough finds", "items out of reach", "what-if refused")
        ],
    ),
)

BENCHES: dict[str, Bench] = {
    bench.name: bench
    for bench in (
        Bench(
            "quality",
            run_quality,
            full=Request("small", tuple(range(1, 11)), scale=1.0, weeks=52),
            quick=Request("demo", (1, 2, 3), scale=0.4, weeks=12),
            tables=_QUALITY_TABLES,
            plots=lambda figures: {"quality": capture_plot(figures)},
        ),
        Bench(
            "loop",
            run_loop,
            full=Request("small", tuple(range(1, 11)), scale=0.3, weeks=52),
            quick=Request("small", (1,), scale=0.1, weeks=52, brief=True),
            tables=[table for scenario in _SCENARIOS for table in _loop_tables(scenario)],
            plots=lambda figures: {
                f"loop-{scenario}": weeks_plot(figures, scenario) for scenario in _SCENARIOS
            },
        ),
        Bench(
            "honesty",
            run_honesty,
            full=Request("demo", tuple(range(1, 11)), scale=1.0, weeks=24),
            quick=Request("demo", (1, 2), scale=0.3, weeks=12),
            tables=_HONESTY_TABLES,
            plots=lambda figures: {"honesty": coverage_plot(figures)},
        ),
        Bench(
            "speed",
            run_speed,
            full=SpeedRequest("demo", (1, 2, 3, 4, 5), scale=1.0, weeks=12),
            quick=SpeedRequest("demo", (1,), scale=0.1, weeks=6, brief=True, peers=False),
            tables=SPEED_TABLES,
            plots=lambda figures: {
                "speed-growth": growth_plot(figures),
                "speed-servers": servers_plot(figures),
            },
        ),
        Bench(
            "durability",
            run_durability,
            full=DurabilityRequest((1,), Counts()),
            quick=DurabilityRequest((1,), BRIEF, brief=True),
            tables=DURABILITY_TABLES,
            plots=lambda figures: {"durability": counts_plot(figures)},
        ),
    )
}


def run_bench(
    bench: Bench, request: Asked, out: Path, started_at: datetime, progress: Progress | None
) -> tuple[dict[str, Any], list[Path]]:
    """Run a benchmark and write what it found.

    Parameters
    ----------
    bench : Bench
        Which.
    request : Asked
        What is wanted, of the kind that the benchmark has by default.
    out : Path
        Folder for `result.json`, `report.html` and the plots; made if absent.
    started_at : datetime
        The time now, UTC.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    result : dict
        What `result.json` holds.
    paths : list of Path
        What was written. Without the extra `report` there are no plots.
    """
    began, spent = monotonic(), _cpu_seconds()
    answer = bench.run(request, progress)
    timings = Timings(started_at, monotonic() - began, _cpu_seconds() - spent)
    result = make_result(bench.name, request, answer, timings)
    path = write_result(result, out)
    plots = bench.plots(result["figures"]) if can_plot() else {}
    return result, [path, *write_report(result, bench.lay_out(result), plots, out)]


def _cpu_seconds() -> float:
    own, children = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
