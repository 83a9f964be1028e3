"""What finds people in a picture: the seam between pixels and everything after them."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detect.geometry import Box
from record.frames import Picture


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """People found in one picture, the surest first."""

    boxes: NDArray[np.float32]
    """(n, 4) float32: left, top, right, bottom as fractions of the frame, y down."""
    scores: NDArray[np.float32]
    """(n,) float32, 0..1."""

    def __post_init__(self) -> None:
        if self.boxes.ndim != 2 or self.boxes.shape[1] != 4 or len(self.boxes) != len(self.scores):
            raise ValueError(
                f"expected boxes (n, 4) and scores (n,), got {self.boxes.shape} "
                f"and {self.scores.shape}"
            )

    @classmethod
    def none(cls) -> "Detections":
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))

    def __len__(self) -> int:
        return len(self.scores)

    def as_boxes(self) -> tuple[Box, ...]:
        return tuple(Box(*map(float, box)) for box in self.boxes)


class Detector(Protocol):
    """Finds people. Safe to call from several threads."""

    @property
    def model_sha256(self) -> str:
        """SHA-256 of the model file, hexadecimal; stands in the record beside every finding."""
        ...

    def detect(self, picture: Picture) -> Detections: ...


class ModelUnusable(Exception):
    """No detector can be made of the file. `reason` is one of the three below."""

    MISSING = "missing"
    ALTERED = "altered"
    """The file is not, byte by byte, the one that was shipped."""
    UNFIT = "unfit"
    """ONNX Runtime cannot read it, or its inputs and outputs are others."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
