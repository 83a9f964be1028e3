"""How many rows of its input the detector needs to find a person: what `detect/pixels.py` and
docs/cameras.md, "Large enough", rest on."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detect import NanoDet
from detect.geometry import Box
from detect.pixels import LEAST_PX, SURE_PX
from tests.fakes.pictures import ArrayPicture

SCENES = Path(__file__).parents[2] / "sample_streams" / "scenes"
NAMES = ("corridor", "gate", "park", "yard")
"""By day: at night and in rain more are missed, whatever their size."""
INPUT = (192, 320)
"""(height, width) of the detector's input."""
GREY = 114
EVERY = 20
"""Frames; two seconds."""
SHRUNK = (1.0, 0.7, 0.45)
"""Whole pictures, on grey: so that there are people of every size."""
SCORE = 0.3
"""From here a detection keeps a track; `detect/tracker.py`."""
OVERLAP = 0.3


class Measured(NamedTuple):
    rows: float
    """Height of a person in the detector's input."""
    found: bool


def frames_of(scene: str) -> Iterator[tuple[NDArray[np.uint8], list[Box]]]:
    """Pictures (h, w, 3) BGR with people in them, and where those are that are seen whole."""
    lines = gzip.decompress((SCENES / f"{scene}.truth.jsonl.gz").read_bytes()).splitlines()
    with av.open(str(SCENES / f"{scene}.mp4")) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number >= len(lines):
                return
            people = [] if number % EVERY else json.loads(lines[number])["people"]
            boxes = [Box(*one["box"]) for one in people if one["share"] >= 0.9]
            if boxes:
                yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8), boxes


def fitted(picture: NDArray[np.uint8], share: float) -> tuple[ArrayPicture, float]:
    """The picture in the detector's input, so much smaller than it would fit; and the scale."""
    rows, columns = picture.shape[:2]
    scale = min(INPUT[0] / rows, INPUT[1] / columns) * share
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = np.full((*INPUT, 3), GREY, np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small
    return ArrayPicture(canvas), scale


def measured(detector: NanoDet) -> Iterator[Measured]:
    for scene in NAMES:
        for picture, people in frames_of(scene):
            rows, columns = picture.shape[:2]
            for share in SHRUNK:
                shown, scale = fitted(picture, share)
                seen = detector.detect(shown)
                for one in people:
                    x, y = scale * columns / INPUT[1], scale * rows / INPUT[0]
                    there = Box(one.left * x, one.top * y, one.right * x, one.bottom * y)
                    found = any(
                        score >= SCORE and _overlap(there, box) >= OVERLAP
                        for box, score in zip(seen.as_boxes(), seen.scores, strict=True)
                    )
                    yield Measured(there.height * INPUT[0], found)


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    both = max(0.0, width) * max(0.0, height)
    return both / (one.width * one.height + other.width * other.height - both)


@pytest.fixture(scope="module")
def people() -> list[Measured]:
    return list(measured(NanoDet()))


@pytest.mark.parametrize(
    ("rows", "least", "most"),
    [((SURE_PX, 200.0), 0.97, 1.0), ((LEAST_PX, SURE_PX), 0.8, 1.0), ((4.0, 14.0), 0.0, 0.2)],
    ids=["sure", "sometimes", "never"],
)
def test_the_rows_that_a_person_needs(
    people: list[Measured], rows: tuple[float, float], least: float, most: float
) -> None:
    among = [one.found for one in people if rows[0] <= one.rows < rows[1]]
    assert len(among) >= 20
    assert least <= np.mean(among) <= most
