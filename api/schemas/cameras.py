"""Cameras as JSON, with what is drawn over their pictures. Credentials go in and never out."""

import re
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field

from api.schemas.base import (
    Answer,
    DrawnId,
    Flag,
    Fraction,
    Id,
    Moment,
    Said,
    Sent,
    Spot,
    Text,
    Whole,
    point,
    spot,
)
from record.cameras import Area as DomainArea
from record.cameras import Camera as DomainCamera
from record.cameras import CameraReason, CameraState, CameraUrl, Priority
from record.cameras import Line as DomainLine
from record.cameras import Rule as DomainRule
from record.ids import AreaId, LineId, RuleId
from record.orders import RuleKind

_SECRET_IN_PATH = re.compile(r"(?i)pass|pwd|token|secret|key=")


def shown_address(url: CameraUrl) -> str:
    """The address as an installer may read it.

    User and password are left out, and so is what cheap cameras carry them in as well: the query
    (`?password=…`) and a path that names one (`/user=admin_password=…`).
    """
    parts = urlsplit(url.address)
    query = "…" if parts.query else ""
    path = "/…" if _SECRET_IN_PATH.search(parts.path) else parts.path
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


class Line(Answer):
    """From `a` to `b`; outward is from its left to its right, facing from a to b on the screen."""

    id: str
    name: str
    a: Spot
    b: Spot
    margin: float | None = Field(description="Fraction of the frame's width; null: 0.01")
    perimeter: bool = Field(description="Crossings count towards the site's balance")

    @classmethod
    def of(cls, line: DomainLine) -> "Line":
        return cls(
            id=line.id,
            name=line.name,
            a=spot(line.a),
            b=spot(line.b),
            margin=line.margin,
            perimeter=line.perimeter,
        )


class Area(Answer):
    id: str
    name: str
    polygon: list[Spot]
    counts: bool = Field(description="Counts towards the site's visible figure")

    @classmethod
    def of(cls, area: DomainArea) -> "Area":
        polygon = [spot(corner) for corner in area.polygon]
        return cls(id=area.id, name=area.name, polygon=polygon, counts=area.counts)


class Rule(Answer):
    id: str
    kind: RuleKind
    line: str | None
    area: str | None
    persons: int
    seconds: float
    cooldown_s: float
    priority: Priority

    @classmethod
    def of(cls, rule: DomainRule) -> "Rule":
        return cls(
            id=rule.id,
            kind=rule.kind,
            line=rule.line,
            area=rule.area,
            persons=rule.persons,
            seconds=rule.seconds,
            cooldown_s=rule.cooldown_s,
            priority=rule.urgency,
        )


class CameraNow(Answer):
    """What is known of a camera's connection at this moment."""

    state: CameraState
    reason: CameraReason | None
    since: Moment | None
    frame_at: Moment | None = Field(description="Capture time of the newest frame")
    width: int | None
    height: int | None


class Camera(CameraNow):
    id: str
    site: str
    name: str
    short_name: str
    address: str | None = Field(
        description="Without credentials; null for those who do not install cameras"
    )
    has_credentials: bool
    enabled: bool
    version: int
    lines: list[Line]
    areas: list[Area]
    rules: list[Rule]

    @classmethod
    def of(cls, camera: DomainCamera, now: CameraNow, *, with_address: bool) -> "Camera":
        return cls(
            id=camera.id,
            site=camera.site,
            name=camera.name,
            short_name=camera.short_name or camera.name,
            address=shown_address(camera.url) if with_address else None,
            has_credentials=camera.url.username is not None,
            enabled=camera.enabled,
            version=camera.version,
            lines=[Line.of(line) for line in camera.lines],
            areas=[Area.of(area) for area in camera.areas],
            rules=[Rule.of(rule) for rule in camera.rules],
            state=now.state,
            reason=now.reason,
            since=now.since,
            frame_at=now.frame_at,
            width=now.width,
            height=now.height,
        )


class CameraPage(Answer):
    items: list[Camera]
    next: str | None


Name = Annotated[Text, Field(max_length=120)]
SaidName = Annotated[Said, Field(max_length=120)]


