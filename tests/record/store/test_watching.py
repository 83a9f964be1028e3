"""What was not watched, on both stores."""

from datetime import UTC, datetime, timedelta

import pytest

from record.cameras import CameraReason, CameraState, CameraStatus
from record.errors import NotInScope
from record.ids import CameraId, Position, SiteId
from record.places import EVERYTHING, Scope
from record.watching import Unwatched
from tests.record.world import CROWD, GYM, World, camera_at, raised

S = timedelta(seconds=1)
CAMERA = CameraId("cam-gym")
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
"""After the cameras of the world were added, by the machine's own clock."""


def say(
    world: World, state: CameraState, at: timedelta, reason: CameraReason | None = None
) -> None:
    with world.store.write(EVERYTHING) as writing:
        writing.cameras.set_status(CameraStatus(CAMERA, state, reason, LATER + at, 640, 360))


def asked(world: World, since: timedelta, until: timedelta) -> tuple[list[Unwatched], float]:
    with world.store.read(EVERYTHING) as reading:
        found = reading.watching.of_camera(CAMERA, LATER + since, LATER + until, LATER + until)
    return list(found.intervals), -1 if found.share is None else found.share


def test_an_outage_stands_once_with_its_true_ends(world: World) -> None:
    say(world, CameraState.ONLINE, 0 * S)
    say(world, CameraState.OFFLINE, 100 * S, CameraReason.STALLED)
    say(world, CameraState.OFFLINE, 105 * S, CameraReason.REFUSED)
    say(world, CameraState.ONLINE, 110 * S)
    intervals, share = asked(world, 0 * S, 200 * S)
    assert intervals == [Unwatched(LATER + 100 * S, LATER + 110 * S, "stalled")]
    assert share == pytest.approx(0.95)


def test_an_outage_is_cut_to_what_was_asked_and_may_go_on(world: World) -> None:
    say(world, CameraState.ONLINE, 0 * S)
    say(world, CameraState.OFFLINE, 100 * S, CameraReason.ENDED)
    assert asked(world, 120 * S, 140 * S) == ([Unwatched(LATER + 120 * S, None, "ended")], 0.0)
    assert asked(world, 0 * S, 100 * S) == ([], 1.0)


def test_a_covered_camera_is_not_watched_and_a_skewed_one_is(world: World) -> None:
    say(world, CameraState.ONLINE, 0 * S)
    say(world, CameraState.DEGRADED, 10 * S, CameraReason.CLOCK_SKEWED)
    say(world, CameraState.DEGRADED, 20 * S, CameraReason.COVERED)
    say(world, CameraState.OFFLINE, 30 * S, CameraReason.ENDED)
    say(world, CameraState.ONLINE, 40 * S)
    assert asked(world, 0 * S, 50 * S)[0] == [
        Unwatched(LATER + 20 * S, LATER + 30 * S, "covered"),
        Unwatched(LATER + 30 * S, LATER + 40 * S, "ended"),
    ]


def test_what_ended_unseen_ended_when_nobody_watched_any_more(world: World) -> None:
    say(world, CameraState.ONLINE, 0 * S)
    armed = world.armed(GYM)
    (crowd,) = world.find(GYM, raised(CROWD, armed, LATER + 10 * S, persons=3))
    say(world, CameraState.OFFLINE, 30 * S, CameraReason.ENDED)
    say(world, CameraState.ONLINE, 40 * S)
    say(world, CameraState.OFFLINE, 100 * S, CameraReason.ENDED)
    with world.store.write(EVERYTHING) as writing:
        (event,) = writing.findings.end_unwatched(
            camera_at(GYM), LATER + 130 * S, pictures=False, recorded_at=LATER + 800 * S
        )
    assert (event.subject, event.time) == (crowd, LATER + 30 * S)
    with world.store.read(EVERYTHING) as reading:
        assert reading.breaches.get(crowd).breach.ended_at == LATER + 30 * S


def test_gaps_of_a_flapping_camera_come_in_one_event(world: World) -> None:
    say(world, CameraState.ONLINE, 0 * S)
    gaps = [Unwatched(LATER + at * S, LATER + (at + 2) * S, "ended") for at in (10, 20, 30)]
    with world.store.write(EVERYTHING) as writing:
        before = writing.events.last()
        writing.watching.missed(CAMERA, gaps)
    with world.store.read(EVERYTHING) as reading:
        assert len(reading.events.after(before, 10)) == 1
    intervals, share = asked(world, 0 * S, 40 * S)
    assert intervals == gaps
    assert share == pytest.approx(0.85)


def events_since(world: World, position: Position) -> int:
    with world.store.read(EVERYTHING) as reading:
        return len(reading.events.after(position, 100))


