"""The worker end to end: faked cameras and detector, a real store on SQLite."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from detect import Box, Detections
from ingest import CodedPacket
from record.breaches import BreachFilter, BreachState
from record.cameras import Area, CameraReason, CameraState, CameraUrl, Point, Rule, Transport
from record.envelope import data_of
from record.events import EventType
from record.frames import Picture
from record.ids import AreaId, CameraId, RuleId
from record.orders import RuleKind
from record.places import EVERYTHING
from record.sightings import Raised, Why
from record.store import Store, verify_chain
from tests.fakes.camera import ClockAhead, Fails, Frames, Refuses
from tests.fakes.detector import BrokenDetector, FakeDetector, walker
from tests.wardwatch.workers import (
    CLOCK,
    EXIT,
    FOREVER,
    GATE,
    LINE,
    Running,
    await_true,
    camera,
    new_store,
    opener,
    order,
)
from wardwatch.worker import DetectorProblem
from wardwatch.worker_parts import WorkerPart
from wardwatch.worker_plan import Assigned
from wardwatch.worker_pulse import STUCK_S


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        yield made


def add(store: Store, *names: str, armed: bool = True) -> None:
    with store.write(EVERYTHING) as record:
        for name in names or (GATE,):
            record.cameras.add(camera(name))
        if armed:
            record.orders.issue(order())


def leaver() -> FakeDetector:
    """Somebody who stands at the left for twenty looks and then leaves to the right, once."""
    return FakeDetector(lambda look: walker(0.2, 0.02)(max(0, look - 20)))


def test_a_worker_says_which_event_of_a_camera_it_knows(store: Store) -> None:
    add(store)
    with store.read(EVERYTHING) as record:
        before = record.events.last()
    with Running(store, opener(GATE), FakeDetector()) as running:
        assert (running.only.recorded or 0) >= before  # what was written before is older
        (online,) = running.await_events(EventType.CAMERA_ONLINE)
        await_true(lambda: running.only.recorded == online.position)
        with store.read(EVERYTHING) as record:
            assert record.cameras.statuses()[GATE].position == online.position


def test_somebody_leaves_and_a_breach_stands_in_the_record(store: Store) -> None:
    add(store)
    with Running(store, opener(GATE), leaver()) as running:
        running.await_events(EventType.BREACH_OPENED)
        with store.read(EVERYTHING) as record:
            (named,) = record.breaches.list(BreachFilter(), 10).items
        assert (named.breach.camera, named.breach.rule) == (GATE, EXIT.id)
        assert named.breach.state is BreachState.OPEN
        assert [ref.number for ref in named.breach.orders] == ["12/order"]
        assert named.breach.explanation is not None
        assert named.breach.explanation.model == FakeDetector.model_sha256
    assert verify_chain(store).ok


def test_without_an_order_it_is_an_observation(store: Store) -> None:
    add(store, armed=False)
    with Running(store, opener(GATE), leaver()) as running:
        running.await_events(EventType.OBSERVATION_RECORDED)
        assert running.events(EventType.BREACH_OPENED) == ()


def test_an_order_that_comes_while_running_arms_the_rule(store: Store) -> None:
    add(store, armed=False)
    # Somebody leaves every two seconds.
    crowd = FakeDetector(lambda look: walker(0.2, 0.02)(look % 40))
    with Running(store, opener(GATE), crowd) as running:
        running.await_events(EventType.OBSERVATION_RECORDED)
        with store.write(EVERYTHING) as record:
            record.orders.issue(order())
        running.await_events(EventType.BREACH_OPENED)


def test_states_are_recorded_as_they_change(store: Store) -> None:
    add(store)
    cameras = opener(GATE)
    cameras.scripts[GATE] = [
        Refuses(CameraReason.UNREACHABLE),
        [Frames(40, every_s=0.02), Fails(CameraReason.STALLED)],
        *FOREVER,
    ]
    with Running(store, cameras, FakeDetector()) as running:
        running.await_events(EventType.CAMERA_ONLINE, count=2)
        told = running.events(EventType.CAMERA_ONLINE, EventType.CAMERA_OFFLINE)
    states = [json.loads(event.body)["data"] for event in told]
    assert [(state["state"], state["reason"]) for state in states] == [
        ("offline", "unreachable"),
        ("online", None),
        ("offline", "stalled"),
        ("online", None),
    ]
    assert (states[1]["width"], states[1]["height"]) == (64, 36)
    assert not any(b"secret" in event.body for event in told)


@pytest.mark.parametrize(
    ("problem", "state"),
    [
        (DetectorProblem(missing=True, detail="no file"), "missing"),
        (DetectorProblem(missing=False, detail="not ours"), "failed"),
    ],
)
def test_without_a_detector_every_camera_says_so(
    store: Store, problem: DetectorProblem, state: str
) -> None:
    add(store)
    with Running(store, opener(GATE), problem) as running:
        (event,) = running.await_events(EventType.CAMERA_DEGRADED)
        assert json.loads(event.body)["data"]["reason"] == "no_detector"
        health = running.worker.health()
        assert (health.detector, health.detector_detail) == (state, problem.detail)
        assert health.cameras[0].state is CameraState.DEGRADED
        await_true(lambda: running.only.dropped["newer"] > 5)
    assert running.events(EventType.CAMERA_ONLINE) == ()


def test_a_detector_that_breaks_and_works_again_is_told_both_times(store: Store) -> None:
    add(store)
    detector = BrokenDetector()
    with Running(store, opener(GATE), detector) as running:
        running.await_events(EventType.CAMERA_DEGRADED)
        assert running.worker.health().detector == "failed"
        detector.broken = False
        await_true(lambda: running.worker.health().detector == "ready")
        await_true(lambda: running.only.looked > 3)
        await_true(
            lambda: (
                running.events(EventType.CAMERA_ONLINE, EventType.CAMERA_DEGRADED)[-1].type
                is EventType.CAMERA_ONLINE
            )
        )


def test_cameras_are_added_changed_and_removed_while_running(store: Store) -> None:
    add(store, "gate", "yard")
    cameras = opener("gate", "yard", "new")
    with Running(store, cameras, FakeDetector()) as running:
        running.await_events(EventType.CAMERA_ONLINE, count=2)
        with store.write(EVERYTHING) as record:
            record.cameras.add(camera("new"))
        running.await_events(EventType.CAMERA_ONLINE, count=3)
        assert [name for name, _ in cameras.opened] == ["gate", "yard", "new"]

        other = CameraUrl.parse("rtsp://camera.test/other")
        with store.write(EVERYTHING) as record:
            record.cameras.change(replace(record.cameras.get(CameraId("yard")), url=other))
        await_true(lambda: cameras.opened[-1] == ("yard", other))

        with store.write(EVERYTHING) as record:
            record.cameras.remove(CameraId("gate"))
        await_true(lambda: len(running.worker.health().cameras) == 2)
        await_true(lambda: cameras.streams[0].closed)
    # Nobody dialled a camera that had not changed.
    assert len(cameras.opened) == 4


def test_a_sub_stream_is_watched_and_a_new_transport_dialled_for(store: Store) -> None:
    sub = CameraUrl.parse("rtsp://camera.test/sub")
    with store.write(EVERYTHING) as record:
        record.cameras.add(replace(camera(), sub_url=sub))
    cameras = opener(GATE)
    with Running(store, cameras, FakeDetector()) as running:
        await_true(lambda: cameras.opened == [(GATE, sub)])
        with store.write(EVERYTHING) as record:
            changed = replace(record.cameras.get(GATE), transport=Transport.UDP)
            record.cameras.change(changed)
        await_true(lambda: len(cameras.opened) == 2)
        with store.write(EVERYTHING) as record:
            # The main stream is not what is watched: nothing is dialled anew.
            main = CameraUrl.parse("rtsp://camera.test/main-2")
            record.cameras.change(replace(record.cameras.get(GATE), url=main))
        await_true(lambda: running.only.frame_at is not None)
        with store.write(EVERYTHING) as record:
            record.cameras.change(replace(record.cameras.get(GATE), sub_url=None))
        await_true(lambda: len(cameras.opened) == 3)
    assert [url for _, url in cameras.opened] == [sub, sub, main]
    transports = [options.transport for options in cameras.options]
    assert transports == [Transport.TCP, Transport.UDP, Transport.UDP]


class PacketKeeper(WorkerPart):
    def __init__(self) -> None:
        self.kept: list[tuple[CameraId, bytes]] = []

    @property
    def wants_packets(self) -> bool:
        return True

    def on_packet(self, camera: CameraId, packet: CodedPacket) -> None:
        self.kept.append((camera, packet.data))


def test_coded_pictures_are_told_to_the_parts_that_want_them(store: Store) -> None:
    add(store)
    keeper, cameras = PacketKeeper(), opener(GATE)
    with Running(store, cameras, FakeDetector(), parts=[WorkerPart(), keeper]):
        await_true(lambda: len(keeper.kept) > 3)
    assert keeper.kept[:3] == [(GATE, f"coded {number}".encode()) for number in range(3)]


def test_rates_are_measured_of_a_camera_that_is_there(store: Store) -> None:
    add(store)
    with Running(store, opener(GATE), FakeDetector(), parts=[WorkerPart()]) as running:
        await_true(lambda: running.only.kbit_per_s, within_s=10)
        only = running.only
    assert only.decoded_per_s is not None
    assert only.decoded_per_s > 1
    assert only.frame_age_ms is not None


def test_a_line_that_is_drawn_while_running_is_watched(store: Store) -> None:
    with store.write(EVERYTHING) as record:
        record.cameras.add(camera(lines=(), rules=()))
        record.orders.issue(order())
    crowd = FakeDetector(lambda look: walker(0.2, 0.02)(look % 40))
    with Running(store, opener(GATE), crowd) as running:
        running.await_events(EventType.CAMERA_ONLINE)
        with store.write(EVERYTHING) as record:
            drawn = replace(record.cameras.get(GATE), lines=(LINE,), rules=(EXIT,))
            record.cameras.change(drawn)
        running.await_events(EventType.BREACH_OPENED)
        assert len(running.opener.opened) == 1


def test_a_camera_that_is_switched_off_is_let_go(store: Store) -> None:
    add(store)
    with Running(store, opener(GATE), FakeDetector()) as running:
        running.await_events(EventType.CAMERA_ONLINE)
        with store.write(EVERYTHING) as record:
            record.cameras.change(replace(record.cameras.get(GATE), enabled=False))
        await_true(lambda: running.opener.streams[0].closed)
        assert running.only.state is CameraState.DISABLED
        with store.write(EVERYTHING) as record:
            record.cameras.change(replace(record.cameras.get(GATE), enabled=True))
        await_true(lambda: len(running.opener.opened) == 2)


def test_a_camera_clock_that_is_off_is_an_event(store: Store) -> None:
    add(store)
    cameras = opener(GATE)
    cameras.scripts[GATE] = [
        [
            Frames(2, 0.02),
            ClockAhead(timedelta(seconds=-90)),
            Frames(3, 0.02),
            ClockAhead(None),
            Frames(10_000, 0.05),
        ]
    ]
    with Running(store, cameras, FakeDetector()) as running:
        events = running.await_events(EventType.CAMERA_CLOCK_SKEWED, count=2)
    data = [json.loads(event.body)["data"] for event in events]
    assert [(one["skewed"], one["ahead_ms"]) for one in data] == [(True, -90_000), (False, 0)]
    assert {event.site for event in events} == {"site"}


def test_occupancy_is_unknown_before_the_first_look_and_after_the_last(store: Store) -> None:
    add(store)
    with Running(store, opener(GATE), FakeDetector(lambda _: walker(0.3, 0)(0))) as running:
        await_true(lambda: running.only.looked > 10)
    (event,) = running.events(EventType.OCCUPANCY_CHANGED)[-1:]
    assert json.loads(event.body)["data"]["view"] is None


def test_only_its_share_of_the_cameras_is_read(store: Store, tmp_path: Path) -> None:
    add(store, "a", "b", "c", "d")
    cameras = opener("a", "b", "c", "d")
    own = Assigned(frozenset({CameraId("b"), CameraId("d")}))
    with Running(store, cameras, FakeDetector(), assigned=own) as running:
        running.await_events(EventType.CAMERA_ONLINE, count=2)
        assert sorted(name for name, _ in cameras.opened) == ["b", "d"]


def test_a_camera_given_to_it_or_taken_from_it_leaves_the_others_connected(store: Store) -> None:
    add(store, "a", "b", "c")
    cameras = opener("a", "b", "c")
    own = Assigned(frozenset({CameraId("a"), CameraId("b")}))
    with Running(store, cameras, FakeDetector(), assigned=own) as running:
        running.await_events(EventType.CAMERA_ONLINE, count=2)
        own.cameras = frozenset({CameraId("b"), CameraId("c")})
        running.await_events(EventType.CAMERA_ONLINE, count=3)
        seen = {health.camera for health in running.worker.health().cameras}
        assert seen == {"b", "c"}
        assert [name for name, _ in cameras.opened].count(CameraId("b")) == 1
        # The one taken away is another worker's now: nothing is said of it.
        assert running.events(EventType.CAMERA_OFFLINE) == ()


class Sleeper(FakeDetector):
    """Comes back from a look when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep, self.wake = threading.Event(), threading.Event()

    def detect(self, picture: Picture) -> Detections:
        if self.asleep.is_set():
            self.wake.wait(20)
        return super().detect(picture)


