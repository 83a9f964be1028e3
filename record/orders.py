"""Orders: what arms a rule. A number, an issuer, a legal basis, a place, from, to, conditions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from record.errors import Invalid
from record.ids import OrderId, SiteId, UnitId


class RuleKind(StrEnum):
    """What can be watched for. Which ones this version evaluates: `detect.BUILT_RULES`."""

    EXIT = "exit"
    ENTRY = "entry"
    RESTRICTED = "restricted"
    GATHERING = "gathering"
    LOITERING = "loitering"
    OVER_CAPACITY = "over_capacity"
    HEADCOUNT_SHORT = "headcount_short"
    CAMERA_TAMPERED = "camera_tampered"
    CAMERA_OFFLINE = "camera_offline"


class OrderKind(StrEnum):
    ISOLATION = "isolation"
    LOCKDOWN = "lockdown"


class OrderState(StrEnum):
    """Where an order stands in its life, apart from the hours: those are `from` and `to`."""

    DRAFTED = "drafted"
    ISSUED = "issued"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class Conditions:
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """`place` is a unit with all below it, or one site; exactly one of the two is set."""

    id: OrderId
    version: int
    number: str
    kind: OrderKind
    issuer: str
    legal_basis: str
    unit: UnitId | None
    site: SiteId | None
    begins_at: datetime
    ends_at: datetime
    """Exclusive: the order holds in [begins_at, ends_at)."""
    arms: frozenset[RuleKind]
    state: OrderState = OrderState.ISSUED
    conditions: Conditions = Conditions()

    def __post_init__(self) -> None:
        if (self.unit is None) == (self.site is None):
            raise Invalid("unit", "an order holds for one unit or for one site")
        if self.ends_at <= self.begins_at:
            raise Invalid("to", "an order ends after it begins")
        if not self.number.strip():
            raise Invalid("number", "an order has a number")


@dataclass(frozen=True, slots=True)
class OrderInForce:
    """One order as one site sees it: what rules need to know, and no more."""

    id: OrderId
    version: int
    number: str
    begins_at: datetime
    ends_at: datetime
    arms: frozenset[RuleKind]
    depth: int
    """How narrow its place is: 0 the root unit, growing downwards, a site deepest of all."""

    def holds(self, kind: RuleKind, at: datetime) -> bool:
        return kind in self.arms and self.begins_at <= at < self.ends_at


def orders_arming(
    orders: tuple[OrderInForce, ...], kind: RuleKind, at: datetime
) -> tuple[OrderInForce, ...]:
    """Those that arm a rule of this kind at that moment: narrowest place first, then newest.

    The first is the breach's `order`; all of them are its `orders`.
    """
    arming = [order for order in orders if order.holds(kind, at)]
    arming.sort(key=lambda order: (order.depth, order.begins_at, order.id), reverse=True)
    return tuple(arming)
