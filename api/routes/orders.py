"""Orders: list, one, issue."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import schemas
from api.description import REVIEWS, WRITES, problems
from api.services import Cursor, Limit, PlaceId, Serving, Signed, page, require
from record.ids import OrderId, SiteId, UnitId, new_id
from record.people import Right

router = APIRouter(tags=["orders"])


@router.get("/orders", responses=problems(*REVIEWS))
def list_orders(
    session: Signed,
    serving: Serving,
    unit: PlaceId | None = None,
    site: PlaceId | None = None,
    at: Annotated[
        schemas.Moment | None, Query(description="Only those in force at that moment")
    ] = None,
    limit: Limit = 100,
    cursor: Cursor | None = None,
) -> schemas.OrderPage:
    """Orders that hold for places in one's scope."""
    with serving.store.read(session.user.scope) as reading:
        if unit is not None:
            reading.units.get(UnitId(unit))
        if site is not None:
            reading.sites.get(SiteId(site))
        require(session, Right.REVIEW, "read orders")
        orders = reading.orders.list(
            site=None if site is None else SiteId(site),
            unit=None if unit is None else UnitId(unit),
            at=at,
        )
    items, following = page(orders, [order.id for order in orders], limit, cursor)
    now = serving.clock.now()
    return schemas.OrderPage(items=[schemas.Order.of(one, now) for one in items], next=following)


@router.get("/orders/{order_id}", responses=problems(*REVIEWS))
def read_order(order_id: str, session: Signed, serving: Serving) -> schemas.Order:
    with serving.store.read(session.user.scope) as reading:
        order = reading.orders.get(OrderId(order_id))
        require(session, Right.REVIEW, "read orders")
        return schemas.Order.of(order, serving.clock.now())


@router.post("/orders", status_code=201, responses=problems(*WRITES))
def issue_order(sent: schemas.OrderToIssue, session: Signed, serving: Serving) -> schemas.Order:
    """Issue an order: from its beginning on it arms the rules of its place."""
    order = sent.order(OrderId(new_id()))
    with serving.store.write(session.user.scope, session.user.id) as writing:
        if order.unit is not None:
            writing.units.get(order.unit)
        if order.site is not None:
            writing.sites.get(order.site)
        require(session, Right.ORDER, "issue orders")
        return schemas.Order.of(writing.orders.issue(order), serving.clock.now())
