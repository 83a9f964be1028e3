"""The one table from error types to problem details (RFC 9457): type, status, title, facts."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api import errors
from record import errors as record_errors
from record.ids import new_id
from record.moments import stamp

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
URN = "urn:wardwatch:problem:"

BY_TOKEN = (errors.TokenRefused, errors.PublisherRefused)

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    slug: str
    status: int
    title: str
    facts: Callable[[Any], Facts] = lambda _: {}


def _invalid(error: record_errors.Invalid) -> Facts:
    return {
        "field": error.field,
        "errors": [{"field": error.field, "reason": error.reason}],
    }


def _first(error: record_errors.AlreadyAcknowledged) -> Facts:
    return {"by": error.by, "by_name": error.by_name, "at": stamp(error.at)}


def _closed(error: record_errors.AlreadyClosed) -> Facts:
    return {
        "state": error.state,
        "by": error.by,
        "by_name": error.by_name,
        "at": stamp(error.at),
    }


def _no_picture(error: errors.PictureUnavailable) -> Facts:
    return {
        "state": error.state,
        "reason": error.reason,
        "last_at": None if error.last_at is None else stamp(error.last_at),
    }


def _refused(error: errors.WorkerRefused) -> Facts:
    at = {} if error.field is None else {"field": error.field}
    return {"reason": error.reason, **at}


def _retry(
    error: errors.TooManyTries | errors.TooManyViewers | errors.PublisherAlive | errors.StillBusy,
) -> Facts:
    return {"retry_after": error.retry_after}


PROBLEMS: Mapping[type[Exception], Row] = {
    record_errors.RecordError: Row("record", 500, "The record could not do it"),
    record_errors.NotInScope: Row("not-in-scope", 404, "Not found, or outside your scope"),
    record_errors.Invalid: Row("invalid", 422, "A field was refused", _invalid),
    record_errors.OutsideTheTree: Row("outside-the-tree", 422, "The place is not there", _invalid),
    record_errors.Conflict: Row("conflict", 409, "It has moved on"),
    record_errors.AlreadyAcknowledged: Row(
        "already-acknowledged", 409, "Somebody acknowledged it first", _first
    ),
    record_errors.AlreadyClosed: Row("already-closed", 409, "It is closed already", _closed),
    record_errors.Duplicate: Row(
        "duplicate", 409, "The name is taken", lambda error: {"field": error.field}
    ),
    record_errors.NotAllowed: Row("not-allowed", 403, "Your role does not carry this right"),
    record_errors.SignInRefused: Row("sign-in-refused", 401, "Sign-in refused"),
    record_errors.PairingRefused: Row("pairing-refused", 403, "The code was refused"),
    record_errors.NotSignedIn: Row("not-signed-in", 401, "Sign in first"),
    record_errors.StoreUnavailable: Row("store-unavailable", 503, "The record is out of reach"),
    record_errors.SchemaOutdated: Row("schema-outdated", 503, "The record is of another version"),
    record_errors.CannotOpen: Row("cannot-open", 503, "What was sealed does not open"),
    record_errors.KeyUnusable: Row("key-unusable", 503, "The node's key cannot be used"),
    errors.ApiError: Row("api", 500, "The request failed"),
    errors.OriginRefused: Row("origin-refused", 403, "Refused for its origin"),
    errors.TooManyTries: Row("too-many-tries", 429, "Too many tries", _retry),
    errors.BodyTooLarge: Row("body-too-large", 413, "The body is too large"),
    errors.VersionMoved: Row("version-moved", 409, "It was changed meanwhile"),
    errors.PictureUnavailable: Row("picture-unavailable", 503, "No live picture", _no_picture),
    errors.TooManyViewers: Row("too-many-viewers", 503, "Too many viewers", _retry),
    errors.StillBusy: Row("still-busy", 429, "Still busy with the last one", _retry),
    errors.WorkerUnavailable: Row(
        "worker-unavailable", 503, "Nobody reads the cameras", lambda e: {"reason": e.reason.value}
    ),
    errors.WorkerRefused: Row("worker-refused", 422, "The worker refused", _refused),
    errors.EvidenceMissing: Row("evidence-missing", 410, "The file is not there"),
    errors.EvidenceLost: Row(
        "evidence-lost", 410, "It could not be kept", lambda e: {"loss": e.loss.value}
    ),
    errors.RangeOutside: Row(
        "range-outside", 416, "It is shorter than that", lambda e: {"size": e.size}
    ),
    errors.TokenRefused: Row("token-refused", 401, "A token is needed"),
    errors.PublisherRefused: Row("publisher-refused", 401, "The camera's token is needed"),
    errors.PublisherAlive: Row("publisher-alive", 409, "Somebody publishes already", _retry),
    errors.EtagMissing: Row("etag-missing", 428, "Which session is not said"),
    errors.EtagMismatch: Row("etag-mismatch", 412, "That session is over"),
    errors.Unexpected: Row("unexpected", 500, "Something went wrong", lambda e: {"id": e.id}),
}

ROUTING: Mapping[int, Row] = {
    400: Row("malformed", 400, "The request is malformed"),
    404: Row("not-found", 404, "Not found"),
    405: Row("method-not-allowed", 405, "Not a method of this address"),
    406: Row("not-acceptable", 406, "Not in this form"),
    415: Row("unsupported-media-type", 415, "Not a body we read"),
}
"""What the router says before any of our code is asked."""


def row_of(error: Exception) -> Row:
    """The nearest row up the class's own ancestry."""
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)


