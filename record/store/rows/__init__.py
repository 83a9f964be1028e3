"""The tables. A row never leaves this room: repositories turn it into a domain value.

`log` is the record, `kept` what people entered, `projected` what is read of the log and can be
rebuilt. There are no ORM relations: what belongs together is joined where it is read.
"""

from record.store.rows.base import Base
from record.store.rows.kept import (
    CameraHeardRow,
    CameraRow,
    CameraSecretRow,
    OrderRow,
    PairingRow,
    PublishTokenRow,
    SessionRow,
    SiteRow,
    UnitPathRow,
    UnitRow,
    UnsaidRow,
    UserRow,
    UserSiteRow,
    UserUnitRow,
)
from record.store.rows.log import CursorRow, EventRow, HeadRow, TextRow
from record.store.rows.projected import (
    LIVE,
    BreachRow,
    BreachUnitRow,
    CameraStatusRow,
    EvidenceLostRow,
    EvidenceMomentRow,
    EvidenceRow,
    ObservationRow,
    OccupancyRow,
    UnwatchedRow,
)

__all__ = [
    "LIVE",
    "Base",
    "BreachRow",
    "BreachUnitRow",
    "CameraHeardRow",
    "CameraRow",
    "CameraSecretRow",
    "CameraStatusRow",
    "CursorRow",
    "EventRow",
    "EvidenceLostRow",
    "EvidenceMomentRow",
    "EvidenceRow",
    "HeadRow",
    "ObservationRow",
    "OccupancyRow",
    "OrderRow",
    "PairingRow",
    "PublishTokenRow",
    "SessionRow",
    "SiteRow",
    "TextRow",
    "UnitPathRow",
    "UnitRow",
    "UnsaidRow",
    "UnwatchedRow",
    "UserRow",
    "UserSiteRow",
    "UserUnitRow",
]
