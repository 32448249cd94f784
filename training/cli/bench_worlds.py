"""`weir-train bench quality`, `loop`, `honesty`: benchmarks on worlds that the caller names."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli.options import now
from training.cli.progress import progress_bar

if TYPE_CHECKING:
    from rich.console import Console

    from training.evaluation.request import Request
    from training.evaluation.tables import Laid

Out = Annotated[
    Path, typer.Option(help="Folder for result.json, report.html and the plots; made if absent.")
]
World = Annotated[str | None, typer.Option(help="A world by name, or the path of a world file.")]
Seeds = Annotated[str | None, typer.Option(help="Worlds to run, such as 1-3,7.")]
Scale = Annotated[
    float | None, typer.Option(min=1e-6, max=1.0, help="Share of the world's actors to keep.")
]
Weeks = Annotated[int | None, typer.Option(min=1, max=520, help="Weeks of each world.")]
Jobs = Annotated[int, typer.Option(min=1, help="Worlds that run side by side.")]
Quick = Annotated[
    bool, typer.Option("--quick", help="A small run that shows the same figures with less to say.")
]


def quality(  # noqa: PLR0913, PLR0917 - one parameter per option
    out: Out,
    world: World = None,
    seeds: Seeds = None,
    scale: Scale = None,
    weeks: Weeks = None,
    jobs: Jobs = 1,
    scores: Annotated[
        Path | None,
        typer.Option(help="Judge your own scores too: parquet of item_id, risk (and seed)."),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(metavar="FILE.py:NAME", help="Judge your own policy too; this runs the file."),
    ] = None,
    *,
    quick: Quick = False,
) -> None:
    """Rank the same weeks by every policy: captures, hits, calibration, normalised capture."""
    asked = _request("quality", world, seeds, scale, weeks, jobs, quick=quick)
    _run("quality", replace(asked, scores=scores, policy=policy), out)


def loop(  # noqa: PLR0913, PLR0917 - one parameter per option
    out: Out,
    world: World = None,
    seeds: Seeds = None,
    scale: Scale = None,
    weeks: Weeks = None,
    jobs: Jobs = 1,
    *,
    quick: Quick = False,
) -> None:
    """Live a year week by week, with refits: what chance costs and buys, where attention goes."""
    _run("loop", _request("loop", world, seeds, scale, weeks, jobs, quick=quick), out)


def honesty(  # noqa: PLR0913, PLR0917 - one parameter per option
    out: Out,
    world: World = None,
    seeds: Seeds = None,
    scale: Scale = None,
    weeks: Weeks = None,
    jobs: Jobs = 1,
    *,
    quick: Quick = False,
) -> None:
    """Hold every interval that the product states against the hidden truth."""
    _run("honesty", _request("honesty", world, seeds, scale, weeks, jobs, quick=quick), out)


def everything(
    out: Annotated[Path, typer.Option(help="Folder; each benchmark gets a folder in it.")],
    seeds: Seeds = None,
    jobs: Jobs = 1,
    *,
    quick: Quick = False,
) -> None:
    """Run quality, loop and honesty, each on its own world."""
    from training.evaluation.benches import BENCHES  # noqa: PLC0415 - keeps --help quick

    for name in BENCHES:
        _run(name, _request(name, None, seeds, None, None, jobs, quick=quick), out / name)


def _request(  # noqa: PLR0913, PLR0917 - one parameter per option
    name: str,
    world: str | None,
    seeds: str | None,
    scale: float | None,
    weeks: int | None,
    jobs: int,
    *,
    quick: bool,
) -> "Request":
    from training.evaluation.benches import BENCHES  # noqa: PLC0415 - keeps --help quick
    from training.evaluation.request import parse_seeds  # noqa: PLC0415 - as above

    usual = BENCHES[name].quick if quick else BENCHES[name].full
    return replace(
        usual,
        world=world or usual.world,
        seeds=parse_seeds(seeds) if seeds is not None else usual.seeds,
        scale=scale or usual.scale,
        weeks=weeks or usual.weeks,
        jobs=jobs,
    )


def _run(name: str, request: "Request", out: Path) -> None:
    from rich.console import Console  # noqa: PLC0415 - keeps --help quick

    from training.evaluation.benches import BENCHES, run_bench  # noqa: PLC0415 - as above
    from training.evaluation.plots import can_plot  # noqa: PLC0415 - as above

    bench = BENCHES[name]
    with progress_bar() as bar:
        tasks = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        result, paths = run_bench(bench, request, out, now(), told)
    console = Console()
    given = request.parameters()
    console.print(
        f"{name}: {given['world']}, scale {given['scale']:g}, {given['weeks']} weeks, seeds"
        f" {', '.join(map(str, given['seeds']))}. Medians over worlds; intervals are in the report."
    )
    for laid in bench.lay_out(result, short=True):
        _print(console, laid)
    console.print(result["caution"], style="dim")
    timings = result["timings"]
    console.print(
        f"{timings['wall_seconds']:.0f} s, of processors {timings['cpu_seconds']:.0f} s. Written:"
        f" {', '.join(str(path) for path in paths)}",
        soft_wrap=True,
    )
    if not can_plot():
        console.print("No plots: install weir[report] to draw them.")


def _print(console: "Console", laid: "Laid") -> None:
    from rich.table import Table  # noqa: PLC0415 - keeps --help quick

    table = Table(title=laid.title)
    for place, head in enumerate(laid.head):
        table.add_column(head, justify="right" if place else "left", no_wrap=not place)
    for row in laid.rows:
        table.add_row(*row)
    console.print(table)


def compare(
    first: Annotated[Path, typer.Argument(help="A folder that a benchmark wrote.")],
    second: Annotated[Path, typer.Argument(help="Another, of the same benchmark.")],
    part: Annotated[str, typer.Option(help="Which part of the items.")] = "all",
    figure: Annotated[
        str | None, typer.Option(help="Only this figure, such as N or capture_events.")
    ] = None,
) -> None:
    """Put two results side by side, seed by seed."""
    from rich.console import Console  # noqa: PLC0415 - keeps --help quick

    from training.evaluation.result import read_result  # noqa: PLC0415 - as above
    from training.evaluation.tables import compare as side_by_side  # noqa: PLC0415 - as above

    results = (read_result(first), read_result(second))
    laid, warnings = side_by_side(*results, part=part, figure=figure)
    console = Console()
    _print(console, laid)
    for warning in warnings:
        console.print(f"Differs: {warning}", soft_wrap=True)


def page(
    results: Annotated[list[Path], typer.Argument(help="Folders that benchmarks wrote.")],
    page: Annotated[Path, typer.Option(help="The page to write into; made if absent.")],
    front: Annotated[
        Path | None, typer.Option(help="A page for at most ten headlines, each with its command.")
    ] = None,
) -> None:
    """Write results into a page of Markdown: tables, plots, date, machine and command."""
    from training.evaluation.page import write_page  # noqa: PLC0415 - keeps --help quick

    written = write_page(results, page, front)
    typer.echo(f"Written: {', '.join(str(path) for path in written)}")
