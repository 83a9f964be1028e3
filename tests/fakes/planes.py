"""Pictures that are BGR already, as 4:2:0."""

import cv2
import numpy as np
from numpy.typing import NDArray

from record.frames import Planes


def planes_of(bgr: NDArray[np.uint8]) -> Planes:
    """`bgr`: (height, width, 3) uint8, height and width even."""
    height, width = bgr.shape[:2]
    whole = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8).ravel()
    luma, blue, red = np.split(whole, [height * width, height * width * 5 // 4])
    half = height // 2, width // 2
    return Planes(luma.reshape(height, width), blue.reshape(half), red.reshape(half))
