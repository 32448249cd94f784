"""A simulated history that ends now, cut into what is past and the day that is posted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from features.records import DECISIONS, INSPECTIONS, ITEM_LEDGER, ITEMS, SIGNALS
from training.tables import read_table

PORTS: Mapping[str, str] = {"2304": "Laredo", "5201": "PortMiami"}
"""Where the demonstration posts a day of items."""

DAY = timedelta(hours=24)
MOST_PER_REQUEST = 500


@dataclass(frozen=True)
class Day:
    """The day that is posted.

    Parameters
    ----------
    history : Path
        Data folder with everything that was known when the day began.
    items : polars.DataFrame
        Rows of the `items` table presented during the day at the ports of the demonstration.
    """

    history: Path
    items: pl.DataFrame


def first_monday(now: datetime, weeks: int) -> date:
    """Find the Monday from which a number of weeks covers this moment.

    Parameters
    ----------
    now : datetime
        The moment, UTC.
    weeks : int
        Number of weeks, the last of which holds the moment.

    Returns
    -------
    date
        A Monday.

    Examples
    --------
    >>> first_monday(datetime(2026, 11, 24, 10), 2)
    datetime.date(2026, 11, 16)
    """
    return now.date() - timedelta(days=now.weekday(), weeks=weeks - 1)


def cut_day(world: Path, history: Path, now: datetime) -> Day:
    """Cut a simulated world at a moment: the past into a folder, the last day apart.

    Parameters
    ----------
    world : Path
        Data folder of the simulated world; it may reach beyond the moment.
    history : Path
        Folder to write the past into; made if absent.
    now : datetime
        The moment, UTC. The day is the 24 hours before it.

    Returns
    -------
    Day
        The past and the day.
    """
    began = now - DAY
    history.mkdir(parents=True, exist_ok=True)
    known_at = (
        (ITEMS, pl.max_horizontal("presented_at", "received_at")),
        (SIGNALS, pl.col("known_at")),
        (DECISIONS, pl.col("decided_at")),
        (INSPECTIONS, pl.col("recorded_at")),
    )
    for table, moment in known_at:
        read_table(world, table).filter(moment < began).write_parquet(
            history / f"{table.name}.parquet"
        )
    here = pl.col("port").is_in(list(PORTS))
    during = pl.col("presented_at").is_between(began, now, closed="left")
    return Day(history, read_table(world, ITEMS).filter(here & during).sort("presented_at"))


def payloads(items: pl.DataFrame) -> list[bytes]:
    """Write rows of items as request bodies.

    Parameters
    ----------
    items : polars.DataFrame
        Rows of the `items` table.

    Returns
    -------
    list of bytes
        JSON objects `{"items": [...]}` of at most 500 items each.
    """
    rows = [_given(row) for row in items.drop(list(ITEM_LEDGER)[1:]).iter_rows(named=True)]
    chunks = [rows[at : at + MOST_PER_REQUEST] for at in range(0, len(rows), MOST_PER_REQUEST)]
    return [json.dumps({"items": chunk}, default=_plain).encode() for chunk in chunks]


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _plain(value: object) -> str | float:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"no JSON for {type(value)}")


def describe(item: Mapping[str, Any]) -> str:
    """Say in a few words what an item is.

    Parameters
    ----------
    item : mapping
        A row of the `items` table.

    Returns
    -------
    str
        Mode, what it is and where it goes.
    """
    if item["kind"] == "vehicle":
        what: Sequence[str] = [item["body"] or "vehicle", item["plate_state"] or "", item["plate"]]
    else:
        what = [item["content"].replace("_", " "), item["lines"][0]["description"][:28]]
    return f"{item['mode']} to {item['destination']}: {' '.join(part for part in what if part)}"
