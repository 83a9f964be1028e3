"""Which breaches come next in a filtered history, each filter served by an index.

A scope and a filter come down to a few places: whole units, single sites, or everything. Each place
is one range of one index, read newest first and no further than the page needs; the ranges are
then merged. So a page costs the same however long the history is.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Select, Text, and_, literal, or_, select, true, tuple_, union
from sqlalchemy.orm import InstrumentedAttribute

from record.breaches import BreachFilter, BreachState
from record.ids import SiteId, UnitId
from record.paging import Place
from record.store.columns import Moment
from record.store.reach import Condition, Reach, below
from record.store.rows import LIVE, BreachRow, BreachUnitRow

_LIVE_STATES = frozenset({BreachState.OPEN, BreachState.ACKNOWLEDGED})

Ids = Select[datetime, str]


def newest(reach: Reach, wanted: BreachFilter, limit: int | None, after: Place | None) -> list[str]:
    """Ids of breaches, newest first; those after `after` when it is given.

    Raises `NotInScope` for a filter outside the scope.
    """
    arms = [arm.limit(limit) for arm in _arms(reach, wanted, after)]
    if not arms:
        return []
    if len(arms) == 1:
        return [row for _, row in reach.tx.tuples(arms[0])]
    # A compound SELECT may not hold ORDER BY and LIMIT in its parts, but in their subqueries.
    merged = union(*(select(arm.subquery()) for arm in arms)).subquery()
    at, breach = merged.c
    both = select(at, breach).order_by(at.desc(), breach.desc()).limit(limit)
    return [row for _, row in reach.tx.tuples(both)]


def _arms(reach: Reach, wanted: BreachFilter, after: Place | None) -> Iterator[Ids]:
    if wanted.camera is not None:
        reach.camera(wanted.camera, removed=True)
    if wanted.site is not None:
        reach.site(wanted.site)
    units, sites = _parts(reach, wanted)
    if wanted.states and wanted.states <= _LIVE_STATES:
        # Few, wherever they are: one range of the index that holds nothing else.
        inside: Condition = true() if units is None else _inside(units, sites)
        yield _by_place(wanted, after, and_(LIVE, inside))
    elif units is None:
        yield _by_place(wanted, after, true())
    elif wanted.site is not None or wanted.camera is not None:
        yield _by_place(wanted, after, _inside(units, sites))
    else:
        for unit in units:
            yield _by_unit(wanted, after, unit)
        for site in sites:
            yield _by_place(wanted, after, BreachRow.site == site)


def _parts(reach: Reach, wanted: BreachFilter) -> tuple[Sequence[UnitId] | None, Sequence[SiteId]]:
    """The whole units and single sites to look in; None: wherever `wanted` itself says."""
    scope = reach.tx.scope
    if wanted.unit is not None:
        return reach.parts_of(wanted.unit)
    if scope.everything or wanted.site is not None or wanted.camera is not None:
        return None, ()
    return sorted(scope.units), sorted(scope.sites)


def _inside(units: Sequence[UnitId], sites: Sequence[SiteId]) -> Condition:
    return or_(BreachRow.unit.in_(below(frozenset(units))), BreachRow.site.in_(sites))


def _by_place(wanted: BreachFilter, after: Place | None, place: Condition) -> Ids:
    statement = select(BreachRow.opened_at, BreachRow.id).where(place)
    if wanted.kind is not None:
        statement = statement.where(BreachRow.kind == wanted.kind.value)
    if wanted.site is not None:
        statement = statement.where(BreachRow.site == wanted.site)
    if wanted.camera is not None:
        statement = statement.where(BreachRow.camera == wanted.camera)
    statement = statement.where(*_states(wanted), *_span(wanted, BreachRow.opened_at))
    if after is not None:
        statement = statement.where(_follows(BreachRow.opened_at, BreachRow.id, after))
    return statement.order_by(BreachRow.opened_at.desc(), BreachRow.id.desc())


def _by_unit(wanted: BreachFilter, after: Place | None, unit: UnitId) -> Ids:
    under = BreachUnitRow
    statement = select(under.opened_at, under.breach).where(under.ancestor == unit)
    if wanted.kind is not None:
        statement = statement.where(under.kind == wanted.kind.value)
    if wanted.states:
        statement = statement.join(BreachRow, BreachRow.id == under.breach)
        statement = statement.where(*_states(wanted))
    statement = statement.where(*_span(wanted, under.opened_at))
    if after is not None:
        statement = statement.where(_follows(under.opened_at, under.breach, after))
    return statement.order_by(under.opened_at.desc(), under.breach.desc())


def _follows(
    at: InstrumentedAttribute[datetime], breach: InstrumentedAttribute[str], after: Place
) -> Condition:
    # The types are said: inside a tuple they are not taken from the column on the other side.
    place = tuple_(literal(after.at, Moment()), literal(after.id, Text()))
    return tuple_(at, breach) < place


def _states(wanted: BreachFilter) -> Iterator[Condition]:
    if wanted.states:
        yield BreachRow.state.in_(sorted(state.value for state in wanted.states))


def _span(wanted: BreachFilter, at: InstrumentedAttribute[datetime]) -> Iterator[Condition]:
    if wanted.since is not None:
        yield at >= wanted.since
    if wanted.until is not None:
        yield at < wanted.until
