"""A day in the life of one camera, on a clock that runs as fast as we can look: memory stays flat.

Recorded detections (the true boxes of a sample scene, over and over, with the tracks, crossings,
findings, minutes and stills they make), pictures that cost nothing, and an outage every quarter
of an hour, or every few minutes where the count is short.
"""

import gc
import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from detect import Detections
from ingest import CameraReader, ReaderCounts
from record.cameras import Camera, CameraState, CameraStatus
from record.frames import Frame, TimeSource
from record.ids import OrderId, SiteId
from record.orders import OrderInForce, RuleKind
from sample_streams import scene_boxes
from tests.fakes.clock import FakeClock
from tests.fakes.pictures import FakePicture
from wardwatch import demo
from wardwatch.worker_camera import CameraSettings, WatchedCamera

LOOK_EVERY_S = 0.2
QUARTER_S = 900
SHORT_S = 300
OUTAGE_S = 20.0
FRAMES_A_LOOK = 2
"""The scene was recorded at 10 frames a second, and five of them are looked at."""


class NewestFrame:
    """As much of a reader as a watched camera asks for."""

    def __init__(self, clock: FakeClock) -> None:
        self.frame: Frame | None = None
        self.counts = ReaderCounts(0, 0, {}, 0)
        self._since = clock.now()

    @property
    def status(self) -> CameraStatus:
        name = demo_camera().id
        return CameraStatus(name, CameraState.ONLINE, None, self._since, 64, 36)

    def peek(self) -> Frame | None:
        return self.frame


def demo_camera() -> Camera:
    sample = demo.SampleCamera("gate", "gate", "Gate", demo.WARD.id)
    return demo.camera_of(sample, SiteId("site"), "rtsp://camera.test")


def recorded() -> list[Detections]:
    """Of each look of the scene."""
    found = []
    with gzip.open(scene_boxes("gate"), "rt", encoding="utf-8") as lines:
        for line in list(lines)[::FRAMES_A_LOOK]:
            boxes = [one["box"] for one in json.loads(line)["people"] if one["box"] is not None]
            array = np.array(boxes, np.float32).reshape(-1, 4)
            found.append(Detections(array, np.full(len(boxes), 0.9, np.float32)))
    return found


class Day:
    """Of one camera, a stretch with an outage at its end at a time."""

    def __init__(self, stretch_s: float) -> None:
        self._looks = round((stretch_s - OUTAGE_S) / LOOK_EVERY_S)
        self._clock = FakeClock()
        self._camera = demo_camera()
        now, week = self._clock.now(), timedelta(days=7)
        armed = frozenset(RuleKind)
        order = OrderInForce(OrderId("order"), 1, "12", now - week, now + week, armed, depth=1)
        settings = CameraSettings(self._camera, (order,))
        self._watched = WatchedCamera(settings, "fa" * 32, self._clock)
        self._reader = NewestFrame(self._clock)
        self._watched.reader = cast("CameraReader", self._reader)
        self._detections = recorded()
        self._pictures = [FakePicture(luma) for luma in range(60, 200, 10)]
        self._number = 0
        self.tracks: set[int] = set()
        self.findings = self.minutes = 0

    def stretch(self) -> None:
        for _ in range(self._looks):
            self._look()
        self._watched.interrupt(self._clock.now())
        for look in self._watched.settle():
            self.minutes += len(self._watched.minutes(look))
        self._clock.advance(OUTAGE_S)

    def _look(self) -> None:
        self._clock.advance(LOOK_EVERY_S)
        self._number += 1
        at = self._clock.now()
        frame = Frame(
            camera=self._camera.id,
            number=self._number,
            captured_at=at,
            time_source=TimeSource.ARRIVAL,
            pts_s=self._number * LOOK_EVERY_S,
            received=self._clock.monotonic(),
            picture=self._pictures[self._number % len(self._pictures)],
        )
        self._reader.frame = frame
        look = self._watched.look(frame, self._detections[self._number % len(self._detections)])
        self._watched.glance()
        self.findings += len(look.findings) + len(self._watched.check(None))
        self.tracks.update(hash(track.id) for track in look.tracks)
        self.minutes += len(self._watched.minutes(look))
        if self._number % 50 == 0:
            assert self._watched.still(64) is not None


def held_mb() -> float:
    """Anonymous memory (proc(5), `RssAnon`): pages of libraries count or not by who else has
    loaded them at this moment."""
    gc.collect()
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("RssAnon:"))
    return int(kilobytes) / 1000


def soak(stretch_s: float, warm_up: int, stretches: int) -> tuple[Day, float, float]:
    """MB after the warm-up, and at the end."""
    day = Day(stretch_s)
    for _ in range(warm_up):
        day.stretch()
    # What the test itself keeps is no part of it.
    tracks, day.tracks = len(day.tracks), set()
    before = held_mb()
    for _ in range(stretches - warm_up):
        day.stretch()
        tracks, day.tracks = tracks + len(day.tracks), set()
    assert tracks > 5 * stretches
    assert day.findings > stretches
    assert day.minutes >= (stretch_s // 60 - 1) * stretches
    return day, before, held_mb()


@pytest.mark.timeout(120)
def test_a_quarter_of_an_hour_of_one_camera_takes_no_memory() -> None:
    _, before, after = soak(SHORT_S, warm_up=1, stretches=3)
    assert after < before * 1.02


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_a_day_of_one_camera_takes_no_memory(
    record_property: Callable[[str, object], None],
) -> None:
    day, before, after = soak(QUARTER_S, warm_up=8, stretches=96)
    record_property("looks", round(96 * QUARTER_S / LOOK_EVERY_S))
    record_property("findings, minutes", f"{day.findings}, {day.minutes}")
    record_property("MB after two hours and after 24", f"{before:.1f}, {after:.1f}")
    assert after < before * 1.05
