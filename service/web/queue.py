"""The queue: what to open next, and why."""

from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from service.api.runtime import Parts, Runtime
from service.api.schemas import Mode
from service.auth import Principal
from service.sessions import Session
from service.store.queue import Order, QueueFilter
from service.targeting import rank
from service.web.access import Visitor, Watcher
from service.web.alerts import alerts_of, count_alerts
from service.web.queries import EMPTY, Port
from service.web.rendering import render
from service.web.routing import PageRoute

PAGE_ITEMS = 20

router = APIRouter(route_class=PageRoute, include_in_schema=False)


Moded = Annotated[Mode | None, EMPTY, Query()]
Lane = Annotated[Annotated[str, Field(max_length=40)] | None, EMPTY, Query()]
Cursor = Annotated[Annotated[str, Field(max_length=400)] | None, EMPTY, Query()]


class Asked(NamedTuple):
    """What the visitor wants to see of the queue."""

    port: str | None
    mode: str | None
    lane: str | None
    order: Order
    cursor: str | None

    @property
    def wanted(self) -> QueueFilter:
        """The page of the queue."""
        ports = None if self.port is None else [self.port]
        return QueueFilter(ports, self.mode, PAGE_ITEMS, self.order, self.cursor, self.lane)

    def address(self, path: str, **changes: str | None) -> str:
        """Write the address of this page, or of one like it.

        Parameters
        ----------
        path : str
            The route.
        **changes : str or None
            What is different there.

        Returns
        -------
        str
            Path and query.
        """
        fields = {name: value for name, value in (self._asdict() | changes).items() if value}
        return f"{path}?{urlencode(fields)}"


def asked(
    port: Port = None,
    mode: Moded = None,
    lane: Lane = None,
    order: Order = "priority",
    cursor: Cursor = None,
) -> Asked:
    """Read from the query what the visitor wants to see.

    Parameters
    ----------
    port, mode, lane, order, cursor
        As in `QueueFilter`; an empty field of the form is none.

    Returns
    -------
    Asked
        What is wanted.
    """
    return Asked(port, mode, lane, order, cursor)


Wanted = Annotated[Asked, Depends(asked)]


def _page(principal: Principal, parts: Runtime, asked_for: Asked) -> dict[str, Any]:
    if asked_for.port is not None:
        principal.require_port(asked_for.port, "port")
    now = parts.clock()
    with parts.store.read() as connection:
        page = rank(connection, principal, now, asked_for.wanted, bodies=True)
    items = [entry | {"alerts": alerts_of(entry, now)} for entry in page["items"]]
    told = {"now": now, "asked": asked_for, "degraded": parts.desk.model() is None}
    return page | told | {"items": items, "alerts": count_alerts(items)}


def _render(template: str, session: Session, page: dict[str, Any]) -> Response:
    return render(template, session, **page)


@router.get("/queue")
def read_queue(session: Visitor, parts: Parts, wanted: Wanted) -> Response:
    """Show the queue: must-inspect first, then by priority, or in order of departure."""
    return _render("queue.html", session, _page(session.principal, parts, wanted))


@router.get("/queue/items")
def read_queue_items(session: Watcher, parts: Parts, wanted: Wanted) -> Response:
    """Give the items alone, for the script that refreshes the page."""
    return _render("queue_items.html", session, _page(session.principal, parts, wanted))
