"""`weir import`."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.guard import one_line_errors, open_store, read_moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import TaskID

    from service.importing.check import Progress, Step


def import_history(
    data: Annotated[
        Path,
        typer.Option(
            help="Folder with items, decisions, inspections, signals, outcomes as .parquet."
        ),
    ],
) -> None:
    """Load a history with its own times, while servers go on.

    The whole folder is checked before anything is written. An import that was interrupted goes
    on when it is repeated; until it is done, histories hold a part of the files.
    """
    with one_line_errors():
        from service.clock import now  # noqa: PLC0415 - keeps --help quick
        from service.importing.rows import Importer  # noqa: PLC0415 - as above
        from service.importing.run import import_data  # noqa: PLC0415 - as above
        from service.operating import operator_did  # noqa: PLC0415 - as above
        from service.settings import load_settings  # noqa: PLC0415 - as above
        from service.store.chain import append  # noqa: PLC0415 - as above
        from service.store.tokens import Tokens, claim_token_key  # noqa: PLC0415 - as above

        settings = load_settings()
        store = open_store(settings)
        tokens = Tokens(settings.secret.get_secret_value())
        with store.write() as connection:
            token_key = claim_token_key(connection, tokens, now())
            append(connection, [operator_did("import.started", None, folder=data.name)], now())
        into = Importer(store, tokens, token_key, settings.lane_window)
        with _bars() as progress:
            loaded = import_data(into, data, progress)
        counts = {table: each.n_new for table, each in loaded.items()}
        with store.write() as connection:
            append(connection, [operator_did("import.finished", None, n_new=counts)], now())
        for table, (n_rows, n_new) in loaded.items():
            known = "" if n_new == n_rows else f", {n_rows - n_new} of them stored before"
            typer.echo(f"{table}: {n_rows} rows{known}")
        if not any(each.n_rows for each in loaded.values()):
            typer.echo(f"weir: warning: the tables in {data} hold no rows", err=True)


def export_records(
    since: Annotated[
        str, typer.Option(help="What became known from then on: a day, or a time with its zone.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to make; it must not be there yet.")],
) -> None:
    """Write the records as parquet for learning, with tokens in place of identifiers."""
    with one_line_errors():
        from rich.console import Console  # noqa: PLC0415 - keeps --help quick

        from service.clock import now  # noqa: PLC0415 - as above
        from service.exporting import export_data  # noqa: PLC0415 - as above
        from service.settings import load_settings  # noqa: PLC0415 - as above

        moment = read_moment(since, "--since")
        store = open_store(load_settings())
        with Console(stderr=True).status("exporting") as status:

            def progress(table: str, done: int) -> None:
                status.update(f"{table}: {done:,} rows")

            counts = export_data(store, moment, out, now, progress)
        for table, n_rows in counts.items():
            typer.echo(f"{table}: {n_rows} rows")


@contextmanager
def _bars() -> Iterator[Progress]:
    """Show how far an import is; one that stops says what stays loaded."""
    from rich.console import Console  # noqa: PLC0415 - keeps --help quick
    from rich.progress import Progress as Bars  # noqa: PLC0415 - as above

    tasks: dict[str, TaskID] = {}
    reached: dict[str, str] = {}
    with Bars(transient=True, console=Console(stderr=True)) as bars:

        def progress(step: Step, table: str, done: int, total: int) -> None:
            name = f"{step} {table}"
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done)
            if step == "load":
                reached[table] = f"{table} {done} of {total} rows"

        try:
            yield progress
        except BaseException:
            bars.stop()
            if reached:
                stays = ", ".join(reached.values())
                advice = "the same command goes on from there"
                typer.echo(f"weir: stopped; loaded: {stays}; {advice}", err=True)
            raise
