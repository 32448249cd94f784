"""Figures of a period: arms side by side, ports, and who bore the inspections."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.api.runtime import Parts
from service.performance import Asked, by_week, performance
from service.store.exported import freeze
from service.web.access import Visitor
from service.web.plots import plot_arms, plot_weeks
from service.web.queries import EMPTY, Port
from service.web.rendering import render
from service.web.routing import PageRoute

DAYS = 28
"""Days that are shown unless told otherwise, today counted."""

router = APIRouter(route_class=PageRoute, include_in_schema=False)

From = Annotated[date | None, EMPTY, Query(alias="from")]
To = Annotated[date | None, EMPTY, Query(alias="to")]


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
        weeks = by_week(connection, session.principal, asked, now)
    return render(
        "performance.html",
        session,
        asked=asked,
        plot=plot_arms(figures["overall"]["arms"]),
        weeks=weeks,
        panels=plot_weeks(weeks),
        **figures,
    )
