"""Request bodies: bounded before they are read, checked before anything is done."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Self, TypeVar

from fastapi import Depends, Request
from pydantic import FailFast, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from features.items import Item, Record
from service.api.problems import (
    WHOLE_BODY,
    BodyTooLarge,
    BodyTooSlow,
    InvalidRequest,
    WrongMediaType,
    field_errors,
)
from service.api.runtime import Parts

MOST_BATCH_ITEMS = 500
PATIENCE_SECONDS = 30.0
"""How long a body may take to arrive."""

PARSED_AT_ONCE_BYTES = 64_000
"""Larger bodies are parsed in a thread, so that the server answers others meanwhile."""

_LONGEST_NAME = 100

Body = TypeVar("Body")


class ItemBatch(Record):
    """Items posted together: all are answered, or none is kept."""

    items: Annotated[list[Item], Field(min_length=1, max_length=MOST_BATCH_ITEMS), FailFast()]

    @model_validator(mode="after")
    def _each_item_once(self) -> Self:
        seen: set[str] = set()
        errors: list[InitErrorDetails] = []
        for position, item in enumerate(self.items):
            if item.item_id in seen:
                repeated = PydanticCustomError(
                    "repeated_item", "this item_id occurs earlier in the batch; send each once"
                )
                place = ("items", position, "item_id")
                errors.append({"type": repeated, "loc": place, "input": item.item_id})
            seen.add(item.item_id)
        if errors:
            raise ValidationError.from_exception_data(type(self).__name__, errors)
        return self


async def read_json(request: Request, parts: Parts) -> bytes:
    """Read a JSON body, no more of it than the server takes.

    Parameters
    ----------
    request : fastapi.Request
        The request.
    parts : Runtime
        The server's parts.

    Returns
    -------
    bytes
        The body, not parsed yet.

    Raises
    ------
    WrongMediaType
        If the request does not say that its body is JSON, or it is compressed.
    BodyTooLarge
        If there are more bytes than `WEIR_MAX_BODY_BYTES`, whatever the header says.
    BodyTooSlow
        If it has not arrived after `PATIENCE_SECONDS`.
    """
    _require_plain_json(request)
    return await receive(request, parts.settings.max_body_bytes)


async def receive(request: Request, most: int) -> bytes:
    """Read a body, no more of it than is wanted, and not for longer than `PATIENCE_SECONDS`.

    Parameters
    ----------
    request : fastapi.Request
        The request.
    most : int
        Bytes that are taken.

    Returns
    -------
    bytes
        The whole body.

    Raises
    ------
    BodyTooLarge
        If there are more bytes, whatever the header says.
    BodyTooSlow
        If it has not arrived in time.
    """
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > most:
        raise _too_large(most)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await _collect(request, most)
    except TimeoutError:
        raise BodyTooSlow(
            f"the body did not arrive within {PATIENCE_SECONDS:g} seconds; send it again",
            field=WHOLE_BODY,
        ) from None


def _require_plain_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise WrongMediaType("send JSON as Content-Type: application/json", field="Content-Type")
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise WrongMediaType(
            f"Content-Encoding {coding[:_LONGEST_NAME]!r} is not understood; "
            "send the body uncompressed",
            field="Content-Encoding",
        )


async def _collect(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


JsonBody = Annotated[bytes, Depends(read_json)]
"""A route's bounded body, not parsed yet."""


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"send at most {most} bytes; split the batch", field=WHOLE_BODY)


async def parse(adapter: TypeAdapter[Body], body: bytes) -> Body:
    """Parse and validate a body.

    Parameters
    ----------
    adapter : pydantic.TypeAdapter
        What it must be.
    body : bytes
        JSON.

    Returns
    -------
    Body
        The validated value.

    Raises
    ------
    InvalidRequest
        If it is no JSON, breaks the contract or names a field twice; names the first 20 fields
        at fault. After the first item or line at fault, further ones are not looked at.
    """
    if len(body) > PARSED_AT_ONCE_BYTES:
        return await asyncio.to_thread(_parse, adapter, body)
    return _parse(adapter, body)


def _parse(adapter: TypeAdapter[Body], body: bytes) -> Body:
    try:
        value = adapter.validate_json(body)
    except ValidationError as refused:
        errors = field_errors(refused)
        raise InvalidRequest(errors, n_faults=refused.error_count()) from None
    # only now, so that what is walked through here is known to be small and shallow JSON
    json.loads(body, object_pairs_hook=_refuse_repeats, parse_int=str, parse_float=str)
    return value


def _refuse_repeats(pairs: Sequence[tuple[str, object]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) == len(names):
        return
    advice = "this field occurs twice in one object; send it once"
    repeated = [name for name, times in Counter(names).items() if times > 1]
    raise InvalidRequest([{"field": name[:_LONGEST_NAME], "detail": advice} for name in repeated])


def json_schema(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """Give the schema of a body for OpenAPI.

    Parameters
    ----------
    adapter : pydantic.TypeAdapter
        What it must be.

    Returns
    -------
    dict
        JSON schema whose definitions stand in `$defs`, referred to as OpenAPI components.
    """
    return adapter.json_schema(ref_template="#/components/schemas/{model}")


def takes(adapter: TypeAdapter[Any], examples: dict[str, Any]) -> dict[str, Any]:
    """Describe the body of a route, which FastAPI does not see.

    Parameters
    ----------
    adapter : pydantic.TypeAdapter
        What it must be.
    examples : dict of str to Any
        Bodies that are accepted, by a name for each.

    Returns
    -------
    dict
        An OpenAPI operation's `requestBody`.
    """
    schema = json_schema(adapter)
    schema.pop("$defs", None)
    named = {name: {"value": value} for name, value in examples.items()}
    content = {"application/json": {"schema": schema, "examples": named}}
    return {"requestBody": {"required": True, "content": content}}
