"""The log, as a stream and by polling."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import Field

from api import schemas
from api.description import READS, problems
from api.fanout import View
from api.services import PlaceId, Serving, Signed, SignedWithToken
from api.streams import EventStream
from record.envelope import with_position
from record.errors import Invalid
from record.events import PREFIX, EventType
from record.ids import CameraId, Position, SiteId, UnitId
from record.places import Scope
from record.store import Reading

router = APIRouter(tags=["events"])

MAX_POSITION = (1 << 63) - 1
LIVE = frozenset({"occupancy"})
"""Names beside the log that `types` may ask for."""

After = Annotated[int, Field(ge=0, le=MAX_POSITION)]


def view_of(
    session: Signed,
    serving: Serving,
    types: Annotated[
        list[schemas.Text] | None,
        Query(description="Event types, with or without `wardwatch.`, repeated or with commas"),
    ] = None,
    unit: Annotated[PlaceId | None, Query(description="With all below it")] = None,
    site: PlaceId | None = None,
    camera: PlaceId | None = None,
) -> View:
    """What the caller may see, narrowed to what they ask for; out of scope is 404."""
    with serving.store.read(session.user.scope) as reading:
        if unit is not None:
            reading.units.get(UnitId(unit))
        if site is not None:
            reading.sites.get(SiteId(site))
        if camera is not None:  # removed or not: what it saw stays
            reading.events.after(reading.events.last(), 1, camera=CameraId(camera))
        above = _above(reading, session.user.scope)
    return View(
        role=session.user.role,
        scope=session.user.scope,
        types=None if types is None else _names(types),
        unit=None if unit is None else UnitId(unit),
        site=None if site is None else SiteId(site),
        camera=None if camera is None else CameraId(camera),
        above=above,
    )


def _above(reading: Reading, scope: Scope) -> frozenset[UnitId]:
    """All units that hold something of the scope."""
    homes = {reading.sites.get(site).unit for site in scope.sites} | scope.units
    return frozenset(unit for home in homes for unit in reading.units.ancestors(home))


def _names(types: list[str]) -> frozenset[str]:
    """SSE names of what was asked for; raises `Invalid`."""
    known = frozenset(kind.value for kind in EventType)
    names = set()
    for part in ",".join(types).split(","):
        short = part.strip().removeprefix(PREFIX)
        if short in known:
            names.add(PREFIX + short)
        elif short in LIVE:
            names.add(short)
        else:
            raise Invalid("types", "names a type that does not exist")
    return frozenset(names)


Viewing = Annotated[View, Depends(view_of)]

_STREAM = {
    "description": "`id` is the position, `event` the type, `data` the CloudEvent. `tick` every "
    "5 s, `occupancy` without id for live counts, `reset` when the id to resume from is unknown.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


@router.get(
    "/events/stream",
    response_class=Response,
    responses={200: _STREAM, **problems(*READS)},
)
async def stream_events(
    signed_in: SignedWithToken,
    serving: Serving,
    view: Viewing,
    last_event_id: Annotated[
        str | None, Header(description="Where to resume; beats `after`")
    ] = None,
    after: Annotated[
        After | None, Query(description="0: from the beginning; left out: from now on")
    ] = None,
) -> EventStream:
    """Events as they come, resumed with nothing lost or doubled."""
    begin = after if last_event_id is None else _position(last_event_id)
    position = None if begin is None else Position(begin)
    return EventStream(serving.streams, signed_in, view, position)


def _position(text: str) -> int:
    """Of a header that anybody may send; nonsense was never issued and leads to a reset."""
    plain = text.isascii() and text.isdigit() and len(text) < 20
    return min(int(text), MAX_POSITION) if plain else MAX_POSITION


@router.get("/events", response_model=schemas.EventPage, responses=problems(*READS))
def list_events(
    session: Signed,
    serving: Serving,
    view: Viewing,
    after: Annotated[
        After | None,
        Query(description="0: from the beginning; left out: only where now is"),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """The same by polling: ask again with `after` = `next`."""
    with serving.store.read(session.user.scope) as reading:
        last = reading.events.last()
        if after is None or not (after == 0 or reading.events.known(Position(after))):
            return _page([], last, reset=after is not None)
        events = reading.events.after(
            Position(after),
            limit,
            types=view.event_types(),
            unit=view.unit,
            site=view.site,
            camera=view.camera,
        )
    full = len(events) == limit
    following = events[-1].position if full else max(last, Position(after))
    return _page([with_position(event) for event in events], following, reset=False)


def _page(items: list[bytes], following: int, *, reset: bool) -> Response:
    """Stored bytes joined, not serialised anew: hashes stay verifiable."""
    body = b'{"items":[%b],"next":%d,"reset":%b}' % (
        b",".join(items),
        following,
        b"true" if reset else b"false",
    )
    return Response(body, media_type="application/json")
