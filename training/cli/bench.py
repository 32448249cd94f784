"""`weir-train bench`: proofs of what is learned and computed offline."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli.progress import progress_bar

if TYPE_CHECKING:
    from pydantic import JsonValue

app = typer.Typer(help="Prove what is learned and computed offline.", no_args_is_help=True)

Out = Annotated[
    Path | None, typer.Option(help="Folder for result.json; by default nothing is kept.")
]
Seed = Annotated[int, typer.Option(min=0, help="Decides everything that is drawn.")]


def _end(out: Path | None, told: str, result: "dict[str, JsonValue]", *, met: bool) -> None:
    """Say whether a target was met, keep the result, and end with 1 if it was missed."""
    from models.documents import write_json  # noqa: PLC0415 - keeps --help quick

    typer.echo(f"target: {told}: {'met' if met else 'MISSED'}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "result.json").write_bytes(write_json(result | {"target": told, "met": met}))
    raise typer.Exit(not met)


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
    _end(out, told, dict(found._asdict()), met=found.met)
