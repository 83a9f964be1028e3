"""A worker whose cameras are tampered with, or away: rules, states and pictures, end to end."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from detect.tamper import DWELL
from ingest import PacketRing
from ingest.onvif_client import DeviceAddress, OnvifClient
from record.cameras import CameraReason, CameraState, CameraUrl, Rule
from record.events import EventType
from record.evidence_files import EvidenceFiles
from record.ids import CameraId, RuleId
from record.networks import CameraNetworks
from record.orders import RuleKind
from record.places import EVERYTHING
from record.sealing import SealingKey
from record.store import Store
from tests.fakes.camera import Fails, Frames, Refuses
from tests.fakes.detector import FakeDetector
from tests.fakes.onvif import PASSWORD, USER, FakeDevice
from tests.fakes.onvif_makes import HIKVISION
from tests.wardwatch.tampered import frames
from tests.wardwatch.workers import (
    CLOCK,
    FOREVER,
    GATE,
    Running,
    await_true,
    camera,
    new_store,
    opener,
    order,
)
from wardwatch.evidence_renditions import Renditions
from wardwatch.evidence_room import GB, EvidenceRoom, RoomBounds
from wardwatch.main_streams import MainStreams
from wardwatch.worker import DetectorProblem
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_evidence import LOOK_FOR_ROOM_S, EvidencePart
from wardwatch.worker_onvif import OnvifPart

TAMPERED = Rule(RuleId("tampered"), RuleKind.CAMERA_TAMPERED)
OFFLINE = Rule(RuleId("offline"), RuleKind.CAMERA_OFFLINE, seconds=1)
NOT_FOUND = DetectorProblem(missing=True, detail="no file")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        with made.write(EVERYTHING) as record:
            record.cameras.add(camera(lines=(), rules=(TAMPERED, OFFLINE)))
            record.orders.issue(order())
        yield made


class Disk(EvidenceFiles):
    """As much is free on it as the test says."""

    free = 0

    def free_bytes(self) -> int:
        return self.free


def evidence_part(store: Store, files: EvidenceFiles) -> EvidencePart:
    room = EvidenceRoom(files, RoomBounds(least_free_bytes=GB), CLOCK)

    def new_ring() -> PacketRing:
        return PacketRing(CLOCK.now, CLOCK.monotonic)

    renditions = Renditions(files, room, store, None, CLOCK, "worker-1")
    mains = MainStreams(opener(GATE), CLOCK, new_ring)
    return EvidencePart(files, room, renditions, mains, new_ring, CLOCK, "worker-1")


def until_breach(running: Running) -> dict[str, object]:
    """What the first breach is."""
    until = CLOCK.now() + timedelta(seconds=25)
    while not running.events(EventType.BREACH_OPENED):
        assert CLOCK.now() < until
        running.stop.wait(0.1)
    (opened,) = running.events(EventType.BREACH_OPENED)
    return data_of(opened.body)


def gate(running: Running) -> WatchedCamera:
    return running.worker.cameras[CameraId(GATE)]


def lasted(data: dict[str, object]) -> timedelta:
    """From the deed's begin to when it was decided on."""
    began_at, decided_at = (
        datetime.fromisoformat(str(data[name])) for name in ("began_at", "decided_at")
    )
    return decided_at - began_at


def data_of(body: bytes) -> dict[str, object]:
    data: dict[str, object] = json.loads(body)["data"]
    return data


def test_a_covered_camera_opens_a_breach_without_any_detector(store: Store) -> None:
    cameras = opener(GATE)
    cameras.scripts[GATE] = [[frames(covered_from=80)]]
    with Running(store, cameras, NOT_FOUND) as running:
        data = until_breach(running)
        states = [data_of(one.body) for one in running.events(EventType.CAMERA_DEGRADED)]
    assert lasted(data) >= DWELL[CameraReason.COVERED]
    assert data["kind"] == "camera_tampered"
    assert data["persons"] == 0
    why = data["why"]
    assert isinstance(why, dict)
    assert why["reason"] == "covered"
    assert [state["reason"] for state in states] == ["no_detector", "covered"]


