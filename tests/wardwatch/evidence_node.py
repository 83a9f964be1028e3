"""The part of a worker that gathers evidence, told what a worker would tell it."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import cast

from detect import Look
from ingest import PacketRing, RingBounds
from record.cameras import Camera, CameraUrl
from record.envelope import data_of
from record.events import EventType, StoredEvent
from record.evidence import Evidence
from record.evidence_files import EvidenceFiles
from record.frames import Drawable, Frame, TimeSource
from record.ids import (
    BreachId,
    CameraId,
    EventId,
    EvidenceId,
    NodeId,
    Position,
    SiteId,
    UnitId,
    new_id,
)
from record.places import EVERYTHING
from record.sealing import SealingKey
from record.sightings import Occupancy
from record.store import Store
from tests.fakes.camera import FakeOpener
from tests.fakes.clock import FakeClock
from tests.fakes.disk import SmallDisk
from tests.fakes.keys import HeldKey
from tests.fakes.pictures import FakePicture
from tests.ingest.test_clips import CODINGS, coded
from tests.wardwatch.workers import SITE, UNIT, await_true, new_store
from wardwatch.evidence_renditions import Renditions
from wardwatch.evidence_room import EvidenceRoom, RoomBounds
from wardwatch.main_streams import MainStreams
from wardwatch.worker_camera import CameraSettings, WatchedCamera
from wardwatch.worker_evidence import EvidencePart
from wardwatch.worker_writer import Job

PICTURES = [one.packet for one in coded(CODINGS["h264"], 20)]
KEY = SealingKey.new()
PICTURE = FakePicture(width=640, height=360)
PLENTY = 1_000_000_000


def camera(name: str) -> Camera:
    return Camera(CameraId(name), SITE, name, CameraUrl.parse(f"rtsp://camera.test/{name}"))


@dataclass
class Node:
    """A part with a few cameras, its disk and its record."""

    store: Store
    clock: FakeClock
    disk: SmallDisk
    files: EvidenceFiles
    cameras: dict[CameraId, WatchedCamera]
    key: HeldKey
    shown: int = 0
    part: EvidencePart = field(init=False)
    room: EvidenceRoom = field(init=False)

    def write(self, job: Job) -> None:
        """As the worker's writer does, at once."""
        with self.store.write(EVERYTHING) as record:
            job.write(record)
        if job.done is not None:
            job.done()

    def wake(self) -> None:
        pass

    def play(self, seconds: float) -> None:
        """Every camera sends ten pictures a second."""
        for _ in range(round(seconds * 10)):
            self.clock.advance(0.1)
            picture = PICTURES[self.shown % len(PICTURES)]
            pts_s, self.shown = self.shown / 10, self.shown + 1
            sent = replace(picture, pts_s=pts_s, captured_at=self.clock.now())
            for name in self.cameras:
                self.part.on_packet(name, sent)

    def breach(
        self,
        name: str = "gate",
        *,
        picture: bool | Drawable = False,
    ) -> list[BreachId]:
        """Opened now, by one look; `picture`: at which."""
        at, watched = self.clock.now(), self.cameras[CameraId(name)]
        breaches = [BreachId(new_id())]
        frame = frame_at(CameraId(name), at, PICTURE if picture is True else picture or PICTURE)
        look = Look((), Occupancy(CameraId(name), at, 0, {}), (), ())
        events = [opened(breach, CameraId(name), at) for breach in breaches]
        self.part.on_findings(watched, frame if picture else None, look, events)
        return breaches

    def until(self, holds: Callable[[], object], within_s: float = 5.0) -> None:
        """While time goes on, and no pictures come."""

        def a_moment_later() -> object:
            self.clock.advance(0.1)
            return holds()

        await_true(a_moment_later, within_s)

    def told(self, kind: EventType) -> list[dict[str, object]]:
        with self.store.read(EVERYTHING) as record:
            events = record.events.after(Position(0), 1000, types={kind})
        return [cast("dict[str, object]", data_of(event)) for event in events]

    @property
    def lost(self) -> list[tuple[object, object, object]]:
        return [(one["breach"], one["kind"], one["reason"]) for one in self.told(LOST)]

    @property
    def kept(self) -> list[dict[str, object]]:
        return self.told(EventType.EVIDENCE_WRITTEN)

    def evidence(self, told: dict[str, object]) -> Evidence:
        with self.store.read(EVERYTHING) as record:
            return record.evidence.get(EvidenceId(str(told["evidence"])))

    def left(self) -> list[str]:
        """Files that are neither kept nor the mark of a living worker."""
        return sorted(
            str(path.relative_to(self.disk.folder))
            for path in self.disk.folder.rglob("*")
            if path.is_file() and path.relative_to(self.disk.folder).parts[0] not in IN_PLACE
        )


LOST = EventType.EVIDENCE_LOST
IN_PLACE = {"kept", "alive"}


def frame_at(of: CameraId, at: datetime, picture: Drawable) -> Frame:
    return Frame(of, 1, at, TimeSource.FILE, 0.0, 0.0, picture)


def moments(told: dict[str, object]) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", told["breaches"])


def opened(breach: BreachId, of: CameraId, at: datetime) -> StoredEvent:
    return StoredEvent(
        Position(1),
        EventId(new_id()),
        EventType.BREACH_OPENED,
        at,
        breach,
        SiteId(SITE),
        UnitId(UNIT),
        of,
        NodeId("node"),
        1,
        1,
        "",
        b"{}",
    )


def a_node(stack: ExitStack, folder: Path, *names: str, room: int = PLENTY) -> Node:
    clock, key = FakeClock(), HeldKey(KEY)
    store = stack.enter_context(new_store(folder))
    disk = SmallDisk(folder / "evidence", room)
    node = Node(
        store,
        clock,
        disk,
        EvidenceFiles(disk.folder, key.key, disk.create),
        {
            CameraId(name): WatchedCamera(CameraSettings(camera(name), ()), "", clock)
            for name in names
        },
        key,
    )
    with store.write(EVERYTHING) as record:
        for name in names:
            record.cameras.add(camera(name))
    node.room = EvidenceRoom(node.files, RoomBounds(least_free_bytes=0), clock)
    new_ring = lambda: PacketRing(clock.now, clock.monotonic, RingBounds())  # noqa: E731
    node.part = EvidencePart(
        node.files,
        node.room,
        Renditions(node.files, node.room, store, None, clock, "worker-1"),
        MainStreams(FakeOpener(clock, {}), clock, new_ring),
        new_ring,
        clock,
        "worker-1",
    )
    node.part.start(node)
    stack.callback(node.part.stop)
    node.part.on_cameras(node.cameras)
    return node
