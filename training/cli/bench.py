"""`weir-train bench`: proofs of what is learned and computed offline."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli.bench_fit import fit
from training.cli.bench_learning import learning
from training.cli.options import now
from training.cli.progress import progress_bar, step_bars
from training.cli.verdict import end_with

if TYPE_CHECKING:
    from pydantic import JsonValue

app = typer.Typer(help="Prove what is learned and computed offline.", no_args_is_help=True)
app.command("learning")(learning)
app.command("fit")(fit)

Out = Annotated[
    Path | None, typer.Option(help="Folder for result.json; by default nothing is kept.")
]
Seed = Annotated[int, typer.Option(min=0, help="Decides everything that is drawn.")]

Data = Annotated[
    Path | None, typer.Option(help="A data folder; by default a world is simulated for it.")
]
World = Annotated[str, typer.Option(help="World to simulate.")]
Weeks = Annotated[int, typer.Option(min=1, help="Weeks to simulate.")]
Scale = Annotated[float, typer.Option(min=1e-6, max=1.0, help="Share of the world's actors.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads.")]


@app.command("reasons")
def reasons(  # noqa: PLR0913, PLR0917 - the size of a model is three numbers
    rows: Annotated[int, typer.Option(min=1, help="Rows explained in a round.")] = 5_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is asked, in turn.")] = 5,
    trees: Annotated[int, typer.Option(min=1, help="Trees of the model.")] = 200,
    leaves: Annotated[int, typer.Option(min=2, help="Most leaves of a tree.")] = 31,
    depth: Annotated[int, typer.Option(min=1, max=6, help="Greatest depth of a tree.")] = 6,
    seed: Seed = 1,
    out: Out = None,
) -> None:
    """Compare our exact reasons with LightGBM's pred_contrib, in pace and in value."""
    from training.evaluation.reasons import (  # noqa: PLC0415 - keeps --help quick
        MOST_DIFFERENCE,
        MOST_SHARE,
        Shape,
        compare_reasons,
    )

    with progress_bar() as bar:
        task = bar.add_task("Rounds", total=rounds)
        found = compare_reasons(
            Shape(trees, leaves, depth),
            n_rows=rows,
            n_rounds=rounds,
            seed=seed,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    typer.echo(
        f"{found.n_rows:,} rows a round, {trees} trees: {found.ours:,.0f} rows/s, "
        f"pred_contrib {found.theirs:,.0f} rows/s: {found.share:.3f} of its time"
    )
    typer.echo(f"largest difference {found.largest_difference:.1e}")
    told = f"at most {MOST_SHARE:.3f} of the time, within {MOST_DIFFERENCE:g}"
    end_with(out, told, dict(found._asdict()), met=found.met)


@app.command("features")
def features(  # noqa: PLR0913, PLR0917 - one parameter per option
    data: Data = None,
    world: World = "small",
    weeks: Weeks = 12,
    scale: Scale = 1.0,
    seed: Seed = 1,
    sizes: Annotated[
        list[int] | None,
        typer.Option("--items", min=1, help="Items, ascending; by default 1, 3 and 10 million."),
    ] = None,
    threads: Threads = 2,
    out: Out = None,
) -> None:
    """Time tables becoming X beside the champion's prediction on it; state the peak of memory."""
    from training.evaluation.features_pace import (  # noqa: PLC0415 - keeps --help quick
        MOST_RATIO,
        MOST_SLOPE,
        measure_pace,
        slope,
    )
    from training.evaluation.folders import Source, data_folder  # noqa: PLC0415 - as above

    source = Source(data, world, seed, weeks, scale)
    wanted = sorted(sizes or [1_000_000, 3_000_000, 10_000_000])
    with step_bars() as told, data_folder(source, told) as folder:
        paces = measure_pace(folder, wanted, n_threads=threads, progress=told)
    for pace in paces:
        typer.echo(
            f"{pace.n_items:>12,} items: {pace.items_per_second:>9,.0f} a second "
            f"({pace.cpu_seconds / pace.n_items * 1e6:.1f} us of processor each), "
            f"{pace.ratio:.1f} times the prediction, peak {pace.peak_bytes / 2**20:,.0f} MiB"
        )
    time_slope = slope([pace.matrix_seconds / pace.n_items for pace in paces])
    memory_slope = slope([pace.peak_bytes / pace.n_items for pace in paces])
    typer.echo(f"most over fewest, an item: {time_slope:.2f} of time, {memory_slope:.2f} of memory")
    met = max(time_slope, memory_slope) <= MOST_SLOPE and all(
        pace.ratio <= MOST_RATIO for pace in paces
    )
    end_with(
        out,
        f"at most {MOST_RATIO:g} times the prediction, {MOST_SLOPE:g} times linear",
        {
            "source": {**source.stated()},
            "paces": [{**asdict(pace)} for pace in paces],
            "time_slope": time_slope,
            "memory_slope": memory_slope,
        },
        met=met,
    )


@app.command("ablation")
def ablation(  # noqa: PLR0913, PLR0917 - one parameter per option
    data: Data = None,
    world: World = "small",
    weeks: Weeks = 12,
    scale: Scale = 1.0,
    seed: Seed = 1,
    threads: Threads = 2,
    out: Out = None,
) -> None:
    """Fit without each group of features in turn, and judge each by the truth of later items."""
    from training.evaluation.features_ablation import CAPACITY, ablate  # noqa: PLC0415 - as below
    from training.evaluation.folders import Source, data_folder  # noqa: PLC0415 - keeps --help quick

    source = Source(data, world, seed, weeks, scale)
    with step_bars() as told, data_folder(source, told) as folder:
        found = ablate(folder, seed=seed, n_threads=threads, progress=told)
    typer.echo(
        f"fitted on {found.n_finds} finds; {found.n_items:,} later items, "
        f"{found.n_illicit} illicit in truth; captured at {CAPACITY:.0%} capacity "
        "(95 %):"
    )
    whole = found.models[0].capture
    for model in found.models:
        name = f"without {model.without}" if model.without else "all features"
        typer.echo(
            f"{name:<16} {model.n_features:>4} features {model.capture:.3f} "
            f"({model.low:.3f} to {model.high:.3f}), {model.capture - whole:+.3f}"
        )
    result: dict[str, JsonValue] = {
        "source": {**source.stated()},
        "n_finds": found.n_finds,
        "n_items": found.n_items,
        "n_illicit": found.n_illicit,
        "models": [{**model._asdict()} for model in found.models],
    }
    end_with(out, "all features capture more than chance", result, met=whole > CAPACITY)


@app.command("future")
def future(  # noqa: PLR0913, PLR0917 - one parameter per option
    data: Data = None,
    world: World = "small",
    weeks: Weeks = 12,
    scale: Scale = 1.0,
    seed: Seed = 1,
    cuts: Annotated[int, typer.Option(min=1, help="Moments at which tables are cut.")] = 5,
    out: Out = None,
) -> None:
    """Hold X from whole tables against X from tables cut at a moment, byte by byte."""
    from training.evaluation.features_future import (  # noqa: PLC0415 - keeps --help quick
        compare_futures,
        cut_moments,
    )
    from training.evaluation.folders import Source, data_folder  # noqa: PLC0415 - as above
    from training.tables import read_tables  # noqa: PLC0415 - as above

    source = Source(data, world, seed, weeks, scale)
    with step_bars() as told, data_folder(source, told) as folder:
        tables = read_tables(folder)
        found = compare_futures(tables, cut_moments(tables, cuts), told)
    for cut in found:
        verdict = "equal" if cut.equal else f"differ in {', '.join(cut.differing)}"
        typer.echo(
            f"before {cut.at:%Y-%m-%d %H:%M}: {cut.n_items:,} items, "
            f"{cut.n_rows_after:,} rows cut off, {verdict}"
        )
    result: dict[str, JsonValue] = {
        "source": {**source.stated()},
        "cuts": [{**cut._asdict(), "at": cut.at.isoformat()} for cut in found],
    }
    end_with(out, "the same bytes", result, met=all(cut.equal for cut in found))


@app.command("foreign")
def foreign(
    out: Annotated[Path, typer.Option(help="Folder for tables, mappings and figures.")],
    trials: Annotated[
        int, typer.Option(min=1, help="Settings that the tuned LightGBM may try.")
    ] = 30,
    only: Annotated[
        list[str] | None, typer.Option(help="A table by its name; may be given again. All if not.")
    ] = None,
) -> None:
    """Hold models of public tables against LightGBM on integer codes, tuned at random."""
    import os  # noqa: PLC0415 - as below

    from training.evaluation.foreign import (  # noqa: PLC0415 - keeps --help quick
        compare,
        meets_target,
    )

    with step_bars() as told:
        found = compare(
            out,
            created_at=now(),
            n_trials=trials,
            n_jobs=os.cpu_count() or 1,
            progress=told,
            only=only or (),
        )
    for name, stated in found.items():
        model, codes = stated["model"], stated["codes"]
        typer.echo(
            f"{name}: average precision {model['average_precision']:.4f}, tuned LightGBM on codes"
            f" {codes['average_precision']:.4f}, ECE {model['ece']:.4f}"
            f" ({model['ece_by_chance']:.4f} by chance):"
            f" {'met' if meets_target(stated) else 'missed'}"
        )
