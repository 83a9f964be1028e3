"""What `GET /events/stream` sends, event by event, and `GET /events` lists.

The stream itself is written as bytes that were serialised once; these models describe them, so
that a client can be generated, and a test holds the bytes against them.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.base import Moment
from record.cameras import CameraReason, CameraState, Priority
from record.orders import RuleKind


class _Open(BaseModel):
    """More fields may come with later releases; none of these goes away."""

    model_config = ConfigDict(frozen=True, extra="allow")


class ArmedBy(_Open):
    id: str
    number: str
    version: int


class WhyRaised(_Open):
    track: int | None = None
    direction: str | None = None
    confidence_e4: int
    model: str
    path: list[tuple[int, int, str]] = Field(
        description="[x, y, time]: foot points in ten-thousandths of the frame, oldest first"
    )
    reason: CameraReason | None = Field(
        None, description="of `camera_tampered` and `camera_offline`: what was the matter"
    )


class BreachOpenedData(_Open):
    breach: str
    kind: RuleKind
    priority: Priority
    site: str
    unit: str
    camera: str | None = None
    rule: str | None = None
    line: str | None = None
    area: str | None = None
    persons: int
    order: str | None = None
    orders: list[ArmedBy] = []
    began_at: str
    decided_at: str | None = None
    why: WhyRaised | None = None


class BreachUpdatedData(_Open):
    breach: str
    persons: int
    decided_at: str


class BreachEndedData(_Open):
    breach: str
    decided_at: str
    reason: Literal["unwatched"] | None = Field(
        None, description="Nobody saw it end: from its `time` on nobody watched, or could"
    )


class BreachTouchedData(_Open):
    breach: str
    by: str = Field(description="User id")


class BreachResolvedData(BreachTouchedData):
    outcome: str


class BreachDismissedData(BreachTouchedData):
    reason: str


class CameraStateData(_Open):
    camera: str
    site: str
    state: CameraState
    reason: CameraReason | None = None
    width: int | None = None
    height: int | None = None


class ObservationData(_Open):
    observation: str
    kind: RuleKind
    site: str
    unit: str
    camera: str | None = None
    rule: str | None = None
    line: str | None = None
    area: str | None = None
    persons: int
    decided_at: str
    began_at: str
    why: WhyRaised | None = None


class PeopleData(_Open):
    least: int
    most: int
    last: int


class OccupancyChangedData(_Open):
    camera: str
    minute: str
    view: PeopleData | None = None
    areas: dict[str, PeopleData] = {}


class CloudEvent(_Open):
    """CloudEvents 1.0; `position` stands beside it in lists, as `id:` in the stream."""

    specversion: Literal["1.0"]
    id: str
    source: str
    subject: str
    time: Moment
    recordedat: str
    chain: str
    epoch: int
    seq: int
    prevhash: str
    hash: str
    position: int | None = None


class BreachOpened(CloudEvent):
    type: Literal["wardwatch.breach.opened"]
    data: BreachOpenedData


class BreachUpdated(CloudEvent):
    type: Literal["wardwatch.breach.updated"]
    data: BreachUpdatedData


class BreachEnded(CloudEvent):
    type: Literal["wardwatch.breach.ended"]
    data: BreachEndedData


class BreachAcknowledged(CloudEvent):
    type: Literal["wardwatch.breach.acknowledged"]
    data: BreachTouchedData


class BreachCommented(CloudEvent):
    type: Literal["wardwatch.breach.commented"]
    data: BreachTouchedData


class BreachResolved(CloudEvent):
    type: Literal["wardwatch.breach.resolved"]
    data: BreachResolvedData


class BreachDismissed(CloudEvent):
    type: Literal["wardwatch.breach.dismissed"]
    data: BreachDismissedData


class CameraStateChanged(CloudEvent):
    type: Literal[
        "wardwatch.camera.online", "wardwatch.camera.degraded", "wardwatch.camera.offline"
    ]
    data: CameraStateData


class ObservationRecorded(CloudEvent):
    type: Literal["wardwatch.observation.recorded"]
    data: ObservationData


class OccupancyChanged(CloudEvent):
    type: Literal["wardwatch.occupancy.changed"]
    data: OccupancyChangedData


LoggedEvent = Annotated[
    BreachOpened
    | BreachUpdated
    | BreachEnded
    | BreachAcknowledged
    | BreachCommented
    | BreachResolved
    | BreachDismissed
    | CameraStateChanged
    | ObservationRecorded
    | OccupancyChanged,
    Field(discriminator="type"),
]
"""Those with a shape of their own here; a reader ignores types it does not know."""


class ListedEvent(CloudEvent):
    """An event of any type, as `GET /events` lists it."""

    type: str
    position: int
    data: dict[str, object]


class EventPage(BaseModel):
    model_config = ConfigDict(frozen=True)
    items: list[ListedEvent]
    next: int = Field(description="Ask again with `after=` this")
    reset: bool = Field(
        description="`after` was never issued by this store (it was restored or replaced): "
        "begin anew from `next`"
    )


class Tick(_Open):
    """`event: tick`, every 5 s; its `id` is `position`, so that a filtered reader advances."""

    now: Moment
    position: int


class Reset(_Open):
    """`event: reset`: the id to resume from was never issued here; read the snapshot again."""

    position: int


class OccupancyNow(_Open):
    """`event: occupancy`, without id: live counts of one camera, beside the log."""

    camera: str
    site: str
    at: Moment
    persons: int | None = Field(description="null: unknown, which is not zero")
    areas: dict[str, int]


STREAMED: tuple[type[BaseModel], ...] = (
    Tick,
    Reset,
    OccupancyNow,
    BreachOpened,
    BreachUpdated,
    BreachEnded,
    BreachAcknowledged,
    BreachCommented,
    BreachResolved,
    BreachDismissed,
    CameraStateChanged,
    ObservationRecorded,
    OccupancyChanged,
)
"""Described in the OpenAPI beside the bodies, though no JSON response has their shape."""
