"""A camera that is tampered with, as its frames are numbered."""

import numpy as np

from tests.fakes.camera import Frames
from tests.fakes.pictures import ArrayPicture

PLACE, ELSEWHERE = (
    np.kron(np.random.default_rng(seed).integers(40, 200, (18, 32)), np.ones((20, 20)))
    for seed in (3, 4)
)


def seen(number: int, covered: range, frozen_from: int, moved_from: int) -> ArrayPicture:
    """A textured place with noise, or another, or something before the lens; 640x360."""
    noise = np.random.default_rng(min(number, frozen_from)).normal(0, 2, PLACE.shape)
    place = ELSEWHERE if number >= moved_from else PLACE
    place = np.full_like(PLACE, 40) if number in covered else place
    return ArrayPicture(np.clip(place + noise, 16, 235).astype(np.uint8))


NEVER = 10**6


def frames(
    covered_from: int = NEVER,
    frozen_from: int = NEVER,
    moved_from: int = NEVER,
    covered_to: int = NEVER,
) -> Frames:
    """Ten a second."""

    def picture(number: int) -> ArrayPicture:
        return seen(number, range(covered_from, covered_to), frozen_from, moved_from)

    return Frames(10_000, every_s=0.1, picture=picture)
