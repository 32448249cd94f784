"""Request bodies: bounded before they are read, checked before anything is done."""

from typing import Annotated, Any, Self, TypeVar

from fastapi import Depends, Request
from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from features.items import Item, Record
from service.api.problems import BodyTooLarge, InvalidRequest, WrongMediaType, field_errors
from service.api.runtime import Parts

MOST_BATCH_ITEMS = 500

Body = TypeVar("Body")


class ItemBatch(Record):
    """Items posted together: all are answered, or none is kept."""

    items: Annotated[list[Item], Field(min_length=1, max_length=MOST_BATCH_ITEMS)]

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
        If the request does not say that its body is JSON.
    BodyTooLarge
        If there are more bytes than `WEIR_MAX_BODY_BYTES`, whatever the header says.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise WrongMediaType("send JSON as Content-Type: application/json", field="Content-Type")
    most = parts.settings.max_body_bytes
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > most:
        raise _too_large(most)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


JsonBody = Annotated[bytes, Depends(read_json)]
"""A route's bounded body, not parsed yet."""


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"send at most {most} bytes; split the batch", field="body")


def parse(adapter: TypeAdapter[Body], body: bytes) -> Body:
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
        If it is no JSON or breaks the contract; names every field at fault.
    """
    try:
        return adapter.validate_json(body)
    except ValidationError as refused:
        raise InvalidRequest(field_errors(refused)) from None


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
