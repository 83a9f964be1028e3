"""What `detect` says of one camera: findings of rules and counts of people.

Whether a finding is a breach or an observation follows from `orders`: those in force at its
time that arm its rule. `record` turns findings into events; nothing here knows the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from record.cameras import CameraReason, Point, Rule
from record.ids import AreaId, CameraId, LineId, TrackId
from record.orders import OrderInForce


class Direction(StrEnum):
    OUTWARD = "outward"
    INWARD = "inward"


@dataclass(frozen=True, slots=True)
class Footstep:
    """Where a person's foot point was at a moment."""

    at: datetime
    point: Point


@dataclass(frozen=True, slots=True)
class Crossing:
    """One person over one line, once."""

    line: LineId
    direction: Direction
    track: TrackId
    at: datetime
    """The moment on the line, interpolated between the frames around it."""
    decided_at: datetime
    """Capture time of the frame that decided."""
    path: tuple[Footstep, ...]
    """Foot points around the crossing, oldest first, a few seconds at most."""
    confidence: float
    """Mean detection score over the path, 0..1."""


@dataclass(frozen=True, slots=True)
class Why:
    """What a finding rests on, enough to be judged by a person later."""

    track: TrackId | None
    path: tuple[Footstep, ...]
    confidence: float
    model: str
    """SHA-256 of the model file, hexadecimal."""
    direction: Direction | None = None
    reason: CameraReason | None = None
    """For rules about the camera itself: what is the matter with it."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A rule has found something. For crossings `began_at` equals `at`."""

    rule: Rule
    at: datetime
    """The moment itself: of the crossing, or when the dwell was fulfilled."""
    began_at: datetime
    """When the condition began, without the dwell and without the area's hysteresis."""
    decided_at: datetime
    persons: int
    orders: tuple[OrderInForce, ...]
    """That armed it, the one that counts first; empty: an observation, not a breach."""
    why: Why


@dataclass(frozen=True, slots=True)
class Grew:
    """More people than before in what the same rule raised last."""

    rule: Rule
    at: datetime
    decided_at: datetime
    persons: int
    """The new total."""
    why: Why


@dataclass(frozen=True, slots=True)
class Ended:
    """What lasted is over (`at` leaves the hysteresis out), or nobody followed for 3 s."""

    rule: Rule
    at: datetime
    decided_at: datetime
    unwatched: bool = False
    """From `at` on nobody can see any more whether it lasts."""


Finding = Raised | Grew | Ended


@dataclass(frozen=True, slots=True)
class Occupancy:
    """People in view and in each area at one moment; `view` None: unknown, which is not zero."""

    camera: CameraId
    at: datetime
    view: int | None
    areas: Mapping[AreaId, int]
