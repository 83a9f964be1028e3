"""The wall: one site at one position of the log."""

from typing import Literal

from pydantic import Field

from api.schemas.base import Answer, Moment
from api.schemas.breaches import Breach
from api.schemas.cameras import WallCamera
from api.schemas.places import Site
from record.orders import OrderInForce, RuleKind


class Figures(Answer):
    """Three figures that are never blended; null is unknown, which is not zero."""

    registered: int | None
    balance: int | None
    balance_at: Moment | None
    visible: int | None
    visible_at: Moment | None


class DetectorNow(Answer):
    state: Literal["ready", "missing", "failed", "unknown"]
    detail: str


class WallOrder(Answer):
    id: str
    number: str
    issuer: str
    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to")
    arms: list[RuleKind]

    @classmethod
    def of(cls, order: OrderInForce, issuer: str) -> "WallOrder":
        return cls.model_validate(
            {
                "id": order.id,
                "number": order.number,
                "issuer": issuer,
                "from": order.begins_at,
                "to": order.ends_at,
                "arms": sorted(order.arms),
            }
        )


class WallObservation(Answer):
    id: str
    kind: RuleKind
    time: Moment
    camera: str | None
    camera_name: str | None
    line_name: str | None
    area_name: str | None
    persons: int


class Wall(Answer):
    position: int = Field(description="Stream from here: `GET /events/stream?after=`")
    now: Moment
    site: Site
    figures: Figures
    detector: DetectorNow
    orders: list[WallOrder]
    cameras: list[WallCamera]
    breaches: list[Breach]
    observations: list[WallObservation]
