"""`weir bench peers`."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.bench import keep
from service.cli.guard import one_line_errors

if TYPE_CHECKING:
    from service.proof.peers.turns import Compared


def peers(  # noqa: PLR0913, PLR0917 - the options of one command
    out: Annotated[Path, typer.Option(help="Folder of the proof; a new one.")],
    turns: Annotated[int, typer.Option(min=1, help="How often each is measured.")] = 5,
    requests: Annotated[int, typer.Option(min=100, help="Requests of one turn.")] = 1_000,
    only: Annotated[
        list[str] | None, typer.Option(help="A peer by its name; may be given again. All if not.")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder to keep the environments of peers in; else they are removed."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides the items of the whole service.")] = 1,
) -> None:
    """Serve the shipped model by other model servers, by one route of ours and by the service."""
    with one_line_errors():
        from rich.console import Console  # noqa: PLC0415 - keeps --help quick

        from service.proof.bench import open_bench  # noqa: PLC0415 - as above
        from service.proof.peers.known import PEERS  # noqa: PLC0415 - as above
        from service.proof.peers.turns import compare  # noqa: PLC0415 - as above

        names = {peer.name.lower(): peer for peer in PEERS}
        unknown = sorted({name.lower() for name in only or ()} - set(names))
        if unknown:
            raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(names)}")
        wanted = [names[name.lower()] for name in only] if only else PEERS
        bench = open_bench(out, None)
        with (
            Console(stderr=True).status("starting") as status,
            TemporaryDirectory(prefix="weir-peers-") as passing,
        ):
            found = compare(
                bench,
                wanted,
                cache or Path(passing),
                n_turns=turns,
                n_requests=requests,
                seed=seed,
                progress=status.update,
            )
    _tell(found)
    keep(out, "peers", asdict(found))


def _tell(found: "Compared") -> None:
    from statistics import median  # noqa: PLC0415 - keeps --help quick

    from service.proof.peers.known import THIN  # noqa: PLC0415 - as above

    for name in found.turns[0]:
        pairs = [(turn[name], turn[THIN.name]) for turn in found.turns if name in turn]
        rates = sorted(own.per_second / thin.per_second for own, thin in pairs)
        cpus = sorted(own.cpu_us / thin.cpu_us for own, thin in pairs)
        typer.echo(
            f"{name:<13} {median(own.per_second for own, _ in pairs):>6.0f} requests a second, "
            f"{median(rates):.2f} of the thin route ({rates[0]:.2f} to {rates[-1]:.2f}); "
            f"{median(own.cpu_us for own, _ in pairs):>6.0f} us of CPU each, "
            f"{median(cpus):.2f} times ({cpus[0]:.2f} to {cpus[-1]:.2f})"
        )
    for name, reason in found.skipped.items():
        typer.echo(f"{name} left out: {reason}")
