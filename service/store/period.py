"""What a period left on record in the store, as tables for the estimates."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select

from features.records import DECISIONS as DECISIONS_TABLE
from features.records import INSPECTIONS as INSPECTIONS_TABLE
from service.store.finding_tables import DECISIONS, OUTCOMES
from service.store.model_tables import SHADOW_SCORES
from service.store.shift_tables import PLANNED, SHIFTS
from service.store.tables import ENTITY_ITEMS, INSPECTIONS, ITEMS, SCORES

ITEM_COLUMNS = pl.Schema(
    {
        "item_id": pl.String(),
        "version": pl.Int64(),
        "port": pl.String(),
        "mode": pl.String(),
        "destination": pl.String(),
        "body": pl.String(),
        "shipper": pl.String(),
        "risk": pl.Float64(),
    }
)
PLANNED_COLUMNS = pl.Schema(
    {
        "item_id": pl.String(),
        "shift_id": pl.String(),
        "decided_at": pl.Datetime("us", "UTC"),
        "propensity": pl.Float64(),
        "risk": pl.Float64(),
        "severity": pl.Float64(),
        "method": pl.String(),
        "minutes": pl.Float64(),
    }
)
EVENT_COLUMNS = pl.Schema({"event_id": pl.String(), "item_id": pl.String()})


class Span(NamedTuple):
    """Items of some ports that left in a stretch of time.

    Parameters
    ----------
    ports : sequence of str
        Schedule D codes.
    start, end : datetime.datetime
        From when on, and until when, the end not counted.
    """

    ports: Sequence[str]
    start: datetime
    end: datetime


class Period(NamedTuple):
    """What is read of the items that left in some spans.

    Parameters
    ----------
    spans : sequence of Span
        An item counts if one of them has it.
    """

    spans: Sequence[Span]

    @property
    def condition(self) -> ColumnElement[bool]:
        """The same as a condition on `items`."""
        within: ColumnElement[bool] = false()
        for span in self.spans:
            one = and_(
                ITEMS.c.port.in_(span.ports),
                ITEMS.c.leaves_at >= span.start,
                ITEMS.c.leaves_at < span.end,
            )
            within = or_(within, one)
        return and_(ITEMS.c.superseded_by.is_(None), within)


def _frame(connection: Connection, query: Select[Any], schema: pl.Schema) -> pl.DataFrame:
    rows = [tuple(row) for row in connection.execute(query)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def n_items(connection: Connection, period: Period) -> int:
    """Count the items of a period, before they are read.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    period : Period
        Which items.

    Returns
    -------
    int
        How many.
    """
    query = select(func.count()).select_from(ITEMS).where(period.condition)
    return int(connection.execute(query).scalar_one())


def items_of(connection: Connection, period: Period) -> pl.DataFrame:
    """Read the items of a period.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    period : Period
        Which items.

    Returns
    -------
    polars.DataFrame
        `ITEM_COLUMNS`: latest versions, the body of vehicles, the token of the shipper, and the
        risk that a model gave.
    """
    shipper = ENTITY_ITEMS.alias("shipper")
    query = (
        select(
            ITEMS.c.item_id,
            ITEMS.c.version,
            ITEMS.c.port,
            ITEMS.c.mode,
            ITEMS.c.destination,
            ITEMS.c.body,
            func.min(shipper.c.token).label("shipper"),
            SCORES.c.risk,
        )
        .select_from(
            ITEMS.outerjoin(
                shipper,
                and_(shipper.c.item_id == ITEMS.c.item_id, shipper.c.kind == "shipper"),
            ).outerjoin(
                SCORES,
                and_(SCORES.c.item_id == ITEMS.c.item_id, SCORES.c.version == ITEMS.c.version),
            )
        )
        .where(period.condition)
        .group_by(ITEMS.c.item_id, ITEMS.c.version, SCORES.c.item_id, SCORES.c.version)
    )
    rows = [
        (*row[:5], row.body.get("body") if row.body["kind"] == "vehicle" else None, *row[6:])
        for row in connection.execute(query)
    ]
    return pl.DataFrame(rows, schema=ITEM_COLUMNS, orient="row")


def decisions_of(connection: Connection, period: Period) -> pl.DataFrame:
    """Read the decisions about the items of a period.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    period : Period
        Which items.

    Returns
    -------
    polars.DataFrame
        The `decisions` table.
    """
    columns = [DECISIONS.c[name] for name in DECISIONS_TABLE.columns]
    query = select(*columns).join(ITEMS, ITEMS.c.item_id == DECISIONS.c.item_id)
    return _frame(connection, query.where(period.condition), DECISIONS_TABLE.schema)


def inspections_of_period(connection: Connection, period: Period) -> pl.DataFrame:
    """Read the inspections of the items of a period, corrected ones included.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    period : Period
        Which items.

    Returns
    -------
    polars.DataFrame
        The `inspections` table.
    """
    columns = [INSPECTIONS.c[name] for name in INSPECTIONS_TABLE.columns]
    query = select(*columns).join(ITEMS, ITEMS.c.item_id == INSPECTIONS.c.item_id)
    return _frame(connection, query.where(period.condition), INSPECTIONS_TABLE.schema)


def events_of(connection: Connection, period: Period) -> pl.DataFrame:
    """Read the events that late evidence tells of, about the items of a period.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    period : Period
        Which items.

    Returns
    -------
    polars.DataFrame
        `EVENT_COLUMNS`, each event once; leads that may not be counted are left out.
    """
    query = (
        select(OUTCOMES.c.event_id, func.min(OUTCOMES.c.matched_item))
        .join(ITEMS, ITEMS.c.item_id == OUTCOMES.c.matched_item)
        .where(period.condition, OUTCOMES.c.permitted_use != "lead_only")
        .group_by(OUTCOMES.c.event_id)
    )
    return _frame(connection, query, EVENT_COLUMNS)


def planned_of(connection: Connection, period: Period) -> pl.DataFrame:
    """Read what the decisions about the items of a period rested on.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    period : Period
        Which items.

    Returns
    -------
    polars.DataFrame
        `PLANNED_COLUMNS`, one row for each decision of a plan or in the lane.
    """
    names = ("risk", "severity", "method", "minutes")
    query = (
        select(
            *(DECISIONS.c[name] for name in ("item_id", "shift_id", "decided_at", "propensity")),
            *(PLANNED.c[name] for name in names),
        )
        .select_from(
            DECISIONS.join(ITEMS, ITEMS.c.item_id == DECISIONS.c.item_id).join(
                PLANNED, PLANNED.c.decision_id == DECISIONS.c.decision_id
            )
        )
        .where(period.condition)
    )
    return _frame(connection, query, PLANNED_COLUMNS)


def shadow_risks(connection: Connection, period: Period, bundle: str) -> pl.DataFrame:
    """Read what a bundle in shadow said of the items of a period, when they came.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    period : Period
        Which items.
    bundle : str
        The bundle.

    Returns
    -------
    polars.DataFrame
        `item_id` and `risk`, of latest versions.
    """
    same = and_(
        SHADOW_SCORES.c.item_id == ITEMS.c.item_id, SHADOW_SCORES.c.version == ITEMS.c.version
    )
    query = (
        select(SHADOW_SCORES.c.item_id, SHADOW_SCORES.c.risk)
        .join(ITEMS, same)
        .where(period.condition, SHADOW_SCORES.c.bundle == bundle)
    )
    return _frame(connection, query, pl.Schema({"item_id": pl.String(), "risk": pl.Float64()}))


def minutes_of_shifts(connection: Connection, shift_ids: Sequence[str]) -> pl.DataFrame:
    """Read what shifts had, by exam method.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    shift_ids : sequence of str
        The shifts.

    Returns
    -------
    polars.DataFrame
        `shift_id, method, capacity_minutes`.
    """
    query = select(SHIFTS.c.shift_id, SHIFTS.c.minutes).where(SHIFTS.c.shift_id.in_(shift_ids))
    rows = [
        (row.shift_id, method, total)
        for row in connection.execute(query)
        for method, total in row.minutes.items()
    ]
    schema = {"shift_id": pl.String(), "method": pl.String(), "capacity_minutes": pl.Float64()}
    return pl.DataFrame(rows, schema=schema, orient="row")