def test_gaps_that_nobody_lived_to_say_are_known_and_said_once(world: World) -> None:
    say(world, CameraState.ONLINE, 0 * S)
    whole = Unwatched(LATER + 10 * S, LATER + 12 * S, "ended")
    with world.store.write(EVERYTHING) as writing:
        before = writing.events.last()
        writing.watching.unsaid(CAMERA, [Unwatched(LATER + 5 * S, LATER + 6 * S, "refused")])
        writing.watching.unsaid(CAMERA, [whole, Unwatched(LATER + 20 * S, None, "stalled")])
    assert events_since(world, before) == 0
    assert asked(world, 0 * S, 30 * S)[0] == [whole, Unwatched(LATER + 20 * S, None, "stalled")]
    with world.store.write(EVERYTHING) as writing:
        writing.watching.say_unsaid(LATER + 25 * S, {CameraId("another")})
    assert events_since(world, before) == 0
    for _ in range(2):
        with world.store.write(EVERYTHING) as writing:
            writing.watching.say_unsaid(LATER + 25 * S, {CAMERA})
        assert events_since(world, before) == 1
    known = [whole, Unwatched(LATER + 20 * S, LATER + 25 * S, "stalled")]
    assert asked(world, 0 * S, 40 * S)[0] == known
    with world.store.write(EVERYTHING) as writing:
        writing.projections.rebuild()
    assert asked(world, 0 * S, 40 * S)[0] == known


def test_gaps_that_were_said_are_not_said_again(world: World) -> None:
    say(world, CameraState.ONLINE, 0 * S)
    gap = Unwatched(LATER + 10 * S, LATER + 12 * S, "ended")
    with world.store.write(EVERYTHING) as writing:
        writing.watching.unsaid(CAMERA, [gap])
        writing.watching.missed(CAMERA, [gap])
        before = writing.events.last()
        writing.watching.say_unsaid(LATER + 20 * S)
        # Said as an outage after it was kept, and then killed:
        writing.watching.unsaid(CAMERA, [Unwatched(LATER + 10 * S, None, "ended")])
        writing.watching.say_unsaid(LATER + 20 * S)
    assert events_since(world, before) == 0
    assert asked(world, 0 * S, 30 * S)[0] == [gap]


def test_what_a_node_missed_that_lost_its_power_is_known_when_it_is_back(world: World) -> None:
    say(world, CameraState.ONLINE, 0 * S)
    with world.store.write(EVERYTHING) as writing:
        writing.watching.heard([CAMERA, CameraId("gone")], LATER + 50 * S)
    with world.store.write(EVERYTHING) as writing:
        writing.watching.resumed(CAMERA, LATER + 90 * S)
        writing.watching.heard([CAMERA], LATER + 95 * S)
    intervals, _ = asked(world, 0 * S, 96 * S)
    assert intervals[0] == Unwatched(LATER + 50 * S, LATER + 90 * S, "worker_lost")


def test_an_outage_that_the_supervisor_said_begins_at_the_last_word_of_the_worker(
    world: World,
) -> None:
    say(world, CameraState.ONLINE, 0 * S)
    with world.store.write(EVERYTHING) as writing:
        writing.watching.heard([CAMERA], LATER + 50 * S)
    say(world, CameraState.OFFLINE, 60 * S, CameraReason.WORKER_LOST)
    with world.store.write(EVERYTHING) as writing:
        writing.watching.resumed(CAMERA, LATER + 70 * S)
        writing.watching.heard([CAMERA], LATER + 75 * S)
    say(world, CameraState.ONLINE, 70 * S)
    intervals, _ = asked(world, 0 * S, 100 * S)
    assert intervals[0] == Unwatched(LATER + 50 * S, LATER + 70 * S, "worker_lost")


def test_a_short_break_between_two_workers_is_none(world: World) -> None:
    say(world, CameraState.ONLINE, 0 * S)
    with world.store.write(EVERYTHING) as writing:
        writing.watching.heard([CAMERA], LATER + 50 * S)
        before = writing.events.last()
        writing.watching.resumed(CAMERA, LATER + 55 * S)
        assert writing.events.last() == before


def test_rebuilding_from_the_log_finds_the_same(world: World) -> None:
    test_a_covered_camera_is_not_watched_and_a_skewed_one_is(world)
    before = asked(world, 0 * S, 50 * S)
    with world.store.write(EVERYTHING) as writing:
        writing.projections.rebuild()
    assert asked(world, 0 * S, 50 * S) == before


def test_a_camera_of_another_site_is_absent(world: World) -> None:
    with world.store.read(Scope.of_site(SiteId("elsewhere"))) as reading:
        with pytest.raises(NotInScope):
            reading.watching.of_camera(CAMERA, LATER, LATER + S, LATER + S)
        with pytest.raises(NotInScope):
            reading.watching.of_site(GYM, LATER, LATER + S, LATER + S)


def test_a_site_answers_for_each_of_its_cameras(world: World) -> None:
    say(world, CameraState.ONLINE, 0 * S)
    with world.store.read(EVERYTHING) as reading:
        found = reading.watching.of_site(GYM, LATER, LATER + 60 * S, LATER + 60 * S)
        cameras = reading.cameras.list(GYM)
    assert [one.camera for one in found] == [one.id for one in cameras]
