"""Stills of one camera, unreadable where people are, made once for all who ask."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from detect import Look
from record.cameras import Mask
from record.frames import Frame
from wardwatch.worker_veil import Veiled

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
    unlooked: bool
    """It is hidden whole, for nobody has looked for people in it yet."""


class Stills:
    """Holds the stills of one frame, of one drawing of masks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._veiled = Veiled()
        self._by_width: dict[int, Still] = {}
        self._frame: Frame | None = None
        self._masks: Sequence[Mask] = ()

    @property
    def kept(self) -> int:
        """How many stills are held."""
        return len(self._by_width)

    def of(self, frame: Frame, look: Look | None, masks: Sequence[Mask], width: int) -> Still:
        """The still of `frame`, never larger than it; `look` is the newest there is."""
        width = min(width, frame.picture.width)
        with self._lock:
            if self._frame is not frame or self._masks != masks:
                self._frame, self._masks = frame, masks
                self._by_width.clear()
            still = self._by_width.get(width)
            if still is None:
                if len(self._by_width) >= MOST_WIDTHS:
                    self._by_width.clear()
                still = self._by_width[width] = self._make(frame, look, masks, width)
            return still

    def _make(self, frame: Frame, look: Look | None, masks: Sequence[Mask], width: int) -> Still:
        pixels = self._veiled.of(frame, look, masks, width)
        whole, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if not whole:
            raise ValueError(f"a picture of {pixels.shape} could not be encoded")
        height, width = pixels.shape[:2]
        return Still(frame, jpeg.tobytes(), width, height, self._veiled.unlooked)
