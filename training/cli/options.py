"""Options that several commands share."""

from datetime import UTC, date, datetime
from pathlib import Path
from time import time
from typing import Annotated

import typer


def parse_moment(text: str) -> datetime:
    """Read a day, or a time with its zone, as a moment.

    Parameters
    ----------
    text : str
        `2026-11-24`, which is 00:00 UTC of that day, or `2026-11-24T10:00:00Z`.

    Returns
    -------
    datetime
        The moment, UTC.

    Raises
    ------
    typer.BadParameter
        If it is neither, or a time without zone.

    Examples
    --------
    >>> parse_moment("2026-11-24")
    datetime.datetime(2026, 11, 24, 0, 0, tzinfo=datetime.timezone.utc)
    """
    try:
        if len(text) == len("2026-11-24"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no date; write 2026-11-24 or 2026-11-24T10:00:00Z"
        ) from None
    if moment.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no zone; end it in Z or an offset")
    return moment.astimezone(UTC)


def now() -> datetime:
    """Read the clock: only commands do, what they call is told the time.

    Returns
    -------
    datetime
        The time now, UTC.
    """
    return datetime.fromtimestamp(time(), UTC)


DataFolder = Annotated[
    Path, typer.Option("--data", help="Folder with items.parquet, inspections.parquet and so on.")
]
MaybeDataFolder = Annotated[
    Path | None,
    typer.Option("--data", help="Folder with items.parquet, inspections.parquet and so on."),
]
Until = Annotated[
    datetime | None,
    typer.Option(
        parser=parse_moment,
        metavar="DATE",
        help="Use only what was presented and recorded before this day (00:00 UTC) or moment.",
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        "--from",
        parser=parse_moment,
        metavar="DATE",
        help="Give rows only for items presented on or after this day (00:00 UTC) or moment.",
    ),
]
ClusterAddress = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Work on a Dask cluster: tcp://host:port, or local for two workers here.",
    ),
]


def warn_of_none(n_rows: int, data: Path) -> None:
    """Say so where there was nothing to write.

    Parameters
    ----------
    n_rows : int
        Rows that were written.
    data : Path
        The data folder.
    """
    if not n_rows:
        typer.echo(
            f"weir-train: warning: {data} holds no item that was asked for, so no rows were "
            "written; look at --from, --until and items.parquet",
            err=True,
        )
