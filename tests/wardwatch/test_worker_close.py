"""Whose picture is looked at closely, when, and that nobody waits for it."""

import os
import sys
import threading
from pathlib import Path

from detect import CloseLook, Detections, Piece
from ingest import CameraReader
from record.cameras import CameraState, CameraStatus
from record.frames import Frame, Picture, TimeSource
from record.ids import CameraId
from record.places import EVERYTHING
from tests.blur_budget import Nobody
from tests.fakes.camera import FakeOpener
from tests.fakes.clock import EPOCH, FakeClock
from tests.fakes.detector import FakeDetector
from tests.fakes.pictures import FakePicture
from tests.wardwatch.workers import GATE, Running, await_true, camera, new_store, opener
from wardwatch.worker_camera import CameraSettings, WatchedCamera
from wardwatch.worker_close import IDLE_S, NICE, SHARE, CloseLooks
from wardwatch.worker_ground import ROUTINE_S, UNWATCHED_S, Due

PIECE_S = 0.01


class Always(CameraReader):
    """Online without a stream; whenever it is asked there is a new frame."""

    def __init__(self, name: str, clock: FakeClock) -> None:
        super().__init__(CameraId(name), camera().url, FakeOpener(clock, {}), clock, Nobody())

    @property
    def status(self) -> CameraStatus:
        return CameraStatus(GATE, CameraState.ONLINE, None, EPOCH)

    def peek(self) -> Frame:
        at_s = self._clock.monotonic()
        picture = FakePicture(width=640, height=360)
        return Frame(GATE, round(at_s * 100), self._clock.now(), TimeSource.FILE, at_s, 0, picture)


class Close:
    """Cameras of which nobody is in view, and the close looks they have."""

    def __init__(self, *names: str) -> None:
        self.clock = FakeClock()
        self.pieces: list[str] = []
        """The camera of each, in turn."""
        self.cameras: dict[CameraId, WatchedCamera] = {}
        for name in names:
            watched = WatchedCamera(CameraSettings(camera(name), ()), "", self.clock)
            watched.reader = self.reader = Always(name, self.clock)
            self.cameras[CameraId(name)] = watched
        self._looks = CloseLooks(lambda: self.cameras, self._detect, self.clock)
        self.look()

    def __getitem__(self, name: str) -> WatchedCamera:
        return self.cameras[CameraId(name)]

    def _detect(self, camera: CameraId, _: Picture) -> Detections:
        self.pieces.append(camera)
        self.clock.advance(PIECE_S)
        return Detections.none()

    def look(self) -> None:
        for one in self.cameras.values():
            one.look(self.reader.peek(), Detections.none())

    def run(self, seconds: float, *watched: str) -> list[str]:
        """The cameras that had pieces looked at in that time, each once, in turn."""
        before = len(self.pieces)
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            for name in watched:
                self[name].keep_watched()
            if not self._looks.step():
                self.clock.advance(PIECE_S)
            for one in self.cameras.values():
                list(one.settle())
        return list(dict.fromkeys(self.pieces[before:]))


def test_a_watched_cameras_first_close_look_goes_first_and_is_had_in_one_go() -> None:
    close = Close("a", "b", "c")
    assert close.run(0.3) == ["a"]
    assert close.run(10, "c") == ["c", "a", "b"]
    turns = [one for one, before in zip(close.pieces, ["", *close.pieces], strict=False)
             if one != before]  # fmt: skip
    assert turns == ["a", "c", "a", "b"]
    assert all(one.close_look_due is None for one in close.cameras.values())


def test_who_watches_waits_no_longer_than_the_pieces_take() -> None:
    close = Close("a")
    close["a"].keep_watched()
    began = close.clock.monotonic()
    while close["a"].close_look_due is Due.FIRST_SEEN:
        close.run(PIECE_S, "a")
    assert close.clock.monotonic() - began <= (len(close.pieces) + 1) * PIECE_S * 1.01


def test_what_nobody_watches_is_looked_at_again_seldom_and_at_once_when_somebody_does() -> None:
    close = Close("a", "b")
    assert close.run(5) == ["a", "b"]
    assert close.run(UNWATCHED_S - 10) == []
    assert close.run(IDLE_S * 2, "b") == ["b"]
    assert close.run(30, "b") == ["b", "a"]


def test_a_watched_picture_is_looked_at_again_although_nothing_changes() -> None:
    close = Close("a")
    close.run(5, "a")
    assert close.run(ROUTINE_S - 10, "a") == []
    assert close.run(20, "a") == ["a"]


def test_whoever_was_looked_at_longest_ago_is_next_so_that_none_is_forgotten() -> None:
    close = Close("a", "b", "c")
    close.run(5)
    first = {name: one.closely_at for name, one in close.cameras.items()}
    close.run(UNWATCHED_S + 120)
    again = {name: one.closely_at for name, one in close.cameras.items()}
    assert sorted(first, key=lambda name: first[name]) == sorted(again, key=lambda n: again[n])
    assert all(again[name] - first[name] >= UNWATCHED_S for name in first)


def test_close_looks_after_the_first_take_a_share_of_the_time_only() -> None:
    close = Close("a", "b", "c")
    close.run(5)
    close.clock.advance(ROUTINE_S)
    before = len(close.pieces)
    close.run(10, "a", "b", "c")
    assert 0 < (len(close.pieces) - before) * PIECE_S <= 10 * SHARE[Due.AGAIN] * 1.1


def test_a_close_look_at_a_stream_that_was_lost_meanwhile_grants_nothing() -> None:
    close = Close("a")
    close.run(0.1, "a")
    under_way = close["a"].looking_closely
    assert under_way
    close["a"].interrupt(close.clock.now())
    list(close["a"].settle())
    close.look()
    assert not close["a"].looking_closely, "what comes now may be another view"
    had = len(close.pieces)
    close.run(5, "a")
    assert len(close.pieces) - had == CloseLook(close.reader.peek()).left
    assert close["a"].close_look_due is None


class HoldsPieces(FakeDetector):
    """Does not come back from a piece until it is let."""

    nice = 0
    """Of the thread that shows it pieces."""

    def __init__(self) -> None:
        super().__init__()
        self.held, self.let = threading.Event(), threading.Event()

    def detect(self, picture: Picture) -> Detections:
        if isinstance(picture, Piece):
            self.nice = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
            self.held.set()
            self.let.wait(10)
        return super().detect(picture)


def test_no_look_waits_for_a_close_one(tmp_path: Path) -> None:
    detector = HoldsPieces()
    with new_store(tmp_path) as store:
        with store.write(EVERYTHING) as record:
            record.cameras.add(camera())
        with Running(store, opener(GATE), detector):
            try:
                assert detector.held.wait(5)
                had = detector.looks
                await_true(lambda: detector.looks >= had + 5)
                assert sys.platform != "linux" or detector.nice == NICE
            finally:
                detector.let.set()
