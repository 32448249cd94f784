"""`weir-train matrix` and `fit`."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli import tables
from training.cli.options import (
    ClusterAddress,
    DataFolder,
    MaybeDataFolder,
    Since,
    Until,
    now,
    warn_of_none,
)
from training.cli.progress import progress_bar
from training.cli.tables import MappingFile, TableFile

if TYPE_CHECKING:
    from training.fit import Fitted
    from training.learner import Machines


class Labels(StrEnum):
    """Whose labels a fit learns from."""

    OBSERVED = "observed"
    ALL = "all"


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
    warn_of_none(frame.height, data)


def fit(  # noqa: PLR0913, PLR0917 - a command has many options, all named
    out: Annotated[Path, typer.Option(help="Folder for the bundle; an earlier one is replaced.")],
    data: MaybeDataFolder = None,
    until: Until = None,
    labels: Annotated[
        Labels,
        typer.Option(
            help="What inspections found, or what every item of a simulated world carried: the"
            " ceiling, which cannot be promoted."
        ),
    ] = Labels.OBSERVED,
    params: Annotated[
        Path | None, typer.Option(help="Parameters of the trees, as `weir-train tune` writes them.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the fit.")] = 1,
    cluster: ClusterAddress = None,
    plots: Annotated[
        Path | None,
        typer.Option(help="Folder for plots as SVG; needs the extra report."),
    ] = None,
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
    truth = labels if labels is Labels.ALL else None
    tables.refuse_with_table(
        table, until=until, labels=truth, params=params, cluster=cluster, plots=plots,
        targets=targets,
    )  # fmt: skip
    if table is not None and mapping is not None:
        tables.fit_table(table, mapping, out, seed)
    elif data is not None:
        way = _Way(until, labels, params, seed, cluster, plots, targets)
        _fit_folder(data, out, way)


@dataclass(frozen=True)
class _Way:
    until: datetime | None
    labels: Labels
    params: Path | None
    seed: int
    cluster: str | None
    plots: Path | None
    targets: Path | None


def _fit_folder(data: Path, out: Path, way: _Way) -> None:
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
    from training.parameters import read_parameters  # noqa: PLC0415 - as above

    require_place(out)
    require_key_place(state_dir())
    # read before the data are, so that they are not chosen after what came out
    stored = read_targets(way.targets or DEFAULT_TARGETS, now())
    parameters = read_parameters(way.params)
    with ExitStack() as stack:
        machines = _machines(stack, way.cluster)
        bar = stack.enter_context(progress_bar())
        task = bar.add_task("Fits", total=1)
        parts, fitted = fit_parts(
            data,
            created_at=now(),
            targets=stored,
            until=way.until,
            labels=way.labels.value,
            parameters=parameters,
            machines=machines,
            seed=way.seed,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    # only now: a fit that fails leaves no key behind
    manifest = write_bundle(out, parts, load_or_create_key(state_dir()))
    print_figures(fitted.figures())
    if way.plots is not None:
        _draw(fitted, way.plots)
    for verdict in read_verdicts(stored, parts.evaluation):
        typer.echo(f"Target: {told(verdict)}")
    typer.echo(f"Bundle {manifest.version} in {out}, signed with key {manifest.signer}")


def _machines(stack: ExitStack, address: str | None) -> "Machines":
    from training.choosing import HERE  # noqa: PLC0415 - keeps --help quick

    if address is None:
        return HERE
    from training.cluster import OnCluster, cluster  # noqa: PLC0415 - as above

    return OnCluster(stack.enter_context(cluster(address)))


def _draw(fitted: "Fitted", folder: Path) -> None:
    from training.plots import ReportNotInstalled, write_plots  # noqa: PLC0415 - keeps --help quick

    try:
        written = write_plots(fitted, folder)
    except ReportNotInstalled as missing:
        typer.echo(f"weir-train: warning: {missing.detail}", err=True)
    else:
        typer.echo(f"Plots: {', '.join(str(path) for path in written)}")