def test_a_worker_whose_looking_thread_is_stuck_knows_it(store: Store) -> None:
    add(store)
    detector = Sleeper()
    with Running(store, opener(GATE), detector) as running:
        await_true(lambda: running.only.looked > 3)
        assert running.worker.stuck() == ()
        detector.asleep.set()
        await_true(lambda: running.worker.stuck() == ("looks",), within_s=STUCK_S + 2)
        detector.wake.set()
        detector.asleep.clear()
        await_true(lambda: running.worker.stuck() == ())


def test_the_end_comes_within_two_seconds_and_everything_is_written(store: Store) -> None:
    add(store, "gate", "yard")
    with Running(store, opener("gate", "yard"), leaver()) as running:
        running.await_events(EventType.CAMERA_ONLINE, count=2)
        assert running.end() < 2
        assert running.worker.health().events_waiting == 0
    assert not running.socket_path.exists()


def test_stage_times_add_up(store: Store) -> None:
    add(store)
    crowd = FakeDetector(lambda look: walker(0.2, 0.02)(look % 40))
    with Running(store, opener(GATE), crowd) as running:
        running.await_events(EventType.BREACH_OPENED)
        await_true(lambda: any(one.of == "findings" for one in running.worker.health().stages))
        stages = running.worker.health().stages
    assert {one.stage for one in stages if one.of == "findings"} == {
        *("arrive", "decode", "wait", "detect", "decide", "store", "whole")
    }
    assert all(
        0 <= one.p50_ms <= one.p95_ms <= one.max_ms for one in stages if one.stage != "arrive"
    )


