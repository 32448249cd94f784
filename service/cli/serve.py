"""`weir serve`."""

from typing import Annotated

import typer

from service.cli.guard import one_line_errors, open_store


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to bind, by default WEIR_HOST or 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="By default WEIR_PORT or 8080; 0 takes any free port."),
    ] = None,
) -> None:
    """Answer scores over HTTP until told to stop."""
    with one_line_errors():
        from service.settings import load_settings  # noqa: PLC0415 - keeps --help quick

        settings = load_settings(host=host, port=port)  # before seconds of imports

        from service.app import create_app, open_runtime  # noqa: PLC0415 - as above
        from service.cli.server import listen, run  # noqa: PLC0415 - as above
        from service.hardening import refuse_pickles  # noqa: PLC0415 - as above
        from service.telemetry import configure_logs  # noqa: PLC0415 - as above

        configure_logs(settings.log_level)
        runtime = open_runtime(settings, store=open_store(settings))
        refuse_pickles()
        with listen(settings.host, settings.port) as listening:
            run(create_app(runtime), listening)
