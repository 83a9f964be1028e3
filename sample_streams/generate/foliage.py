"""A branch before the camera: leaves of a filmed bush, moving in the wind."""

from collections.abc import Sequence

import cv2
import numpy as np

from sample_streams.generate.canvas import Placed
from sample_streams.generate.figures import to_and_fro
from sample_streams.generate.material import Bgr

_LEAF_LUMA, _LEAF_RANGE = 205.0, 60.0
"""The bush stands before a white sky: what is darker than this is leaf."""
_SHADE = 0.6
_SIZE = (250, 236)
_CORNER = (402, -34)
_FILMED_PER_S, _SHOWN_PER_S = 15, 10


class Foliage:
    def __init__(self, frames: Sequence[Bgr]) -> None:
        self._frames = tuple(_leaves(frame) for frame in frames)

    def at(self, number: int) -> Placed:
        """As the picture with this number shows it."""
        frame = to_and_fro(number * _FILMED_PER_S // _SHOWN_PER_S, len(self._frames))
        return Placed(self._frames[frame], *_CORNER)


def _leaves(frame: Bgr) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    picture = cv2.resize(frame, _SIZE, interpolation=cv2.INTER_LINEAR)
    luma = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    leaf = np.clip((_LEAF_LUMA - luma) / _LEAF_RANGE, 0, 1)
    down = (np.arange(_SIZE[1], dtype=np.float32) / _SIZE[1] - 0.48) / 0.46
    across = (np.arange(_SIZE[0], dtype=np.float32) / _SIZE[0] - 0.52) / 0.46
    inside = np.clip((1.0 - down[:, None] ** 2 - across[None, :] ** 2) * 2.5, 0, 1)
    alpha = (leaf * inside)[..., None]
    return np.concatenate([picture * _SHADE * alpha, alpha], axis=2).astype(np.float32)