def test_without_a_detector_what_was_left_open_is_said_to_have_ended_unseen(store: Store) -> None:
    """Nobody can say that it lasts, nor that it is over: only from when on nobody has watched."""
    yard = Area(AreaId("yard"), (Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1)))
    crowd = Rule(RuleId("crowd"), RuleKind.GATHERING, area=yard.id, persons=3)
    drawn = camera(areas=(yard,), rules=(crowd,))
    with store.write(EVERYTHING) as record:
        record.cameras.add(drawn)
        record.orders.issue(order())
        began = CLOCK.now() - timedelta(minutes=50)
        why = Why(None, (), 0.9, "0" * 64)
        armed = record.orders.in_force(drawn.site)
        record.findings.record(drawn, [Raised(crowd, began, began, began, 3, armed, why)], began)
    problem = DetectorProblem(missing=True, detail="no file")
    soon = timedelta(seconds=0.5)
    with Running(store, opener(GATE), problem, given_up_after=soon) as running:
        (ended,) = running.await_events(EventType.BREACH_ENDED)
        with store.read(EVERYTHING) as record:
            (known,) = record.breaches.open()
            (*_, last) = record.breaches.steps(known.breach.id)
    assert data_of(ended)["reason"] == last.reason == "unwatched"
    assert began + timedelta(minutes=49) < ended.time == known.breach.ended_at
    assert known.breach.state is BreachState.OPEN


