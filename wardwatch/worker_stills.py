"""Stills of one camera, unreadable where people are, made once for all who ask."""

import threading
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detect import Look, coarse, unreadable
from record.frames import Frame

QUALITY = 80
"""JPEG quality 0..100: people are hidden anyway, and 640 columns make about 40 kB."""
MOST_WIDTHS = 4
"""Widths kept for one frame: a tile, a page, a television, and one more."""


@dataclass(frozen=True, slots=True)
class Still:
    frame: Frame
    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Shown:
    frame: Frame
    coarse: NDArray[np.uint8]


class Stills:
    """Holds the stills of one frame, and a coarse picture of the frame shown before it, which
    tells `unreadable` what has moved since."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_width: dict[int, Still] = {}
        self._shown: _Shown | None = None
        self._before: _Shown | None = None

    @property
    def kept(self) -> int:
        """How many stills are held."""
        return len(self._by_width)

    def of(self, frame: Frame, look: Look | None, width: int) -> Still:
        """The still of `frame`, never larger than it; `look` is the newest there is."""
        width = min(width, frame.picture.width)
        with self._lock:
            if self._shown is None or self._shown.frame is not frame:
                self._before = self._shown
                self._shown = _Shown(frame, coarse(frame.picture))
                self._by_width.clear()
            still = self._by_width.get(width)
            if still is None:
                if len(self._by_width) >= MOST_WIDTHS:
                    self._by_width.clear()
                still = self._by_width[width] = self._make(frame, look, width)
            return still

    def _make(self, frame: Frame, look: Look | None, width: int) -> Still:
        age_s = None
        if look is not None:
            age_s = abs((frame.captured_at - look.occupancy.at).total_seconds())
        pixels = unreadable(
            frame.picture,
            width,
            () if look is None else look.people,
            detected_age_s=age_s,
            before=None if self._before is None else self._before.coarse,
        )
        whole, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if not whole:
            raise ValueError(f"a picture of {pixels.shape} could not be encoded")
        height, width = pixels.shape[:2]
        return Still(frame, jpeg.tobytes(), width, height)
