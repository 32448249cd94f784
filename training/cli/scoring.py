"""`weir-train score`."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from training.cli import tables
from training.cli.options import ClusterAddress, MaybeDataFolder, Since, warn_of_none
from training.cli.tables import MappingFile, TableFile


def score(  # noqa: PLR0913, PLR0917 - a command has many options, all named
    bundle: Annotated[Path, typer.Option(help="The bundle's folder.")],
    out: Annotated[
        Path,
        typer.Option(help="The file to write: item_id, risk; for a table id, risk. CSV if .csv."),
    ],
    data: MaybeDataFolder = None,
    since: Since = None,
    matrices: Annotated[
        Path | None,
        typer.Option(
            help="Instead of --data: a folder of files that `weir-train matrix` wrote, read in"
            " row groups."
        ),
    ] = None,
    cluster: ClusterAddress = None,
    table: TableFile = None,
    mapping: MappingFile = None,
) -> None:
    """Score a data folder's items, each as of its own moment, or every row of a table."""
    if cluster is not None and matrices is None:
        raise typer.BadParameter("--cluster goes with --matrices; see `weir-train matrix`")
    if matrices is not None:
        if (data, since, table, mapping) != (None, None, None, None):
            raise typer.BadParameter("with --matrices give no --data, --from, --table or --mapping")
        _score_matrices(bundle, matrices, out, cluster)
        return
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
    warn_of_none(scores.height, data)


def _score_matrices(bundle: Path, matrices: Path, out: Path, address: str | None) -> None:
    from models.bundle import load_bundle  # noqa: PLC0415 - keeps --help quick
    from models.signing import trusted_keys  # noqa: PLC0415 - as above
    from models.state import state_dir  # noqa: PLC0415 - as above
    from training.batch import score_matrices  # noqa: PLC0415 - as above
    from training.cluster import cluster, score_partitions  # noqa: PLC0415 - as above
    from training.score import (  # noqa: PLC0415 - as above
        require_file_place,
        verify_for_items,
        write_aside,
        write_whole,
    )

    require_file_place(out)
    verified = verify_for_items(bundle, trusted_keys(state_dir()))
    if address is None:
        score = partial(score_matrices, matrices, load_bundle(verified), csv=out.suffix == ".csv")
        typer.echo(f"{write_aside(score, out):,} scores in {out}")
        return
    with cluster(address) as client:
        scores = score_partitions(client, matrices, verified)
    write_whole(scores, out)
    typer.echo(f"{scores.height:,} scores in {out}")
