"""How a benchmark that writes a result is run and shown."""

from pathlib import Path
from typing import TYPE_CHECKING

from training.cli.options import now
from training.cli.progress import step_bars

if TYPE_CHECKING:
    from rich.console import Console

    from training.evaluation.request import Asked
    from training.evaluation.tables import Laid


MOST_NAME = 30
"""Longest name, in characters, for which the other columns of a table must make room."""


def run(name: str, request: "Asked", out: Path) -> bool:
    """Run a benchmark, write what it found, and show its tables.

    Parameters
    ----------
    name : str
        Which.
    request : Asked
        What is wanted.
    out : Path
        The folder for the result.

    Returns
    -------
    bool
        Whether no target was missed; most benchmarks have none.
    """
    from rich.console import Console  # noqa: PLC0415 - keeps --help quick

    from training.evaluation.benches import BENCHES, run_bench  # noqa: PLC0415 - keeps --help quick
    from training.evaluation.plots import can_plot  # noqa: PLC0415 - keeps --help quick
    from training.evaluation.tables import lay_targets  # noqa: PLC0415 - keeps --help quick

    bench = BENCHES[name]
    with step_bars() as told:
        result, paths = run_bench(bench, request, out, now(), told)
    console = Console()
    console.print(f"{name}: {request.headline()}")
    for laid in (*bench.lay_out(result, short=True), *lay_targets(result)):
        if laid.rows:
            show(console, laid)
    console.print(result["caution"], style="dim")
    timings = result["timings"]
    console.print(
        f"{timings['wall_seconds']:.0f} s, of processors {timings['cpu_seconds']:.0f} s. Written:"
        f" {', '.join(str(path) for path in paths)}",
        soft_wrap=True,
    )
    if not can_plot():
        console.print("No plots: install weir[report] to draw them.")
    return all(target["met"] for target in result["targets"])


def show(console: "Console", laid: "Laid") -> None:
    """Show a table.

    Parameters
    ----------
    console : rich.console.Console
        Where.
    laid : Laid
        The table.
    """
    from rich.table import Table  # noqa: PLC0415 - keeps --help quick

    table = Table(title=laid.title)
    names_fit = max((len(row[0]) for row in laid.rows), default=0) <= MOST_NAME
    for place, head in enumerate(laid.head):
        table.add_column(
            head, justify="right" if place else "left", no_wrap=not place and names_fit
        )
    for row in laid.rows:
        table.add_row(*row)
    console.print(table)
