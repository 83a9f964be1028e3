"""A camera that is tampered with, as its frames are numbered."""

import numpy as np
from numpy.typing import NDArray

from tests.fakes.camera import FakePicture, Frames

PLACE, ELSEWHERE = (
    np.kron(np.random.default_rng(seed).integers(40, 200, (18, 32)), np.ones((20, 20)))
    for seed in (3, 4)
)


class Seen(FakePicture):
    """A textured place with noise, or another, or something before the lens; 640x360."""

    def __init__(self, number: int, covered: range, frozen_from: int, moved_from: int) -> None:
        super().__init__(width=640, height=360)
        self._covered = number in covered
        self._moved = number >= moved_from
        self._seed = min(number, frozen_from)

    def grey(self) -> NDArray[np.uint8]:
        noise = np.random.default_rng(self._seed).normal(0, 2, PLACE.shape)
        place = ELSEWHERE if self._moved else PLACE
        place = np.full_like(PLACE, 40) if self._covered else place
        grey: NDArray[np.uint8] = np.clip(place + noise, 16, 235).astype(np.uint8)
        return grey


NEVER = 10**6


def frames(
    covered_from: int = NEVER,
    frozen_from: int = NEVER,
    moved_from: int = NEVER,
    covered_to: int = NEVER,
) -> Frames:
    """Ten a second."""

    def picture(number: int) -> Seen:
        return Seen(number, range(covered_from, covered_to), frozen_from, moved_from)

    return Frames(10_000, every_s=0.1, picture=picture)
