"""`weir-train bench fit`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from training.cli.progress import step_bars
from training.cli.verdict import end_with


def fit(
    rows: Annotated[int, typer.Option(min=2_000, help="Labelled rows.")] = 1_000_000,
    threads: Annotated[int, typer.Option(min=1, help="Threads.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Decides everything that is drawn.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Folder for result.json; by default nothing is kept.")
    ] = None,
) -> None:
    """Hold a fit of drawn rows against `lightgbm.train` on them, in time and in memory."""
    from training.evaluation.fit_pace import (  # noqa: PLC0415 - as above
        MOST_TIMES_LARGER,
        MOST_TIMES_LONGER,
        measure_fit,
    )

    with step_bars() as told:
        pace = measure_fit(rows, n_threads=threads, seed=seed, progress=told)
    for name, cost in (("fit", pace.fit), ("lightgbm.train", pace.train)):
        typer.echo(
            f"{name:<14} {cost.n_rounds} trees of {rows:,} rows: {cost.seconds:.1f} s "
            f"({cost.cpu_seconds:.1f} s of processor), peak {cost.peak_bytes / 2**20:,.0f} MiB"
        )
    typer.echo(f"{pace.times_longer:.2f} times the time, {pace.times_larger:.2f} times the memory")
    end_with(
        out,
        f"at most {MOST_TIMES_LONGER:g} times the time and {MOST_TIMES_LARGER:g} the memory",
        {
            **asdict(pace),
            "times_longer": pace.times_longer,
            "times_larger": pace.times_larger,
        },
        met=pace.met,
    )
