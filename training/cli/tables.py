"""Somebody else's table on the command line: drafting a mapping, fitting, scoring."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.options import now
from training.cli.progress import step_bars

TableFile = Annotated[
    Path | None, typer.Option("--table", help="Instead of --data: a CSV or parquet file.")
]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="With --table: the TOML file that maps it.")
]


def require_one_source(data: Path | None, table: Path | None, mapping: Path | None) -> None:
    """Refuse options that do not say what to read, or say it twice.

    Parameters
    ----------
    data, table, mapping : Path, optional
        `--data`, `--table` and `--mapping`.

    Raises
    ------
    typer.BadParameter
        Unless there is either a data folder, or a table with its mapping.
    """
    if (data is None) == (table is None):
        raise typer.BadParameter("give either --data FOLDER or --table FILE with --mapping FILE")
    if (table is None) != (mapping is None):
        raise typer.BadParameter(
            "--table and --mapping go together; `weir-train map TABLE` drafts a mapping"
        )


def refuse_with_table(table: Path | None, **options: object) -> None:
    """Refuse options that mean nothing for a table.

    Parameters
    ----------
    table : Path, optional
        `--table`.
    **options : object
        Option to what was given, None where nothing was.

    Raises
    ------
    typer.BadParameter
        If there is a table and one of them.
    """
    given = [f"--{name}" for name, value in options.items() if value is not None]
    if table is not None and given:
        raise typer.BadParameter(
            f"{', '.join(given)} cannot be used with --table: the mapping names its labels and "
            "cuts its rows, Weir sets its trees, and its bundle cannot be promoted"
        )


def map_table(
    table: Annotated[Path, typer.Argument(help="A CSV or parquet file.")],
    out: Annotated[
        Path | None, typer.Option(help="The mapping to write; without it, it is printed.")
    ] = None,
) -> None:
    """Draft the mapping of somebody else's table: id, time, label, kinds of columns, split."""
    from training.foreign.drafting import draft_mapping  # noqa: PLC0415 - keeps --help quick
    from training.score import require_file_place, write_text_whole  # noqa: PLC0415 - as above

    if out is not None:
        require_file_place(out)
    draft = draft_mapping(table)
    if out is None:
        typer.echo(draft.text, nl=False)
        return
    write_text_whole(draft.text, out)
    typer.echo(f"{draft.n_columns} columns in {out}; look at every line before you fit")


def fit_table(table: Path, mapping: Path, out: Path, seed: int) -> None:
    """Fit a model to a table and write it as a signed bundle.

    Parameters
    ----------
    table, mapping : Path
        The table and its mapping.
    out : Path
        Folder for the bundle.
    seed : int
        Seed of the fit.
    """
    import os  # noqa: PLC0415 - as below

    from models.bundle import require_place, write_bundle  # noqa: PLC0415 - keeps --help quick
    from models.signing import load_or_create_key, require_key_place  # noqa: PLC0415 - as above
    from models.state import state_dir  # noqa: PLC0415 - as above
    from training.cli.figures import print_table_figures  # noqa: PLC0415 - as above
    from training.foreign import bundling  # noqa: PLC0415 - as above
    from training.foreign.mapping import read_mapping  # noqa: PLC0415 - as above

    require_place(out)
    require_key_place(state_dir())
    with step_bars() as told:
        fitted = bundling.fit_table(
            table,
            read_mapping(mapping),
            mapping,
            created_at=now(),
            seed=seed,
            n_jobs=os.cpu_count() or 1,
            progress=told,
        )
    # only now: a fit that fails leaves no key behind
    manifest = write_bundle(out, fitted.parts, load_or_create_key(state_dir()))
    print_table_figures(fitted.test)
    _tell_repeats(fitted.repeats.share, many=fitted.repeats.many)
    typer.echo(f"Bundle {manifest.version} in {out}, signed with key {manifest.signer}")


def _tell_repeats(share: float, *, many: bool) -> None:
    typer.echo(f"{share:.1%} of the test rows have codes seen together before, with their label")
    if many:
        typer.echo(
            "weir-train: warning: so many rows repeat that figures over all of them flatter the"
            " model; go by the figures on unseen rows",
            err=True,
        )


def score_table(table: Path, mapping: Path, bundle: Path, out: Path) -> None:
    """Score the rows of a table and write `id, risk`.

    Parameters
    ----------
    table, mapping : Path
        The table and its mapping.
    bundle : Path
        A bundle that was fitted on such a table.
    out : Path
        The file to write, CSV or parquet by its name.
    """
    from models.signing import trusted_keys  # noqa: PLC0415 - keeps --help quick
    from models.state import state_dir  # noqa: PLC0415 - as above
    from training.foreign import scoring  # noqa: PLC0415 - as above
    from training.foreign.mapping import read_mapping  # noqa: PLC0415 - as above
    from training.score import require_file_place, write_whole  # noqa: PLC0415 - as above

    require_file_place(out)
    trusted = trusted_keys(state_dir())
    scores = scoring.score_table(table, read_mapping(mapping), bundle, trusted)
    write_whole(scores, out)
    typer.echo(f"{scores.height:,} scores in {out}")
