import threading
from collections import Counter

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

from ingest.picture import MOST_SIZES, AvPicture, Scaler
from record.frames import Colours


def frame_of(pixels: str, width: int = 100, height: int = 60) -> av.VideoFrame:
    """A slope from black to white, in a pixel format; 100 columns leave rows padded."""
    slope = np.linspace(16, 235, width, dtype=np.uint8)
    rgb = np.repeat(np.tile(slope, (height, 1))[:, :, None], 3, axis=2)
    frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
    # swscale in several threads leaves rows at the slices' borders different from run to run.
    return VideoReformatter().reformat(frame, format=pixels, threads=1)


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj422p", "nv12", "gray", "rgb24", "yuv420p10le"])
def test_grey_is_the_luma_without_padding(pixels: str) -> None:
    picture = AvPicture(frame_of(pixels), Scaler())
    grey = picture.grey()
    assert grey.shape == (60, 100)
    assert grey.dtype == np.uint8
    assert not grey.flags.writeable
    columns = grey.mean(axis=0)
    assert columns[0] < 40
    assert columns[-1] > 200
    assert np.all(np.diff(columns) >= -1)


def test_grey_copies_nothing() -> None:
    frame = frame_of("yuv420p")
    grey = AvPicture(frame, Scaler()).grey()
    plane = np.frombuffer(memoryview(frame.planes[0]), np.uint8)
    assert np.shares_memory(grey, plane)


def test_bgr_is_scaled_and_the_callers_own() -> None:
    picture = AvPicture(frame_of("yuv420p"), Scaler())
    small, again = picture.bgr(50, 30), picture.bgr(50, 30)
    assert small.shape == (30, 50, 3)
    assert small.dtype == np.uint8
    small[:] = 0
    assert again.mean() > 100
    # Neutral grey: no channel is favoured, and dark is on the left.
    assert np.ptp(again.reshape(-1, 3).mean(axis=0)) < 3
    assert again[:, 0].mean() < 40


def test_channels_are_blue_green_red() -> None:
    red = np.zeros((40, 40, 3), np.uint8)
    red[:, :, 0] = 255
    frame = av.VideoFrame.from_ndarray(red, "rgb24").reformat(format="yuv444p")
    blue, _, last = AvPicture(frame, Scaler()).bgr(40, 40)[20, 20]
    assert last > 240
    assert blue < 15


FORMS = ["yuv420p", "yuvj420p", "yuvj422p", "nv12", "gray", "rgb24", "yuv420p10le"]


@pytest.mark.parametrize("size", [(100, 60), (50, 30)])
@pytest.mark.parametrize("pixels", FORMS)
def test_planes_say_what_colours_they_mean(pixels: str, size: tuple[int, int]) -> None:
    picture = AvPicture(frame_of(pixels), Scaler())
    planes, (width, height) = picture.planes(*size), size
    assert planes.luma.shape == (height, width)
    assert planes.blue.shape == planes.red.shape == (height // 2, width // 2)
    luma = planes.luma.astype(float)
    if not planes.colours.full_range:
        luma = (luma - 16) * 255 / 219
    assert np.abs(luma - picture.bgr(*size)[:, :, 1]).max() <= 4
    for plane in (planes.blue, planes.red):
        assert np.abs(plane.astype(int) - 128).max() <= 2


def test_planes_of_the_streams_own_size_copy_nothing_and_cannot_be_drawn_on() -> None:
    frame = frame_of("yuvj420p")
    planes = AvPicture(frame, Scaler()).planes(100, 60)
    for plane, place in ((planes.luma, 0), (planes.blue, 1), (planes.red, 2)):
        assert np.shares_memory(plane, np.frombuffer(memoryview(frame.planes[place]), np.uint8))
        assert not plane.flags.writeable
    assert planes.colours.full_range


def test_what_the_stream_says_of_its_colours_is_passed_on() -> None:
    frame = frame_of("yuv420p")
    frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range = 1, 1, 1, 2
    said = Colours(primaries=1, transfer=1, matrix=1, full_range=True)
    assert AvPicture(frame, Scaler()).planes(100, 60).colours == said


def test_an_array_outlives_its_frame() -> None:
    grey = AvPicture(frame_of("yuv420p"), Scaler()).grey()
    before = grey.copy()
    for _ in range(20):
        frame_of("yuv420p")
    assert np.array_equal(grey, before)


def test_scalers_are_kept_and_bounded() -> None:
    scaler = Scaler()
    picture = AvPicture(frame_of("yuv420p"), scaler)
    for width in range(20, 20 + 2 * MOST_SIZES, 2):
        picture.bgr(width, 20)
    assert scaler.kept == MOST_SIZES


def test_two_threads_may_convert_one_frame() -> None:
    picture = AvPicture(frame_of("yuv420p"), Scaler())
    wanted = {size: picture.bgr(*size).tobytes() for size in ((50, 30), (80, 48))}
    seen: Counter[bool] = Counter()

    def convert(size: tuple[int, int]) -> None:
        for _ in range(200):
            seen[picture.bgr(*size).tobytes() == wanted[size]] += 1

    threads = [threading.Thread(target=convert, args=(size,)) for size in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {True: 400}
