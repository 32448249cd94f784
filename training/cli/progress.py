"""Progress bars."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


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
