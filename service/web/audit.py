"""The audit: who saw and did what, and proof that the record is whole."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from service.api.acts import act
from service.api.runtime import Parts, Runtime
from service.audit.notary import CopiesDamaged
from service.audit.verify import AuditBroken, verify
from service.auth import PortForbidden
from service.reading_audit import look_up
from service.sessions import Session
from service.store.chain import Wanted, head
from service.web.access import Visitor
from service.web.queries import EMPTY
from service.web.rendering import render
from service.web.routing import PageRoute

PAGE_ROWS = 50

router = APIRouter(route_class=PageRoute, include_in_schema=False)

After = Annotated[Annotated[int, Field(ge=0, le=2**53)] | None, EMPTY, Query()]
Id = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,80}$")]
Named = Annotated[Id | None, EMPTY, Query()]


def _latest(parts: Runtime) -> int:
    with parts.store.read() as connection:
        return max(0, head(connection).seq - PAGE_ROWS)


@router.get("/audit")
async def read_audit(
    session: Visitor, parts: Parts, after: After = None, subject: Named = None, actor: Named = None
) -> Response:
    """Show acts in order, the latest ones unless told otherwise. Who looked is kept."""
    begin = after if after is not None else 0 if subject or actor else _latest(parts)
    wanted = Wanted(begin, subject, actor, PAGE_ROWS)
    seen = await act(parts.acting, look_up(session.principal, wanted))
    return render(
        "audit.html",
        session,
        rows=seen["rows"],
        asked=wanted,
        earlier=max(0, begin - PAGE_ROWS) if begin else None,
        later=seen["rows"][-1]["seq"] if len(seen["rows"]) == PAGE_ROWS else None,
    )


@router.post("/audit/verify")
def verify_audit(session: Visitor, parts: Parts) -> Response:
    """Verify every row, payload and checkpoint."""
    _require_every_port(session)
    try:
        with parts.store.read() as connection:
            found = verify(connection, parts.notary.trusted(), parts.notary.copies())
    except (AuditBroken, CopiesDamaged) as broken:
        return render("verified.html", session, found=None, broken=broken.detail)
    return render("verified.html", session, found=found, broken=None)


def _require_every_port(session: Session) -> None:
    if session.principal.ports is not None:
        raise PortForbidden("the audit is about every port; this session does not reach them all")