def response(row: Row, detail: str, facts: Facts, headers: Mapping[str, str]) -> Response:
    body = {
        "type": URN + row.slug,
        "title": row.title,
        "status": row.status,
        "detail": detail,
        **facts,
    }
    return Response(
        orjson.dumps(body),
        row.status,
        {"Cache-Control": "no-store", **headers},
        media_type=MEDIA_TYPE,
    )


def problem(error: Exception) -> Response:
    """The answer to an error of one of the two families."""
    row = row_of(error)
    facts = row.facts(error)
    headers = {}
    if row.status == 401:
        headers["WWW-Authenticate"] = (
            "Bearer" if isinstance(error, BY_TOKEN) else 'Session realm="wardwatch"'
        )
    if "retry_after" in facts:
        headers["Retry-After"] = str(math.ceil(facts["retry_after"]))
    if isinstance(error, errors.RangeOutside):
        headers["Content-Range"] = f"bytes */{error.size}"
    return response(row, str(error), facts, headers)


def refused_fields(found: Sequence[Any]) -> list[dict[str, str]]:
    """Pydantic's errors as field and reason; what was sent is never repeated."""
    return [{"field": _field(each), "reason": _reason(each)} for each in found]


def _field(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":  # its location is where the JSON breaks off, in bytes
        return "body"
    return _path(error["loc"])


def _path(location: tuple[int | str, ...]) -> str:
    inside = location[1:] if location and location[0] in {"body", "query", "path"} else location
    return ".".join(str(part) for part in inside) or str(location[0] if location else "body")


def _reason(error: Mapping[str, Any]) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "is not a field of this"
        case "missing":
            return "is missing"
        case "json_invalid":
            return "is not JSON"
        case "too_short" | "string_too_short" if isinstance(error.get("input"), str):
            return "is empty"
        case "too_long" | "string_too_long" if isinstance(error.get("input"), str):
            return f"is longer than {error['ctx']['max_length']} characters"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            return str(error["msg"])


async def _on_family(_request: Request, error: Exception) -> Response:
    return problem(error)


async def _on_refused_fields(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    listed = refused_fields(error.errors())
    first = listed[0]
    detail = f"{first['field']}: {first['reason']}"
    facts: Facts = {"field": first["field"], "errors": listed}
    return response(PROBLEMS[record_errors.Invalid], detail, facts, {})


async def _on_routing(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error.__cause__, errors.ApiError):  # FastAPI wraps what reading a body raises
        return problem(error.__cause__)
    unlisted = Row("http", error.status_code, error.detail)
    row = ROUTING.get(error.status_code, unlisted)
    return response(row, row.title, {}, error.headers or {})


async def _on_fault(request: Request, error: Exception) -> Response:
    fault = errors.Unexpected(new_id())
    log.error(
        "request failed unexpectedly",
        id=fault.id,
        method=request.method,
        route=getattr(request.scope.get("route"), "path", None),
        exc_info=error,
    )
    return problem(fault)


def install(app: FastAPI) -> None:
    app.add_exception_handler(record_errors.RecordError, _on_family)
    app.add_exception_handler(errors.ApiError, _on_family)
    app.add_exception_handler(RequestValidationError, _on_refused_fields)
    app.add_exception_handler(HTTPException, _on_routing)
    app.add_exception_handler(Exception, _on_fault)
