"""Pictures without a camera: evenly grey, or made of an array."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from record.frames import Planes
from tests.fakes.planes import planes_of


class FakePicture:
    """Evenly grey, and costs nothing."""

    def __init__(self, luma: int = 128, width: int = 64, height: int = 36) -> None:
        self._luma = luma
        self.width = width
        self.height = height

    def grey(self) -> NDArray[np.uint8]:
        return np.full((self.height, self.width), self._luma, np.uint8)

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        return np.full((height, width, 3), self._luma, np.uint8)

    def planes(self, width: int, height: int) -> Planes:
        return planes_of(self.bgr(width, height))


class Striped(FakePicture):
    """Stripes one column wide at any size, which any hiding blurs; evenly grey as luma."""

    def __init__(self, dark: int = 0, light: int = 255) -> None:
        super().__init__(width=320, height=180)
        self._columns = dark, light

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        dark, light = self._columns
        stripes = np.full((height, width, 3), dark, np.uint8)
        stripes[:, ::2] = light
        return stripes


@dataclass(frozen=True, slots=True, eq=False)
class ArrayPicture:
    """Of pixels: (height, width, 3) uint8 BGR, or (height, width) uint8 where it has no colours."""

    image: NDArray[np.uint8]
    scaling: int = cv2.INTER_LINEAR

    @property
    def width(self) -> int:
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        return int(self.image.shape[0])

    def grey(self) -> NDArray[np.uint8]:
        if self.image.ndim == 2:
            return self.image
        return np.asarray(cv2.cvtColor(self.image, cv2.COLOR_BGR2GRAY), np.uint8)

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        image = self.image if self.image.ndim == 3 else np.dstack([self.image] * 3)
        return np.asarray(cv2.resize(image, (width, height), interpolation=self.scaling), np.uint8)

    def planes(self, width: int, height: int) -> Planes:
        return planes_of(self.bgr(width, height))
