"""Which places in the queue cannot wait: what is severe, and what leaves before it is examined."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from features.reference.tables import default_method

Alert = Literal["must", "severe", "late"]

LATE = timedelta(minutes=15)
"""What leaves within this is late, or within the time of its exam where that takes longer."""

_SEVERE = "very_high"


class Counts(NamedTuple):
    """How many places of a page have each alert.

    Parameters
    ----------
    must : int
        Items that a rule demands to inspect.
    severe : int
        Others of very high risk.
    late : list of mapping
        The places that leave soon, the soonest first.
    """

    must: int
    severe: int
    late: list[Mapping[str, Any]]


def alerts_of(entry: Mapping[str, Any], now: datetime) -> list[Alert]:
    """Tell why a place in the queue cannot wait.

    Parameters
    ----------
    entry : mapping
        As `service.targeting.rank` gives it, with `chosen`.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    list of str
        `must` where a rule demands an inspection, otherwise `severe` where the risk is very high,
        and `late` where either holds or a shift chose the item, and it leaves soon.
    """
    found: list[Alert] = []
    if entry["must_inspect"]:
        # its band is the highest one whatever the model says
        found.append("must")
    elif entry["band"] == _SEVERE:
        found.append("severe")
    if (found or entry["chosen"]) and entry["leaves_at"] - now <= _needed(entry):
        found.append("late")
    return found


def _needed(entry: Mapping[str, Any]) -> timedelta:
    chosen = entry["chosen"]
    minutes = chosen.minutes if chosen else default_method(entry["mode"]).minutes
    return max(LATE, timedelta(minutes=minutes))


def count_alerts(entries: Iterable[Mapping[str, Any]]) -> Counts:
    """Count the alerts of a page.

    Parameters
    ----------
    entries : iterable of mapping
        Places of the queue, each with its `alerts`.

    Returns
    -------
    Counts
        How many there are of each.
    """
    alerted = [entry for entry in entries if entry["alerts"]]
    return Counts(
        sum("must" in entry["alerts"] for entry in alerted),
        sum("severe" in entry["alerts"] for entry in alerted),
        sorted(
            (entry for entry in alerted if "late" in entry["alerts"]),
            key=lambda entry: entry["leaves_at"],
        ),
    )
