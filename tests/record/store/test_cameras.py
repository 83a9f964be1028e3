from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from record.breaches import BreachState, DismissReason
from record.cameras import (
    CameraReason,
    CameraState,
    CameraStatus,
    CameraUrl,
    Line,
    Point,
)
from record.envelope import data_of
from record.errors import Duplicate, Invalid, NotInScope
from record.events import EventType
from record.ids import BreachId, CameraId, LineId, Position
from record.moments import cut
from record.places import EVERYTHING
from record.store import Store, Writing, verify_chain
from tests.record.world import (
    CROWD,
    DORMITORY,
    EXIT,
    GYM,
    HOTEL,
    NOW,
    S,
    World,
    camera_at,
    raised,
)

ONLINE = CameraStatus(CameraId("cam-gym"), CameraState.ONLINE, None, NOW, 640, 360)


def types(store: Store, camera: CameraId) -> list[EventType]:
    with store.read(EVERYTHING) as reading:
        events = reading.events.after(Position(0), 100, camera=camera)
        return [event.type for event in events]


def test_a_camera_reads_back_with_address_and_drawing(world: World) -> None:
    with world.store.read(world.minh.scope) as reading:
        assert reading.cameras.get(CameraId("cam-gym")) == camera_at(GYM)
        assert [camera.site for camera in reading.cameras.list()] == [DORMITORY, GYM]


def test_points_are_kept_to_a_ten_thousandth(world: World) -> None:
    line = Line(LineId("gate"), Point(1 / 3, 0.5), Point(0.66666, 1.0), margin=0.02)
    with world.store.write(EVERYTHING) as writing:
        kept = writing.cameras.change(replace(camera_at(GYM), lines=(line,)))
    assert kept.lines == (replace(line, a=Point(0.3333, 0.5), b=Point(0.6667, 1.0)),)
    assert kept.version == 2
    with world.store.read(EVERYTHING) as reading:
        assert reading.cameras.get(kept.id) == kept


