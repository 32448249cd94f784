"""`weir-train simulate`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from training.cli.options import parse_moment
from training.cli.progress import progress_bar


def simulate(  # noqa: PLR0913, PLR0917 - one parameter per option
    out: Annotated[Path, typer.Option(help="Folder for the tables and world.json.")],
    world: Annotated[
        str, typer.Option(help="A world by name, or the path of a world file.")
    ] = "demo",
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same world, byte for byte.")] = 7,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="Weeks to simulate.")] = 12,
    scale: Annotated[
        float, typer.Option(min=1e-6, max=1.0, help="Share of actors to keep, trips and all.")
    ] = 1.0,
    start: Annotated[
        datetime | None,
        typer.Option(parser=parse_moment, metavar="DATE", help="First day; by default 2025-01-06."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override one number of the world."),
    ] = None,
    *,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Hold the world against the facts instead: a table, and a report with plots in"
            " --out. Exit code 1 unless all pass. The world full runs with four times the national"
            " trafficking beside a twelfth of lawful traffic.",
        ),
    ] = False,
) -> None:
    """Simulate a border: items, signals, decisions, inspections and the hidden truth."""
    from training.cli.facts import check_overrides, print_report  # noqa: PLC0415 - keeps --help quick
    from training.simulation.check import check_world  # noqa: PLC0415 - as above
    from training.simulation.run import simulate as run  # noqa: PLC0415 - as above
    from training.simulation.world import load_world  # noqa: PLC0415 - as above

    given = _overrides(set_ or [])
    first = start.date() if start else None
    with progress_bar() as bar:
        task = bar.add_task(f"World {world}", total=weeks)

        def told(week: int, total: int, _: int) -> None:
            bar.update(task, completed=week, total=total)

        if not check:
            run(
                load_world(world, given),
                seed=seed, weeks=weeks, scale=scale, out=out, start=first, progress=told,
            )  # fmt: skip
            typer.echo(f"{weeks} weeks of {world} (seed {seed}, scale {scale:g}) in {out}")
            return
        report = check_world(
            load_world(world, check_overrides(world, given)),
            seed=seed, weeks=weeks, scale=scale, start=first, progress=told,
        )  # fmt: skip
    print_report(report, out)
    raise typer.Exit(not report.passed)


def _overrides(settings: list[str]) -> dict[str, str]:
    pairs = [setting.partition("=") for setting in settings]
    for key, equals, value in pairs:
        if not (key and equals and value):
            raise typer.BadParameter(f"--set {key}{equals}{value}: write it as key=value")
    return {key: value for key, _, value in pairs}