def test_what_a_dead_worker_left_open_ends_unless_it_is_seen_again(store: Store) -> None:
    yard = Area(AreaId("yard"), (Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1)))
    alone = Rule(RuleId("alone"), RuleKind.RESTRICTED, area=yard.id)
    crowd = Rule(RuleId("crowd"), RuleKind.GATHERING, area=yard.id, persons=3)
    drawn = camera(areas=(yard,), rules=(alone, crowd))
    with store.write(EVERYTHING) as record:
        record.cameras.add(drawn)
        record.orders.issue(order())
        now = CLOCK.now() - timedelta(seconds=5)
        armed = record.orders.in_force(drawn.site)
        why = Why(None, (), 0.9, "0" * 64)
        left_open = [Raised(rule, now, now, now, 3, armed, why) for rule in (alone, crowd)]
        record.findings.record(drawn, left_open, now)
    one_person = FakeDetector(lambda _look: [Box(0.4, 0.4, 0.5, 0.9)])
    soon = timedelta(seconds=1.5)
    with Running(store, opener(GATE), one_person, taken_over_after=soon) as running:
        (ended,) = running.await_events(EventType.BREACH_ENDED)
        looked = running.only.looked
        await_true(lambda: running.only.looked > looked + 20)
        assert len(running.events(EventType.BREACH_OPENED)) == 2
        assert running.events(EventType.BREACH_ENDED) == (ended,)
        with store.read(EVERYTHING) as record:
            goes_on = {
                one.breach.rule: one.breach.ended_at is None for one in record.breaches.open()
            }
    assert goes_on == {alone.id: True, crowd.id: False}
