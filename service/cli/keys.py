"""`weir keys`: who may call."""

from enum import StrEnum
from typing import Annotated

import typer

from service.cli.guard import FAILED, MISCONFIGURED, one_line_errors, open_store

LONGEST_AGENCY = 40

app = typer.Typer(help="Make, list and revoke keys.", no_args_is_help=True)


class Role(StrEnum):
    """The roles of `service.auth`, as choices of an option."""

    FEED = "feed"
    INSPECTOR = "inspector"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    SCIENTIST = "scientist"
    EVALUATOR = "evaluator"
    AUDITOR = "auditor"
    ADMIN = "admin"


def _require_known(ports: list[str]) -> None:
    from features.reference.tables import ports as known  # noqa: PLC0415 - keeps --help quick

    for port in ports:
        if port not in known():
            typer.echo(
                f"weir: --port: {port!r} is not a known port; give a Schedule D code such as 2304",
                err=True,
            )
            raise typer.Exit(MISCONFIGURED)


@app.command("create")
def create(
    role: Annotated[Role, typer.Option(help="What the key may do.")],
    port: Annotated[
        list[str] | None, typer.Option(help="A port in reach, by Schedule D code; repeat for more.")
    ] = None,
    *,
    all_ports: Annotated[bool, typer.Option("--all-ports", help="Reach every port.")] = False,
    agency: Annotated[
        str, typer.Option(help="Whom its holder works for; records carry it.")
    ] = "CBP",
) -> None:
    """Make a key and print it once; only its hash is kept."""
    if not 1 <= len(agency.strip()) <= LONGEST_AGENCY or not agency.isprintable():
        typer.echo(f"weir: --agency: give a name of at most {LONGEST_AGENCY} characters", err=True)
        raise typer.Exit(MISCONFIGURED)
    if bool(port) == all_ports:
        typer.echo("weir: give --port (once or more) or --all-ports", err=True)
        raise typer.Exit(MISCONFIGURED)
    _require_known(port or [])
    with one_line_errors():
        from service.auth import create_key  # noqa: PLC0415 - keeps --help quick
        from service.clock import now  # noqa: PLC0415 - as above
        from service.operating import operator_did  # noqa: PLC0415 - as above
        from service.settings import load_settings  # noqa: PLC0415 - as above
        from service.store.chain import append  # noqa: PLC0415 - as above

        store = open_store(load_settings())
        ports = None if all_ports else frozenset(port or ())
        with store.write() as connection:
            at = now()
            key = create_key(connection, role.value, ports, at, agency)
            reach = None if ports is None else sorted(ports)
            did = operator_did(
                "key.created", key.split("_")[1], role=role.value, ports=reach, agency=agency
            )
            append(connection, [did], at)
        typer.echo(f"key of role {role.value}, shown once: {key}")


@app.command("list")
def list_all() -> None:
    """List every key, without its secret."""
    with one_line_errors():
        from service.settings import load_settings  # noqa: PLC0415 - keeps --help quick
        from service.store.keys import list_keys  # noqa: PLC0415 - as above

        with open_store(load_settings()).read() as connection:
            for key in list_keys(connection):
                reach = "all ports" if key.ports is None else " ".join(sorted(key.ports))
                state = f"revoked {key.revoked_at:%Y-%m-%dT%H:%MZ}" if key.revoked_at else "valid"
                typer.echo(f"{key.key_id}  {key.role:<10}  {state}  {key.agency}  {reach}")


@app.command("revoke")
def revoke(
    key_id: Annotated[
        str, typer.Argument(help="The part of the key after weir_, see weir keys list.")
    ],
) -> None:
    """Revoke a key; the next request with it is refused."""
    with one_line_errors():
        from service.clock import now  # noqa: PLC0415 - keeps --help quick
        from service.operating import operator_did  # noqa: PLC0415 - as above
        from service.settings import load_settings  # noqa: PLC0415 - as above
        from service.store.chain import append  # noqa: PLC0415 - as above
        from service.store.keys import revoke_key  # noqa: PLC0415 - as above

        with open_store(load_settings()).write() as connection:
            at = now()
            revoked = revoke_key(connection, key_id, at)
            append(connection, [operator_did("key.revoked", key_id)] if revoked else [], at)
    if not revoked:
        typer.echo(f"weir: there is no valid key {key_id!r}; see weir keys list", err=True)
        raise typer.Exit(FAILED)
    typer.echo(f"revoked {key_id}")
