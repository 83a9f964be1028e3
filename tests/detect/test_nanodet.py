"""The detector against a plain reading of its outputs, and both shipped models against each other.

`pictures/courtyard.jpg` is frame 120 of the real sample clip (Apache-2.0 and BSD-3, see the notice
of `sample_streams`): six people on foot, among them one half hidden by a lamp post.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
import pytest
import supervision as sv

from detect import DEFAULT_MODEL, Detections, ModelUnusable, NanoDet
from tests.fakes.pictures import ArrayPicture

FULL_MODEL = DEFAULT_MODEL.with_name("nanodet-g-person.onnx")
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)


@pytest.fixture(scope="module")
def courtyard() -> ArrayPicture:
    image = cv2.imread(str(Path(__file__).parent / "pictures" / "courtyard.jpg"))
    assert image is not None
    return ArrayPicture(np.asarray(image, np.uint8))


@pytest.fixture(scope="module")
def nanodet() -> NanoDet:
    return NanoDet()


def sure(detections: Detections, threshold: float = 0.5) -> np.ndarray:
    return detections.boxes[detections.scores >= threshold].astype(np.float64)


def plainly(picture: ArrayPicture, model: Path, size: tuple[int, int]) -> Detections:
    """The same by the book: every cell decoded, then OpenCV's suppression."""
    height, width = size
    scale = min(width / picture.width, height / picture.height)
    w, h = round(picture.width * scale), round(picture.height * scale)
    canvas = np.zeros((height, width, 3), np.float32)
    canvas[:h, :w] = (picture.bgr(w, h).astype(np.float32) - MEAN) / DEVIATION
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    outputs = session.run(None, {session.get_inputs()[0].name: canvas.transpose(2, 0, 1)[None]})
    boxes, scores = [], []
    for stride in (8, 16, 32):
        cells = (height // stride) * (width // stride)
        score, bins = (
            next(one[0] for one in outputs if one.shape[1:] == (cells, last)) for last in (1, 44)
        )
        for cell in range(cells):
            x = (cell % (width // stride) + 0.5) * stride
            y = (cell // (width // stride) + 0.5) * stride
            weights = np.exp(bins[cell].reshape(4, 11))
            sides = (weights / weights.sum(axis=1, keepdims=True)) @ np.arange(11) * stride
            boxes.append([x - sides[0], y - sides[1], x + sides[2], y + sides[3]])
            scores.append(float(score[cell, 0]))
    rectangles = [(left, top, right - left, bottom - top) for left, top, right, bottom in boxes]
    kept = np.asarray(cv2.dnn.NMSBoxes(rectangles, scores, 0.15, 0.5)).ravel()
    frame = np.array([w, h, w, h])
    return Detections(
        np.clip(np.array(boxes)[kept] / frame, 0, 1).astype(np.float32),
        np.array(scores, np.float32)[kept],
    )


@pytest.mark.parametrize("size", [(192, 320), (256, 416), (320, 416)])
@pytest.mark.parametrize("model", [DEFAULT_MODEL, FULL_MODEL], ids=["int8", "fp32"])
def test_detections_are_those_of_a_plain_reading(
    courtyard: ArrayPicture, model: Path, size: tuple[int, int]
) -> None:
    ours = NanoDet(model, size).detect(courtyard)
    theirs = plainly(courtyard, model, size)
    assert len(ours) == len(theirs) > 0
    assert ours.scores == pytest.approx(theirs.scores, abs=1e-3)
    assert ours.boxes == pytest.approx(theirs.boxes, abs=2e-3)


def test_it_finds_the_people_of_the_courtyard(courtyard: ArrayPicture, nanodet: NanoDet) -> None:
    people = np.array(  # read off the picture by eye, in pixels of 640x360
        [
            [468, 32, 486, 86],
            [489, 36, 506, 86],
            [543, 37, 564, 92],
            [312, 77, 336, 140],
            [424, 104, 450, 170],
            [576, 92, 604, 176],
        ]
    ) / np.array([640, 360, 640, 360])
    found = sure(nanodet.detect(courtyard), 0.4)
    overlap = sv.box_iou_batch(people, found)
    assert (overlap.max(axis=1) > 0.6).all()
    assert len(found) <= len(people) + 1  # the one behind the lamp post may be found or not


def test_the_small_model_finds_who_the_full_one_finds(
    courtyard: ArrayPicture, nanodet: NanoDet
) -> None:
    full = sure(NanoDet(FULL_MODEL).detect(courtyard), 0.55)
    small = sure(nanodet.detect(courtyard), 0.4)
    assert len(full) >= 4
    assert (sv.box_iou_batch(full, small).max(axis=1) > 0.7).all()


@pytest.mark.parametrize(("width", "height"), [(640, 360), (768, 576), (512, 512), (320, 192)])
def test_a_person_is_found_at_the_same_place_whatever_the_frame(
    courtyard: ArrayPicture, nanodet: NanoDet, width: int, height: int
) -> None:
    """The picture lies in the top left of a frame of another shape, at the same scale."""
    image = np.full((height, width, 3), 90, np.uint8)
    part = courtyard.image[60:190, 400:600]
    image[20:150, 30:230] = part
    (best, *_) = nanodet.detect(ArrayPicture(image)).boxes * np.array([width, height] * 2)
    assert best[0] == pytest.approx(30 + 24, abs=8) or best[0] == pytest.approx(30 + 176, abs=10)
    assert 20 <= best[1] < best[3] <= 150


def test_an_empty_picture_holds_nobody(nanodet: NanoDet) -> None:
    nothing = nanodet.detect(ArrayPicture(np.full((360, 640, 3), 127, np.uint8)))
    assert len(nothing) == 0
    assert nothing.boxes.shape == (0, 4)
    assert nothing.as_boxes() == ()


def test_boxes_are_normalised_and_the_surest_come_first(
    courtyard: ArrayPicture, nanodet: NanoDet
) -> None:
    found = nanodet.detect(courtyard)
    assert (found.boxes >= 0).all()
    assert (found.boxes <= 1).all()
    assert (np.diff(found.scores) <= 0).all()
    assert found.boxes.dtype == found.scores.dtype == np.float32
    assert found.as_boxes()[0].width == pytest.approx(found.boxes[0, 2] - found.boxes[0, 0])


def test_one_session_serves_several_threads(courtyard: ArrayPicture, nanodet: NanoDet) -> None:
    alone = nanodet.detect(courtyard)
    with ThreadPoolExecutor(4) as pool:
        for together in pool.map(nanodet.detect, [courtyard] * 12):
            assert (together.boxes == alone.boxes).all()
            assert (together.scores == alone.scores).all()


def test_the_record_names_the_model_by_its_hash(nanodet: NanoDet) -> None:
    assert nanodet.model_sha256.startswith("4420ec7878eb149d")
    assert NanoDet(FULL_MODEL).model_sha256.startswith("909fb0dd6f44eab1")


def test_a_missing_model_is_told_as_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable) as raised:
        NanoDet(tmp_path / "gone.onnx")
    assert raised.value.reason == ModelUnusable.MISSING
    assert "gone.onnx" in raised.value.detail


def test_a_model_with_one_byte_changed_is_refused(tmp_path: Path) -> None:
    weights = bytearray(DEFAULT_MODEL.read_bytes())
    weights[1000] ^= 1
    altered = tmp_path / DEFAULT_MODEL.name
    altered.write_bytes(weights)
    with pytest.raises(ModelUnusable) as raised:
        NanoDet(altered)
    assert raised.value.reason == ModelUnusable.ALTERED


@pytest.mark.parametrize("size", [(190, 320), (192, 0), (-32, 320)])
def test_a_size_is_in_multiples_of_32(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="multiples of 32"):
        NanoDet(size=size)


def test_detections_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(n, 4\)"):
        Detections(np.zeros((2, 5), np.float32), np.zeros(2, np.float32))
    with pytest.raises(ValueError, match=r"\(n, 4\)"):
        Detections(np.zeros((2, 4), np.float32), np.zeros(3, np.float32))
