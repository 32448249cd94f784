"""`weir bench`: proofs that need a server or its store."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.guard import FAILED, MISCONFIGURED, one_line_errors

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


@app.command("races")
def race(
    out: Annotated[Path, typer.Option(help="Folder of the proof; a new one.")],
    races: Annotated[
        int, typer.Option("--races", min=1, help="Items to claim, and findings to record.")
    ] = 200,
    duplicates: Annotated[int, typer.Option(min=2, help="Requests at once.")] = 8,
    servers: Annotated[int, typer.Option(min=1, help="More than one needs PostgreSQL.")] = 1,
    database: Database = None,
) -> None:
    """Send each record many times at once, and claim each item from many keys at once."""
    if servers > 1 and database is None:
        typer.echo("weir: --servers: several servers need a --database of PostgreSQL", err=True)
        raise typer.Exit(MISCONFIGURED)
    with one_line_errors():
        from rich.console import Console  # noqa: PLC0415 - keeps --help quick

        from service.proof.bench import open_bench  # noqa: PLC0415 - as above
        from service.proof.races import Races  # noqa: PLC0415 - as above

        bench = open_bench(out, database)
        bench.choose_model(with_model=False)
        with Console(stderr=True).status("starting") as status:

            def progress(what: str, done: int) -> None:
                status.update(f"{what}: {done:,}")

            track = Races(bench, duplicates, servers)
            try:
                ids = track.post_items(races, progress)
                claimed = track.claim(ids, progress)
                written = track.record(ids, progress)
            finally:
                track.close()
        typer.echo(
            f"{written.n_races} idempotency keys, {written.n_requests} requests: "
            f"{written.n_wrong} without exactly one record"
        )
        typer.echo(
            f"{claimed.n_races} items claimed, {claimed.n_requests} requests: "
            f"{claimed.n_wrong} without exactly one winner"
        )
    _verdict(met=not (written.n_wrong or claimed.n_wrong))


@app.command("tamper")
def tamper(
    out: Annotated[Path, typer.Option(help="Folder of the proof; a new one.")],
    edits: Annotated[int, typer.Option(min=1, help="Random edits of the audit.")] = 100,
    rows: Annotated[int, typer.Option(min=1_000, help="Rows to verify for the pace.")] = 1_000,
    database: Database = None,
    seed: Annotated[int, typer.Option(help="Decides what is edited.")] = 1,
) -> None:
    """Edit the audit at random, verify after each edit, and time the check of many rows."""
    with one_line_errors():
        from rich.console import Console  # noqa: PLC0415 - keeps --help quick

        from service.proof import tamper as tampering  # noqa: PLC0415 - as above
        from service.proof.bench import open_bench  # noqa: PLC0415 - as above

        bench = open_bench(out, database)
        with Console(stderr=True).status("starting") as status:

            def progress(what: str, done: int) -> None:
                status.update(f"{what}: {done:,}")

            tampering.fill(bench, tampering.ROWS, progress)
            found = tampering.tamper(bench, edits, seed, progress)
            tampering.fill(bench, rows, progress)
            pace = tampering.require_whole(bench)
        ways = ", ".join(f"{name} {n}" for name, n in sorted(found.by_way.items()))
        typer.echo(f"{found.n_edits} edits ({ways}): {len(found.missed)} missed")
        for told in found.missed:
            typer.echo(f"missed: {told}")
        typer.echo(
            f"{pace.n_rows} rows verified in {pace.seconds:.1f} s, "
            f"{pace.n_rows / pace.seconds:,.0f} a second"
        )
    _verdict(met=not found.missed)
