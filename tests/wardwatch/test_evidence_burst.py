"""Seventeen cameras with fifty breaches a minute each: no snapshot and no clip is lost.

Pictures of a scene, the machine's own clock and disk, a worker's own writing thread in between. No
detector beside it: what takes the CPU away is whatever else the machine does.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import av
import pytest

from detect import Box, Look, coarse, step_ground
from ingest.picture import AvPicture, Scaler
from record.envelope import data_of
from record.events import EventType
from record.frames import Frame, TimeSource
from record.ids import BreachId, CameraId, Position, new_id
from record.places import EVERYTHING
from record.sightings import Occupancy
from record.store import Store
from sample_streams.scenes import scene_video
from tests.ingest.test_clips import CODINGS, coded
from tests.wardwatch.evidence_node import camera, moments, opened
from tests.wardwatch.test_evidence_killed import a_part
from tests.wardwatch.workers import CLOCK, await_true, new_store
from wardwatch.worker_camera import CameraSettings, WatchedCamera
from wardwatch.worker_evidence import EvidencePart
from wardwatch.worker_writer import Job, RecordWriter

CAMERAS = tuple(CameraId(f"camera-{number:02}") for number in range(17))
A_MINUTE = 50
PACKETS = [one.packet for one in coded(CODINGS["h264"], 20)]


@dataclass
class Host:
    writer: RecordWriter
    cameras: dict[CameraId, WatchedCamera]

    def write(self, job: Job) -> None:
        self.writer.put(job)

    def wake(self) -> None:
        pass


def pictures() -> list[AvPicture]:
    scaler = Scaler()
    with av.open(str(scene_video("gate")), "r") as scene:
        frames = [frame for number, frame in enumerate(scene.decode(video=0)) if number % 20 == 0]
    return [AvPicture(frame, scaler) for frame in frames[:20]]


@contextmanager
def seen_by_one_worker(folder: Path, store: Store) -> Iterator[tuple[EvidencePart, Host]]:
    """With the pictures of every camera coming, ten a second."""
    part = a_part(folder, store, CLOCK)
    watched = {name: WatchedCamera(CameraSettings(camera(name), ()), "", CLOCK) for name in CAMERAS}
    with store.write(EVERYTHING) as record:
        for name in CAMERAS:
            record.cameras.add(camera(name))
    host, over = Host(RecordWriter(store), watched), threading.Event()

    def send() -> None:
        number = 0
        while not over.wait(0.1):
            packet = PACKETS[number % len(PACKETS)]
            sent = replace(packet, pts_s=number / 10, captured_at=CLOCK.now())
            for name in CAMERAS:
                part.on_packet(name, sent)
            number += 1

    sender = threading.Thread(target=send)
    host.writer.start()
    part.start(host)
    part.on_cameras(watched)
    sender.start()
    try:
        yield part, host
    finally:
        over.set()
        sender.join(5)
        part.stop()
        host.writer.stop(5)


def breach_of(at_picture: AvPicture, name: CameraId, host: Host, part: EvidencePart) -> BreachId:
    at, breach = CLOCK.now(), BreachId(new_id())
    frame = Frame(name, 1, at, TimeSource.ARRIVAL, 0.0, CLOCK.monotonic(), at_picture)
    ground = step_ground(None, coarse(at_picture), (), at)
    look = Look((), Occupancy(name, at, 1, {}), (), (Box(0.4, 0.3, 0.5, 0.8),), ground=ground)
    part.on_findings(host.cameras[name], frame, look, [opened(breach, name, at)])
    return breach


@pytest.mark.prove
def test_a_burst_of_breaches_on_seventeen_cameras_keeps_all_evidence(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    dice, shown, most_waiting = random.Random(20261124), pictures(), 0
    with new_store(tmp_path) as store, seen_by_one_worker(tmp_path, store) as (part, host):
        time.sleep(11)
        breaches, began = set(), CLOCK.monotonic()
        for turn in range(A_MINUTE // 2):
            for number, name in enumerate(dice.sample(CAMERAS, len(CAMERAS))):
                due = began + (turn + number / len(CAMERAS)) * 60 / A_MINUTE
                time.sleep(max(0.0, due - CLOCK.monotonic()))
                breaches.add(breach_of(dice.choice(shown), name, host, part))
                waiting = part.snapshots.undrawn + part.snapshots.drawn
                most_waiting = max(most_waiting, waiting)
        await_true(lambda: not part.clips.under_way and not host.writer.waiting, 60)
        with store.read(EVERYTHING) as record:
            lost = record.events.after(Position(0), 1000, types={EventType.EVIDENCE_LOST})
            told = record.events.after(Position(0), 1000, types={EventType.EVIDENCE_WRITTEN})
    record_property("breaches", len(breaches))
    record_property("most waiting", most_waiting)
    assert [data_of(event) for event in lost] == []
    written = [cast("dict[str, object]", data_of(event)) for event in told]
    for kind in ("snapshot", "clip"):
        kept = [data for data in written if data["kind"] == kind]
        assert {moment["breach"] for data in kept for moment in moments(data)} == breaches
