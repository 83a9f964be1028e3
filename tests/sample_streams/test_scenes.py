"""The recorded scenes as shipped: strict files, whole clips, people where the truth has them."""

import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from detect import DEFAULT_MODEL, NanoDet
from sample_streams import scene_boxes, scene_file, scene_names, scene_video
from sample_streams.generate.boxes import read_boxes
from sample_streams.generate.script import LineSpec, Point
from sample_streams.generate.truth import Crossing, Frame, crossings, side
from tests.fakes.pictures import ArrayPicture

SIX = {"gate", "yard", "corridor", "night", "distractors", "real"}
GENERATED = [name for name in scene_names() if name != "real"]
LASTING = {"gathering", "restricted", "camera_tampered"}
LENGTHS_S = {
    "gate": 66, "yard": 56, "corridor": 52, "night": 52, "distractors": 54, "real": 40,
    "rain": 52, "park": 50, "tamper": 110, "lens": 78,
}  # fmt: skip


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False)


class Order(Strict):
    from_s: float = Field(ge=0)
    to_s: float


class Rule(Strict):
    id: str
    kind: Literal["exit", "entry", "restricted", "gathering", "camera_tampered"]
    line: str | None = None
    area: str | None = None
    persons: int | None = None
    seconds: float | None = None


class Area(Strict):
    id: str
    polygon: tuple[Point, ...] = Field(min_length=3)


class Line(Strict):
    id: str
    a: Point
    b: Point


class Event(Strict):
    kind: str
    rule: str
    at_s: float | None = None
    from_s: float | None = None
    to_s: float | None = None


class Occupancy(Strict):
    area: str | None
    from_s: float
    to_s: float
    count: int = Field(gt=0)


class Truth(Strict):
    tolerance_s: float = Field(ge=1.0, le=1.0)
    events: list[Event]
    occupancy: list[Occupancy] | None = None


class Scene(Strict):
    video: str
    order: Order
    lines: list[Line]
    areas: list[Area]
    rules: list[Rule]
    truth: Truth


def scene(name: str) -> Scene:
    return Scene.model_validate_json(scene_file(name).read_bytes())


def test_the_six_scenes_and_those_kept_for_evaluation() -> None:
    assert SIX <= set(scene_names()) == set(LENGTHS_S)
    assert sum(path.stat().st_size for path in scene_file("gate").parent.iterdir()) < 15e6


@pytest.mark.parametrize("name", scene_names())
def test_a_scene_file_holds_together(name: str) -> None:
    one = scene(name)
    assert (scene_file(name).parent / one.video) == scene_video(name)
    rules = {rule.id: rule for rule in one.rules}
    assert len(rules) == len(one.rules)
    for rule in one.rules:
        assert rule.line is None or rule.line in {line.id for line in one.lines}
        assert rule.area is None or rule.area in {area.id for area in one.areas}
        assert (rule.line is None) == (rule.kind in LASTING)
    for point in itertools.chain(
        (end for line in one.lines for end in (line.a, line.b)),
        (point for area in one.areas for point in area.polygon),
    ):
        assert 0 <= min(point) <= max(point) <= 1
    for event in one.truth.events:
        assert event.kind == rules[event.rule].kind
        lasts = event.kind in LASTING
        assert (event.at_s is None, event.from_s is None, event.to_s is None) == (
            lasts, not lasts, not lasts,
        )  # fmt: skip
    for level in one.truth.occupancy or []:
        assert 0 <= level.from_s < level.to_s <= LENGTHS_S[name]
        assert level.area is None or level.area in {area.id for area in one.areas}


@pytest.mark.parametrize("name", scene_names())
def test_a_clip_is_what_a_plain_camera_sends(name: str) -> None:
    with av.open(str(scene_video(name))) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        assert (codec.name, codec.profile, codec.has_b_frames) == ("h264", "Main", False)
        assert (codec.width, codec.height, stream.average_rate) == (640, 360, Fraction(10))
        keys = [packet.is_keyframe for packet in container.demux(stream) if packet.size]
    assert len(keys) == LENGTHS_S[name] * 10
    assert [at for at, key in enumerate(keys) if key] == list(range(0, len(keys), 20))


