"""One item: what is declared, why it is where it is, what surrounds it, what was found."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from features.fields import RecordId
from features.reference.rows import ExamMethod
from features.reference.tables import exam_methods
from service.acting import Deed, together
from service.api.acts import act
from service.api.runtime import Parts
from service.claiming import claim, look_who_has, release
from service.findings import list_findings
from service.sessions import Session
from service.shifts.showing import look_what_was_chosen
from service.showing import look_at
from service.surroundings import look_around
from service.web.access import Visitor
from service.web.drawings import draw_links, draw_strip
from service.web.rendering import may, render
from service.web.routing import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Done = Annotated[Literal["finding", "claim", "release", "skip"] | None, Query()]


def exams_of(mode: str) -> list[ExamMethod]:
    """List the exams that a mode allows, quickest first.

    Parameters
    ----------
    mode : str
        Mode of an item.

    Returns
    -------
    list of ExamMethod
        Rows of the reference table.
    """
    fitting = [each for each in exam_methods().values() if mode in each.modes]
    return sorted(fitting, key=lambda each: each.minutes)


def _looks(session: Session, item_id: str, parts: Parts) -> dict[str, Deed]:
    principal = session.principal
    looks: dict[str, Deed] = {
        "shown": look_at(principal, item_id),
        "around": look_around(principal, item_id, parts.desk.tokens),
        "held": look_who_has(principal, item_id),
        "planned": look_what_was_chosen(principal, item_id),
    }
    if may(principal, "GET", "/v1/items/{item_id}/inspections"):
        looks["past"] = list_findings(principal, item_id)
    return looks


@router.get("/items/{item_id}")
async def read_item(
    session: Visitor, parts: Parts, item_id: RecordId, done: Done = None
) -> Response:
    """Show an item. Who looked is kept."""
    seen = await act(parts.acting, together(_looks(session, item_id, parts)))
    item: dict[str, Any] = seen["shown"]["item"]
    around = seen["around"]
    return render(
        "item.html",
        session,
        **seen["shown"],
        around=around,
        claim=seen["held"]["claim"],
        chosen=seen["planned"]["chosen"],
        past=seen.get("past", {"inspections": None})["inspections"],
        now=around["as_of"],
        strip=draw_strip(around["entities"], around["since"], around["as_of"]),
        links=draw_links(around["entities"]),
        exams=exams_of(item["mode"]),
        done=done,
    )


@router.post("/items/{item_id}/claim")
async def claim_item(session: Visitor, parts: Parts, item_id: RecordId) -> Response:
    """Take an item in hand, and show it."""
    lasts = parts.settings.claim_time
    await act(parts.recording, claim(session.principal, item_id, lasts))
    return RedirectResponse(f"/items/{item_id}?done=claim", HTTPStatus.SEE_OTHER)


@router.post("/items/{item_id}/release")
async def release_item(session: Visitor, parts: Parts, item_id: RecordId) -> Response:
    """Let an item go that is in hand, and show it."""
    await act(parts.recording, release(session.principal, item_id))
    return RedirectResponse(f"/items/{item_id}?done=release", HTTPStatus.SEE_OTHER)
