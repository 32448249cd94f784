"""`weir import`."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.guard import one_line_errors, open_store


def import_history(
    data: Annotated[
        Path, typer.Option(help="Folder with items, inspections, signals as .parquet.")
    ],
) -> None:
    """Load a history with its own times; each file whole, or not at all.

    Loading the same files again changes nothing, so an interrupted import is simply repeated.
    """
    with one_line_errors():
        from rich.progress import Progress, TaskID  # noqa: PLC0415 - keeps --help quick

        from service.clock import now  # noqa: PLC0415 - as above
        from service.importing import Importer, import_data  # noqa: PLC0415 - as above
        from service.settings import load_settings  # noqa: PLC0415 - as above
        from service.store.tokens import Tokens, claim_token_key  # noqa: PLC0415 - as above

        settings = load_settings()
        store = open_store(settings)
        tokens = Tokens(settings.secret.get_secret_value())
        with store.write() as connection:
            token_key = claim_token_key(connection, tokens, now())
        tasks: dict[str, TaskID] = {}
        with Progress(transient=True) as bars:

            def progress(table: str, done: int, total: int) -> None:
                if table not in tasks:
                    tasks[table] = bars.add_task(table, total=total)
                bars.update(tasks[table], completed=done)

            into = Importer(store, tokens, token_key, settings.lane_window)
            counts = import_data(into, data, progress)
        for table, n_rows in counts.items():
            typer.echo(f"{table}: {n_rows} rows")
