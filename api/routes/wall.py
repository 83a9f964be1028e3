"""The wall: what a supervisor sees first, and the position to stream from."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import schemas
from api.description import REVIEWS, problems
from api.services import PlaceId, Serving, Signed, require
from api.wall_view import cameras_alone, wall_of
from record.errors import NotInScope
from record.ids import SiteId
from record.people import Right

router = APIRouter(tags=["wall"])


@router.get("/wall", responses=problems(*REVIEWS))
def read_wall(
    session: Signed,
    serving: Serving,
    site: Annotated[PlaceId | None, Query(description="Left out: the first one in scope")] = None,
) -> schemas.Wall:
    """Cameras, counts and open breaches of one site, all read at `position`.

    Without the right to review: the cameras alone, with nobody counted.
    """
    with serving.store.read(session.user.scope) as reading:
        position = reading.events.last()
        if site is None:
            sites = reading.sites.list()
            if not sites:
                raise NotInScope("site", "")
            chosen = sites[0]
        else:
            chosen = reading.sites.get(SiteId(site))
        require(session, Right.WATCH, "see the wall")
        wall = wall_of(reading, chosen, position, serving.clock.now(), serving.workers)
    return wall if session.user.may(Right.REVIEW) else cameras_alone(wall)
