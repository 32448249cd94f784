"""`weir purge`."""

from enum import StrEnum
from typing import Annotated

import typer

from service.cli.guard import one_line_errors, open_store


class Kept(StrEnum):
    """The classes of `service.store.purged`, as choices of an argument."""

    IDENTIFIERS = "identifiers"
    NOTES = "notes"
    REPLIES = "replies"
    SIGNALS = "signals"
    AUDIT = "audit"
    ITEMS = "items"


def purge(
    classes: Annotated[
        list[Kept] | None, typer.Argument(help="What to purge; by default everything.")
    ] = None,
) -> None:
    """Delete what was kept as long as the settings allow; the audit stays whole."""
    with one_line_errors():
        from service.clock import now  # noqa: PLC0415 - keeps --help quick
        from service.purging import purge as take_away  # noqa: PLC0415 - as above
        from service.settings import load_settings  # noqa: PLC0415 - as above

        settings = load_settings()
        gone = take_away(open_store(settings), settings, classes or list(Kept), now())
        for name, n_rows in gone.items():
            typer.echo(f"{name}: {n_rows} rows deleted")