def test_no_byte_of_the_log_holds_an_address_or_a_password(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        url = CameraUrl.parse("rtsp://admin:0ther@10.0.0.9/h264?pwd=tok3n")
        writing.cameras.change(replace(camera_at(GYM), url=url))
        writing.cameras.remove(CameraId("cam-hotel"))
    with world.store.read(EVERYTHING) as reading:
        events = reading.events.after(Position(0), 100)
        texts = str(reading.events.texts(events))
    log = b"".join(event.body for event in events)
    for secret in ("s3cret", "tok3n", "0ther", "10.0.0.9", "admin"):
        assert secret.encode() not in log
        assert secret not in texts


def test_a_camera_that_is_removed_keeps_its_name_in_history_only(world: World) -> None:
    breach = world.breach(GYM)
    with world.store.write(EVERYTHING) as writing:
        writing.cameras.remove(CameraId("cam-gym"))
    with world.store.read(EVERYTHING) as reading:
        assert reading.breaches.get(breach).camera_name == "Cổng"
        with pytest.raises(NotInScope):
            reading.cameras.get(CameraId("cam-gym"))
        assert CameraId("cam-gym") not in reading.cameras.statuses()
    assert types(world.store, CameraId("cam-gym"))[-1] is EventType.CAMERA_REMOVED


def breach_events(world: World, breach: BreachId) -> list[EventType]:
    with world.store.read(EVERYTHING) as reading:
        events = reading.events.after(Position(0), 100)
    return [event.type for event in events if event.subject == breach]


def ended_at(world: World, breach: BreachId) -> datetime | None:
    with world.store.read(EVERYTHING) as reading:
        return reading.breaches.get(breach).breach.ended_at


def test_what_goes_on_ends_when_its_camera_is_removed(world: World) -> None:
    over = world.breach(GYM)
    armed = world.armed(GYM)
    crowd, leaving = world.find(GYM, raised(CROWD, armed, persons=3), raised(EXIT, armed, NOW + S))
    (elsewhere,) = world.find(DORMITORY, raised(CROWD, world.armed(DORMITORY), persons=3))
    with world.store.write(EVERYTHING, by=world.minh.id) as writing:
        writing.breaches.dismiss(leaving, DismissReason.STAFF, "", NOW + 2 * S)
    with world.store.write(EVERYTHING) as writing:
        writing.cameras.remove(CameraId("cam-gym"))
    assert types(world.store, CameraId("cam-gym"))[-3:] == [
        EventType.BREACH_ENDED,
        EventType.BREACH_ENDED,
        EventType.CAMERA_REMOVED,
    ]
    for breach in (over, crowd, leaving):
        assert breach_events(world, breach).count(EventType.BREACH_ENDED) == 1
        assert ended_at(world, breach) is not None
    assert ended_at(world, elsewhere) is None
    with world.store.read(EVERYTHING) as reading:
        assert reading.breaches.get(crowd).breach.state is BreachState.OPEN
    assert verify_chain(world.store).ok


def test_what_a_rule_raised_ends_when_the_rule_goes(world: World) -> None:
    armed = world.armed(GYM)
    crowd, leaving = world.find(GYM, raised(CROWD, armed, persons=3), raised(EXIT, armed))
    with world.store.write(EVERYTHING) as writing:
        writing.cameras.change(replace(camera_at(GYM), name="Cổng sau"))
    assert ended_at(world, crowd) is None
    with world.store.write(EVERYTHING) as writing:
        writing.cameras.change(replace(camera_at(GYM), rules=(EXIT,)))
    assert ended_at(world, crowd) is not None
    assert ended_at(world, leaving) is None
    with world.store.write(EVERYTHING) as writing:
        crowd_now = replace(CROWD, id=EXIT.id)
        writing.cameras.change(replace(camera_at(GYM), rules=(crowd_now,)))
    assert ended_at(world, leaving) is not None
    assert breach_events(world, crowd) == [EventType.BREACH_OPENED, EventType.BREACH_ENDED]


def test_nothing_ends_before_it_was_last_heard_of(world: World) -> None:
    ahead = world.store.clock.now() + timedelta(seconds=30)
    (crowd,) = world.find(GYM, raised(CROWD, world.armed(GYM), ahead, persons=3))
    with world.store.write(EVERYTHING) as writing:
        writing.cameras.remove(CameraId("cam-gym"))
    end = ended_at(world, crowd)
    assert end is not None
    assert end >= cut(ahead)


def test_what_a_worker_says_of_a_rule_just_gone_is_kept_and_ends_at_once(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        writing.cameras.change(replace(camera_at(GYM), rules=(EXIT,)))
    (crowd,) = world.find(GYM, raised(CROWD, world.armed(GYM), persons=3))
    assert breach_events(world, crowd) == [EventType.BREACH_OPENED, EventType.BREACH_ENDED]


def test_only_a_change_of_status_is_an_event(world: World) -> None:
    offline = replace(ONLINE, state=CameraState.OFFLINE, reason=CameraReason.STALLED, since=NOW + S)
    with world.store.write(EVERYTHING) as writing:
        for status in (
            ONLINE,
            replace(ONLINE, since=NOW + S),
            replace(ONLINE, state=CameraState.CONNECTING),
            offline,
            replace(offline, since=NOW + 2 * S),
            replace(offline, reason=CameraReason.REFUSED, since=NOW + 3 * S),
        ):
            writing.cameras.set_status(status)
    assert types(world.store, CameraId("cam-gym"))[1:] == [
        EventType.CAMERA_ONLINE,
        EventType.CAMERA_OFFLINE,
        EventType.CAMERA_OFFLINE,
    ]
    with world.store.read(EVERYTHING) as reading:
        known = reading.cameras.statuses(GYM)[CameraId("cam-gym")]
    assert (known.state, known.reason) == (CameraState.OFFLINE, CameraReason.REFUSED)
    assert known.since == NOW + S  # it has been away since then


def test_another_size_is_an_event_and_no_new_beginning(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        writing.cameras.set_status(ONLINE)
        writing.cameras.set_status(replace(ONLINE, width=1280, height=720, since=NOW + S))
    with world.store.read(EVERYTHING) as reading:
        known = reading.cameras.statuses(GYM)[CameraId("cam-gym")]
        last = reading.events.after(Position(0), 100, types={EventType.CAMERA_ONLINE})[-1]
    assert known == replace(ONLINE, width=1280, height=720)
    assert data_of(last)["width"] == 1280


def test_an_outage_has_one_beginning_whatever_its_reasons(world: World) -> None:
    """A camera is cut off, then refuses, then its worker dies: one outage, from the cut."""
    away = replace(ONLINE, state=CameraState.OFFLINE)
    reasons = (CameraReason.ENDED, CameraReason.REFUSED, CameraReason.WORKER_LOST)
    with world.store.write(EVERYTHING) as writing:
        writing.cameras.set_status(ONLINE)
        for number, reason in enumerate(reasons, start=1):
            writing.cameras.set_status(replace(away, reason=reason, since=NOW + number * S))
    with world.store.read(EVERYTHING) as reading:
        known = reading.cameras.statuses(GYM)[CameraId("cam-gym")]
        events = reading.events.after(Position(0), 100, types={EventType.CAMERA_OFFLINE})
    assert known == replace(away, reason=reasons[-1], since=NOW + S)
    assert [data_of(event)["since"] for event in events] == [data_of(events[0])["since"]] * 3
    # Each event's own time is when the reason became another.
    assert [event.time for event in events] == [NOW + number * S for number in (1, 2, 3)]


def test_before_anything_is_heard_a_camera_connects_or_is_disabled(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        writing.cameras.set_status(ONLINE)
        writing.cameras.change(replace(camera_at(GYM), enabled=False))
        statuses = writing.cameras.statuses()
    assert statuses[CameraId("cam-gym")].state is CameraState.DISABLED
    assert statuses[CameraId("cam-dorm")].state is CameraState.CONNECTING
    assert abs(statuses[CameraId("cam-dorm")].since - world.store.clock.now()) < timedelta(hours=1)


def test_a_ward_reaches_its_own_cameras_only(world: World) -> None:
    hotel = CameraId("cam-hotel")
    with world.store.read(world.minh.scope) as reading:
        with pytest.raises(NotInScope):
            reading.cameras.get(hotel)
        with pytest.raises(NotInScope):
            reading.cameras.statuses(HOTEL)
    acts: list[Callable[[Writing], object]] = [
        lambda writing: writing.cameras.change(camera_at(HOTEL)),
        lambda writing: writing.cameras.remove(hotel),
        lambda writing: writing.cameras.set_status(replace(ONLINE, camera=hotel)),
        lambda writing: writing.cameras.add(replace(camera_at(HOTEL), id=CameraId("new"))),
    ]
    for act in acts:
        with pytest.raises(NotInScope), world.store.write(world.minh.scope) as writing:
            act(writing)


def test_what_does_not_fit_is_refused_and_nothing_is_half_written(world: World) -> None:
    odd = replace(camera_at(GYM), id=CameraId("new"))
    odd = replace(odd, lines=(Line(LineId("vạch"), Point(0, 0), Point(1, 1)),))
    with pytest.raises(Invalid) as refused, world.store.write(EVERYTHING) as writing:
        writing.cameras.add(odd)
    assert refused.value.field == "lines.0.id"
    with pytest.raises(Duplicate), world.store.write(EVERYTHING) as writing:
        writing.cameras.add(camera_at(GYM))
    with world.store.read(EVERYTHING) as reading:
        assert len(reading.cameras.list()) == 4
