"""`weir-train bench speed`, `durability` and `all`."""

from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from features.errors import WeirError
from training.cli.bench_run import run
from training.cli.bench_worlds import Jobs, Out, Quick, Scale, Seeds, Weeks, World, request_for

if TYPE_CHECKING:
    from training.evaluation.durability import DurabilityRequest
    from training.evaluation.speed import SpeedRequest

Cache = Annotated[
    Path | None,
    typer.Option(help="Folder to keep environments of other model servers in; else removed."),
]
Database = Annotated[
    str | None,
    typer.Option(
        envvar="WEIR_BENCH_DATABASE_URL",
        help="URL of an empty database of PostgreSQL, to kill servers on too; it is left filled.",
    ),
]
Count = Annotated[int | None, typer.Option(min=0, help="0 leaves the step out.")]
OneOrMore = Annotated[int | None, typer.Option(min=1)]
Peers = Annotated[
    bool | None,
    typer.Option(help="Install and measure other model servers; by default unless --quick."),
]


def speed(  # noqa: PLR0913, PLR0917 - one parameter per option
    out: Out,
    world: World = None,
    seeds: Annotated[
        str | None, typer.Option(help="Turns, each with what its seed draws, such as 1-5.")
    ] = None,
    scale: Scale = None,
    weeks: Weeks = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads offline; HTTP has one core.")] = 2,
    cache: Cache = None,
    *,
    peers: Peers = None,
    quick: Quick = False,
) -> None:
    """Measure scoring, features, fits, simulation and HTTP, each beside what it is held against."""
    request = _speed(world, seeds, scale, weeks, quick=quick)
    wanted = request.peers if peers is None else peers
    request = replace(request, n_threads=threads, peers=wanted, cache=cache)
    raise typer.Exit(not run("speed", request, out))


def durability(  # noqa: PLR0913, PLR0917 - one parameter per option
    out: Annotated[
        Path, typer.Option(help="Folder of results and steps; what it holds is not done again.")
    ],
    seeds: Annotated[
        str | None, typer.Option(help="All steps are run with each, such as 1-3.")
    ] = None,
    database: Database = None,
    kills: Count = None,
    kills_with_model: Count = None,
    kills_postgresql: Count = None,
    edits: Count = None,
    truncations: Count = None,
    swaps: Count = None,
    bad_bundles: Count = None,
    races: Count = None,
    racers: OneOrMore = None,
    audit_edits: Count = None,
    audit_rows: OneOrMore = None,
    made_up_requests: Count = None,
    *,
    quick: Quick = False,
) -> None:
    """Kill, damage, swap, race, tamper and make requests up; count what was lost or got through."""
    given = {
        "kills": kills,
        "kills_with_model": kills_with_model,
        "kills_postgresql": kills_postgresql,
        "edits": edits,
        "truncations": truncations,
        "swaps": swaps,
        "bad_bundles": bad_bundles,
        "races": races,
        "racers": racers,
        "audit_edits": audit_edits,
        "audit_rows": audit_rows,
        "made_up_requests": made_up_requests,
    }
    request = _durability(out, seeds, database, quick=quick)
    counts = {name: count for name, count in given.items() if count is not None}
    request = replace(request, counts=replace(request.counts, **counts))
    raise typer.Exit(not run("durability", request, out))


def everything(  # noqa: PLR0913 - one parameter per option
    out: Annotated[Path, typer.Option(help="Folder; each benchmark gets a folder in it.")],
    seeds: Seeds = None,
    jobs: Jobs = 1,
    cache: Cache = None,
    database: Database = None,
    *,
    quick: Quick = False,
) -> None:
    """Run all five benchmarks, each on its own world; durability with the first seed alone."""
    from training.evaluation.benches import BENCHES  # noqa: PLC0415 - keeps --help quick

    began, missed = monotonic(), []
    for name in BENCHES:
        try:
            if name == "speed":
                of_speed = _speed(None, seeds, None, None, quick=quick)
                met = run(name, replace(of_speed, cache=cache), out / name)
            elif name == "durability":
                first = seeds and seeds.split(",")[0].split("-")[0]
                met = run(name, _durability(out / name, first, database, quick=quick), out / name)
            else:
                asked = request_for(name, None, seeds, None, None, jobs, quick=quick)
                met = run(name, asked, out / name)
        except WeirError as failed:
            typer.echo(f"weir-train: {name}: {failed.detail}", err=True)
            met = False
        missed += [] if met else [name]
    told = f"MISSED in {', '.join(missed)}" if missed else "met"
    typer.echo(f"{monotonic() - began:.0f} s in all; targets: {told}")
    raise typer.Exit(bool(missed))


def _speed(
    world: str | None, seeds: str | None, scale: float | None, weeks: int | None, *, quick: bool
) -> "SpeedRequest":
    from training.evaluation.speed import SpeedRequest  # noqa: PLC0415 - keeps --help quick

    request = request_for("speed", world, seeds, scale, weeks, 1, quick=quick)
    assert isinstance(request, SpeedRequest)  # noqa: S101 - its usual one is
    return request


def _durability(
    out: Path, seeds: str | None, database: str | None, *, quick: bool
) -> "DurabilityRequest":
    from training.evaluation.benches import BENCHES  # noqa: PLC0415 - keeps --help quick
    from training.evaluation.durability import DurabilityRequest  # noqa: PLC0415 - keeps --help quick
    from training.evaluation.request import parse_seeds  # noqa: PLC0415 - keeps --help quick

    bench = BENCHES["durability"]
    usual = bench.quick if quick else bench.full
    assert isinstance(usual, DurabilityRequest)  # noqa: S101 - its usual one is
    chosen = parse_seeds(seeds) if seeds is not None else usual.seeds
    return replace(usual, seeds=chosen, folder=out, database=database)