def test_a_cameras_own_notice_is_a_second_witness_and_never_the_only_one(store: Store) -> None:
    """The device speaks from the first second on; it is turned away from the eighth."""
    cameras = opener(GATE)
    cameras.scripts[GATE] = [[frames(moved_from=80)]]
    with FakeDevice(HIKVISION) as device:

        def connect(_: CameraUrl) -> OnvifClient:
            at = DeviceAddress(device.service, USER, PASSWORD)
            return OnvifClient(at, CameraNetworks.parse(["127.0.0.1"]), CLOCK)

        part = OnvifPart(connect, [], CLOCK)
        with Running(store, cameras, NOT_FOUND, parts=[part]) as running:
            await_true(lambda: running.worker.cameras and gate(running).witnessed)
            began_at = CLOCK.now()
            data = until_breach(running)
    assert datetime.fromisoformat(str(data["began_at"])) - began_at > timedelta(seconds=2)
    assert lasted(data) < DWELL[CameraReason.MOVED]


def test_a_frozen_picture_is_not_shown_as_if_it_were_live(store: Store) -> None:
    cameras = opener(GATE)
    cameras.scripts[GATE] = [[frames(frozen_from=140)]]
    with Running(store, cameras, FakeDetector()) as running:
        until = CLOCK.now() + timedelta(seconds=40)
        while running.only.reason is not CameraReason.FROZEN:
            assert CLOCK.now() < until
            running.stop.wait(0.1)
        assert running.only.state is CameraState.DEGRADED
        watched = running.worker.cameras[CameraId(GATE)]
        assert watched.reader is not None
        assert watched.reader.peek() is not None
        assert watched.live_frame is None
        assert watched.still(320) is None


def test_a_camera_that_stays_away_opens_a_breach_from_its_last_picture(store: Store) -> None:
    cameras = opener(GATE)
    refuses = [Refuses(CameraReason.UNREACHABLE)] * 4
    cameras.scripts[GATE] = [[Frames(60, every_s=0.02), Fails(CameraReason.STALLED)], *refuses]
    cameras.scripts[GATE] += FOREVER
    with Running(store, cameras, FakeDetector()) as running:
        until = CLOCK.now() + timedelta(seconds=40)
        while not running.events(EventType.BREACH_ENDED):
            assert CLOCK.now() < until
            running.stop.wait(0.1)
        (opened,) = running.events(EventType.BREACH_OPENED)
        offline = running.events(EventType.CAMERA_OFFLINE)[0]
    data = data_of(opened.body)
    assert data["kind"] == "camera_offline"
    assert data["began_at"] == data_of(offline.body)["since"]
    why = data["why"]
    assert isinstance(why, dict)
    assert why["reason"] in {"stalled", "unreachable"}


def test_a_camera_says_that_there_is_no_room_for_evidence_and_when_there_is(
    store: Store, tmp_path: Path
) -> None:
    files = Disk(tmp_path / "evidence", SealingKey.new)
    part = evidence_part(store, files)
    with Running(store, opener(GATE), FakeDetector(), parts=[part]) as running:
        full = (CameraState.DEGRADED, CameraReason.EVIDENCE_FULL)
        await_true(lambda: (running.only.state, running.only.reason) == full)
        assert running.worker.health().lacks == (CameraReason.EVIDENCE_FULL,)
        (degraded,) = running.await_events(EventType.CAMERA_DEGRADED)
        files.free = GB + 1  # not enough to call it room again
        running.stop.wait(LOOK_FOR_ROOM_S + 1)
        assert running.only.reason is CameraReason.EVIDENCE_FULL
        files.free = 2 * GB
        await_true(lambda: running.only.state is CameraState.ONLINE, LOOK_FOR_ROOM_S + 3)
        assert running.worker.health().lacks == ()
    assert data_of(degraded.body)["reason"] == "evidence_full"
