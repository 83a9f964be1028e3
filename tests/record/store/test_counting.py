from datetime import timedelta

import pytest

from record.errors import Invalid, NotInScope
from record.events import EventType
from record.ids import AreaId, Position
from record.occupancy import MINUTE, Counts
from record.places import EVERYTHING
from tests.record.world import DORMITORY, GYM, NOW, S, World

YARD = AreaId("yard")


def record(world: World, minute: int, view: Counts | None, yard: Counts | None = None) -> bool:
    with world.store.write(EVERYTHING) as writing:
        return writing.occupancy.record_minute(
            world.cameras[GYM], NOW + minute * MINUTE, view, {YARD: yard}
        )


def test_only_a_change_is_an_event_and_unknown_is_one(world: World) -> None:
    two = Counts.steady(2)
    wrote = [
        record(world, 0, two, two),
        record(world, 1, two, two),
        record(world, 2, Counts(1, 3, 3), two),
        record(world, 3, Counts.steady(3), two),
        record(world, 4, None, None),
        record(world, 5, None, None),
        record(world, 6, Counts.steady(3), two),
    ]
    assert wrote == [True, False, True, False, True, False, True]
    with world.store.read(EVERYTHING) as reading:
        events = reading.events.after(Position(0), 100, types={EventType.OCCUPANCY_CHANGED})
    assert len(events) == 4
    assert b'"areas":{"yard":{"last":2,"least":2,"most":2}}' in events[1].body
    assert b'"view":{"last":3,"least":1,"most":3}' in events[1].body
    assert b'"view":null' in events[2].body


def test_a_series_fills_what_was_unchanged(world: World) -> None:
    record(world, 0, Counts.steady(2), Counts.steady(1))
    record(world, 3, Counts(2, 5, 4), Counts.steady(1))
    record(world, 5, None)
    with world.store.read(world.minh.scope) as reading:
        series = reading.occupancy.series(GYM, NOW, NOW + 7 * MINUTE, 60)
        later = reading.occupancy.series(GYM, NOW + 4 * MINUTE, NOW + 5 * MINUTE, 60)
        halves = reading.occupancy.series(GYM, NOW, NOW + 4 * MINUTE, 120)
    view = [row.counts for row in series if row.area is None]
    steady, unknown = Counts.steady, None
    assert view == [
        steady(2), steady(2), steady(2), Counts(2, 5, 4), steady(4), unknown, unknown
    ]  # fmt: skip
    assert [row.minute for row in series if row.area == YARD] == [
        NOW + minute * MINUTE for minute in range(7)
    ]
    assert [(row.area, row.counts) for row in later] == [(None, steady(4)), (YARD, steady(1))]
    assert [row.counts for row in halves if row.area is None] == [steady(2), Counts(2, 5, 4)]


def test_the_same_minute_again_overwrites(world: World) -> None:
    record(world, 0, Counts.steady(2))
    record(world, 0, Counts(2, 4, 4))
    with world.store.read(EVERYTHING) as reading:
        series = reading.occupancy.series(GYM, NOW, NOW + MINUTE, 60)
    assert series[0].counts == Counts(2, 4, 4)


def test_what_makes_no_sense_is_refused(world: World) -> None:
    with world.store.read(world.gate.scope) as reading:
        for since, until, step_s, field in (
            (NOW, NOW, 60, "to"),
            (NOW, NOW + MINUTE, 30, "step"),
            (NOW, NOW + MINUTE, 90, "step"),
            (NOW, NOW + timedelta(days=365), 60, "step"),
        ):
            with pytest.raises(Invalid) as refused:
                reading.occupancy.series(GYM, since, until, step_s)
            assert refused.value.field == field
        with pytest.raises(NotInScope):
            reading.occupancy.series(DORMITORY, NOW, NOW + MINUTE, 60)
    with pytest.raises(Invalid), world.store.write(EVERYTHING) as writing:
        writing.occupancy.record_minute(world.cameras[GYM], NOW + S, None, {})
