"""Renditions of the sample scenes' own film: nobody bare in them, measured against their truth."""

import gzip
import io
from datetime import UTC, datetime, timedelta
from itertools import islice

import av
import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from detect import DEFAULT_MODEL, Detections, NanoDet
from ingest import read_clip
from record.cameras import Camera, CameraUrl, Mask, Point
from record.frames import Picture
from record.ids import CameraId, MaskId, SiteId
from sample_streams.scenes import scene_boxes, scene_video
from wardwatch.evidence_rendition import Making, hidden, look_at, make_rendition

BEGIN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CAMERA = Camera(CameraId("gate"), SiteId("site"), "", CameraUrl(""))
DETECTOR = NanoDet(DEFAULT_MODEL)
MAKING = Making(DETECTOR.detect, lambda: None, lambda _: None)
BLIND = Making(lambda _: None, lambda: None, lambda _: None)


def mosaic(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where a pixel is exactly like one beside it and one above or below it: cells are at least
    two wide, and film is not like that where there is somebody."""
    beside = (pixels[:, 1:] == pixels[:, :-1]).all(axis=2)
    above = (pixels[1:] == pixels[:-1]).all(axis=2)
    across = np.zeros(pixels.shape[:2], np.bool_)
    across[:, 1:] |= beside
    across[:, :-1] |= beside
    down = np.zeros_like(across)
    down[1:] |= above
    down[:-1] |= above
    return across & down


def people_of(scene: str) -> list[list[dict[str, object]]]:
    """Ten times a second: those of whom at least a quarter can be seen."""
    with gzip.open(scene_boxes(scene)) as file:
        lines = [orjson.loads(line) for line in file]
    return [
        [one for one in line["people"] if one["box"] and one["share"] >= 0.25] for line in lines
    ]


def covered(hides: NDArray[np.bool_], box: list[float]) -> float:
    height, width = hides.shape
    left, right = int(box[0] * width), int(np.ceil(box[2] * width))
    top, bottom = int(box[1] * height), int(np.ceil(box[3] * height))
    return float(hides[top:bottom, left:right].mean())


def beginning(scene: str, pictures: int) -> bytes:
    """Of a scene, as a file of its own."""
    out = io.BytesIO()
    with av.open(str(scene_video(scene)), "r") as film, av.open(out, "w", format="mp4") as cut:
        stream = cut.add_stream_from_template(film.streams.video[0], opaque=True)
        for packet in islice(film.demux(film.streams.video[0]), pictures):
            packet.stream = stream
            cut.mux(packet)
    return out.getvalue()


@pytest.mark.parametrize(("scene", "first"), [("gate", 250), ("yard", 200), ("night", 200)])
def test_nobody_is_bare_in_the_rendition_of_a_scene(scene: str, first: int) -> None:
    """Twelve seconds from where people are about."""
    count = 120
    people = people_of(scene)
    with scene_video(scene).open("rb") as clip:
        frames = list(islice(read_clip(clip, CAMERA.id, BEGIN), first, first + count))
    looks = look_at(frames, CAMERA, count / 10, MAKING)
    shares: list[float] = []
    for frame, pixels in hidden(frames, looks, CAMERA, ()):
        hides, here = mosaic(pixels), people[round(frame.pts_s * 10)]
        shares += [covered(hides, one["box"]) for one in here]  # type: ignore[arg-type]
    assert len(shares) > 100
    assert np.mean([share >= 0.95 for share in shares]) >= 0.995
    assert min(shares) > 0.5


def test_with_no_detector_the_whole_picture_is_hidden() -> None:
    with scene_video("gate").open("rb") as clip:
        frames = list(islice(read_clip(clip, CAMERA.id, BEGIN), 20))
    looks = look_at(frames, CAMERA, 2.0, BLIND)
    for _, pixels in hidden(frames, looks, CAMERA, ()):
        assert mosaic(pixels).all()


def test_who_is_found_at_the_end_only_is_hidden_from_the_beginning() -> None:
    """Somebody stands there all the time; the detector notices late."""
    with scene_video("yard").open("rb") as clip:
        frames = list(islice(read_clip(clip, CAMERA.id, BEGIN), 250, 330))
    late, last = frames[50].captured_at, [frame.picture for frame in frames[50:]]

    def notices(picture: Picture) -> Detections:
        return DETECTOR.detect(picture) if picture in last else Detections.none()

    making = Making(notices, lambda: None, lambda _: None)
    looks = look_at(frames, CAMERA, 8.0, making)
    before = looks.beside(CAMERA, late - timedelta(seconds=3))
    assert before is not None
    assert before.people


def test_masked_places_are_painted_over_and_it_plays_everywhere() -> None:
    corners = (Point(0.0, 0.0), Point(0.3, 0.0), Point(0.3, 0.3), Point(0.0, 0.3))
    progress: list[float] = []
    making = Making(MAKING.detect, lambda: None, progress.append)
    whole = beginning("gate", 60)
    rendition = make_rendition(
        lambda: io.BytesIO(whole), CAMERA, [Mask(MaskId("m"), corners)], BEGIN, 5.9, making
    )
    assert progress == sorted(progress)
    assert bytes(rendition[4:8]) == b"ftyp"
    with av.open(io.BytesIO(rendition), "r") as container:
        video = container.streams.video[0]
        assert video.codec_context.name == "h264"
        assert (video.codec_context.width, video.codec_context.height) == (640, 360)
        pictures = [frame.to_ndarray(format="bgr24") for frame in container.decode(video)]
    assert len(pictures) == 60
    assert all(picture[10:90, 10:170].std() < 8 for picture in pictures[::20])
