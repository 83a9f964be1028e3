"""What a rule found while no order armed it: written down, and no breach."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from record.ids import AreaId, CameraId, LineId, RuleId, SiteId, UnitId
from record.orders import RuleKind

ObservationId = NewType("ObservationId", str)


@dataclass(frozen=True, slots=True)
class Observation:
    id: ObservationId
    kind: RuleKind
    time: datetime
    began_at: datetime
    decided_at: datetime
    site: SiteId
    unit: UnitId
    camera: CameraId
    rule: RuleId
    line: LineId | None
    area: AreaId | None
    persons: int
    camera_name: str
    line_name: str | None
    area_name: str | None
