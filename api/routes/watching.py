"""What was not watched, and for how long."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api import schemas
from api.description import READS, problems
from api.services import Serving, Signed
from record.errors import Invalid
from record.ids import CameraId, SiteId

router = APIRouter(tags=["cameras"])

MOST_DAYS = 400
"""A year and a month: a report's longest span."""

From = Annotated[
    schemas.Moment | None, Query(alias="from", description="Left out: a day before `to`")
]
To = Annotated[schemas.Moment | None, Query(alias="to", description="Left out: now")]


@router.get("/cameras/{camera_id}/unwatched", responses=problems(*READS))
def read_camera_unwatched(
    camera_id: str, session: Signed, serving: Serving, since: From = None, until: To = None
) -> schemas.CameraUnwatched:
    """When it gave no picture, showed nothing, or was looked at by nobody; node stops included."""
    now = serving.clock.now()
    begin, end = _span(since, until, now)
    with serving.store.read(session.user.scope) as reading:
        found = reading.watching.of_camera(CameraId(camera_id), begin, end, now)
    return schemas.CameraUnwatched.of(found)


@router.get("/sites/{site_id}/unwatched", responses=problems(*READS))
def read_site_unwatched(
    site_id: str, session: Signed, serving: Serving, since: From = None, until: To = None
) -> schemas.SiteUnwatched:
    """The same of each of its cameras, and the share of the time that they were watched."""
    now = serving.clock.now()
    begin, end = _span(since, until, now)
    with serving.store.read(session.user.scope) as reading:
        found = reading.watching.of_site(SiteId(site_id), begin, end, now)
    return schemas.SiteUnwatched.of(site_id, begin, end, found)


def _span(
    since: datetime | None, until: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    end = until or now
    begin = since or end - timedelta(days=1)
    if begin >= end:
        raise Invalid("to", "is after `from`")
    if end - begin > timedelta(days=MOST_DAYS):
        raise Invalid("from", f"is at most {MOST_DAYS} days before `to`")
    return begin, end
