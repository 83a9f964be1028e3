"""Orders as JSON: what arms a rule, where, from when until when."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.schemas.base import Answer, Id, Moment, Said, Sent, Text
from record.ids import OrderId, SiteId, UnitId
from record.orders import Conditions, OrderKind, OrderState, RuleKind
from record.orders import Order as DomainOrder

Line = Annotated[Said, Field(max_length=500)]
Lines = Annotated[tuple[Line, ...], Field(max_length=50)]


class OrderConditions(Answer):
    must: list[str]
    may: list[str]
    must_not: list[str]


class Order(Answer):
    id: str
    version: int
    number: str
    kind: OrderKind
    issuer: str
    legal_basis: str
    unit: str | None = Field(description="The unit it holds for, with all below; or null")
    site: str | None = Field(description="The one site it holds for; or null")
    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to", description="Exclusive")
    arms: list[RuleKind]
    state: OrderState
    in_force: bool
    conditions: OrderConditions

    @classmethod
    def of(cls, order: DomainOrder, now: datetime) -> "Order":
        holds = order.state is not OrderState.DRAFTED
        return cls.model_validate(
            {
                "id": order.id,
                "version": order.version,
                "number": order.number,
                "kind": order.kind,
                "issuer": order.issuer,
                "legal_basis": order.legal_basis,
                "unit": order.unit,
                "site": order.site,
                "from": order.begins_at,
                "to": order.ends_at,
                "arms": sorted(order.arms),
                "state": order.state,
                "in_force": holds and order.begins_at <= now < order.ends_at,
                "conditions": {
                    "must": list(order.conditions.must),
                    "may": list(order.conditions.may),
                    "must_not": list(order.conditions.must_not),
                },
            }
        )


class OrderPage(Answer):
    items: list[Order]
    next: str | None


class ConditionsOfOrder(Sent):
    must: Lines = ()
    may: Lines = ()
    must_not: Lines = ()


class OrderToIssue(Sent):
    """`unit` or `site`, one of the two; `to` after `from`."""

    number: Annotated[Said, Field(max_length=100)]
    kind: OrderKind
    issuer: Annotated[Said, Field(max_length=200)]
    legal_basis: Annotated[Text, Field(max_length=500)] = ""
    unit: Id | None = None
    site: Id | None = None
    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to", description="Exclusive")
    arms: Annotated[list[RuleKind], Field(min_length=1, max_length=len(RuleKind))]
    conditions: ConditionsOfOrder = ConditionsOfOrder()

    def order(self, order_id: OrderId) -> DomainOrder:
        """Raises `Invalid` with the field and the reason."""
        return DomainOrder(
            id=order_id,
            version=1,
            number=self.number,
            kind=self.kind,
            issuer=self.issuer,
            legal_basis=self.legal_basis,
            unit=None if self.unit is None else UnitId(self.unit),
            site=None if self.site is None else SiteId(self.site),
            begins_at=self.begins,
            ends_at=self.ends,
            arms=frozenset(self.arms),
            conditions=Conditions(
                must=self.conditions.must,
                may=self.conditions.may,
                must_not=self.conditions.must_not,
            ),
        )