@pytest.mark.parametrize("name", GENERATED)
def test_it_begins_and_ends_with_nobody_there(name: str) -> None:
    frames = read_boxes(scene_boxes(name))
    assert len(frames) == LENGTHS_S[name] * 10
    for frame in (*frames[:15], *frames[-15:]):
        assert all(person.share == 0 for person in frame.people)


def foot_crossings(name: str) -> list[Crossing]:
    frames = read_boxes(scene_boxes(name))
    lines = [LineSpec(line.id, line.a, line.b) for line in scene(name).lines]
    found = [crossing for line in lines for crossing in crossings(line, frames)]
    return sorted(found, key=lambda crossing: crossing.at_s)


@pytest.mark.parametrize("name", GENERATED)
def test_each_crossing_of_a_foot_is_an_event_of_its_kind(name: str) -> None:
    kinds = {"outward": "exit", "inward": "entry"}
    found = foot_crossings(name)
    told = [event for event in scene(name).truth.events if event.at_s is not None]
    assert [kinds[one.direction] for one in found] == [event.kind for event in told]
    assert [one.at_s for one in found] == pytest.approx([e.at_s for e in told], abs=0.05)


@pytest.fixture(scope="module")
def full_precision() -> NanoDet:
    path = DEFAULT_MODEL.with_name("nanodet-g-person.onnx")
    return NanoDet(path, (256, 416), threshold=0.3)


def stills(path: Path, wanted: set[int]) -> Iterator[tuple[int, ArrayPicture]]:
    with av.open(str(path)) as container:
        container.streams.video[0].thread_count = 1
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                pixels = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
                yield number, ArrayPicture(pixels, cv2.INTER_AREA)
            if number >= max(wanted):
                return


def overlap(a: NDArray[np.float32], b: tuple[float, ...]) -> float:
    """Intersection over union of two boxes."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    both = max(0.0, float(wide)) * max(0.0, float(high))
    return both / float((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def near(frame: Frame, crossing: Crossing) -> list[tuple[float, ...]]:
    """Boxes of whoever crosses and of those who hide them."""
    me = next(person for person in frame.people if person.number == crossing.person)
    return [
        person.box
        for person in frame.people
        if person.box and np.hypot(*np.subtract(person.foot, me.foot)) < 0.12
    ]


@pytest.mark.parametrize("name", GENERATED)
def test_a_detector_sees_somebody_at_each_crossing(name: str, full_precision: NanoDet) -> None:
    frames = read_boxes(scene_boxes(name))
    moments = {
        crossing: [round(crossing.at_s * 10) + late for late in (0, -3, 3)]
        for crossing in foot_crossings(name)
    }
    shown = dict(stills(scene_video(name), {n for numbers in moments.values() for n in numbers}))

    def seen(number: int, crossing: Crossing) -> bool:
        boxes = full_precision.detect(shown[number]).boxes
        return any(
            overlap(box, truth) > 0.5 for box in boxes for truth in near(frames[number], crossing)
        )

    for crossing, numbers in moments.items():
        assert any(seen(number, crossing) for number in numbers), f"nobody seen at {crossing}"


def test_the_real_clip_shows_people_on_both_sides_of_its_line(full_precision: NanoDet) -> None:
    """Before a crossing inwards somebody stands on the right of the line; after it, on the left."""
    one = scene("real")
    line = LineSpec(one.lines[0].id, one.lines[0].a, one.lines[0].b)
    alone = [e for e in one.truth.events if e.at_s in {22.5, 36.1}]
    assert [event.kind for event in alone] == ["entry", "exit"]
    wanted = {round((e.at_s or 0) * 10) + late for e in alone for late in (-7, 7)}
    found = {n: full_precision.detect(still) for n, still in stills(scene_video("real"), wanted)}

    def nearest(number: int) -> float:
        """Signed distance from the line, in widths, of the foot nearest to it."""
        boxes = found[number].boxes
        feet = [((box[0] + box[2]) / 2, box[3]) for box in boxes.tolist()]
        return min((side(line, foot) for foot in feet), key=abs)

    for event in alone:
        at = round((event.at_s or 0) * 10)
        before, after = nearest(at - 7), nearest(at + 7)
        assert (before < 0 < after) == (event.kind == "exit")
        assert before * after < 0
