"""What routes are given: the store, the clock, who is signed in; and refusals they share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar, cast

import orjson
from fastapi import Depends, Query, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie

from api import schemas
from api.live import LiveViewers
from api.live_views import LiveViews
from api.metrics import Metrics
from api.one_each import OneEach
from api.publishing import PublishDesk
from api.sessions import COOKIE, SAFE, SignedIn, signed_in_of
from api.settings import ApiSettings
from api.sign_in import SignIn
from api.streams import Streams
from api.worker_link import WorkerLink
from record.clock import Clock
from record.errors import Invalid, NotAllowed
from record.people import Right, Session
from record.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    settings: ApiSettings
    store: Store
    clock: Clock
    workers: WorkerLink
    sign_in: SignIn
    publishing: PublishDesk
    streams: Streams
    viewers: LiveViewers
    views: LiveViews
    metrics: Metrics
    probes: OneEach


def _services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


_COOKIE = APIKeyCookie(name=COOKIE, auto_error=False, description="Set by `POST /session`")


def _signed_in(
    request: Request, _cookie: Annotated[str | None, Security(_COOKIE)] = None
) -> SignedIn:
    return signed_in_of(request.scope)


def _session(signed_in: Annotated[SignedIn, Depends(_signed_in)]) -> Session:
    return signed_in.session


def refuse_unknown_query(request: Request) -> None:
    """A misspelt filter must not look like no filter: `?sate=open` is refused by name."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = query_names(route)
    for name in request.query_params:
        if name not in known:
            raise Invalid(name[:64], "is not a parameter of this address")


async def refuse_stray_body(request: Request) -> None:
    """What is sent to a route that takes no body is refused by name, not ignored."""
    route = request.scope.get("route")
    if request.method in SAFE or not isinstance(route, APIRoute) or route.body_field is not None:
        return
    if "requestBody" in (route.openapi_extra or {}):  # reads a body that is no JSON by itself
        return
    sent = (await request.body()).strip()
    if sent in {b"", b"{}", b"null"}:
        return
    try:
        fields = orjson.loads(sent)
    except orjson.JSONDecodeError:
        raise Invalid("body", "is not JSON") from None
    named = isinstance(fields, dict) and next(iter(fields), None)
    if named:
        raise Invalid(named[:64], "is not a field of this")
    raise Invalid("body", "is not expected here")


def query_names(route: APIRoute) -> frozenset[str]:
    """All query parameters of a route, those of its dependencies included."""
    names: set[str] = set()
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        names.update(field.alias for field in dependant.query_params)
        waiting.extend(dependant.dependencies)
    return frozenset(names)


def require(session: Session, right: Right, action: str) -> None:
    """Raises `NotAllowed`. Ask after the thing itself was found in scope: 404 goes before 403."""
    if not session.user.may(right):
        raise NotAllowed(action)


Serving = Annotated[Services, Depends(_services)]
Signed = Annotated[Session, Depends(_session)]
SignedWithToken = Annotated[SignedIn, Depends(_signed_in)]

PlaceId = Annotated[schemas.Text, Query(min_length=1, max_length=64)]
Limit = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[schemas.Text, Query(min_length=1, max_length=256)]

T = TypeVar("T")


def page(
    items: Sequence[T], ids: Sequence[str], limit: int, cursor: str | None
) -> tuple[Sequence[T], str | None]:
    """A page of a list that is short enough to be read whole; `cursor` is the last id seen."""
    begin = 0
    if cursor is not None:
        if cursor not in ids:
            raise Invalid("cursor", "was not given out here, or what it named is gone")
        begin = ids.index(cursor) + 1
    end = begin + limit
    return items[begin:end], ids[end - 1] if end < len(items) else None