class LineDrawing(Sent):
    id: DrawnId
    name: Name = ""
    a: Spot
    b: Spot
    margin: Fraction | None = None
    perimeter: Flag = False

    def line(self) -> DomainLine:
        return DomainLine(
            id=LineId(self.id),
            a=point(self.a),
            b=point(self.b),
            name=self.name,
            margin=self.margin,
            perimeter=self.perimeter,
        )


class AreaDrawing(Sent):
    id: DrawnId
    name: Name = ""
    polygon: Annotated[list[Spot], Field(max_length=200)]
    counts: Flag = False

    def area(self) -> DomainArea:
        return DomainArea(
            id=AreaId(self.id),
            polygon=tuple(point(corner) for corner in self.polygon),
            name=self.name,
            counts=self.counts,
        )


class RuleSetting(Sent):
    id: DrawnId
    kind: RuleKind
    line: DrawnId | None = None
    area: DrawnId | None = None
    persons: Annotated[Whole, Field(le=100_000)] = 1
    seconds: Annotated[Fraction, Field(le=86_400)] = 0.0
    cooldown_s: Annotated[Fraction, Field(le=86_400)] = 0.0
    priority: Priority | None = None

    def rule(self) -> DomainRule:
        return DomainRule(
            id=RuleId(self.id),
            kind=self.kind,
            line=None if self.line is None else LineId(self.line),
            area=None if self.area is None else AreaId(self.area),
            persons=self.persons,
            seconds=self.seconds,
            cooldown_s=self.cooldown_s,
            priority=self.priority,
        )


Address = Annotated[Text, Field(min_length=1, max_length=2048)]
ShortName = Annotated[Text, Field(max_length=14)]
LineDrawings = Annotated[tuple[LineDrawing, ...], Field(max_length=64)]
AreaDrawings = Annotated[tuple[AreaDrawing, ...], Field(max_length=64)]
RuleSettings = Annotated[tuple[RuleSetting, ...], Field(max_length=128)]


class CameraToAdd(Sent):
    site: Id
    name: SaidName
    short_name: ShortName = ""
    url: Address
    enabled: Flag = True
    lines: LineDrawings = ()
    areas: AreaDrawings = ()
    rules: RuleSettings = ()


class CameraChange(Sent):
    """What is left out stays as it is; lines, areas and rules are replaced whole."""

    version: Whole | None = Field(
        default=None, description="The version this change was made from; another one answers 409"
    )
    name: SaidName | None = None
    short_name: ShortName | None = None
    url: Address | None = None
    enabled: Flag | None = None
    lines: LineDrawings | None = None
    areas: AreaDrawings | None = None
    rules: RuleSettings | None = None


class AreaCount(Answer):
    id: str
    name: str
    persons: int | None
    polygon: list[Spot]


class WallLine(Answer):
    id: str
    name: str
    a: Spot
    b: Spot


class WallCamera(CameraNow):
    id: str
    name: str
    short_name: str
    persons: int | None = Field(description="null: unknown, or counted more than 5 s ago")
    counts_at: Moment | None
    areas: list[AreaCount]
    lines: list[WallLine]

    @classmethod
    def of(
        cls,
        camera: DomainCamera,
        now: CameraNow,
        *,
        persons: int | None,
        counts_at: datetime | None,
        areas: dict[str, int] | None,
    ) -> "WallCamera":
        return cls(
            id=camera.id,
            name=camera.name,
            short_name=camera.short_name or camera.name,
            state=now.state,
            reason=now.reason,
            since=now.since,
            frame_at=now.frame_at,
            width=now.width,
            height=now.height,
            persons=persons,
            counts_at=counts_at,
            areas=[
                AreaCount(
                    id=area.id,
                    name=area.name,
                    persons=None if areas is None else areas.get(area.id, 0),
                    polygon=[spot(corner) for corner in area.polygon],
                )
                for area in camera.areas
            ],
            lines=[
                WallLine(id=line.id, name=line.name, a=spot(line.a), b=spot(line.b))
                for line in camera.lines
            ],
        )
