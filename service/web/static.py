"""Style sheet and script, served from here and from nowhere else."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from service.api.problems import problem

_TYPES = {"weir.css": "text/css", "weir.js": "text/javascript", "weir.svg": "image/svg+xml"}
_YEAR_SECONDS = 31_536_000

router = APIRouter(include_in_schema=False)


class Asset(NamedTuple):
    """One file, and a digest that changes with it."""

    content: bytes
    version: str


@cache
def _read(name: str) -> Asset:
    content = files("service.web").joinpath("static", name).read_bytes()
    return Asset(content, hashlib.sha256(content).hexdigest()[:16])


def asset(name: str) -> str:
    """Give the address of a file, which changes with its content.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    str
        Path and query.
    """
    return f"/static/{name}?v={_read(name).version}"


@router.get("/static/{name}")
def read_asset(name: str, request: Request) -> Response:
    """Give a file of the pages."""
    if name not in _TYPES:
        return problem(404, "no such file; see /")
    found = _read(name)
    named = request.query_params.get("v") == found.version
    cached = f"public, max-age={_YEAR_SECONDS}, immutable" if named else "no-cache"
    return Response(found.content, media_type=_TYPES[name], headers={"Cache-Control": cached})
