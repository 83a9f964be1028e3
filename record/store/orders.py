"""Orders: what arms the rules of every site in their place."""

from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Select, or_, select, update

from record.errors import AlreadyClosed, Duplicate, NotInScope
from record.events import EventType, Json, NewEvent
from record.ids import OrderId, SiteId, UnitId
from record.moments import cut, stamp
from record.naming import check_name
from record.orders import Conditions, Order, OrderInForce, OrderKind, OrderState, RuleKind
from record.store.reach import Condition, Reach, below
from record.store.rows import OrderRow, SiteRow, UnitPathRow, UnitRow
from record.store.transaction import Recording, Transaction

_INSTANT = timedelta(milliseconds=1)


class Orders:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._reach = Reach(tx)

    def get(self, order: OrderId) -> Order:
        """Raises `NotInScope`."""
        return _order(self._row(order))

    def list(
        self,
        site: SiteId | None = None,
        unit: UnitId | None = None,
        at: datetime | None = None,
    ) -> tuple[Order, ...]:
        """Newest first. `site`: those that cover it. `unit`: those that cover it or hold below it.
        `at`: those in force at that moment. Raises `NotInScope`."""
        statement = select(OrderRow).where(self._reach.orders())
        if site is not None:
            statement = statement.where(_covers(self._reach.site(site)))
        if unit is not None:
            self._reach.check_visible_unit(unit)
            inside = below({unit})
            statement = statement.where(
                or_(
                    OrderRow.unit.in_(inside),
                    OrderRow.unit.in_(_above(unit)),
                    OrderRow.site.in_(select(SiteRow.id).where(SiteRow.unit.in_(inside))),
                )
            )
        if at is not None:
            statement = statement.where(
                OrderRow.begins_at <= at,
                OrderRow.ends_at > at,
                OrderRow.state != OrderState.DRAFTED.value,
                _took_effect(),
            )
        rows = self._tx.rows(statement.order_by(OrderRow.begins_at.desc(), OrderRow.id.desc()))
        return tuple(_order(row) for row in rows)

    def in_force(self, site: SiteId) -> tuple[OrderInForce, ...]:
        """What the rules of a site need to know: orders that cover it and are not over, those to
        come among them, widest place first. Raises `NotInScope`."""
        place = self._reach.site(site)
        depths = dict(
            self._tx.tuples(
                select(UnitRow.id, UnitRow.depth).where(UnitRow.id.in_(_above(place.unit)))
            )
        )
        rows = self._tx.rows(
            select(OrderRow).where(
                _covers(place),
                OrderRow.ends_at > self._tx.now,
                OrderRow.state != OrderState.DRAFTED.value,
                _took_effect(),
            )
        )
        deepest = depths[place.unit] + 1
        orders = [_in_force(row, deepest if row.unit is None else depths[row.unit]) for row in rows]
        return tuple(sorted(orders, key=lambda order: (order.depth, order.begins_at, order.id)))

    def _row(self, order: OrderId) -> OrderRow:
        row = self._tx.row(select(OrderRow).where(OrderRow.id == order, self._reach.orders()))
        if row is None:
            raise NotInScope("order", order)
        return row


class WritableOrders(Orders):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def issue(self, order: Order) -> Order:
        """Raises `NotInScope` unless the whole of its place lies in the scope, `Duplicate`,
        `Invalid` for a number or an issuer that nobody can read."""
        tx = self._recording
        check_name(order.number, "number")
        check_name(order.issuer, "issuer")
        unit = self._check_place(order)
        if tx.row(select(OrderRow.id).where(OrderRow.id == order.id)) is not None:
            raise Duplicate("id", order.id)
        row = _row_of(order)
        tx.insert(OrderRow, row)
        data: dict[str, Json] = {
            "order": order.id,
            "version": order.version,
            "number": order.number,
            "kind": order.kind.value,
            "issuer": order.issuer,
            "unit": order.unit,
            "site": order.site,
            "from": stamp(order.begins_at),
            "to": stamp(order.ends_at),
            "arms": row["arms"],
            "by": tx.by,
        }
        texts = {
            "legal_basis": order.legal_basis,
            "conditions": orjson.dumps(row["conditions"]).decode(),
        }
        tx.append(NewEvent(EventType.ORDER_ISSUED, tx.now, order.id, order.site, unit, data, texts))
        return self.get(order.id)

    def lift(self, order: OrderId, at: datetime) -> Order:
        """It ends at `at`, which becomes its `ends_at`; one that has not begun never will.

        Raises `NotInScope`, `AlreadyClosed` when it was lifted before or is over by then.
        """
        tx = self._recording
        row = self._row(order)
        current = _order(row)
        unit = self._check_place(current)
        if current.state is OrderState.LIFTED or current.ends_at <= at:
            state = "lifted" if current.state is OrderState.LIFTED else "ended"
            raise AlreadyClosed(state, "", current.ends_at)
        version = row.version + 1
        tx.execute(
            update(OrderRow)
            .where(OrderRow.id == order)
            .values(
                version=version,
                state=OrderState.LIFTED.value,
                lifted_at=at,
                ends_at=max(cut(at), current.begins_at + _INSTANT),
            )
        )
        data: dict[str, Json] = {"order": order, "version": version, "by": tx.by}
        tx.append(NewEvent(EventType.ORDER_LIFTED, at, order, current.site, unit, data))
        return self.get(order)

    def _check_place(self, order: Order) -> UnitId:
        """The unit it stands in."""
        if order.site is not None:
            return UnitId(self._reach.site(order.site).unit)
        unit = order.unit or UnitId("")
        self._reach.check_unit(unit)
        return unit


def _above(unit: str) -> Select[str]:
    return select(UnitPathRow.ancestor).where(UnitPathRow.unit == unit)


def _covers(site: SiteRow) -> Condition:
    return or_(OrderRow.site == site.id, OrderRow.unit.in_(_above(site.unit)))


def _took_effect() -> Condition:
    """Not lifted before it began."""
    return or_(OrderRow.lifted_at.is_(None), OrderRow.lifted_at > OrderRow.begins_at)


def _row_of(order: Order) -> dict[str, Any]:
    conditions = order.conditions
    return {
        "id": order.id,
        "version": order.version,
        "number": order.number,
        "kind": order.kind.value,
        "issuer": order.issuer,
        "legal_basis": order.legal_basis,
        "unit": order.unit,
        "site": order.site,
        "begins_at": order.begins_at,
        "ends_at": order.ends_at,
        "lifted_at": None,
        "arms": sorted(kind.value for kind in order.arms),
        "state": order.state.value,
        "conditions": {
            "must": list(conditions.must),
            "may": list(conditions.may),
            "must_not": list(conditions.must_not),
        },
    }


def _order(row: OrderRow) -> Order:
    conditions = row.conditions
    return Order(
        id=OrderId(row.id),
        version=row.version,
        number=row.number,
        kind=OrderKind(row.kind),
        issuer=row.issuer,
        legal_basis=row.legal_basis,
        unit=UnitId(row.unit) if row.unit is not None else None,
        site=SiteId(row.site) if row.site is not None else None,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        arms=frozenset(RuleKind(kind) for kind in row.arms),
        state=OrderState(row.state),
        conditions=Conditions(
            tuple(conditions["must"]), tuple(conditions["may"]), tuple(conditions["must_not"])
        ),
    )


def _in_force(row: OrderRow, depth: int) -> OrderInForce:
    return OrderInForce(
        id=OrderId(row.id),
        version=row.version,
        number=row.number,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        arms=frozenset(RuleKind(kind) for kind in row.arms),
        depth=depth,
    )
