"""Figures of a period: arms side by side, ports, and who bore the inspections."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query, Response
from pydantic import BeforeValidator

from features.fields import PortCode
from service.api.runtime import Parts
from service.performance import Asked, performance
from service.store.exported import freeze
from service.web.access import Visitor
from service.web.rendering import render
from service.web.routing import PageRoute

DAYS = 28
"""Days that are shown unless told otherwise, today counted."""

LABELS_PX, SCALE_PX, ROW_PX = 96, 400, 28

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_EMPTY = BeforeValidator(lambda value: value or None)
Port = Annotated[PortCode | None, _EMPTY, Query()]
From = Annotated[date | None, _EMPTY, Query(alias="from")]
To = Annotated[date | None, _EMPTY, Query(alias="to")]


class Whisker(NamedTuple):
    """A hit rate with its interval, in pixels; None where there is none to draw."""

    label: str
    y: int
    low: float
    value: float | None
    high: float


class Plot(NamedTuple):
    """Hit rates side by side on one scale, whose right end is `most`."""

    rows: Sequence[Whisker]
    most: float
    height: int


def plot_arms(arms: Mapping[str, Mapping[str, Any]]) -> Plot:
    """Lay out the hit rates of arms.

    Parameters
    ----------
    arms : mapping of str to mapping
        As `service.performance` gives them.

    Returns
    -------
    Plot
        A row for each arm that inspected something.
    """
    rates = {arm: each["hit_rate"] for arm, each in arms.items() if each["n_inspections"]}
    drawn = {arm: rate for arm, rate in rates.items() if rate["high"] is not None}
    most = max((rate["high"] for rate in drawn.values()), default=1.0) or 1.0

    def place(share: float) -> float:
        return round(LABELS_PX + SCALE_PX * share / most, 1)

    rows = [
        Whisker(
            arm,
            ROW_PX * (at + 1),
            place(rate["low"] or 0.0),
            None if rate["value"] is None else place(rate["value"]),
            place(rate["high"]),
        )
        for at, (arm, rate) in enumerate(drawn.items())
    ]
    return Plot(rows, most, ROW_PX * (len(rows) + 2))


@router.get("/performance")
def read_performance(
    session: Visitor, parts: Parts, port: Port = None, from_day: From = None, to_day: To = None
) -> Response:
    """Show the figures of a period, by default of the last four weeks."""
    if port is not None:
        session.principal.require_port(port, "port")
    now = parts.clock()
    end = to_day or now.date() + timedelta(days=1)
    asked = Asked(port, from_day or end - timedelta(days=DAYS), end)
    with parts.store.read() as connection:
        freeze(connection)
        figures = performance(connection, session.principal, asked, now)
    plot = plot_arms(figures["overall"]["arms"])
    return render("performance.html", session, asked=asked, plot=plot, **figures)
