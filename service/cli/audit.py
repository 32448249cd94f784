"""`weir audit`: who did what, and proof that the record is whole."""

import typer

from service.cli.guard import one_line_errors, open_store

app = typer.Typer(help="Verify and sign the audit.", no_args_is_help=True)


@app.command("verify")
def verify() -> None:
    """Verify every row, payload and checkpoint of the audit; exit code 1 if any was changed."""
    with one_line_errors():
        from time import perf_counter  # noqa: PLC0415 - keeps --help quick

        from service.audit import verify as verifying  # noqa: PLC0415 - as above
        from service.audit.notary import Notary  # noqa: PLC0415 - as above
        from service.settings import load_settings  # noqa: PLC0415 - as above

        settings = load_settings()
        notary, started = Notary(settings.state_dir), perf_counter()
        with open_store(settings).read() as connection:
            found = verifying.verify(connection, notary.trusted(), notary.copies())
        seconds = perf_counter() - started
        typer.echo(
            f"{found.n_rows} rows hang together, {found.n_checkpoints} checkpoints are genuine "
            f"({seconds:.1f} s)"
        )
        typer.echo(f"{found.n_purged} payloads were purged, {found.n_unsigned} rows are unsigned")


@app.command("checkpoint")
def checkpoint() -> None:
    """Sign the end of the audit now, and print the checkpoint to keep elsewhere."""
    with one_line_errors():
        from service.audit.notary import Notary  # noqa: PLC0415 - keeps --help quick
        from service.clock import now  # noqa: PLC0415 - as above
        from service.settings import load_settings  # noqa: PLC0415 - as above

        settings = load_settings()
        signed = Notary(settings.state_dir).sign(open_store(settings), now())
        if signed is None:
            typer.echo("nothing was done since the last checkpoint")
        else:
            typer.echo(f"row {signed.seq} {signed.digest} signed by {signed.signer}")
