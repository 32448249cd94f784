"""`weir-train bench learning`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli.progress import progress_bar

if TYPE_CHECKING:
    from training.evaluation.learning import WorldOfLearning


def learning(
    out: Annotated[Path, typer.Option(help="Folder for learning.json; made if absent.")],
    world: Annotated[
        str, typer.Option(help="A world by name, or the path of a world file.")
    ] = "small",
    seeds: Annotated[str, typer.Option(help="Worlds to run, such as 1-3,7.")] = "1-5",
    weeks: Annotated[int, typer.Option(min=4, max=520, help="Weeks of each world.")] = 52,
    scale: Annotated[
        float, typer.Option(min=1e-6, max=1.0, help="Share of the world's actors to keep.")
    ] = 1.0,
) -> None:
    """How much of what a ceiling captures is captured from observed labels, world by world."""
    from features.errors import WeirError  # noqa: PLC0415 - keeps --help quick
    from training.evaluation.learning import measure  # noqa: PLC0415 - as above
    from training.evaluation.learning_report import (  # noqa: PLC0415 - as above
        parse_seeds,
        write_learning,
    )
    from training.simulation.run import DEFAULT_START  # noqa: PLC0415 - as above
    from training.simulation.setting import Setting  # noqa: PLC0415 - as above
    from training.simulation.world import load_world  # noqa: PLC0415 - as above

    numbers, described = parse_seeds(seeds), load_world(world, {})
    out.mkdir(parents=True, exist_ok=True)
    measured = []
    left_out: dict[str, str] = {}
    with progress_bar() as bar:
        task = bar.add_task("Worlds", total=len(numbers))
        for seed in numbers:
            setting = Setting(described, seed, DEFAULT_START, scale)
            try:
                measured.append(
                    measure(setting, weeks, lambda words: bar.update(task, description=words))
                )
            except WeirError as few:  # a world with too few finds says nothing of the others
                left_out[str(seed)] = few.detail
            bar.advance(task)
    place = write_learning(out, measured, world=world, weeks=weeks, scale=scale, left_out=left_out)
    _print(measured)
    for left, why in left_out.items():
        typer.echo(f"seed {left} left out: {why}")
    typer.echo(f"All figures in {place}")
    if not measured:
        raise typer.Exit(1)


def _print(measured: "list[WorldOfLearning]") -> None:
    from rich.console import Console  # noqa: PLC0415 - keeps --help quick
    from rich.table import Table  # noqa: PLC0415 - as above

    from training.card import CAUTION  # noqa: PLC0415 - as above
    from training.evaluation.learning_report import (  # noqa: PLC0415 - as above
        COLUMNS,
        curve_rows,
        table_rows,
    )

    console = Console()
    table = Table(*COLUMNS, title="Learning from observed labels, judged on later weeks")
    for row in table_rows(measured):
        table.add_row(*row)
    console.print(table)
    curve = Table("finds learned from", "N at 1 %", "N at 2 %", title="Median over the worlds")
    for row in curve_rows(measured):
        curve.add_row(*row)
    if curve.row_count:
        console.print(curve)
    console.print(CAUTION, style="dim")
