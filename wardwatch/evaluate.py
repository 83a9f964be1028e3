"""`wardwatch eval`: the detection that `up` runs, over recorded scenes, held against their truth.

Frames come from the same opener, looks are granted by the same schedule, and what is counted is
what the same watch would hand to the record. Only the waiting is left out.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from detect import (
    DEFAULT_MODEL,
    LOOKS_PER_S,
    CameraGuard,
    CameraWatch,
    Detector,
    Look,
    LookSchedule,
    ModelUnusable,
    NanoDet,
)
from ingest import AvOpener, Opener, Stream, StreamEnded, StreamFailed
from record.cameras import Camera
from record.errors import Invalid
from record.frames import Frame
from record.ids import AreaId, CameraId, OrderId, SiteId
from record.orders import OrderInForce, RuleKind
from record.sightings import Ended, Finding, Grew, Raised
from wardwatch.eval_report import EvalReport, SceneResult, Speed, as_report, table
from wardwatch.eval_score import FoundEvent, score_events, score_occupancy
from wardwatch.scenes import INSTANT, Scene, TrueEvent, read_scene

__all__ = ["evaluate", "run_scene", "table"]

_CAMERA = CameraId("scene")
_SITE = SiteId("scene")


def evaluate(
    paths: Sequence[Path],
    *,
    detector: Detector | None = None,
    model: Path | None = None,
    opener: Opener | None = None,
    looks_per_s: float = LOOKS_PER_S,
) -> EvalReport:
    """The report of `eval --json` over the scene files at `paths`.

    `model` names the detector's file where no `detector` is given; neither: the one that ships.
    All files are read before the first is run. Raises `Invalid`: a scene that is not one, a video
    that cannot be read, a model that cannot be used.
    """
    scenes = [read_scene(path) for path in paths]
    if detector is None:
        try:
            detector = NanoDet(model or DEFAULT_MODEL)
        except ModelUnusable as error:
            raise Invalid("model", error.detail) from error
    opener = opener or AvOpener(_FixedClock())
    return as_report([run_scene(scene, detector, opener, looks_per_s) for scene in scenes])


def run_scene(
    scene: Scene, detector: Detector, opener: Opener, looks_per_s: float = LOOKS_PER_S
) -> SceneResult:
    """One scene from its first frame to its last. Raises `Invalid` when it cannot be read."""
    started = time.process_time()
    run = _Run(scene, detector, looks_per_s)
    try:
        stream = opener.open(_CAMERA, scene.url)
        try:
            _read_all(stream, run)
        finally:
            stream.close()
    except StreamFailed as error:
        raise Invalid(f"{scene.name}: video", error.detail) from error
    found, duration_s = run.finish(), run.duration_s
    truth = scene.truth
    return SceneResult(
        scene=scene.name,
        found=found,
        events=score_events(_built(scene), found, truth.tolerance_s) if truth else None,
        occupancy=score_occupancy(truth, run.readings, duration_s) if truth else None,
        speed=Speed(duration_s, time.process_time() - started, run.frames, run.looks),
        skipped=tuple(sorted({rule.kind for rule in scene.skipped})),
    )


def _read_all(stream: Stream, run: "_Run") -> None:
    while True:
        try:
            frame = stream.read()
        except StreamEnded:
            return
        run.take(frame)


@dataclass(slots=True)
class _Run:
    """What accumulates while a scene is played: bounded by the scene."""

    scene: Scene
    detector: Detector
    looks_per_s: float
    frames: int = 0
    looks: int = 0
    readings: list[tuple[float, int | None, dict[AreaId, int]]] = field(default_factory=list)
    _findings: list[Finding] = field(default_factory=list)
    _start: datetime | None = None
    _last: datetime | None = None
    _frame_s: float = 0.0
    _watch: CameraWatch | None = None
    _guard: CameraGuard | None = None
    _schedule: LookSchedule = field(init=False)

    def __post_init__(self) -> None:
        self._schedule = LookSchedule(self.looks_per_s)

    def take(self, frame: Frame) -> None:
        at = frame.captured_at
        if self._start is None or self._watch is None or self._guard is None:
            self._start = at
            camera, orders = _watched(self.scene, at)
            self._watch = CameraWatch(camera, orders, self.detector.model_sha256)
            self._guard = CameraGuard(camera, orders)
        if self._last is not None:
            self._frame_s = (at - self._last).total_seconds()
        self._last = at
        self.frames += 1
        self._guard.glance(frame)
        self._findings.extend(self._guard.check(at, None))
        if self._schedule.grant({_CAMERA: at}) is not None:
            self.looks += 1
            self._add(self._watch.look(frame, self.detector.detect(frame.picture)))

    def finish(self) -> tuple[FoundEvent, ...]:
        """The video has ended, and with it whatever still lasted."""
        if self._watch is not None and self._last is not None:
            self._findings.extend(self._watch.interrupt(self._last).findings)
        if self._guard is not None and self._last is not None:
            self._findings.extend(self._guard.end(self._last))
        return found_events(self._findings, self._start or _FixedClock().now())

    @property
    def duration_s(self) -> float:
        """From the first frame to the end of the last."""
        if self._start is None or self._last is None:
            return 0.0
        return (self._last - self._start).total_seconds() + self._frame_s

    def _add(self, look: Look) -> None:
        self._findings.extend(look.findings)
        occupancy = look.occupancy
        if self._start is not None:
            at_s = (occupancy.at - self._start).total_seconds()
            self.readings.append((at_s, occupancy.view, dict(occupancy.areas)))


def found_events(findings: Iterable[Finding], start: datetime) -> tuple[FoundEvent, ...]:
    """Breaches as events of the scene: each crossing by itself, and what lasts with its ends.

    Observations, raised while no order arms their rule, are left out.
    """
    events: list[FoundEvent] = []
    lasting: dict[str, int] = {}

    def seconds(moment: datetime) -> float:
        return (moment - start).total_seconds()

    for finding in findings:
        rule = finding.rule
        if isinstance(finding, Ended):
            index = lasting.pop(rule.id, None)
            if index is not None:
                events[index] = events[index].until(seconds(finding.at))
        elif isinstance(finding, Raised) and not finding.orders:
            continue
        elif rule.kind in INSTANT:
            events.append(FoundEvent(rule.kind, rule.id, seconds(finding.at)))
        elif not isinstance(finding, Grew):
            lasting[rule.id] = len(events)
            began_s, raised_s = seconds(finding.began_at), seconds(finding.at)
            events.append(FoundEvent(rule.kind, rule.id, began_s, raised_s))
    return tuple(events)


def _built(scene: Scene) -> tuple[TrueEvent, ...]:
    """The truth of rules that are evaluated."""
    built = {rule.id for rule in scene.rules}
    events = scene.truth.events if scene.truth else ()
    return tuple(event for event in events if event.rule in built)


def _watched(scene: Scene, start: datetime) -> tuple[Camera, tuple[OrderInForce, ...]]:
    """A camera with the scene's drawing, under one order that arms every rule."""
    camera = Camera(
        id=_CAMERA,
        site=_SITE,
        name=scene.name,
        url=scene.url,
        lines=scene.lines,
        areas=scene.areas,
        rules=scene.rules,
    )
    order = OrderInForce(
        id=OrderId("scene"),
        version=1,
        number="scene",
        begins_at=start + timedelta(seconds=scene.order_from_s),
        ends_at=start + timedelta(seconds=scene.order_to_s),
        arms=frozenset(RuleKind),
        depth=0,
    )
    return camera, (order,)


class _FixedClock:
    """Frames of a file count from one fixed moment, so that two runs agree to the last digit."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Nothing waits: frames are taken as fast as they are read."""
