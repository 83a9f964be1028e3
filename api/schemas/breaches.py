"""Breaches as JSON, and what a person sends about them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from api.schemas.base import Answer, Id, Moment, Said, Sent, Text, Whole, spot
from record.breaches import BreachState, DismissReason, Explanation, NamedBreach, Outcome
from record.breaches import OrderRef as DomainOrderRef
from record.breaches import Step as DomainStep
from record.cameras import CameraReason, Priority
from record.evidence import EvidenceKind
from record.orders import RuleKind


class OrderRef(Answer):
    id: str
    number: str
    version: int

    @classmethod
    def of(cls, order: DomainOrderRef) -> "OrderRef":
        return cls(id=order.id, number=order.number, version=order.version)


class PathPoint(Answer):
    at: Moment
    x: float
    y: float


class Why(Answer):
    """What the breach rests on: foot points in fractions of the frame."""

    track: int | None
    direction: str | None
    confidence: float
    model: str
    path: list[PathPoint]
    reason: CameraReason | None
    """Of `camera_tampered` and `camera_offline`: what was the matter with the camera."""

    @classmethod
    def of(cls, why: Explanation) -> "Why":
        return cls(
            track=why.track,
            direction=why.direction,
            confidence=why.confidence,
            model=why.model,
            path=[PathPoint(at=at, x=spot(foot)[0], y=spot(foot)[1]) for at, foot in why.path],
            reason=None if why.reason is None else CameraReason(why.reason),
        )


class HistoryStep(Answer):
    position: int
    type: str = Field(examples=["wardwatch.breach.acknowledged"])
    time: Moment
    by: str | None = Field(description="User name; null: the system")
    by_name: str | None
    persons: int | None
    outcome: str | None
    reason: str | None
    text: str | None
    hash: str
    evidence: EvidenceKind | None = Field(description="Of what was kept or lost")

    @classmethod
    def of(cls, step: DomainStep) -> "HistoryStep":
        return cls(
            position=step.position,
            type=step.type,
            time=step.time,
            by=step.by,
            by_name=step.by_name,
            persons=step.persons,
            outcome=step.outcome,
            reason=step.reason,
            text=step.text,
            hash=step.hash,
            evidence=None if step.evidence is None else EvidenceKind(step.evidence),
        )


class Breach(Answer):
    id: str
    kind: RuleKind
    priority: Priority
    state: BreachState
    opened_at: Moment
    began_at: Moment
    decided_at: Moment | None
    ended_at: Moment | None
    closed_at: Moment | None
    site: str
    site_name: str
    unit: str
    unit_name: str
    camera: str | None
    camera_name: str | None
    rule: str | None
    line: str | None
    line_name: str | None
    area: str | None
    area_name: str | None
    order: str | None
    order_number: str | None
    orders: list[OrderRef]
    order_ended: bool
    persons: int
    acknowledged_by: str | None = Field(description="User name")
    acknowledged_by_name: str | None
    acknowledged_at: Moment | None
    resolved_by: str | None = Field(description="User name of who resolved or dismissed it")
    resolved_by_name: str | None
    resolved_at: Moment | None
    reason: str | None = Field(description="Outcome of a resolution, or reason of a dismissal")
    escalates_at: Moment | None
    escalated_at: Moment | None
    escalated_to: str | None
    evidence: list[str]
    why: Why | None
    history: list[HistoryStep] = Field(description="Empty in lists")

    @classmethod
    def of(cls, named: NamedBreach, steps: Sequence[DomainStep] = ()) -> "Breach":
        breach = named.breach
        order = breach.order
        return cls(
            id=breach.id,
            kind=breach.kind,
            priority=breach.priority,
            state=breach.state,
            opened_at=breach.opened_at,
            began_at=breach.began_at,
            decided_at=breach.decided_at,
            ended_at=breach.ended_at,
            closed_at=breach.closed_at,
            site=breach.site,
            site_name=named.site_name,
            unit=breach.unit,
            unit_name=named.unit_name,
            camera=breach.camera,
            camera_name=named.camera_name,
            rule=breach.rule,
            line=breach.line,
            line_name=named.line_name,
            area=breach.area,
            area_name=named.area_name,
            order=None if order is None else order.id,
            order_number=None if order is None else order.number,
            orders=[OrderRef.of(one) for one in breach.orders],
            order_ended=breach.order_ended,
            persons=breach.persons,
            acknowledged_by=named.acknowledged_by_username,
            acknowledged_by_name=named.acknowledged_by_name,
            acknowledged_at=breach.acknowledged_at,
            resolved_by=named.resolved_by_username,
            resolved_by_name=named.resolved_by_name,
            resolved_at=breach.resolved_at,
            reason=breach.reason,
            escalates_at=None,
            escalated_at=None,
            escalated_to=None,
            evidence=list(named.evidence),
            why=None if breach.explanation is None else Why.of(breach.explanation),
            history=[HistoryStep.of(step) for step in steps],
        )


class BreachPage(Answer):
    items: list[Breach]
    next: str | None


Note = Annotated[Text, Field(max_length=4000)]
SaidNote = Annotated[Said, Field(max_length=4000)]


class BreachByHand(Sent):
    """Seen by a person and not by a camera: camera and rule stay null."""

    kind: RuleKind
    site: Id
    unit: Id | None = Field(default=None, description="The site's own unit, where given")
    persons: Annotated[Whole, Field(ge=1, le=100_000)] = 1
    note: SaidNote
    at: Moment | None = Field(default=None, description="When it was seen; left out: now")


class Resolution(Sent):
    outcome: Outcome
    note: Note = ""


class Dismissal(Sent):
    reason: DismissReason
    note: Note = ""


class Comment(Sent):
    text: SaidNote
