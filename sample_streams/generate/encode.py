"""Coded video: H.264 main profile as plain cameras send it."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame

from sample_streams.generate.figures import FRAMES_PER_S
from sample_streams.generate.material import Bgr
from sample_streams.generate.stage import HEIGHT, WIDTH

KEYFRAME_EVERY = 20


def encode(path: Path, pictures: Iterable[Bgr], *, crf: int) -> None:
    """Write an MP4: no B-frames, a keyframe every 2 s wherever scenes change."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FRAMES_PER_S)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FRAMES_PER_S)
        # One thread: slices and look-ahead would otherwise differ from machine to machine.
        stream.codec_context.thread_count = 1
        stream.options = {
            "preset": "slow",
            "profile": "main",
            "crf": str(crf),
            "x264-params": f"keyint={KEYFRAME_EVERY}:min-keyint={KEYFRAME_EVERY}"
            ":scenecut=0:bframes=0:threads=1",
        }
        for number, picture in enumerate(pictures):
            frame = VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
