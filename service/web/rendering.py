"""Templates, and what every page has: headers, navigation, words, times of the port."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from features.reference.tables import countries, ports
from service.auth import Principal
from service.roles import PERMISSIONS
from service.sessions import Session
from service.web import amounts, words
from service.web.static import asset

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Headers of pages, beside those that every reply has."""


class Tab(NamedTuple):
    """One page of the navigation."""

    path: str
    text: str


_TABS = (
    Tab("/queue", "Queue"),
    Tab("/shifts", "Shifts"),
    Tab("/performance", "Performance"),
    Tab("/rules", "Rules"),
    Tab("/models", "Models"),
    Tab("/audit", "Audit"),
)


def may(principal: Principal, method: str, path: str) -> bool:
    """Tell whether a page is for somebody, so that it is offered.

    Parameters
    ----------
    principal : Principal
        Who is signed in.
    method, path : str
        The route, its path as declared.

    Returns
    -------
    bool
        What the table of permissions says.
    """
    roles = PERMISSIONS[method, path].roles
    return roles is None or principal.role in roles


def tabs(principal: Principal) -> list[Tab]:
    """List the pages that somebody may open.

    Parameters
    ----------
    principal : Principal
        Who is signed in.

    Returns
    -------
    list of Tab
        In the order of the navigation.
    """
    return [tab for tab in _TABS if may(principal, "GET", tab.path)]


def local_time(at: datetime, port: str) -> Markup:
    """Write a moment in the time of a port.

    Parameters
    ----------
    at : datetime.datetime
        The moment.
    port : str
        Schedule D code.

    Returns
    -------
    markupsafe.Markup
        A `time` element, such as "24 Nov 2026, 04:00 CST".
    """
    there = at.astimezone(ZoneInfo(ports()[port].time_zone))
    return Markup('<time datetime="{}">{}</time>').format(
        at.isoformat(), there.strftime("%-d %b %Y, %H:%M %Z")
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("service.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["local_time"] = local_time
    environment.globals |= {
        "asset": asset,
        "may": may,
        "tabs": tabs,
        "words": words,
        "amounts": amounts,
        "port_name": lambda code: ports()[code].name,
        "country_name": lambda code: countries()[code].name,
    }
    return environment


_ENVIRONMENT = _environment()


def render(
    template: str,
    session: Session | None,
    status: int = HTTPStatus.OK,
    **values: Any,  # noqa: ANN401 - whatever the template shows
) -> HTMLResponse:
    """Render a page.

    Parameters
    ----------
    template : str
        Its file.
    session : Session or None
        Who looks at it.
    status : int
        Status of the reply.
    **values : Any
        What the template shows.

    Returns
    -------
    fastapi.responses.HTMLResponse
        The page, with the headers of pages.
    """
    page = _ENVIRONMENT.get_template(template).render(session=session, **values)
    return HTMLResponse(page, status, headers=dict(HEADERS))
