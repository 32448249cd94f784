"""`weir-train demo`."""

import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli.options import now
from training.cli.progress import progress_bar

if TYPE_CHECKING:
    from rich.console import Console

    from training.demo.run import Ready

TOP = 5


def demo(
    folder: Annotated[
        Path | None,
        typer.Option(help="Folder to work in and keep; by default one that is removed at the end."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the world and of the fit.")] = 7,
    scale: Annotated[
        float, typer.Option(min=0.05, max=1.0, help="Share of the world's actors to keep.")
    ] = 1.0,
    *,
    serve: Annotated[
        bool, typer.Option("--serve", help="Leave the server up until interrupted.")
    ] = False,
) -> None:
    """Simulate, fit, promote, serve, post a day of items, and print the ranked queue."""
    from training.demo.run import prepare  # noqa: PLC0415 - keeps --help quick

    with ExitStack() as stack:
        stack.enter_context(_stopped_like_an_interrupt())
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="weir-")))
        place.mkdir(parents=True, exist_ok=True)
        with progress_bar() as bar:
            tasks = {
                name: bar.add_task(name, total=total, visible=False)
                for name, total in (
                    ("Simulating weeks", 1),
                    ("Fits", 1),
                    ("Making the store", 1),
                )
            }

            def step(name: str, done: int, total: int) -> None:
                bar.update(tasks[name], completed=done, total=total, visible=True)

            ready = prepare(place, seed=seed, scale=scale, now=now(), step=step)
        _serve(ready, place, stay=serve)


def _serve(ready: "Ready", place: Path, *, stay: bool) -> None:
    from rich.console import Console  # noqa: PLC0415 - keeps --help quick

    from training.cli.figures import print_figures  # noqa: PLC0415 - as above
    from training.demo.day import PORTS  # noqa: PLC0415 - as above
    from training.demo.run import (  # noqa: PLC0415 - as above
        make_key,
        make_page_keys,
        post_day,
        read_queue,
    )
    from training.demo.show import print_queue  # noqa: PLC0415 - as above

    console = Console()
    feed, inspector = (make_key(ready.operator, role) for role in ("feed", "inspector"))
    with ready.operator.serving(place / "server.log") as address:
        with progress_bar() as bar:
            task = bar.add_task("Posting batches", total=1)
            post_day(
                address,
                feed,
                ready.day.items,
                lambda name, done, total: bar.update(
                    task, description=name, completed=done, total=total
                ),
            )
        posted = {row["item_id"]: row for row in ready.day.items.iter_rows(named=True)}
        for port, name in PORTS.items():
            queue = read_queue(address, inspector, port, TOP)
            count = sum(row["port"] == port for row in posted.values())
            print_queue(console, f"{name}: top {len(queue)} of {count:,} posted", queue, posted)
        print_figures(ready.fitted.figures())
        for missed in ready.missed:
            console.print(f"Not promoted: {missed}.")
        used = "the bundle that it ships" if ready.missed else f"bundle {ready.bundle}"
        console.print(f"Weir answers at {address} with {used}.")
        if stay:
            _print_keys(console, address, make_page_keys(ready.operator))
            console.print(
                f"Try: curl -H 'Authorization: Bearer {inspector}'"
                f" '{address}/v1/queue?port=2304&limit=3'"
            )
            console.print("Interrupt (Ctrl-C) to stop.")
            _wait()
        else:
            console.print(
                "Stopping it now. Go on with `weir-train demo --serve`, which leaves it up."
            )


def _print_keys(console: "Console", address: str, keys: Mapping[str, str]) -> None:
    console.print(f"Open {address} in a browser and sign in with one of these keys:")
    for role, key in keys.items():
        console.print(f"  {role:<10} {key}", soft_wrap=True)


@contextmanager
def _stopped_like_an_interrupt() -> Iterator[None]:
    """Let SIGTERM unwind the stack, so that server and folder go with the demonstration."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _wait() -> None:
    try:
        while True:
            sleep(1)
    except KeyboardInterrupt:
        typer.echo("Stopping.")
