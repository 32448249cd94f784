"""`weir models`: the bundle in use."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.guard import one_line_errors, open_store

app = typer.Typer(help="Promote bundles, list them, roll back.", no_args_is_help=True)


@app.command("promote")
def promote(
    bundle: Annotated[Path, typer.Argument(help="Folder of a bundle.")],
) -> None:
    """Verify a bundle, install it, sign for it, and make servers use it.

    Its evaluation must have met the targets that were stored before the fit, and the key that
    signs for it, keys/promoter.pem of the state folder, must not be the one that fitted it.
    """
    with one_line_errors():
        from service.clock import now  # noqa: PLC0415 - keeps --help quick
        from service.promoting import promote_bundle  # noqa: PLC0415 - as above
        from service.settings import load_settings  # noqa: PLC0415 - as above

        settings = load_settings()
        store = open_store(settings)
        version = promote_bundle(store, settings.state_dir, bundle, now())
        typer.echo(f"servers now use {version}")


@app.command("list")
def list_all() -> None:
    """List installed bundles; the one in use is marked."""
    with one_line_errors():
        from models.registry import list_bundles  # noqa: PLC0415 - keeps --help quick
        from service.settings import load_settings  # noqa: PLC0415 - as above
        from service.store.champions import champion  # noqa: PLC0415 - as above

        settings = load_settings()
        with open_store(settings).read() as connection:
            in_use = champion(connection)
        typer.echo(f"{'*' if in_use is None else ' '} shipped with Weir")
        installed = list_bundles(settings.state_dir)
        for version in installed:
            typer.echo(f"{'*' if version == in_use else ' '} {version}")
        if in_use is not None and in_use not in installed:
            typer.echo(f"* {in_use} (not installed in {settings.state_dir})")


@app.command("install")
def install(
    bundle: Annotated[Path, typer.Argument(help="Folder of a bundle.")],
) -> None:
    """Verify a bundle and install it, without using it: it can then be proposed, or shadow."""
    with one_line_errors():
        from models.registry import install_bundle  # noqa: PLC0415 - keeps --help quick
        from models.signing import trusted_keys  # noqa: PLC0415 - as above
        from service.settings import load_settings  # noqa: PLC0415 - as above

        state_dir = load_settings().state_dir
        version = install_bundle(bundle, state_dir, trusted_keys(state_dir)).manifest.version
        typer.echo(f"installed {version}; servers use what they used")


@app.command("rollback")
def rollback() -> None:
    """Make servers use the bundle that was in use before the last promotion."""
    with one_line_errors():
        from service.clock import now  # noqa: PLC0415 - keeps --help quick
        from service.promoting import roll_back_bundle  # noqa: PLC0415 - as above
        from service.settings import load_settings  # noqa: PLC0415 - as above

        settings = load_settings()
        version = roll_back_bundle(open_store(settings), settings.state_dir, now())
        typer.echo(f"servers now use {version or 'the bundle shipped with Weir'}")
