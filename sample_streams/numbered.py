"""A scene with the number of each frame drawn into it, to be read back from a screen.

Thirteen square blocks stand side by side in the upper left corner: one white, one black, ten bits
of the frame's number in Gray code (one block changes a frame, so that little moves), most
significant first, and their parity. `tests/e2e/glass.ts` reads them.
"""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from sample_streams.scenes import scene_video

BLOCK = 32
"""Pixels; more than a mosaic's cell, so that a block's middle is readable also where a changed
one is hidden as something that moves."""
BITS = 10
MOST_FRAMES = 1 << BITS
_KEYFRAME_S = 2


def write_numbered(scene: str, path: Path) -> int:
    """Write the scene to `path` (MP4, H.264 without B-frames); how many frames it has."""
    with av.open(str(scene_video(scene))) as source, av.open(str(path), "w") as target:
        stream = source.streams.video[0]
        rate = Fraction(stream.average_rate or 10)
        out = target.add_stream("libx264", rate=rate)
        out.width, out.height, out.pix_fmt = stream.width, stream.height, "yuv420p"
        out.options = {"preset": "veryfast", "crf": "22", "bf": "0"}
        out.codec_context.gop_size = round(rate * _KEYFRAME_S)
        count = 0
        for frame in source.decode(stream):
            pixels = np.array(frame.to_ndarray(format="bgr24"), np.uint8)
            draw_number(pixels, count % MOST_FRAMES)
            target.mux(out.encode(av.VideoFrame.from_ndarray(pixels, "bgr24")))
            count += 1
        target.mux(out.encode(None))
    return count


def draw_number(pixels: NDArray[np.uint8], number: int) -> None:
    """Into (height, width, 3) uint8, in place."""
    for place, white in enumerate(blocks_of(number)):
        corner = place * BLOCK, 0
        end = (place + 1) * BLOCK - 1, BLOCK - 1
        cv2.rectangle(pixels, corner, end, (255, 255, 255) if white else (0, 0, 0), cv2.FILLED)


def blocks_of(number: int) -> tuple[bool, ...]:
    """From left to right, True for white. `number`: 0 … `MOST_FRAMES` - 1."""
    gray = number ^ (number >> 1)
    bits = [bool(gray >> place & 1) for place in reversed(range(BITS))]
    return (True, False, *bits, sum(bits) % 2 == 1)
