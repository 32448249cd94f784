"""`weir bench`: proofs that need a server or its store."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.guard import FAILED, one_line_errors

app = typer.Typer(help="Prove what the service promises.", no_args_is_help=True)

Folder = Annotated[
    Path, typer.Option(help="Folder of the proof; one that was interrupted goes on from it.")
]
Database = Annotated[
    str | None,
    typer.Option(help="URL of an empty database for the proof; by default SQLite in the folder."),
]


def _verdict(*, met: bool) -> None:
    typer.echo(f"target: none lost, doubled, broken or missed: {'met' if met else 'MISSED'}")
    if not met:
        raise typer.Exit(FAILED)


@app.command("durability")
def durability(
    out: Folder,
    cycles: Annotated[int, typer.Option(min=1, help="Kills in total.")] = 20,
    database: Database = None,
    seed: Annotated[int, typer.Option(help="Decides when servers are killed.")] = 1,
    *,
    model: Annotated[bool, typer.Option(help="Load a model, which takes seconds a start.")] = False,
) -> None:
    """Kill a server in mid-write, with four writers, and count what was lost or doubled."""
    with one_line_errors():
        from rich.console import Console  # noqa: PLC0415 - keeps --help quick

        from service.proof.bench import open_bench  # noqa: PLC0415 - as above
        from service.proof.durability import Durability  # noqa: PLC0415 - as above

        bench = open_bench(out, database)
        bench.choose_model(with_model=model)
        with Console(stderr=True).status("killing") as status:

            def progress(n_cycles: int, n_findings: int) -> None:
                status.update(f"{n_cycles} of {cycles} kills, {n_findings:,} findings")

            found = Durability(bench, seed).run(cycles, progress)
        typer.echo(
            f"{found.n_cycles} kills, {found.n_findings} findings and {found.n_items} items "
            "acknowledged"
        )
        typer.echo(
            f"{found.n_lost} lost, {found.n_doubled} doubled, {found.n_chain_breaks} breaks of "
            "the audit"
        )
    _verdict(met=not (found.n_lost or found.n_doubled or found.n_chain_breaks))
