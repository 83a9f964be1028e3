"""The clear picture of a camera, for one person: their name and the time stand over it."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import cv2
import numpy as np
from numpy.typing import NDArray

from detect import Look, cover_planes
from record.cameras import Mask
from record.frames import Frame, Planes
from wardwatch.worker_veil import Canvas, put_on

_LETTERS = 1 / 18
"""Height of the letters, in picture heights."""
_LEAST_PX = 12
_WEIGHT = 400
_WHITE = (255, 255, 255)
_NO_COLOUR = 128


class Clear:
    """Draws as `Veiled` does, but hides masks only. Not safe for two threads."""

    def __init__(self, name: str, zone: str) -> None:
        """`zone`: IANA name; the time beside the name is told in it."""
        self._name = name
        self._zone = ZoneInfo(zone)
        self._font = cv2.FontFace("sans")
        self._strip: tuple[str, int, NDArray[np.uint8]] | None = None

    def draw(
        self,
        frame: Frame,
        look: Look | None,  # noqa: ARG002 - the same call as the unreadable picture's
        masks: Sequence[Mask],
        width: int,
        canvas: Canvas,
    ) -> None:
        shown = put_on(canvas, frame, width)
        cover_planes(shown, masks)
        self._stamp(shown, frame.captured_at)

    def _stamp(self, shown: Planes, at: datetime) -> None:
        """Twice, so that neither the upper nor the lower half can be shown without it."""
        height, width = shown.luma.shape
        strip = self._written(self._text(at), height, width)
        rows, columns = strip.shape
        for top in (rows // 2, height - rows - rows // 2):
            band = shown.luma[top : top + rows, :columns]
            band //= 3
            np.maximum(band, strip, out=band)
            for colour in (shown.blue, shown.red):
                colour[top // 2 : (top + rows + 1) // 2, : (columns + 1) // 2] = _NO_COLOUR

    def _text(self, at: datetime) -> str:
        # In capitals, as on identity papers: OpenCV's font draws a small ờ as ớ, and that is
        # another name.
        return f"{self._name.upper()} · {at.astimezone(self._zone):%H:%M:%S %d/%m/%Y}"

    def _written(self, text: str, height: int, width: int) -> NDArray[np.uint8]:
        """(rows, columns) uint8: how far a letter covers each pixel, 0..255; made anew when the
        second changes."""
        if self._strip is not None and self._strip[:2] == (text, height):
            return self._strip[2]
        size = max(_LEAST_PX, round(height * _LETTERS))
        rows = 2 * size
        ink = np.zeros((rows, width, 3), np.uint8)
        cv2.putText(ink, text, (size // 2, round(1.4 * size)), _WHITE, self._font, size, _WEIGHT)
        letters = ink[:, :, 0]
        columns = np.flatnonzero(letters.any(axis=0))
        end = width if columns.size == 0 else min(width, int(columns[-1]) + size // 2)
        strip = letters[:, :end]
        self._strip = (text, height, strip)
        return strip
