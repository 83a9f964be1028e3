"""Makes the corpus anew: `python -m tests.corpus.make`. Small clips of the sample streams in every
codec that cameras send, from which the fuzzing tests grow broken ones by fixed seeds."""

from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import cast

import av
from av import VideoFrame
from av.video.stream import VideoStream

from sample_streams import scene_video

FOLDER = Path(__file__).parent
SCENE, FROM, FRAMES = "gate", 90, 12
WIDTH, HEIGHT, RATE = 160, 96, 10
CODECS: dict[str, tuple[str, str, dict[str, str]]] = {
    "h264": ("libx264", "yuv420p", {"preset": "veryfast", "tune": "zerolatency", "g": "6"}),
    "h265": (
        "libx265",
        "yuv420p",
        {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x265-params": "log-level=none:keyint=6:pools=none:frame-threads=1",
        },
    ),
    "mjpeg": ("mjpeg", "yuvj420p", {"huffman": "default", "q": "8"}),
}


def pictures() -> list[VideoFrame]:
    """Of the moment at which somebody walks through the gate."""
    with av.open(str(scene_video(SCENE))) as container:
        some = islice(container.decode(video=0), FROM, FROM + FRAMES)
        return [frame.reformat(WIDTH, HEIGHT) for frame in some]


def main() -> None:
    for name, (codec, pixels, options) in CODECS.items():
        with av.open(str(FOLDER / f"{name}.mp4"), "w") as container:
            stream = cast("VideoStream", container.add_stream(codec, rate=Fraction(RATE)))
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
            stream.codec_context.options = options
            for number, picture in enumerate(pictures()):
                frame = picture.reformat(format=pixels)
                frame.pts, frame.time_base = number, Fraction(1, RATE)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))


if __name__ == "__main__":
    main()
