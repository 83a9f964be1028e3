"""The OpenAPI description: what FastAPI derives, plus problems and the stream's events."""

from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api import schemas
from api.problems import MEDIA_TYPE

TITLE = "wardwatch"
_REF = "#/components/schemas/{model}"

TAGS = [
    {"name": "session", "description": "Signing in and out, and who one is"},
    {"name": "events", "description": "The log: as a stream, and by polling"},
    {"name": "wall", "description": "One site at one position of the log"},
    {"name": "breaches", "description": "Their history and their life cycle"},
    {"name": "places", "description": "Units, sites and occupancy"},
    {"name": "orders", "description": "What arms a rule"},
    {"name": "cameras", "description": "Cameras and what is drawn over them; pictures"},
    {"name": "publishing", "description": "Cameras that publish to us (WHIP), and who may"},
    {"name": "operations", "description": "Liveness, readiness, figures, this description"},
]

SIGNED = (401,)
READS = (401, 404, 422)
REVIEWS = (401, 403, 404, 422)
WRITES = (400, 401, 403, 404, 409, 413, 422)

_WORDS = {
    400: "Not a request that can be read",
    401: "Not signed in",
    403: "The role does not carry this right, or the origin was refused",
    404: "Not found, or outside the scope",
    409: "It has moved on; tells who was first",
    406: "Only `application/sdp` is answered",
    412: "`If-Match` names a session that does not stand any more",
    410: "The record knows of it, the disk has lost it",
    413: "The body is too large",
    416: "It has fewer bytes",
    415: "Not the type of body that is read here",
    422: "A field was refused; tells which, and why",
    428: "`If-Match` is missing",
    429: "Too many tries; `Retry-After` says when the next one counts",
    503: "Out of reach for the moment",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: each a problem document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {
        status: {"description": _WORDS[status], "content": content}
        for status in sorted({*statuses, 422, 503})
    }


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole description, the same bytes every time for the same code."""
    described = get_openapi(
        title=app.title,
        version=app.version,
        description="Watches isolation areas through their cameras. Times are RFC 3339 UTC; errors "
        "are RFC 9457 problem details; what is outside one's scope is 404.",
        routes=app.routes,
        tags=app.openapi_tags,
    )
    components = described["components"]["schemas"]
    for made_by_fastapi in ("HTTPValidationError", "ValidationError"):
        components.pop(made_by_fastapi, None)
    models: tuple[type[BaseModel], ...] = (schemas.Problem, *schemas.STREAMED)
    beside: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        (model, "serialization") for model in models
    ]
    _, added = models_json_schema(beside, ref_template=_REF)
    components.update(added["$defs"])
    components["LoggedEvent"] = _union_of_logged_events()
    described["components"]["schemas"] = dict(sorted(components.items()))
    return described


def _union_of_logged_events() -> dict[str, Any]:
    logged = [model for model in schemas.STREAMED if "type" in model.model_fields]
    return {
        "title": "LoggedEvent",
        "description": "The `data` of a stream's event whose type is one of these",
        "oneOf": [{"$ref": _REF.format(model=model.__name__)} for model in logged],
    }
