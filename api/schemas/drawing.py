"""What is drawn over a camera's picture, as JSON: as we answer it, and as it is sent to us."""

from typing import Annotated

from pydantic import Field

from api.schemas.base import (
    Answer,
    DrawnId,
    Flag,
    Fraction,
    Sent,
    Spot,
    Text,
    Whole,
    point,
    spot,
)
from record.cameras import Area as DomainArea
from record.cameras import Line as DomainLine
from record.cameras import Mask as DomainMask
from record.cameras import Priority
from record.cameras import Rule as DomainRule
from record.ids import AreaId, LineId, MaskId, RuleId
from record.orders import RuleKind


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


class Mask(Answer):
    """Hidden in every picture that leaves, whatever is found there."""

    id: str
    name: str
    polygon: list[Spot]

    @classmethod
    def of(cls, mask: DomainMask) -> "Mask":
        return cls(id=mask.id, name=mask.name, polygon=[spot(corner) for corner in mask.polygon])


Name = Annotated[Text, Field(max_length=120)]


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


class MaskDrawing(Sent):
    id: DrawnId
    name: Name = ""
    polygon: Annotated[list[Spot], Field(max_length=200)]

    def mask(self) -> DomainMask:
        return DomainMask(
            id=MaskId(self.id),
            polygon=tuple(point(corner) for corner in self.polygon),
            name=self.name,
        )


LineDrawings = Annotated[tuple[LineDrawing, ...], Field(max_length=64)]
AreaDrawings = Annotated[tuple[AreaDrawing, ...], Field(max_length=64)]
RuleSettings = Annotated[tuple[RuleSetting, ...], Field(max_length=128)]
MaskDrawings = Annotated[tuple[MaskDrawing, ...], Field(max_length=32)]
