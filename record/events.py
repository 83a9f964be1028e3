"""Events: every fact of the record, its name, its envelope and who may see it.

Envelope: CloudEvents 1.0 in JSON. What is hashed and stored is one canonical byte string; it
holds strings, integers and booleans only, so that sorted JSON equals RFC 8785. Free text, and
whatever names a person, stands beside it and is bound to it by a salted hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from record.ids import EventId, NodeId, Position, SiteId, UnitId
from record.people import RIGHTS, Right, Role

PREFIX = "wardwatch."

Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


class EventType(StrEnum):
    """The whole list of the design and `evidence.lost`, without their prefix; what nothing emits
    yet keeps its name."""

    NODE_STARTED = "node.started"
    NODE_RESTORED = "node.restored"
    CAMERA_ADDED = "camera.added"
    CAMERA_CHANGED = "camera.changed"
    CAMERA_REMOVED = "camera.removed"
    CAMERA_ONLINE = "camera.online"
    CAMERA_OFFLINE = "camera.offline"
    CAMERA_DEGRADED = "camera.degraded"
    CAMERA_CLOCK_SKEWED = "camera.clock_skewed"
    CAMERA_UNWATCHED = "camera.unwatched"
    OCCUPANCY_CHANGED = "occupancy.changed"
    OBSERVATION_RECORDED = "observation.recorded"
    BREACH_OPENED = "breach.opened"
    BREACH_UPDATED = "breach.updated"
    BREACH_ENDED = "breach.ended"
    BREACH_ACKNOWLEDGED = "breach.acknowledged"
    BREACH_ASSIGNED = "breach.assigned"
    BREACH_HELD = "breach.held"
    BREACH_COMMENTED = "breach.commented"
    BREACH_ESCALATED = "breach.escalated"
    BREACH_RESOLVED = "breach.resolved"
    BREACH_DISMISSED = "breach.dismissed"
    BREACH_REOPENED = "breach.reopened"
    BREACH_MERGED = "breach.merged"
    SHELVING_STARTED = "shelving.started"
    SHELVING_ENDED = "shelving.ended"
    PASSAGE_ANNOUNCED = "passage.announced"
    PASSAGE_USED = "passage.used"
    PASSAGE_ENDED = "passage.ended"
    ORDER_DRAFTED = "order.drafted"
    ORDER_ISSUED = "order.issued"
    ORDER_AMENDED = "order.amended"
    ORDER_EXTENDED = "order.extended"
    ORDER_LIFTED = "order.lifted"
    ORDER_ENDED = "order.ended"
    HEADCOUNT_ENTERED = "headcount.entered"
    HEADCOUNT_CORRECTED = "headcount.corrected"
    ROLLCALL_TAKEN = "rollcall.taken"
    SITE_CHANGED = "site.changed"
    UNIT_CHANGED = "unit.changed"
    RULE_CHANGED = "rule.changed"
    EVIDENCE_WRITTEN = "evidence.written"
    EVIDENCE_LOST = "evidence.lost"
    EVIDENCE_OPENING_ASKED = "evidence.opening_asked"
    EVIDENCE_OPENED = "evidence.opened"
    EVIDENCE_HELD = "evidence.held"
    EVIDENCE_RELEASED = "evidence.released"
    EVIDENCE_ERASED = "evidence.erased"
    LIVE_OPENED = "live.opened"
    LIVE_CLOSED = "live.closed"
    CHECKPOINT_SIGNED = "checkpoint.signed"
    CHECKPOINT_WITNESSED = "checkpoint.witnessed"
    SESSION_OPENED = "session.opened"
    SESSION_REFUSED = "session.refused"
    SESSION_CLOSED = "session.closed"
    USER_CHANGED = "user.changed"
    TOKEN_CHANGED = "token.changed"  # noqa: S105 - an event's name, no secret
    INSPECTION_DRAWN = "inspection.drawn"
    INSPECTION_RECORDED = "inspection.recorded"
    INSPECTION_CLOSED = "inspection.closed"
    REQUEST_OPENED = "request.opened"
    REQUEST_CHANGED = "request.changed"
    REQUEST_CLOSED = "request.closed"
    ROSTER_CONFIRMED = "roster.confirmed"
    ROSTER_MISSED = "roster.missed"
    REPORT_MADE = "report.made"
    REPORT_AMENDED = "report.amended"
    DELIVERY_MADE = "delivery.made"
    DELIVERY_FAILED = "delivery.failed"
    EXPORT_MADE = "export.made"
    LINK_UP = "link.up"
    LINK_DOWN = "link.down"

    @property
    def full(self) -> str:
        """As it stands in the envelope: `wardwatch.breach.opened`."""
        return PREFIX + self.value


_REVIEWERS = frozenset(role for role, rights in RIGHTS.items() if Right.REVIEW in rights)
_EVERYBODY = frozenset(Role)
_ADMINS = frozenset({Role.ADMIN})
_OVERSEERS = frozenset({Role.AUTHORITY, Role.ADMIN})
"""Who answers for what others were shown."""
_INSTALLERS = frozenset(role for role, rights in RIGHTS.items() if Right.INSTALL in rights)

AUDIENCE: Mapping[EventType, frozenset[Role]] = {
    EventType.NODE_STARTED: _EVERYBODY,
    EventType.CAMERA_ADDED: _EVERYBODY,
    EventType.CAMERA_CHANGED: _EVERYBODY,
    EventType.CAMERA_REMOVED: _EVERYBODY,
    EventType.CAMERA_ONLINE: _EVERYBODY,
    EventType.CAMERA_OFFLINE: _EVERYBODY,
    EventType.CAMERA_DEGRADED: _EVERYBODY,
    EventType.CAMERA_CLOCK_SKEWED: _EVERYBODY,
    EventType.CAMERA_UNWATCHED: _EVERYBODY,
    EventType.SITE_CHANGED: _EVERYBODY,
    EventType.UNIT_CHANGED: _EVERYBODY,
    EventType.OCCUPANCY_CHANGED: _REVIEWERS,
    EventType.OBSERVATION_RECORDED: _REVIEWERS,
    EventType.BREACH_OPENED: _REVIEWERS,
    EventType.BREACH_UPDATED: _REVIEWERS,
    EventType.BREACH_ENDED: _REVIEWERS,
    EventType.BREACH_ACKNOWLEDGED: _REVIEWERS,
    EventType.BREACH_COMMENTED: _REVIEWERS,
    EventType.BREACH_RESOLVED: _REVIEWERS,
    EventType.BREACH_DISMISSED: _REVIEWERS,
    EventType.EVIDENCE_WRITTEN: _REVIEWERS,
    EventType.EVIDENCE_LOST: _REVIEWERS,
    EventType.ORDER_ISSUED: _REVIEWERS,
    EventType.ORDER_LIFTED: _REVIEWERS,
    EventType.LIVE_OPENED: _OVERSEERS,
    EventType.LIVE_CLOSED: _OVERSEERS,
    EventType.SESSION_OPENED: _ADMINS,
    EventType.SESSION_REFUSED: _ADMINS,
    EventType.SESSION_CLOSED: _ADMINS,
    EventType.USER_CHANGED: _ADMINS,
    EventType.TOKEN_CHANGED: _INSTALLERS,
}
"""Which roles an event reaches, within their scope. A type that is not listed reaches nobody."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A fact about to be appended.

    `data` is hashed; `texts` (name → free text) is stored beside it, and the hashed bytes hold
    SHA-256(salt ‖ text) under `data.texts.<name>`.
    """

    type: EventType
    time: datetime
    subject: str
    site: SiteId | None = None
    unit: UnitId | None = None
    """Where it is visible; an event with neither is visible to a scope of everything only."""
    data: Mapping[str, Json] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A fact as it stands in a store. `body` is the exact byte string that was hashed."""

    position: Position
    id: EventId
    type: EventType
    time: datetime
    subject: str
    site: SiteId | None
    unit: UnitId | None
    camera: str | None
    chain: NodeId
    epoch: int
    seq: int
    hash: str
    body: bytes
    units: frozenset[UnitId] = frozenset()
    """The unit and all its ancestors: what a reader's scope and `unit=` are matched against."""
