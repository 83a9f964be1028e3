"""A detector that sees what it is told to see."""

from collections.abc import Callable, Sequence

import numpy as np

from detect import Box, Detections, Piece
from record.frames import Picture


class FakeDetector:
    """`sees(n)`: boxes at the n-th look, from 0. Looked closer, nobody is there."""

    model_sha256 = "fa" * 32

    def __init__(self, sees: Callable[[int], Sequence[Box]] = lambda _: ()) -> None:
        self._sees = sees
        self.looks = 0

    def detect(self, picture: Picture) -> Detections:
        if isinstance(picture, Piece):
            return Detections.none()
        boxes, self.looks = self._sees(self.looks), self.looks + 1
        return Detections(
            np.array([[b.left, b.top, b.right, b.bottom] for b in boxes], np.float32).reshape(
                -1, 4
            ),
            np.full(len(boxes), 0.9, np.float32),
        )


class BrokenDetector(FakeDetector):
    """Fails until it is mended."""

    broken = True

    def detect(self, picture: Picture) -> Detections:
        if self.broken:
            raise RuntimeError("no memory left on the device")
        return super().detect(picture)


def walker(
    start: float, step: float, y: float = 0.5, size: float = 0.2
) -> Callable[[int], list[Box]]:
    """Somebody who walks to the right: at look n the foot point is at x = start + n * step."""

    def boxes(look: int) -> list[Box]:
        x = start + look * step
        if not 0 <= x <= 1:
            return []
        return [Box(x - size / 4, y - size, x + size / 4, y)]

    return boxes
