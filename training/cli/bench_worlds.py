"""`weir-train bench quality`, `loop`, `honesty`: benchmarks on worlds that the caller names."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli.bench_run import run, show

if TYPE_CHECKING:
    from training.evaluation.request import Request

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
    asked = request_for("quality", world, seeds, scale, weeks, jobs, quick=quick)
    run("quality", replace(asked, scores=scores, policy=policy), out)


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
    run("loop", request_for("loop", world, seeds, scale, weeks, jobs, quick=quick), out)


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
    run("honesty", request_for("honesty", world, seeds, scale, weeks, jobs, quick=quick), out)


def request_for(  # noqa: PLR0913, PLR0917 - one parameter per option
    name: str,
    world: str | None,
    seeds: str | None,
    scale: float | None,
    weeks: int | None,
    jobs: int,
    *,
    quick: bool,
) -> "Request":
    """Make the request of a benchmark that runs on worlds, from what the caller gave.

    Parameters
    ----------
    name : str
        The benchmark.
    world, seeds, scale, weeks : optional
        What is not given is as usual for it.
    jobs : int
        Worlds side by side.
    quick : bool
        Whether a small run is the usual one.

    Returns
    -------
    Request
        What to run.
    """
    from training.evaluation.benches import BENCHES  # noqa: PLC0415 - keeps --help quick
    from training.evaluation.request import Request, parse_seeds  # noqa: PLC0415 - keeps --help quick

    usual = BENCHES[name].quick if quick else BENCHES[name].full
    assert isinstance(usual, Request)  # noqa: S101 - of the benchmarks that come here
    return replace(
        usual,
        world=world or usual.world,
        seeds=parse_seeds(seeds) if seeds is not None else usual.seeds,
        scale=scale or usual.scale,
        weeks=weeks or usual.weeks,
        jobs=jobs,
    )


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
    show(console, laid)
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
