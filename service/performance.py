"""Use cases: the figures of a period, who bore its inspections, and what another way would do."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl
from sqlalchemy import Connection

from features.days import local_midnight
from features.errors import InvalidRecord, InvalidTable
from features.reference.tables import ports
from models.estimates.burden import burden
from models.estimates.figures import Figures, figures_by_port
from models.estimates.logged import Counting, Logged, read_logged
from models.estimates.what_if import best_by_risk, what_if
from service.auth import Principal
from service.store.period import (
    Period,
    Span,
    decisions_of,
    events_of,
    inspections_of_period,
    items_of,
    minutes_of_shifts,
    n_items,
    planned_of,
    shadow_risks,
)

MOST_DAYS = 400
MOST_ITEMS = 500_000


class Asked(NamedTuple):
    """Which period is asked about.

    Parameters
    ----------
    port : str or None
        None asks about every port in reach.
    from_day, to_day : datetime.date
        Local days of each port, the last one not counted.
    counting : str
        As in `models.estimates.totals.weigh`.
    """

    port: str | None
    from_day: date
    to_day: date
    counting: Counting = "found"


def _require_period(asked: Asked) -> None:
    if not 0 < (asked.to_day - asked.from_day).days <= MOST_DAYS:
        raise InvalidRecord(f"must come after from, at most {MOST_DAYS} days", field="to")


def _period(connection: Connection, principal: Principal, asked: Asked, now: datetime) -> Period:
    _require_period(asked)
    reach = sorted(ports() if principal.ports is None else principal.ports)
    by_zone: dict[str, list[str]] = {}
    for port in reach if asked.port is None else [asked.port]:
        by_zone.setdefault(ports()[port].time_zone, []).append(port)
    # what has not left yet is not settled, and its figures would tell what chance chose
    period = Period(
        [
            Span(
                there,
                local_midnight(zone, asked.from_day),
                min(now, local_midnight(zone, asked.to_day)),
            )
            for zone, there in by_zone.items()
        ]
    )
    if n_items(connection, period) > MOST_ITEMS:
        raise InvalidRecord(f"there are more than {MOST_ITEMS} items; ask for less", field="from")
    return period


def _logged(
    connection: Connection, period: Period, items: pl.DataFrame, inspections: pl.DataFrame
) -> Logged:
    rested_on = (
        planned_of(connection, period)
        .sort("decided_at")
        .group_by("item_id")
        .agg(pl.col("risk").last().alias("decided_risk"))
    )
    scores = items.join(rested_on, on="item_id", how="left").select(
        "item_id", pl.coalesce("decided_risk", "risk").alias("risk")
    )
    try:
        return read_logged(items, decisions_of(connection, period), inspections, scores)
    except InvalidTable as failed:
        raise InvalidRecord(
            f"the records of this period do not fit together: {failed.detail}", field="from"
        ) from failed


def performance(
    connection: Connection, principal: Principal, asked: Asked, now: datetime
) -> dict[str, Any]:
    """State the figures of a period within the caller's reach.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that sees one moment of the store.
    principal : Principal
        The caller; a port out of reach was refused before.
    asked : Asked
        Which period.
    now : datetime.datetime
        The present moment; items that have not left are left out.

    Returns
    -------
    dict
        `overall` and `ports`, each with its denominators and what there is to say of it, tests
        of risk against chance, late evidence, and the burden.

    Raises
    ------
    InvalidRecord
        If the period is no period, or holds too much.
    """
    period = _period(connection, principal, asked, now)
    items = items_of(connection, period)
    inspections = inspections_of_period(connection, period)
    logged = _logged(connection, period, items, inspections)
    told = figures_by_port(logged, asked.counting)
    return {
        "as_of": now,
        "n_left": len(items),
        "n_without_decision": len(items) - len(logged),
        "overall": _told(told.overall),
        "ports": {port: _told(each) for port, each in told.ports.items()},
        "risk_beats_chance_p_values": told.p_values,
        "late_evidence": _late(events_of(connection, period), inspections),
        "burden": [
            each._asdict()
            | {
                "inspection_interval": list(each.inspection_interval),
                "lawful_opened_interval": list(each.lawful_opened_interval),
            }
            for each in burden(items, inspections)
        ],
    }


def by_week(
    connection: Connection, principal: Principal, asked: Asked, now: datetime
) -> list[dict[str, Any]]:
    """State the figures of each week of a period within the caller's reach.

    Parameters
    ----------
    connection, principal, asked, now
        As for `performance`.

    Returns
    -------
    list of dict
        Per week that has begun, `from_day` and `to_day` (not counted), `n_left`, and the figures
        over all ports as `performance` has them. Weeks begin on Mondays; the first and the last
        one are cut at the ends of the period.

    Raises
    ------
    InvalidRecord
        If the period is no period, or one of its weeks holds too much.
    """
    _require_period(asked)
    told: list[dict[str, Any]] = []
    begins = asked.from_day
    while begins < min(asked.to_day, now.date() + timedelta(days=1)):
        ends = min(asked.to_day, begins + timedelta(days=7 - begins.weekday()))
        week = asked._replace(from_day=begins, to_day=ends)
        period = _period(connection, principal, week, now)
        items = items_of(connection, period)
        logged = _logged(connection, period, items, inspections_of_period(connection, period))
        figures = _told(figures_by_port(logged, asked.counting).overall)
        told.append({"from_day": begins, "to_day": ends, "n_left": len(items)} | figures)
        begins = ends
    return told


def _told(figures: Figures) -> dict[str, Any]:
    return asdict(figures) | {
        "n_reachable": figures.n_items - figures.n_without_overlap,
        "says": _words(figures),
    }


def _words(figures: Figures) -> str:
    prevalence = figures.prevalence
    if not figures.n_items:
        return "No decision was taken about anything that left."
    if not figures.n_exploration_exams:
        return "Not enough: chance drew nothing that was examined, so nothing is known of the rest."
    if prevalence.enough:
        return (
            f"{_finds(figures)} in {figures.n_exploration_exams} exams by chance: "
            "enough to estimate."
        )
    needed = figures.n_exams_needed
    about = f"; about {needed} exams by chance would be enough" if needed is not None else ""
    return (
        f"Not enough: {_finds(figures)} in {figures.n_exploration_exams} exams "
        f"by chance. Prevalence is at most {prevalence.high:.3g} (97.5 %){about}."
    )


def _finds(figures: Figures) -> str:
    count = figures.n_exploration_finds
    return f"{count} find" if count == 1 else f"{count} finds"


def _late(events: pl.DataFrame, inspections: pl.DataFrame) -> dict[str, int]:
    corrected = inspections["supersedes"].drop_nulls().implode()
    finds = inspections.filter(
        pl.col("outcome") == "find", ~pl.col("inspection_id").is_in(corrected)
    )
    ours = events.filter(pl.col("event_id").is_in(finds["inspection_id"].implode()))
    elsewhere = len(events) - len(ours)
    return {
        "n_events": finds["item_id"].n_unique() + elsewhere,
        "n_events_found_here": finds["item_id"].n_unique(),
        "n_events_elsewhere": elsewhere,
    }


class Other(NamedTuple):
    """Another way of choosing.

    Parameters
    ----------
    capacity_share : float
        Minutes of each shift and method, over those that it had.
    bundle : str or None
        A bundle that was in shadow in the period; None keeps the risks that were used.
    """

    capacity_share: float = 1.0
    bundle: str | None = None


def judge_other(
    connection: Connection, principal: Principal, asked: Asked, other: Other, now: datetime
) -> dict[str, Any]:
    """Say what the choice by risk alone would have found with other minutes or another bundle.

    Each item stands in the shift that decided about it last. Items that could not have been
    chosen, or of which the bundle said nothing, are left out, and counted.

    Parameters
    ----------
    connection, principal, asked, now
        As for `performance`.
    other : Other
        What is different.

    Returns
    -------
    dict
        Exams and finds in expectation, the hit rate, and what they rest on.

    Raises
    ------
    InvalidRecord
        If the period is no period, holds too much, or the bundle said nothing in it.
    """
    period = _period(connection, principal, asked, now)
    items, inspections = items_of(connection, period), inspections_of_period(connection, period)
    logged = _logged(connection, period, items, inspections)
    decided = planned_of(connection, period).sort("decided_at").unique("item_id", keep="last")
    judged = decided if other.bundle is None else _judged(connection, period, decided, other.bundle)
    reachable = judged.filter(pl.col("propensity") > 0)
    told = what_if(logged, _target(connection, reachable, other.capacity_share), asked.counting)
    return {
        **asdict(told),
        **other._asdict(),
        "n_without_overlap": len(judged) - len(reachable),
        "n_without_score": len(decided) - len(judged),
    }


def _judged(
    connection: Connection, period: Period, decided: pl.DataFrame, bundle: str
) -> pl.DataFrame:
    risks = shadow_risks(connection, period, bundle)
    if risks.is_empty():
        raise InvalidRecord(
            "this bundle said nothing of what left in the period; put it in shadow first",
            field="bundle",
        )
    return decided.drop("risk").join(risks, on="item_id").select(decided.columns)


def _target(connection: Connection, rows: pl.DataFrame, capacity_share: float) -> pl.DataFrame:
    shifts = minutes_of_shifts(connection, rows["shift_id"].unique().to_list())
    place = pl.format("{}/{}", "shift_id", "method").alias("shift_id")
    capacity = shifts.select(place, pl.col("capacity_minutes") * capacity_share)
    if rows.is_empty():
        return pl.DataFrame(schema={"item_id": pl.String(), "probability": pl.Float64()})
    # in one order, so that ties fall the same way each time
    return best_by_risk(rows.sort("item_id").with_columns(place), capacity)
