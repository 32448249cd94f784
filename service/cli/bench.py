"""`weir bench`: proofs that need a server or its store."""

import json
from collections.abc import Mapping
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

MOST_RATIO = 1.5
"""Largest cost of an item over the smallest that still counts as flat."""
SPEED_AIMS = {"single items": 0.35, "batches of 100": 0.12}
"""Least CPU of an echo over that of a scored item."""
MOST_SHARE = 0.2
"""Largest cost of an item in a micro-batch over the cost of one alone."""

ScratchDatabase = Annotated[
    str | None,
    typer.Option(
        envvar="WEIR_BENCH_DATABASE_URL",
        help="URL of an empty database to use and leave filled; by default a SQLite file that is"
        " deleted.",
    ),
]


def keep(out: Path, name: str, found: Mapping[str, object]) -> None:
    """Write what a proof found into its folder, for whoever started it.

    Parameters
    ----------
    out : Path
        The folder of the proof.
    name : str
        The proof; the file is named after it.
    found : mapping of str to JSON values
        What it found.
    """
    (out / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")


def _verdict(out: Path, name: str, found: Mapping[str, object], *, met: bool) -> None:
    keep(out, name, {**found, "met": met})
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
    met = not (found.n_lost or found.n_doubled or found.n_chain_breaks)
    _verdict(out, "durability", found._asdict(), met=met)


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
    told = {"written": written._asdict(), "claimed": claimed._asdict()}
    _verdict(out, "races", told, met=not (written.n_wrong or claimed.n_wrong))


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
    _verdict(out, "tamper", found._asdict() | {"pace": pace._asdict()}, met=not found.missed)


@app.command("damage")
def damage(
    out: Annotated[Path, typer.Option(help="Folder of the proof; a new one.")],
    edits: Annotated[int, typer.Option(min=0, help="Bundles with one byte changed.")] = 1_000,
    truncations: Annotated[int, typer.Option(min=0, help="Bundles with a file cut short.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Decides the damage.")] = 1,
) -> None:
    """Point a running server at damaged bundles, half of them hashed and signed again."""
    with one_line_errors():
        from rich.console import Console  # noqa: PLC0415 - keeps --help quick

        from service.proof.bench import open_bench  # noqa: PLC0415 - as above
        from service.proof.damage import offer_damage, told  # noqa: PLC0415 - as above

        bench = open_bench(out, None)
        with Console(stderr=True).status("starting") as status:
            found = offer_damage(
                bench,
                n_edits=edits,
                n_truncations=truncations,
                seed=seed,
                progress=lambda done: status.update(f"{done:,} of {edits + truncations:,}"),
            )
    typer.echo(f"{found.n_offered} damaged bundles, stopped by")
    typer.echo(f"  as they were: {told(found.refused)}")
    typer.echo(f"  sealed again: {told(found.refused_resealed)}")
    typer.echo(f"{len(found.loaded)} loaded, {found.n_dead} times without the good one's answer")
    typer.echo(f"target: all refused, an answer after each: {'met' if found.met else 'MISSED'}")
    keep(out, "damage", {**found._asdict(), "met": found.met})
    raise typer.Exit(not found.met)


@app.command("replay")
def replay(
    data: Annotated[Path, typer.Option(help="Folder with items, inspections, signals.")],
    items: Annotated[int, typer.Option(min=1, help="Items to replay, from the first.")] = 50_000,
    database: ScratchDatabase = None,
) -> None:
    """Compare the features of simulated items through the store with those from the tables."""
    with one_line_errors():
        from rich.console import Console  # noqa: PLC0415 - keeps --help quick
        from rich.progress import Progress  # noqa: PLC0415 - keeps --help quick

        from service.proof.replay import read_data  # noqa: PLC0415 - as above
        from service.proof.replay import replay as run  # noqa: PLC0415 - as above
        from service.proof.scratch import scratch_store  # noqa: PLC0415 - as above

        tables = read_data(data, items)
        with (
            Progress(console=Console(stderr=True), transient=True) as bars,
            scratch_store(database) as store,
        ):
            task = bars.add_task("items", total=None)
            told = run(
                tables, store, lambda done, total: bars.update(task, completed=done, total=total)
            )
        for name, n_items in told.differing.items():
            typer.echo(f"{name} differs in {n_items} items")
        typer.echo(
            f"{told.n_items:,} items x {told.n_features} features: "
            f"{sum(told.differing.values())} differences"
        )
        typer.echo(
            f"{told.single_us:.0f} us for an item alone, {told.batch_us:.0f} us in a micro-batch: "
            f"{told.batch_share:.2f} of it (aim {MOST_SHARE:.2f})"
        )
        raise typer.Exit(bool(told.differing))


@app.command("flatness")
def flatness(
    most: Annotated[
        int, typer.Option(min=1_000, help="Past items of the busiest entity.")
    ] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is asked.")] = 200,
    database: ScratchDatabase = None,
) -> None:
    """Measure an item of an entity with ten past items against one with a million."""
    with one_line_errors():
        from rich.console import Console  # noqa: PLC0415 - keeps --help quick
        from rich.progress import Progress  # noqa: PLC0415 - keeps --help quick

        from service.proof.flatness import SIZES  # noqa: PLC0415 - as above
        from service.proof.flatness import flatness as run  # noqa: PLC0415 - as above
        from service.proof.scratch import scratch_store  # noqa: PLC0415 - as above

        sizes = [size for size in SIZES if size <= most]
        with (
            Progress(console=Console(stderr=True), transient=True) as bars,
            scratch_store(database) as store,
        ):
            task = bars.add_task("entities", total=len(sizes))
            costs = run(
                store, lambda done, _: bars.update(task, completed=done), sizes=sizes, rounds=rounds
            )
        for cost in costs:
            typer.echo(f"{cost.n_events:>9,} past items: {cost.item_us:>6.0f} us an item")
        ratio = max(cost.item_us for cost in costs) / min(cost.item_us for cost in costs)
        typer.echo(f"largest over smallest: {ratio:.2f} (at most {MOST_RATIO})")
        raise typer.Exit(ratio > MOST_RATIO)


@app.command("speed")
def speed(  # noqa: PLR0913, PLR0917 - the options of one command
    out: Annotated[Path, typer.Option(help="Folder of the proof; a new one.")],
    turns: Annotated[int, typer.Option(min=1, help="How often each case is measured.")] = 5,
    items: Annotated[int, typer.Option(min=200, help="Items of one turn.")] = 4_000,
    history: Annotated[int, typer.Option(min=500, help="Items posted before the turns.")] = 20_000,
    database: Database = None,
    seed: Annotated[int, typer.Option(help="Decides the items.")] = 1,
    *,
    stages: Annotated[bool, typer.Option(help="Tell what each stage costs as well.")] = False,
) -> None:
    """Measure what an item costs beside an echo of the same payload, one server core for both."""
    with one_line_errors():
        from rich.console import Console  # noqa: PLC0415 - keeps --help quick

        from service.proof.bench import open_bench  # noqa: PLC0415 - as above
        from service.proof.speed import Speed, fsync_us, summary  # noqa: PLC0415 - as above

        bench = open_bench(out, database)
        with Console(stderr=True).status("starting") as status:
            track = Speed(bench, seed, history)
            found = track.run(turns, items, status.update)
            status.update("looking at stages")
            by_stage = track.stages(items) if stages else {}
        result: dict[str, object] = {"fsync_us": round(fsync_us(out)), "seed": seed}
        typer.echo(f"fsync of the disk: {result['fsync_us']} us")
        for name, least in SPEED_AIMS.items():
            told = summary(found[name])
            result[name] = told | {"aim": least, "turns": [turn.figures() for turn in found[name]]}
            ratio, low, high = told["cpu_ratio"]
            typer.echo(
                f"{name}: {told['server_us'][0]:.0f} us of CPU an item, echo "
                f"{told['echo_us'][0]:.0f}: ratio {ratio:.3f} ({low:.3f} to {high:.3f}), "
                f"aim {least}: {'met' if ratio >= least else 'MISSED'}"
            )
            typer.echo(
                f"  bytes sent back unread {told['bare_us'][0]:.0f} us of CPU an item; "
                f"{told['server_rate'][0]:.0f} items a second, echo {told['echo_rate'][0]:.0f}; "
                f"p50 {told['p50_ms'][0]:.0f} ms, p99 {told['p99_ms'][0]:.0f} ms"
            )
        if by_stage:
            result["stages_us"] = {stage: round(cost, 1) for stage, cost in by_stage.items()}
            typer.echo(f"in micro-batches without HTTP: {sum(by_stage.values()):.0f} us an item")
            for stage, cost in by_stage.items():
                typer.echo(f"  {cost:6.1f} us  {stage}")
        keep(out, "speed", result)


@app.command("decide")
def decide(
    out: Annotated[Path, typer.Option(help="Folder of the proof.")],
    items: Annotated[int, typer.Option(min=1, help="Vehicles to decide about.")] = 1_000,
    database: Database = None,
) -> None:
    """Time decisions in the lane on an idle server, with its shipped model, one at a time."""
    with one_line_errors():
        from rich.console import Console  # noqa: PLC0415 - keeps --help quick

        from service.proof.bench import open_bench  # noqa: PLC0415 - as above
        from service.proof.deciding import MOST_P99_MS, time_decisions  # noqa: PLC0415 - as above

        bench = open_bench(out, database)
        bench.choose_model(with_model=True)
        with Console(stderr=True).status("starting") as status:
            pace = time_decisions(bench, items, lambda n: status.update(f"{n:,} decisions"))
        typer.echo(
            f"{pace.n_decisions} decisions, {pace.n_inspect} to inspect: median "
            f"{pace.median_ms:.1f} ms, p99 {pace.p99_ms:.1f} ms, longest {pace.longest_ms:.1f} ms "
            f"(one fsync {pace.fsync_ms:.1f} ms)"
        )
        met = pace.p99_ms <= MOST_P99_MS
        keep(out, "decide", {**pace._asdict(), "met": met})
        typer.echo(f"target: p99 at most {MOST_P99_MS:g} ms: {'met' if met else 'MISSED'}")
        if not met:
            raise typer.Exit(FAILED)


@app.command("swaps")
def swaps(  # noqa: PLR0913 - the options of one command
    out: Annotated[Path, typer.Option(help="Folder of the proof; a new one.")],
    count: Annotated[int, typer.Option("--swaps", min=2, help="Promotions and rollbacks.")] = 20,
    bad: Annotated[int, typer.Option(min=0, help="Bad bundles offered meanwhile.")] = 4,
    *,
    callers: Annotated[int, typer.Option(min=1, help="Callers at once.")] = 4,
    quiet: Annotated[float, typer.Option(min=1, help="Seconds measured without swaps.")] = 10.0,
    database: Database = None,
) -> None:
    """Promote and roll back under load, offer bad bundles, and hold requests against quiet ones."""
    with one_line_errors():
        from rich.console import Console  # noqa: PLC0415 - keeps --help quick

        from service.proof.bench import open_bench  # noqa: PLC0415 - as above
        from service.proof.swaps import MOST_P99_RATIO, Swaps  # noqa: PLC0415 - as above

        with Console(stderr=True).status("starting") as status:
            proof = Swaps(open_bench(out, database), callers)
            try:
                found = proof.run(
                    count, bad, quiet, lambda what, n: status.update(f"{what}: {n:,}")
                )
            finally:
                proof.close()
        typer.echo(
            f"{found.n_swaps} promotions and rollbacks under load, {found.n_bad} bad bundles "
            f"offered: {found.n_bad_taken} taken"
        )
        typer.echo(
            f"{found.n_requests} requests: {found.n_failed} failed, {found.n_mixed} mixed versions"
        )
        typer.echo(
            f"p99 {found.p99_ms:.1f} ms, quiet {found.quiet_p99_ms:.1f} ms: "
            f"{found.p99_ms / found.quiet_p99_ms:.2f} (at most {MOST_P99_RATIO:g}); longest swap "
            f"{found.longest_swap_ms:.0f} ms"
        )
        keep(out, "swaps", {**found._asdict(), "met": found.met})
        typer.echo(f"target: {'met' if found.met else 'MISSED'}")
        if not found.met:
            raise typer.Exit(FAILED)
