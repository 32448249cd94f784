"""`weir-train bench`: comparisons that anybody can run again."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.options import now
from training.cli.progress import progress_bar

app = typer.Typer(help="Compare, and write what came out.", no_args_is_help=True)


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

    from training.cli.tables import steps  # noqa: PLC0415 - keeps --help quick
    from training.evaluation.foreign import compare, meets_target  # noqa: PLC0415 - as above

    with progress_bar() as bar:
        found = compare(
            out,
            created_at=now(),
            n_trials=trials,
            n_jobs=os.cpu_count() or 1,
            progress=steps(bar),
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
