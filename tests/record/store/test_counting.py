from datetime import UTC, datetime, timedelta

import pytest

from record.cameras import CameraReason, CameraState, CameraStatus
from record.errors import Invalid, NotInScope
from record.events import EventType
from record.ids import AreaId, CameraId, Position
from record.occupancy import MINUTE, Counts
from record.places import EVERYTHING
from tests.record.world import DORMITORY, GYM, NOW, S, World

YARD = AreaId("yard")
CAMERA = CameraId("cam-gym")
LATER = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=1)
"""After the cameras of the world were added, by the machine's own clock."""


@pytest.fixture(autouse=True)
def watched(world: World) -> None:
    """Whenever this runs: the camera is there since before whatever is counted."""
    with world.store.write(EVERYTHING) as writing:
        since = min(NOW, datetime.now(UTC)) - 60 * MINUTE
        writing.cameras.set_status(CameraStatus(CAMERA, CameraState.ONLINE, None, since, 640, 360))


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


def watch(
    world: World, state: CameraState, minute: float, reason: CameraReason | None = None
) -> None:
    with world.store.write(EVERYTHING) as writing:
        since = LATER + minute * MINUTE
        writing.cameras.set_status(CameraStatus(CAMERA, state, reason, since, 640, 360))


def counted(world: World, minute: int, view: Counts | None) -> None:
    with world.store.write(EVERYTHING) as writing:
        writing.occupancy.record_minute(world.cameras[GYM], LATER + minute * MINUTE, view, {})


def views(world: World, minutes: float, step_s: int = 60) -> list[int | None]:
    until = LATER + minutes * MINUTE
    with world.store.read(EVERYTHING) as reading:
        series = reading.occupancy.series(GYM, LATER, until, step_s)
    return [one.counts.last if one.counts else None for one in series]


def test_what_was_not_watched_is_unknown_whatever_was_counted(world: World) -> None:
    counted(world, 0, Counts.steady(2))
    watch(world, CameraState.DEGRADED, 1.5, CameraReason.COVERED)
    counted(world, 2, Counts.steady(0))
    watch(world, CameraState.ONLINE, 4.5)
    counted(world, 5, Counts.steady(1))
    assert views(world, 7) == [2, None, None, None, 0, 1, 1]
    assert views(world, 6, 120) == [None, None, 1]
    watch(world, CameraState.OFFLINE, 6.2, CameraReason.ENDED)
    watch(world, CameraState.ONLINE, 6.8)
    assert views(world, 8) == [2, None, None, None, 0, 1, 1, 1]


def test_a_node_that_lost_its_power_left_no_count_behind(world: World) -> None:
    counted(world, 0, Counts.steady(2))
    with world.store.write(EVERYTHING) as writing:
        writing.watching.heard([CAMERA], LATER + 1.5 * MINUTE)
    assert views(world, 4) == [2, None, None, None]
    with world.store.write(EVERYTHING) as writing:
        writing.watching.resumed(CAMERA, LATER + 3.5 * MINUTE)
        writing.watching.heard([CAMERA], LATER + 5 * MINUTE)
    assert views(world, 5) == [2, None, None, 2, 2]


def test_what_is_no_longer_counted_is_unknown(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        for minute, areas in enumerate(({YARD: Counts.steady(3)}, {})):
            writing.occupancy.record_minute(
                world.cameras[GYM], LATER + minute * MINUTE, Counts.steady(3), areas
            )
    with world.store.read(EVERYTHING) as reading:
        series = reading.occupancy.series(GYM, LATER, LATER + 3 * MINUTE, 60)
    assert [one.counts for one in series if one.area] == [Counts.steady(3), None, None]


def test_nothing_is_said_of_a_camera_that_is_gone(world: World) -> None:
    since = datetime.now(UTC).replace(second=0, microsecond=0) - 3 * MINUTE
    with world.store.write(EVERYTHING) as writing:
        writing.occupancy.record_minute(world.cameras[GYM], since, Counts.steady(2), {})
        writing.cameras.remove(CAMERA)
    with world.store.read(EVERYTHING) as reading:
        series = reading.occupancy.series(GYM, since, since + 9 * MINUTE, 60)
    assert len(series) in (4, 5)


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
