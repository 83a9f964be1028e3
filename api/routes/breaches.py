"""Breaches: history, one, by hand, and their life cycle."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from api import schemas
from api.breach_table import Export, export_rows, prefers_csv
from api.breaches_by_hand import open_by_hand
from api.description import REVIEWS, WRITES, problems
from api.services import Cursor, Limit, PlaceId, Serving, Signed, require
from record.breaches import BreachFilter, BreachState, NamedBreach
from record.errors import AlreadyAcknowledged, AlreadyClosed
from record.ids import BreachId, CameraId, SiteId, UnitId
from record.orders import RuleKind
from record.people import Right
from record.store import Reading

router = APIRouter(tags=["breaches"])

_LISTED = {
    "description": "Newest first; as a table by `Accept: text/csv`, then all of them",
    "content": {"text/csv": {"schema": {"type": "string"}}},
}


@router.get(
    "/breaches", response_model=schemas.BreachPage, responses={200: _LISTED, **problems(*REVIEWS)}
)
def list_breaches(
    session: Signed,
    serving: Serving,
    unit: Annotated[PlaceId | None, Query(description="With all below it")] = None,
    site: PlaceId | None = None,
    camera: PlaceId | None = None,
    kind: RuleKind | None = None,
    state: Annotated[list[BreachState] | None, Query(description="May be repeated")] = None,
    since: Annotated[schemas.Moment | None, Query(alias="from")] = None,
    until: Annotated[schemas.Moment | None, Query(alias="to", description="Exclusive")] = None,
    limit: Limit = 50,
    cursor: Cursor | None = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "application/json",
) -> schemas.BreachPage | Response:
    """The history of one's own units."""
    wanted = BreachFilter(
        unit=None if unit is None else UnitId(unit),
        site=None if site is None else SiteId(site),
        camera=None if camera is None else CameraId(camera),
        kind=kind,
        states=frozenset(state or ()),
        since=since,
        until=until,
    )
    with serving.store.read(session.user.scope) as reading:
        page = reading.breaches.list(wanted, limit, cursor)  # refuses what is out of scope
    require(session, Right.REVIEW, "read breaches")
    if not prefers_csv(accept):
        return schemas.BreachPage(
            items=[schemas.Breach.of(named) for named in page.items], next=page.next
        )
    export = Export(serving.store, session.user, wanted, serving.clock.now())
    export.log()
    return StreamingResponse(
        export_rows(export),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="breaches.csv"'},
    )


@router.post("/breaches", status_code=201, responses=problems(*WRITES))
def open_breach(sent: schemas.BreachByHand, session: Signed, serving: Serving) -> schemas.Breach:
    """By hand: a person saw it, no camera did."""
    now = serving.clock.now()
    with serving.store.write(session.user.scope, session.user.id) as writing:
        site = writing.sites.get(SiteId(sent.site))
        require(session, Right.ANSWER, "record breaches")
        named = open_by_hand(writing, site, sent, session.user.id, now)
        return _whole(writing, named)


@router.get("/breaches/{breach_id}", responses=problems(*REVIEWS))
def read_breach(breach_id: str, session: Signed, serving: Serving) -> schemas.Breach:
    with serving.store.read(session.user.scope) as reading:
        named = reading.breaches.get(BreachId(breach_id))
        require(session, Right.REVIEW, "read breaches")
        return _whole(reading, named)


@router.post("/breaches/{breach_id}/acknowledge", responses=problems(*WRITES))
def acknowledge_breach(breach_id: str, session: Signed, serving: Serving) -> schemas.Breach:
    """Say that one sees to it; a second one is told who was first."""
    with serving.store.write(session.user.scope, session.user.id) as writing:
        found = writing.breaches.get(BreachId(breach_id))
        require(session, Right.ANSWER, "acknowledge breaches")
        with _naming_who_was_first(found):
            named = writing.breaches.acknowledge(BreachId(breach_id), _now(serving))
        return _whole(writing, named)


@router.post("/breaches/{breach_id}/resolve", responses=problems(*WRITES))
def resolve_breach(
    breach_id: str, sent: schemas.Resolution, session: Signed, serving: Serving
) -> schemas.Breach:
    with serving.store.write(session.user.scope, session.user.id) as writing:
        found = writing.breaches.get(BreachId(breach_id))
        require(session, Right.ANSWER, "resolve breaches")
        with _naming_who_was_first(found):
            named = writing.breaches.resolve(
                BreachId(breach_id), sent.outcome, sent.note, _now(serving)
            )
        return _whole(writing, named)


@router.post("/breaches/{breach_id}/dismiss", responses=problems(*WRITES))
def dismiss_breach(
    breach_id: str, sent: schemas.Dismissal, session: Signed, serving: Serving
) -> schemas.Breach:
    with serving.store.write(session.user.scope, session.user.id) as writing:
        found = writing.breaches.get(BreachId(breach_id))
        require(session, Right.ANSWER, "dismiss breaches")
        with _naming_who_was_first(found):
            named = writing.breaches.dismiss(
                BreachId(breach_id), sent.reason, sent.note, _now(serving)
            )
        return _whole(writing, named)


@router.post("/breaches/{breach_id}/comments", status_code=201, responses=problems(*WRITES))
def comment_breach(
    breach_id: str, sent: schemas.Comment, session: Signed, serving: Serving
) -> schemas.Breach:
    """Answers the breach with the comment in its history."""
    with serving.store.write(session.user.scope, session.user.id) as writing:
        named = writing.breaches.get(BreachId(breach_id))
        require(session, Right.ANSWER, "comment breaches")
        writing.breaches.comment(BreachId(breach_id), sent.text, _now(serving))
        return _whole(writing, named)


@contextmanager
def _naming_who_was_first(found: NamedBreach) -> Iterator[None]:
    """A conflict names people as the breach itself does: user name, and what colleagues read."""
    try:
        yield
    except AlreadyAcknowledged as error:
        raise replace(error, by=found.acknowledged_by_username or "") from error
    except AlreadyClosed as error:
        raise replace(
            error, by=found.resolved_by_username or "", by_name=found.resolved_by_name or ""
        ) from error


def _now(serving: Serving) -> datetime:
    return serving.clock.now()


def _whole(reading: Reading, named: NamedBreach) -> schemas.Breach:
    """A breach with its history."""
    return schemas.Breach.of(named, reading.breaches.steps(named.breach.id))
