"""Units, sites and occupancy."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api import schemas
from api.description import READS, REVIEWS, problems
from api.names import sites_with_units
from api.services import Cursor, Limit, PlaceId, Serving, Signed, page, require
from record.errors import Invalid
from record.ids import SiteId, UnitId
from record.people import Right

router = APIRouter(tags=["places"])

MAX_STEPS = 3000


@router.get("/units", responses=problems(*READS))
def list_units(
    session: Signed, serving: Serving, limit: Limit = 500, cursor: Cursor | None = None
) -> schemas.UnitPage:
    """Those in one's scope, parents first."""
    with serving.store.read(session.user.scope) as reading:
        units = reading.units.list()
    items, following = page(units, [unit.id for unit in units], limit, cursor)
    return schemas.UnitPage(items=[schemas.Unit.of(unit) for unit in items], next=following)


@router.get("/units/{unit_id}", responses=problems(*READS))
def read_unit(unit_id: str, session: Signed, serving: Serving) -> schemas.Unit:
    with serving.store.read(session.user.scope) as reading:
        return schemas.Unit.of(reading.units.get(UnitId(unit_id)))


@router.get("/sites", responses=problems(*READS))
def list_sites(
    session: Signed,
    serving: Serving,
    unit: Annotated[PlaceId | None, Query(description="With all below it")] = None,
    limit: Limit = 500,
    cursor: Cursor | None = None,
) -> schemas.SitePage:
    with serving.store.read(session.user.scope) as reading:
        if unit is not None:
            reading.units.get(UnitId(unit))
        sites = reading.sites.list(None if unit is None else UnitId(unit))
        items, following = page(sites, [site.id for site in sites], limit, cursor)
        return schemas.SitePage(items=sites_with_units(reading, items), next=following)


@router.get("/sites/{site_id}", responses=problems(*READS))
def read_site(site_id: str, session: Signed, serving: Serving) -> schemas.Site:
    with serving.store.read(session.user.scope) as reading:
        return sites_with_units(reading, [reading.sites.get(SiteId(site_id))])[0]


@router.get("/sites/{site_id}/occupancy", responses=problems(*REVIEWS))
def read_occupancy(
    site_id: str,
    session: Signed,
    serving: Serving,
    since: Annotated[
        schemas.Moment | None, Query(alias="from", description="Left out: a day before `to`")
    ] = None,
    until: Annotated[schemas.Moment | None, Query(alias="to", description="Left out: now")] = None,
    step: Annotated[int, Query(ge=60, le=86_400, description="Seconds, whole minutes")] = 60,
) -> schemas.OccupancySeries:
    """People per camera and area over time; a sum over cameras would count people twice."""
    now = serving.clock.now()
    end = until or now
    begin = since or end - timedelta(days=1)
    if step % 60:
        raise Invalid("step", "is whole minutes, in seconds")
    if begin >= end:
        raise Invalid("to", "is after `from`")
    if (end - begin).total_seconds() / step > MAX_STEPS:
        raise Invalid("step", f"makes more than {MAX_STEPS} steps")
    with serving.store.read(session.user.scope) as reading:
        site = reading.sites.get(SiteId(site_id))
        require(session, Right.REVIEW, "read counts")
        # Nothing is said of what is still to come.
        ends = min(end, now)
        minutes = reading.occupancy.series(site.id, begin, ends, step) if begin < ends else ()
    items = [schemas.OccupancyStep.of(minute) for minute in minutes]
    return schemas.OccupancySeries(site=site.id, since=begin, until=end, step=step, items=items)
