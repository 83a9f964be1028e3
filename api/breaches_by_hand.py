"""A breach that a person saw and no camera did."""

from datetime import datetime, timedelta

from api import schemas
from record.breaches import NamedBreach
from record.cameras import PRIORITIES
from record.errors import Invalid, OutsideTheTree
from record.events import EventType, Json, NewEvent
from record.ids import BreachId, UserId, new_id
from record.moments import stamp
from record.orders import orders_arming
from record.payloads import order_refs_data
from record.places import Site
from record.store import Writing

REMEMBERED = timedelta(days=7)
"""How long after it was seen somebody may still write it down."""


def open_by_hand(
    writing: Writing, site: Site, sent: schemas.BreachByHand, by: UserId, now: datetime
) -> NamedBreach:
    """Record it under the orders that were in force when it was seen, if any.

    Raises `Invalid` for a moment to come or long past, `OutsideTheTree` for a unit that is not
    the site's.
    """
    at = sent.at or now
    if at > now:
        raise Invalid("at", "lies in the future")
    if at < now - REMEMBERED:
        raise Invalid("at", f"lies more than {REMEMBERED.days} days back")
    if sent.unit is not None and sent.unit != site.unit:
        raise OutsideTheTree("unit", "is not the unit of this site")
    breach = BreachId(new_id())
    orders = orders_arming(writing.orders.in_force(site.id), sent.kind, at)
    data: dict[str, Json] = {
        "breach": breach,
        "kind": sent.kind.value,
        "priority": PRIORITIES[sent.kind].value,
        "site": site.id,
        "unit": site.unit,
        "camera": None,
        "rule": None,
        "line": None,
        "area": None,
        "persons": sent.persons,
        "order": orders[0].id if orders else None,
        "orders": order_refs_data(orders),
        "began_at": stamp(at),
        "decided_at": None,
        "why": None,
        "by": by,
    }
    writing.events.append(
        NewEvent(EventType.BREACH_OPENED, at, breach, site.id, site.unit, data, {"note": sent.note})
    )
    return writing.breaches.get(breach)
