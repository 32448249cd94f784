"""`weir-train matrix`, `fit` and `score`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from training.cli import tables
from training.cli.options import DataFolder, MaybeDataFolder, Since, Until, now
from training.cli.progress import progress_bar
from training.cli.tables import MappingFile, TableFile


def matrix(
    data: DataFolder,
    out: Annotated[Path, typer.Option(help="The parquet file to write.")],
    until: Until = None,
    since: Since = None,
) -> None:
    """Compute the features of every item: `item_id`, then one Float32 column per feature."""
    from training.score import (  # noqa: PLC0415 - keeps --help quick
        compute_matrix,
        require_file_place,
        write_whole,
    )

    require_file_place(out)
    frame = compute_matrix(data, since=since, until=until).to_frame()
    write_whole(frame, out)
    typer.echo(f"{frame.height:,} items x {frame.width - 1} features in {out}")
    _warn_of_none(frame.height, data)


def fit(  # noqa: PLR0913, PLR0917 - a command has many options, all named
    out: Annotated[Path, typer.Option(help="Folder for the bundle; an earlier one is replaced.")],
    data: MaybeDataFolder = None,
    until: Until = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the fit.")] = 1,
    targets: Annotated[
        Path | None,
        typer.Option(
            help="TOML of what the figures must reach for the bundle to be promoted; "
            "by default the targets that come with Weir.",
        ),
    ] = None,
    table: TableFile = None,
    mapping: MappingFile = None,
) -> None:
    """Fit a calibrated risk on what was inspected, or on a table; write it as a signed bundle."""
    tables.require_one_source(data, table, mapping)
    tables.refuse_with_table(table, until=until, targets=targets)
    if table is not None and mapping is not None:
        tables.fit_table(table, mapping, out, seed)
    elif data is not None:
        _fit_folder(data, out, until, seed, targets)


def _fit_folder(
    data: Path, out: Path, until: datetime | None, seed: int, targets: Path | None
) -> None:
    from models.bundle import require_place, write_bundle  # noqa: PLC0415 - keeps --help quick
    from models.signing import load_or_create_key, require_key_place  # noqa: PLC0415 - as above
    from models.state import state_dir  # noqa: PLC0415 - as above
    from models.targets import (  # noqa: PLC0415 - as above
        DEFAULT_TARGETS,
        read_targets,
        read_verdicts,
        told,
    )
    from training.bundling import fit_parts  # noqa: PLC0415 - as above
    from training.cli.figures import print_figures  # noqa: PLC0415 - as above
    from training.learner import MOST_ROUNDS  # noqa: PLC0415 - as above

    require_place(out)
    require_key_place(state_dir())
    # read before the data are, so that they are not chosen after what came out
    stored = read_targets(targets or DEFAULT_TARGETS, now())
    with progress_bar() as bar:
        task = bar.add_task("Boosting", total=MOST_ROUNDS)
        parts, fitted = fit_parts(
            data,
            created_at=now(),
            targets=stored,
            until=until,
            seed=seed,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    # only now: a fit that fails leaves no key behind
    manifest = write_bundle(out, parts, load_or_create_key(state_dir()))
    print_figures({"model": fitted.model, "random": fitted.random})
    for verdict in read_verdicts(stored, parts.evaluation):
        typer.echo(f"Target: {told(verdict)}")
    typer.echo(f"Bundle {manifest.version} in {out}, signed with key {manifest.signer}")


def score(  # noqa: PLR0913, PLR0917 - a command has many options, all named
    bundle: Annotated[Path, typer.Option(help="The bundle's folder.")],
    out: Annotated[
        Path,
        typer.Option(help="The file to write: item_id, risk; for a table id, risk. CSV if .csv."),
    ],
    data: MaybeDataFolder = None,
    since: Since = None,
    table: TableFile = None,
    mapping: MappingFile = None,
) -> None:
    """Score a data folder's items, each as of its own moment, or every row of a table."""
    tables.require_one_source(data, table, mapping)
    tables.refuse_with_table(table, **{"from": since})
    if table is not None and mapping is not None:
        tables.score_table(table, mapping, bundle, out)
    elif data is not None:
        _score_folder(bundle, data, out, since)


def _score_folder(bundle: Path, data: Path, out: Path, since: datetime | None) -> None:
    from models.signing import trusted_keys  # noqa: PLC0415 - keeps --help quick
    from models.state import state_dir  # noqa: PLC0415 - as above
    from training.score import (  # noqa: PLC0415 - as above
        open_bundle,
        require_file_place,
        score_folder,
        write_whole,
    )

    require_file_place(out)
    scores = score_folder(data, open_bundle(bundle, trusted_keys(state_dir())), since=since)
    write_whole(scores, out)
    typer.echo(f"{scores.height:,} scores in {out}")
    _warn_of_none(scores.height, data)


def _warn_of_none(n_rows: int, data: Path) -> None:
    if not n_rows:
        typer.echo(
            f"weir-train: warning: {data} holds no item that was asked for, so no rows were "
            "written; look at --from, --until and items.parquet",
            err=True,
        )
