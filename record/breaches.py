"""A breach and its life: open, acknowledged, resolved or dismissed. Pure: no store, no clock."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from record.cameras import Point, Priority
from record.errors import AlreadyAcknowledged, AlreadyClosed
from record.ids import (
    AreaId,
    BreachId,
    CameraId,
    EvidenceId,
    LineId,
    OrderId,
    Position,
    RuleId,
    SiteId,
    UnitId,
    UserId,
)
from record.orders import RuleKind


class BreachState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"

    @property
    def closed(self) -> bool:
        return self in (BreachState.RESOLVED, BreachState.DISMISSED)


class Outcome(StrEnum):
    """How a breach was resolved; nothing is preselected."""

    RETURNED = "returned"
    """The person came back inside."""
    LEFT = "left"
    """The person is gone; the police of the ward were told."""
    PERMITTED = "permitted"
    """Allowed, but not announced beforehand."""
    OTHER = "other"


class DismissReason(StrEnum):
    FALSE_ALARM = "false_alarm"
    STAFF = "staff"
    TEST = "test"
    DUPLICATE = "duplicate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OrderRef:
    """An order as it armed a breach."""

    id: OrderId
    number: str
    version: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a breach was raised, as stored: foot points in fractions of the frame."""

    track: int | None
    direction: str | None
    confidence: float
    model: str
    path: tuple[tuple[datetime, Point], ...]
    reason: str | None = None
    """For what is about the camera itself: what was the matter with it (`CameraReason`)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event in a breach's history, with who did it and the free text that stands outside the
    hashed bytes."""

    position: Position
    type: str
    time: datetime
    by: str | None
    """User name; None: the system."""
    by_name: str | None
    persons: int | None
    outcome: str | None
    reason: str | None
    text: str | None
    hash: str
    evidence: str | None = None
    """`snapshot` or `clip`, of what was kept or lost."""


@dataclass(frozen=True, slots=True)
class Breach:
    id: BreachId
    kind: RuleKind
    priority: Priority
    state: BreachState
    opened_at: datetime
    began_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None
    """When what lasted was over; None while it goes on."""
    closed_at: datetime | None
    site: SiteId
    unit: UnitId
    camera: CameraId | None
    rule: RuleId | None
    line: LineId | None
    area: AreaId | None
    orders: tuple[OrderRef, ...]
    order_ended: bool
    persons: int
    acknowledged_by: UserId | None
    acknowledged_at: datetime | None
    resolved_by: UserId | None
    """Who resolved or dismissed it."""
    resolved_at: datetime | None
    reason: str | None
    """Outcome of a resolution, or reason of a dismissal."""
    explanation: Explanation | None

    @property
    def order(self) -> OrderRef | None:
        return self.orders[0] if self.orders else None


def may_acknowledge(breach: Breach, acknowledged_by_name: str) -> None:
    """Raises `AlreadyClosed` or `AlreadyAcknowledged` with who was first."""
    refuse_closed(breach)
    if breach.acknowledged_by is not None and breach.acknowledged_at is not None:
        raise AlreadyAcknowledged(
            breach.acknowledged_by, acknowledged_by_name, breach.acknowledged_at
        )


def refuse_closed(breach: Breach) -> None:
    """Raises `AlreadyClosed`; resolving and dismissing do not need an acknowledgement first."""
    if breach.state.closed and breach.closed_at is not None:
        raise AlreadyClosed(breach.state, breach.resolved_by or "", breach.closed_at)


@dataclass(frozen=True, slots=True)
class NamedBreach:
    """A breach with the names a person reads, taken from what they are called now."""

    breach: Breach
    site_name: str
    unit_name: str
    camera_name: str | None
    line_name: str | None
    area_name: str | None
    acknowledged_by_username: str | None
    acknowledged_by_name: str | None
    resolved_by_username: str | None
    resolved_by_name: str | None
    evidence: tuple[EvidenceId, ...] = ()
    """What is kept of it, in the order in which it was begun."""


@dataclass(frozen=True, slots=True)
class BreachFilter:
    """What the history is narrowed to; `unit` includes all below it, times are [since, until)."""

    unit: UnitId | None = None
    site: SiteId | None = None
    camera: CameraId | None = None
    kind: RuleKind | None = None
    states: frozenset[BreachState] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
