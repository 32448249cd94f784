"""`weir db`: the store's schema."""

import typer

from service.cli.guard import one_line_errors, shown

app = typer.Typer(help="Make or migrate the store.", no_args_is_help=True)


@app.callback()
def db() -> None:
    """Make or migrate the store."""


@app.command("upgrade")
def upgrade() -> None:
    """Make the tables of a new store, or migrate an older one."""
    with one_line_errors():
        from service.settings import load_settings  # noqa: PLC0415 - keeps --help quick
        from service.store import schema  # noqa: PLC0415 - as above
        from service.store.engine import Store  # noqa: PLC0415 - as above

        settings = load_settings()
        before, after = schema.upgrade(Store(settings.url))
        if before == after:
            typer.echo(f"{shown(settings)} is at schema {after} already")
        else:
            typer.echo(f"{shown(settings)} is now at schema {after}, before: {before or 'none'}")
