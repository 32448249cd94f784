"""`weir-train tune`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from training.cli.options import DataFolder, Until
from training.cli.progress import progress_bar


def tune(  # noqa: PLR0913, PLR0917 - one parameter per option
    data: DataFolder,
    out: Annotated[Path, typer.Option(help="JSON file of parameters, for `fit --params`.")],
    store: Annotated[
        Path, typer.Option(help="SQLite file of the trials; a search that is there goes on.")
    ] = Path("tune.sqlite"),
    until: Until = None,
    trials: Annotated[
        int, typer.Option(min=1, help="Trials altogether, those in the store included.")
    ] = 40,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search and of the fits.")] = 1,
) -> None:
    """Search for parameters of the trees on temporal folds of what was inspected."""
    from training.dataset import labelled  # noqa: PLC0415 - keeps --help quick
    from training.score import require_file_place  # noqa: PLC0415 - as above
    from training.tables import read_tables  # noqa: PLC0415 - as above
    from training.tune import tune as search  # noqa: PLC0415 - as above

    require_file_place(out)
    require_file_place(store)
    tables = read_tables(data)
    inspected = labelled(tables if until is None else tables.known_before(until))
    with progress_bar() as bar:
        task = bar.add_task("Trials", total=trials)
        found, area = search(
            inspected,
            store,
            n_trials=trials,
            seed=seed,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    out.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    typer.echo(f"Area under the ROC curve {area:.4f} on later finds; parameters in {out}")
