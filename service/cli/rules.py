"""`weir rules`: predicates of rules, without a server."""

from typing import Annotated

import typer

from service.cli.guard import one_line_errors

app = typer.Typer(help="Check predicates of rules.", no_args_is_help=True)


@app.callback()
def rules() -> None:
    """Check predicates of rules."""


@app.command("check")
def check(
    predicate: Annotated[str, typer.Argument(help="A condition, see docs/rules.md.")],
) -> None:
    """Check a predicate and name what it reads; point at the place where it is wrong."""
    with one_line_errors():
        from models.predicates.parse import parse  # noqa: PLC0415 - keeps --help quick

        columns = sorted(parse(predicate).columns, key=lambda column: (column.scope, column.name))
        for column in columns:
            typer.echo(f"{column.scope:<7}  {column.name}  ({column.kind})")
        typer.echo(f"a condition; columns that it reads: {len(columns)}")
