"""How much of each person is hidden in the pictures that leave, held against true boxes.

A picture goes through the maker of all pictures (`wardwatch.worker_veil`) as every live route feeds
it, with its colours replaced by noise in which each pixel differs from its neighbours: wherever the
noise comes out unchanged, the camera's picture would have been seen. Looks are granted as `up`
grants them, take the time that they take in a worker whose cameras are as many as it may have, and
count from the first frame that comes when they are done. Close looks share that time by the
worker's own rules.
"""

import gzip
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detect import Box, Detections, Detector, Look, LookSchedule
from ingest import AvOpener, CameraReader, StreamEnded
from record.cameras import Camera, CameraState, CameraStatus, CameraUrl
from record.frames import Frame, Picture, Planes
from record.ids import CameraId, SiteId
from tests.fakes.camera import FakeOpener
from tests.fakes.clock import EPOCH, FakeClock
from tests.fakes.detector import FakeDetector
from tests.fakes.planes import planes_of
from wardwatch.bench.report import Figure
from wardwatch.spread import CAMERAS_A_WORKER
from wardwatch.worker_camera import CameraSettings, WatchedCamera
from wardwatch.worker_close import CloseLooks
from wardwatch.worker_veil import Veiled

COVERED = 0.95
"""Share of a true box that must be hidden (issue "Cameras": 95 %)."""
MUST_COVERED = 0.995
MUST_BARE_S = 0.5
LEAST_SEEN = 0.15
"""Of whom less than this share of the figure is in view, behind a wall or at the edge, the boxes
say nothing."""
WHOLE = 0.99
"""A picture of which more is hidden shows nothing."""
BEGUN_EVERY_S = 6.0
"""A camera is taken over anew this often, to see the first seconds of many moments."""
FIRST_S = 5.0
"""The first of them, or two, are hidden whole."""
ROUTES = {"WHEP": 0.0, "MJPEG": 0.25, "stills": 1.0}
"""Seconds between two pictures of each live route; 0: every frame."""
CAMERA = CameraId("scene")


@dataclass(frozen=True, slots=True)
class Person:
    """Truth: who is where in one frame, and which share of the figure is in view."""

    id: int
    box: Box
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Marked:
    """A picture's luma, and noise for its colours."""

    picture: Picture

    @property
    def width(self) -> int:
        return self.picture.width

    @property
    def height(self) -> int:
        return self.picture.height

    def grey(self) -> NDArray[np.uint8]:
        return self.picture.grey()

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        return noise(width, height)

    def planes(self, width: int, height: int) -> Planes:
        return planes_of(self.bgr(width, height))


@cache
def noise(width: int, height: int) -> NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)


