"""The OpenAPI document: bodies come from the one definition of an item."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from features.items import ITEM
from service.api.body import ItemBatch, json_schema
from service.api.schemas import ProblemReply
from service.evidence import OUTCOME_BATCH, SIGNAL_BATCH
from service.previewing import PREVIEW
from service.roles import PERMISSIONS
from service.rulemaking import DRAFT, VERSION_NAMED
from service.shifts.record import NEW_SHIFT
from service.watching import LOOKOUT, SUPPRESSION

_REF = "#/components/schemas/{model}"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": _REF.format(model="ProblemReply")}}}
_PROBLEMS = {
    "400": "The request is not HTTP as it should be.",
    "401": "No valid key.",
    "403": "The role or the port is out of the key's reach.",
    "404": "No such record within reach.",
    "408": "The body did not arrive in time.",
    "409": "The id or key is taken, or another caller was first.",
    "413": "The body is too large.",
    "415": "The body is not JSON, or it is compressed.",
    "422": "A field is not acceptable; `errors` names it.",
    "429": "The key calls faster than it may; see Retry-After.",
    "503": "Too busy, or the store takes no writes; send it again after Retry-After.",
}

_WITHOUT_BODY = {"401", "403", "404", "409", "422", "429", "503"}


def _components() -> dict[str, Any]:
    adapters: list[TypeAdapter[Any]] = [
        ITEM,
        TypeAdapter(ItemBatch),
        SIGNAL_BATCH,
        OUTCOME_BATCH,
        DRAFT,
        VERSION_NAMED,
        PREVIEW,
        LOOKOUT,
        SUPPRESSION,
        NEW_SHIFT,
        TypeAdapter(ProblemReply),
    ]
    schemas: dict[str, Any] = {}
    for adapter in adapters:
        schemas |= json_schema(adapter).get("$defs", {})
    schemas["ProblemReply"] = ProblemReply.model_json_schema(ref_template=_REF)
    schemas["ProblemReply"].pop("$defs", None)
    return schemas


def _secure(operation: dict[str, Any]) -> None:
    operation["security"] = [{"key": []}]
    has_body = "requestBody" in operation
    statuses = set(_PROBLEMS) if has_body else _WITHOUT_BODY
    for status in sorted(statuses):
        operation["responses"][status] = {"description": _PROBLEMS[status], "content": _PROBLEM}


def describe(app: FastAPI) -> dict[str, Any]:
    """Write the OpenAPI document of an application.

    Parameters
    ----------
    app : fastapi.FastAPI
        The application with all its routes.

    Returns
    -------
    dict
        OpenAPI 3.1, with examples and the problems of each route.
    """
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    components = document.setdefault("components", {})
    components["schemas"] = components.get("schemas", {}) | _components()
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            access = PERMISSIONS.get((method.upper(), path))
            if access is not None and access.roles is not None:
                _secure(operation)
    return document
