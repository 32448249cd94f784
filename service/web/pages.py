"""All the pages of an application."""

from fastapi import FastAPI

from service.web import (
    audit,
    drafting,
    finding,
    item,
    models,
    opening,
    performance,
    queue,
    rules,
    shifts,
    signing_in,
    skipping,
    static,
    watches,
)

_MODULES = (
    static,
    signing_in,
    queue,
    item,
    skipping,
    finding,
    shifts,
    opening,
    performance,
    rules,
    drafting,
    watches,
    models,
    audit,
)


def add_pages(app: FastAPI) -> None:
    """Add the pages to an application.

    Parameters
    ----------
    app : fastapi.FastAPI
        The application; `app.state.runtime` holds its parts.
    """
    for module in _MODULES:
        app.include_router(module.router)