@dataclass(slots=True)
class Tally:
    """What one route showed."""

    seen: dict[int, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    """By person: when, and the share of the true box that was hidden."""
    hidden: list[float] = field(default_factory=list)
    """Share of each picture that was hidden."""
    needless: list[float] = field(default_factory=list)
    """The same where nobody was in view, pictures that are hidden whole left out."""
    spent_s: float = 0.0

    def add(self, at_s: float, shown: NDArray[np.uint8], people: Sequence[Person]) -> None:
        height, width = shown.shape[:2]
        hidden = (shown != noise(width, height)).any(axis=2)
        self.hidden.append(float(hidden.mean()))
        if not people and self.hidden[-1] < WHOLE:
            self.needless.append(self.hidden[-1])
        for person in people:
            if person.share >= LEAST_SEEN:
                box = person.box
                part = hidden[
                    max(0, int(box.top * height)) : int(np.ceil(box.bottom * height)),
                    max(0, int(box.left * width)) : int(np.ceil(box.right * width)),
                ]
                if part.size:
                    self.seen[person.id].append((at_s, float(part.mean())))

    @property
    def person_frames(self) -> int:
        return sum(len(seen) for seen in self.seen.values())

    @property
    def covered(self) -> int:
        return sum(share >= COVERED for seen in self.seen.values() for _, share in seen)

    def bare_s(self, frame_s: float = 0.1) -> float:
        """The longest that anybody was not covered, from the first such picture to the next one
        that covers."""
        longest = 0.0
        for seen in self.seen.values():
            since: float | None = None
            for at_s, share in seen:
                if share < COVERED:
                    since = at_s if since is None else since
                    longest = max(longest, at_s - since + frame_s)
                else:
                    since = None
        return longest


class Newest(CameraReader):
    """Online without a stream: its newest frame is the one that was put there."""

    def __init__(self, camera: Camera, clock: FakeClock) -> None:
        super().__init__(camera.id, camera.url, FakeOpener(clock, {}), clock, Nobody())
        self.frame: Frame | None = None

    @property
    def status(self) -> CameraStatus:
        return CameraStatus(CAMERA, CameraState.ONLINE, None, EPOCH)

    def peek(self) -> Frame | None:
        return self.frame


class Nobody:
    """Listens to a reader and does nothing."""

    def on_state(self, status: CameraStatus) -> None: ...

    def on_frame(self, camera: CameraId) -> None: ...

    def on_clock(self, camera: CameraId, ahead: timedelta | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the detector takes."""

    run_s: float = 0.01
    """For one picture, or one piece of it."""
    cameras: int = CAMERAS_A_WORKER
    """That have their turn before this one: a look waits for all of them."""

    @property
    def look_s(self) -> float:
        return self.run_s * self.cameras


class Shown:
    """One camera of a worker, and the routes that show it."""

    def __init__(
        self,
        routes: Iterable[str],
        looks_per_s: float,
        until_s: float = np.inf,
        detector: Detector | None = None,
        pace: Pace = Pace(),
        also: Callable[[Frame, Look | None, Sequence[Person]], None] = lambda *_: None,
    ) -> None:
        """`detector`: for close looks; None: it finds nobody. `also` is called for every frame with
        the look that it would be shown by."""
        camera = Camera(CAMERA, SiteId("site"), "Scene", CameraUrl.parse("rtsp://camera.test/x"))
        self._clock = FakeClock()
        self._reader = Newest(camera, self._clock)
        self.watched = WatchedCamera(CameraSettings(camera, ()), "", self._clock)
        self.watched.reader = self._reader
        self.tallies = {route: Tally() for route in routes}
        self.until_s = until_s
        self._veiled = {route: Veiled() for route in self.tallies}
        self._due_s = dict.fromkeys(self.tallies, -np.inf)
        self._schedule = LookSchedule(looks_per_s)
        self._pace = pace
        self._also = also
        self._detector = detector or FakeDetector()
        self._close = CloseLooks(lambda: {CAMERA: self.watched}, self._piece, self._clock)
        self._looking: deque[tuple[float, Frame, Detections]] = deque()

    def step(self, frame: Frame, found: Detections | None, people: Sequence[Person]) -> None:
        """Show `frame`, then look at it; `found` None: the detector does not answer."""
        self._pass_time((frame.captured_at - EPOCH).total_seconds())
        self._reader.frame = frame
        self.watched.keep_watched()
        self._also(frame, self.watched.newest_look, people)
        marked = replace(frame, picture=Marked(frame.picture))
        for route, tally in self.tallies.items():
            if frame.pts_s >= self._due_s[route] - 1e-6:
                self._due_s[route] = frame.pts_s + ROUTES[route]
                began = time.thread_time()
                shown = self._veiled[route].of(
                    marked, self.watched.newest_look, (), frame.picture.width
                )
                tally.spent_s += time.thread_time() - began
                tally.add(frame.pts_s, shown, people)
        granted = self._schedule.grant({CAMERA: frame.captured_at}) is not None
        if granted and found is not None:
            done = self._clock.monotonic() + self._pace.look_s
            self._looking.append((done, frame, found))

    def _pass_time(self, until: float) -> None:
        """What the looking thread does up to the next frame."""
        clock = self._clock
        if self._reader.frame is None:
            clock.advance(until - clock.monotonic())
        while clock.monotonic() < until:
            while self._looking and self._looking[0][0] <= clock.monotonic():
                _, frame, found = self._looking.popleft()
                self.watched.look(frame, found)
            if self._close.step():
                list(self.watched.settle())
            else:
                clock.advance(min(self._pace.run_s, until - clock.monotonic()))

    def _piece(self, _: CameraId, picture: Picture) -> Detections | None:
        self._clock.advance(self._pace.run_s)
        return self._detector.detect(picture)


def pace_of(detector: Detector, frame: Frame, cameras: int = CAMERAS_A_WORKER) -> Pace:
    """As this machine takes it, the median of some runs."""
    took = []
    for _ in range(21):
        began = time.thread_time()  # it runs in this thread, whatever else the machine does
        detector.detect(frame.picture)
        took.append(time.thread_time() - began)
    return Pace(float(np.median(took)), cameras)


def frames_of(video: Path) -> Iterator[Frame]:
    stream = AvOpener(FakeClock()).open(CAMERA, CameraUrl.parse(video.resolve().as_uri()))
    try:
        while True:
            try:
                yield stream.read()
            except StreamEnded:
                return
    finally:
        stream.close()


def truth_of(scene: Path) -> list[tuple[Person, ...]]:
    """Frame by frame, as the generator wrote it."""
    with gzip.open(scene, "rt") as lines:
        return [
            tuple(
                Person(one["id"], Box(*one["box"]), one["share"])
                for one in json.loads(line)["people"]
                if one["box"]
            )
            for line in lines
        ]


def reference(
    found: Sequence[Detections], sure: float = 0.45, gap: int = 5, least: int = 3
) -> list[tuple[Person, ...]]:
    """Truth for footage without boxes: a stronger detector's sure boxes on every frame, linked by
    overlap, gaps of half a second filled in between. What it finds fewer than `least` times is
    left out. It shares a family with the detector that is judged: where both are blind, this is."""
    chains: list[tuple[list[int], list[NDArray[np.float32]]]] = []
    for number, detections in enumerate(found):
        rest = [box for box, score in zip(detections.boxes, detections.scores, strict=True)
                if score >= sure]  # fmt: skip
        for frames, boxes in chains:
            if number - frames[-1] > gap or not rest:
                continue
            overlaps = [_overlap(boxes[-1], box) for box in rest]
            best = int(np.argmax(overlaps))
            if overlaps[best] > 0.2:
                frames.append(number)
                boxes.append(rest.pop(best))
        chains += [([number], [box]) for box in rest]
    people: list[list[Person]] = [[] for _ in found]
    for key, (frames, boxes) in enumerate(chains):
        if len(frames) < least:
            continue
        sides = np.array(boxes)
        for number in range(frames[0], frames[-1] + 1):
            box = Box(*(float(np.interp(number, frames, sides[:, side])) for side in range(4)))
            people[number].append(Person(key, box))
    return [tuple(one) for one in people]


def _overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    shared = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod()
    either = (a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared
    return float(shared / max(either, 1e-9))


@dataclass(slots=True)
class Budget:
    """What one scene's routes showed."""

    routes: Mapping[str, Tally]
    seldom: Mapping[str, Tally]
    """The same at the fewest looks that a watched camera gets, two a second."""
    begun: Sequence[Tally]
    """The first second after being taken over, from many moments of the scene."""
    frames: int


def measure(
    frames: Iterable[Frame],
    truth: Sequence[Sequence[Person]],
    detector: Detector,
    pace: Pace = Pace(),
    *,
    begun: bool = True,
) -> Budget:
    """Every frame through every route, as its looks come often, seldom, and for the first time."""
    often = Shown(ROUTES, 5.0, detector=detector, pace=pace)
    seldom = Shown(ROUTES, 2.0, detector=detector, pace=pace)
    fresh: list[Shown] = []
    number = 0
    for number, frame in enumerate(frames, 1):
        people = truth[number - 1]
        found = detector.detect(frame.picture)
        if begun and frame.pts_s >= len(fresh) * BEGUN_EVERY_S:
            until_s = frame.pts_s + FIRST_S
            fresh.append(Shown(["WHEP"], 5.0, until_s, detector, pace))
        for shown in (often, seldom, *fresh[-1:]):
            if frame.pts_s < shown.until_s:
                shown.step(frame, found, people)
    return Budget(often.tallies, seldom.tallies, [one.tallies["WHEP"] for one in fresh], number)


def measure_all(scenes: Sequence[Path], detector: Detector, stronger: Detector) -> list[Figure]:
    """Figures over all scene files: `stronger` finds the truth of footage that has no boxes."""
    kinds: dict[str, list[Tally]] = defaultdict(list)
    pace: Pace | None = None
    for scene in scenes:
        video = scene.parent / json.loads(scene.read_text())["video"]
        boxes = scene.with_name(scene.name.replace(".scene.json", ".truth.jsonl.gz"))
        if boxes.is_file():
            truth = truth_of(boxes)
        else:
            truth = reference([stronger.detect(frame.picture) for frame in frames_of(video)])
        pace = pace or pace_of(detector, next(frames_of(video)))
        budget = measure(frames_of(video), truth, detector, pace)
        for route in ROUTES:
            kinds[route].append(budget.routes[route])
            kinds[f"{route}, 2 looks a second"].append(budget.seldom[route])
        kinds["first five seconds after a restart"] += budget.begun
    figures = []
    for kind, tallies in kinds.items():
        figures += _figures(kind, tallies)
    every_frame = kinds["WHEP"]
    shown = sum(len(one.hidden) for one in every_frame)
    needless = [share for one in every_frame for share in one.needless]
    whole = sum(share >= WHOLE for one in every_frame for share in one.hidden)
    spent_ms = 1000 * sum(one.spent_s for one in every_frame) / shown
    figures += [
        Figure("price: pixels hidden where nobody is, mean", 100 * float(np.mean(needless)), "%"),
        Figure("price: the same, median picture", 100 * float(np.median(needless)), "%"),
        Figure("price: pictures hidden whole, the first ones included", 100 * whole / shown, "%"),
        Figure("price: CPU a picture", spent_ms, "ms"),
        Figure("a look counts after", 1000 * (pace or Pace()).look_s, "ms"),
    ]
    return figures


def _figures(kind: str, tallies: Sequence[Tally]) -> list[Figure]:
    persons = sum(one.person_frames for one in tallies)
    covered = 100 * sum(one.covered for one in tallies) / persons
    return [
        Figure(
            f"{kind}: person-frames covered, of {persons}",
            covered,
            "%",
            100 * MUST_COVERED,
            better="higher",
        ),
        Figure(
            f"{kind}: longest that anybody was bare",
            max(one.bare_s() for one in tallies),
            "s",
            MUST_BARE_S,
        ),
    ]
