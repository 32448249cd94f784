"""`weir bench`: proofs that need a store and take a while."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.guard import one_line_errors

app = typer.Typer(
    help="Prove what the documents claim; exit code 1 if it fails.", no_args_is_help=True
)

MOST_RATIO = 1.5
"""Largest cost of an item over the smallest that still counts as flat."""
MOST_SHARE = 0.2
"""Largest cost of an item in a micro-batch over the cost of one alone."""

Database = Annotated[
    str | None,
    typer.Option(
        envvar="WEIR_BENCH_DATABASE_URL",
        help="URL of an empty database to use and leave filled; by default a SQLite file that is"
        " deleted.",
    ),
]


@app.command("replay")
def replay(
    data: Annotated[Path, typer.Option(help="Folder with items, inspections, signals.")],
    items: Annotated[int, typer.Option(min=1, help="Items to replay, from the first.")] = 50_000,
    database: Database = None,
) -> None:
    """Compare the features of simulated items through the store with those from the tables."""
    with one_line_errors():
        from rich.progress import Progress  # noqa: PLC0415 - keeps --help quick

        from service.proof.replay import read_data  # noqa: PLC0415 - as above
        from service.proof.replay import replay as run  # noqa: PLC0415 - as above
        from service.proof.scratch import scratch_store  # noqa: PLC0415 - as above

        tables = read_data(data, items)
        with Progress(transient=True) as bars, scratch_store(database) as store:
            task = bars.add_task("items", total=None)
            told = run(
                tables, store, lambda done, total: bars.update(task, completed=done, total=total)
            )
        for name, n_items in told.differing.items():
            typer.echo(f"{name} differs in {n_items} items")
        typer.echo(
            f"{told.n_items:,} items x {told.n_features} features: "
            f"{sum(told.differing.values())} differences"
        )
        typer.echo(
            f"{told.single_us:.0f} us for an item alone, {told.batch_us:.0f} us in a micro-batch: "
            f"{told.batch_share:.2f} of it (aim {MOST_SHARE:.2f})"
        )
        raise typer.Exit(bool(told.differing))


@app.command("flatness")
def flatness(
    most: Annotated[
        int, typer.Option(min=1_000, help="Past items of the busiest entity.")
    ] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is asked.")] = 200,
    database: Database = None,
) -> None:
    """Measure an item of an entity with ten past items against one with a million."""
    with one_line_errors():
        from rich.progress import Progress  # noqa: PLC0415 - keeps --help quick

        from service.proof.flatness import SIZES  # noqa: PLC0415 - as above
        from service.proof.flatness import flatness as run  # noqa: PLC0415 - as above
        from service.proof.scratch import scratch_store  # noqa: PLC0415 - as above

        sizes = [size for size in SIZES if size <= most]
        with Progress(transient=True) as bars, scratch_store(database) as store:
            task = bars.add_task("entities", total=len(sizes))
            costs = run(
                store, lambda done, _: bars.update(task, completed=done), sizes=sizes, rounds=rounds
            )
        for cost in costs:
            typer.echo(f"{cost.n_events:>9,} past items: {cost.item_us:>6.0f} us an item")
        ratio = max(cost.item_us for cost in costs) / min(cost.item_us for cost in costs)
        typer.echo(f"largest over smallest: {ratio:.2f} (at most {MOST_RATIO})")
        raise typer.Exit(ratio > MOST_RATIO)
