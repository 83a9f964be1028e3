"""How a scene is played, the report's shape, and the promise itself: the pooled F1."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from detect import Detections, NanoDet
from ingest import (
    AvOpener,
    Stream,
    StreamCounts,
    StreamEnded,
    StreamFailed,
    StreamInfo,
    StreamOptions,
)
from record.cameras import Area, CameraReason, CameraUrl, Line, Point, Rule
from record.clock import SystemClock
from record.errors import Invalid
from record.frames import Frame, Picture, TimeSource
from record.ids import AreaId, CameraId, LineId, RuleId
from record.orders import RuleKind
from sample_streams.scenes import scene_file, scene_names
from tests.fakes.clock import EPOCH
from tests.fakes.pictures import FakePicture
from wardwatch.eval_report import SceneResult, as_report, table
from wardwatch.eval_score import EventScore, pool_events
from wardwatch.evaluate import evaluate, run_scene
from wardwatch.scenes import Scene, Stretch, TrueEvent, Truth, read_scene

OUT = RuleId("out")
YARD = AreaId("yard")
FOOTAGE = Path(__file__).parents[3] / "shared" / "footage" / "one-by-one.scene.json"


# A scene played by fakes ----------------------------------------------------------------------


class Numbered(FakePicture):
    """A picture that knows which frame it is, so that the detector can look it up."""

    def __init__(self, number: int) -> None:
        super().__init__(0, 640, 360)
        self.number = number


class Walkers:
    """Finds people where a script says they are at 10 frames a second."""

    model_sha256 = "script"

    def __init__(self, xs: Sequence[Sequence[float]]) -> None:
        self._xs = xs

    def detect(self, picture: Picture) -> Detections:
        assert isinstance(picture, Numbered)
        rows = [(x - 0.02, 0.4, x + 0.02, 0.6) for x in self._xs[picture.number]]
        boxes = np.array(rows, np.float32).reshape(-1, 4)
        return Detections(boxes, np.full(len(rows), 0.8, np.float32))


class Clip:
    """So many frames, 10 a second, then the end, or a fault."""

    info = StreamInfo(640, 360, "h264", 10.0)
    counts = StreamCounts()
    clock_offset: timedelta | None = None

    def __init__(self, frames: int, fault: StreamFailed | None) -> None:
        self._left = iter(range(frames))
        self._fault = fault

    def read(self) -> Frame:
        number = next(self._left, None)
        if number is None:
            raise self._fault or StreamEnded()
        at = EPOCH + timedelta(seconds=number / 10)
        picture = Numbered(number)
        return Frame(CameraId("c"), number, at, TimeSource.FILE, number / 10, 0.0, picture)

    def close(self) -> None:
        """Nothing is held."""


@dataclass
class Clips:
    frames: int
    fault: StreamFailed | None = None

    def open(
        self, camera: CameraId, url: CameraUrl, *, options: StreamOptions = StreamOptions()
    ) -> Stream:
        return Clip(self.frames, self.fault)


SCENE = Scene(
    name="walk",
    url=CameraUrl("rtsp://127.0.0.1/walk"),
    order_from_s=0,
    order_to_s=600,
    lines=(Line(LineId("gate"), Point(0.5, 0.9), Point(0.5, 0.1)),),
    areas=(Area(YARD, (Point(0.6, 0), Point(1, 0), Point(1, 1), Point(0.6, 1))),),
    rules=(
        Rule(OUT, RuleKind.EXIT, line=LineId("gate")),
        Rule(RuleId("yard"), RuleKind.RESTRICTED, area=YARD, seconds=1.0),
    ),
    skipped=(Rule(RuleId("later"), RuleKind.LOITERING, area=YARD),),
    truth=Truth(
        1.0,
        (
            TrueEvent(RuleKind.EXIT, OUT, 4.0),
            TrueEvent(RuleKind.RESTRICTED, RuleId("yard"), 5.0, 8.0),
            TrueEvent(RuleKind.LOITERING, RuleId("later"), 5.0, 8.0),
        ),
        (Stretch(None, 0.0, 8.0, 1),),
    ),
)


def one_walker() -> Walkers:
    """From left to right in eight seconds; at the gate after four, in the yard after five."""
    return Walkers([[0.1 + 0.01 * n] if n < 80 else [] for n in range(120)])


def played(scene: Scene = SCENE, frames: int = 120, detector: Walkers | None = None) -> SceneResult:
    return run_scene(scene, detector or one_walker(), Clips(frames))


def test_a_scene_is_looked_at_five_times_a_second() -> None:
    speed = played().speed
    assert (speed.frames, speed.detector_calls) == (120, 60)
    assert speed.video_s == pytest.approx(12.0)


def test_the_report_has_the_shape_of_the_contract() -> None:
    report = as_report([played()])
    assert json.loads(json.dumps(report)) == report
    (scene,) = report["scenes"]
    assert set(scene) == {"scene", "found", "events", "occupancy", "speed", "skipped"}
    crossing, lasting = scene["found"]
    assert crossing == {"kind": "exit", "rule": "out", "at_s": pytest.approx(4.0, abs=0.05)}
    assert lasting == {
        "kind": "restricted",
        "rule": "yard",
        "from_s": pytest.approx(5.0, abs=0.25),
        "to_s": pytest.approx(8.0, abs=0.25),
        "raised_s": pytest.approx(6.0, abs=0.25),
    }
    assert scene["events"]["f1"] == 1.0
    assert set(scene["events"]) == {
        *("truth", "found", "matched", "precision", "recall", "f1", "timing_error_s")
    }
    assert set(scene["events"]["timing_error_s"]) == {"median", "max"}
    assert set(scene["occupancy"]) == {"mae", "exact_share"}
    assert set(scene["speed"]) == {
        *("video_s", "cpu_s", "cpu_per_video_s", "frames", "detector_calls")
    }
    assert report["total"]["events"]["truth"] == 2


def test_a_kind_that_is_not_built_is_listed_and_its_truth_left_out() -> None:
    report = as_report([played()])
    assert report["scenes"][0]["skipped"] == report["total"]["skipped"] == ["loitering"]
    assert report["scenes"][0]["events"]["truth"] == 2


def test_what_still_lasts_when_the_video_ends_ends_with_it() -> None:
    *_, lasting = played(frames=75).found
    assert lasting.to_s == pytest.approx(7.4, abs=0.01)


def test_what_happens_under_no_order_is_not_found() -> None:
    result = played(replace(SCENE, order_from_s=4.5))
    assert [event.kind for event in result.found] == [RuleKind.RESTRICTED]


def test_each_who_crosses_is_found_though_they_make_one_breach() -> None:
    pair = Walkers([[0.1 + 0.01 * n, 0.05 + 0.01 * n] for n in range(80)])
    result = played(frames=80, detector=pair)
    crossings = [event for event in result.found if event.kind is RuleKind.EXIT]
    assert [event.from_s for event in crossings] == pytest.approx([4.0, 4.5], abs=0.05)


def test_without_truth_events_are_only_told() -> None:
    report = as_report([played(replace(SCENE, truth=None))])
    figures = report["scenes"][0]["events"]
    assert (figures["found"], figures["truth"], figures["f1"]) == (2, None, None)
    assert report["scenes"][0]["occupancy"] == {"mae": None, "exact_share": None}
    assert report["total"]["events"]["found"] == 0  # pooled over scenes with a truth


def test_the_table_has_a_row_for_each_scene_and_the_total() -> None:
    shown = table(as_report([played(), played(replace(SCENE, name="again", truth=None))]))
    assert list(shown.columns[0].cells) == ["walk", "again", "total"]


def test_an_empty_video_is_a_scene_of_no_length() -> None:
    result = played(frames=0)
    assert (result.found, result.speed.video_s) == ((), 0.0)
    assert as_report([result])["total"]["speed"]["cpu_per_video_s"] is None


def test_a_video_that_breaks_is_refused_with_its_reason() -> None:
    broken = Clips(5, StreamFailed(CameraReason.CORRUPT, "cannot be decoded"))
    with pytest.raises(Invalid, match="walk: video: cannot be decoded"):
        run_scene(SCENE, one_walker(), broken)


def test_no_scene_runs_when_one_of_them_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        evaluate([scene_file("park"), tmp_path / "gone.scene.json"])


# The promise ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Later:
    """An opener that throws the first frames away: the schedule then looks at other frames."""

    skipped: int

    def open(
        self, camera: CameraId, url: CameraUrl, *, options: StreamOptions = StreamOptions()
    ) -> Stream:
        stream = AvOpener(SystemClock()).open(camera, url)
        for _ in range(self.skipped):
            stream.read()
        return stream


def pooled(paths: Sequence[Path], skipped: int = 0) -> tuple[EventScore, dict[str, float | None]]:
    detector = NanoDet()
    results = [run_scene(read_scene(path), detector, Later(skipped)) for path in paths]
    scores = {one.scene: one.events for one in results if one.events is not None}
    return pool_events(scores.values()), {name: score.f1 for name, score in scores.items()}


SOME = ("distractors", "park", "real", "yard")
"""Those with the most events a second, and one in which almost nothing may be found."""


@pytest.mark.timeout(300)
def test_events_of_some_sample_scenes() -> None:
    """Of all of them: `make prove`, in its part `scenes`."""
    score, by_scene = pooled([scene_file(name) for name in SOME])
    assert score.truth == 32
    assert score.f1 is not None
    assert score.f1 >= 0.95, by_scene
    assert score.median_error_s is not None
    assert score.median_error_s <= 0.2


def test_events_of_real_footage() -> None:
    if not FOOTAGE.is_file():
        pytest.skip("footage lies beside the checkout only in development")
    score, _ = pooled([FOOTAGE])
    assert (score.truth, score.found, score.matched) == (6, 6, 6)


@pytest.mark.prove
@pytest.mark.timeout(600)
@pytest.mark.parametrize("skipped", [1, 2, 3])
def test_it_does_not_matter_which_frames_are_looked_at(skipped: int) -> None:
    score, by_scene = pooled([scene_file(name) for name in scene_names()], skipped)
    assert score.f1 is not None
    assert score.f1 >= 0.95, by_scene
