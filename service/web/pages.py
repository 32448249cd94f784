"""All the pages of an application."""

from fastapi import FastAPI

from service.web import (
    audit,
    finding,
    item,
    performance,
    queue,
    rules,
    signing_in,
    skipping,
    static,
)


def add_pages(app: FastAPI) -> None:
    """Add the pages to an application.

    Parameters
    ----------
    app : fastapi.FastAPI
        The application; `app.state.runtime` holds its parts.
    """
    for module in (static, signing_in, queue, item, skipping, finding, performance, rules, audit):
        app.include_router(module.router)
