"""Progress bars."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show bars on the error stream, so that results on the output stream can be piped.

    Yields
    ------
    rich.progress.Progress
        Add tasks to it.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield progress
        # a fit that stopped early is done all the same
        for task in progress.tasks:
            progress.update(task.id, total=task.completed)


@contextmanager
def step_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Show each step of some work as a bar of its own.

    Yields
    ------
    callable
        To be told the step, how much is done, and of how much.
    """
    with progress_bar() as bar:
        tasks: dict[str, TaskID] = {}

        def told(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total)

        yield told
