"""`weir-train matrix`, `fit` and `score`."""

from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli.options import DataFolder, Since, Until, now
from training.cli.progress import progress_bar

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
    _warn_of_none(frame.height, data)


def fit(  # noqa: PLR0913, PLR0917 - one parameter per option
    data: DataFolder,
    out: Annotated[Path, typer.Option(help="Folder for the bundle; an earlier one is replaced.")],
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
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Grow trees on a Dask cluster: tcp://host:port, or local for two workers here.",
        ),
    ] = None,
    plots: Annotated[
        Path | None,
        typer.Option(help="Folder for plots as SVG; needs the extra report."),
    ] = None,
) -> None:
    """Fit a calibrated risk on what was inspected, and write it as a signed bundle."""
    from models.bundle import require_place, write_bundle  # noqa: PLC0415 - keeps --help quick
    from models.signing import load_or_create_key, require_key_place  # noqa: PLC0415 - as above
    from models.state import state_dir  # noqa: PLC0415 - as above
    from training.bundling import fit_parts  # noqa: PLC0415 - as above
    from training.cli.figures import print_figures  # noqa: PLC0415 - as above
    from training.parameters import read_parameters  # noqa: PLC0415 - as above

    require_place(out)
    require_key_place(state_dir())
    parameters = read_parameters(params)
    with ExitStack() as stack:
        machines = _machines(stack, cluster)
        bar = stack.enter_context(progress_bar())
        task = bar.add_task("Fits", total=1)
        parts, fitted = fit_parts(
            data,
            created_at=now(),
            until=until,
            labels=labels.value,
            parameters=parameters,
            machines=machines,
            seed=seed,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    # only now: a fit that fails leaves no key behind
    manifest = write_bundle(out, parts, load_or_create_key(state_dir()))
    print_figures(fitted.figures())
    if plots is not None:
        _draw(fitted, plots)
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


def score(
    bundle: Annotated[Path, typer.Option(help="The bundle's folder.")],
    data: DataFolder,
    out: Annotated[Path, typer.Option(help="The parquet file to write: item_id, risk.")],
    since: Since = None,
) -> None:
    """Score the items of a data folder with a bundle, each as of its own moment."""
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
