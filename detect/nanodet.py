"""NanoDet-g, person only, on ONNX Runtime: the embedded default.

Input, outputs and constants as `models/README` of the project says: BGR, mean and deviation per
channel of ImageNet as RangiLyu/nanodet uses them; three pairs of outputs for strides 8, 16 and
32; boxes as distributions over 11 bins (Generalized Focal Loss, Li et al. 2020).
"""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from detect.detector import Detections, ModelUnusable
from record.frames import Picture

DEFAULT_MODEL = Path(__file__).parent / "models" / "nanodet-g-person-int8.onnx"
SHIPPED = {
    "4420ec7878eb149d1f16db6490d4cbfbeaf806cdd528e14142ad880cb56a65d3": "int8",
    "909fb0dd6f44eab14e98091cc81802334c59b807fba20041569949377d28fb17": "fp32",
}
"""SHA-256 of the model files this version was measured with."""

_MEAN = (103.53, 116.28, 123.675)
_DEVIATION = (57.375, 57.12, 58.395)
_STRIDES = (8, 16, 32)
_BINS = 11
_NMS_IOU = 0.5
_CANDIDATES = 300
"""Cells at most that are decoded: a bound on the time a picture can take."""


class NanoDet:
    """One session, shared by all cameras; `detect` may be called from several threads."""

    def __init__(
        self,
        path: Path = DEFAULT_MODEL,
        size: tuple[int, int] = (192, 320),
        *,
        threshold: float = 0.15,
        threads: int = 1,
    ) -> None:
        """`size`: (height, width) of the model's input, multiples of 32. Raises `ModelUnusable`."""
        if any(side <= 0 or side % 32 for side in size):
            raise ValueError(f"a size is in multiples of 32, and {size} is not")
        self._size = size
        self._threshold = threshold
        weights, self.model_sha256 = _read(path)
        self._session = _open(weights, threads)
        self._input = self._session.get_inputs()[0].name
        self._centres = {stride: _centres(size, stride) for stride in _STRIDES}
        self._check()

    def detect(self, picture: Picture) -> Detections:
        """People in `picture`, with scores of at least `threshold`."""
        blob, scale = self._letterbox(picture)
        outputs = self._session.run(None, {self._input: blob})
        boxes, scores = self._decode(outputs)
        kept = _suppress(boxes, scores)
        frame = np.array([picture.width, picture.height] * 2, np.float32) * scale
        return Detections(np.clip(boxes[kept] / frame, 0.0, 1.0), scores[kept])

    def _letterbox(self, picture: Picture) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(1, 3, H, W) float32, the picture in its top left corner, and the scale of x, y, x, y."""
        height, width = self._size
        scale = min(width / picture.width, height / picture.height)
        w, h = round(picture.width * scale), round(picture.height * scale)
        small = cv2.dnn.blobFromImage(picture.bgr(w, h), 1.0, mean=_MEAN)
        blob = np.zeros((1, 3, height, width), np.float32)
        np.divide(small, np.array(_DEVIATION, np.float32)[:, None, None], out=blob[:, :, :h, :w])
        exact = np.array([w / picture.width, h / picture.height] * 2, np.float32)
        return blob, exact

    def _decode(
        self, outputs: list[NDArray[np.float32]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Boxes (n, 4) xyxy in pixels of the input and scores (n,): cells over the threshold."""
        by_cells: dict[int, dict[int, NDArray[np.float32]]] = {}
        for output in outputs:
            by_cells.setdefault(output.shape[1], {})[output.shape[2]] = output[0]
        boxes, scores = [], []
        for stride, centres in self._centres.items():
            pair = by_cells[len(centres)]
            score = pair[1][:, 0]
            sure = np.flatnonzero(score >= self._threshold)
            if len(sure) > _CANDIDATES:
                sure = sure[np.argsort(-score[sure])[:_CANDIDATES]]
            boxes.append(_expected(pair[4 * _BINS][sure], centres[sure], stride))
            scores.append(score[sure])
        return np.concatenate(boxes), np.concatenate(scores)

    def _check(self) -> None:
        """One run over grey: the file loads, and its outputs are the ones that are decoded."""
        blob = np.zeros((1, 3, *self._size), np.float32)
        cells = {len(centres) for centres in self._centres.values()}
        try:
            outputs = self._session.run(None, {self._input: blob})
        except (RuntimeError, ValueError) as error:  # what ONNX Runtime's own errors derive from
            raise ModelUnusable(ModelUnusable.UNFIT, f"the model does not run: {error}") from error
        found = sorted(output.shape[1:] for output in outputs)
        if found != sorted((n, width) for n in cells for width in (1, 4 * _BINS)):
            raise ModelUnusable(ModelUnusable.UNFIT, f"the model's outputs are {found}")


def _read(path: Path) -> tuple[bytes, str]:
    try:
        weights = path.read_bytes()
    except OSError as error:
        reason = f"the model {path.name} cannot be read: {error.strerror}"
        raise ModelUnusable(ModelUnusable.MISSING, reason) from error
    digest = hashlib.sha256(weights).hexdigest()
    if digest not in SHIPPED:
        raise ModelUnusable(
            ModelUnusable.ALTERED,
            f"the model {path.name} is not the one that was shipped (SHA-256 {digest})",
        )
    return weights, digest


def _open(weights: bytes, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    except (RuntimeError, ValueError) as error:
        reason = f"ONNX Runtime cannot read the model: {error}"
        raise ModelUnusable(ModelUnusable.UNFIT, reason) from error


def _centres(size: tuple[int, int], stride: int) -> NDArray[np.float32]:
    """(cells, 2) x, y of each cell's centre in pixels of the input, row by row."""
    y, x = np.mgrid[0 : size[0] // stride, 0 : size[1] // stride].astype(np.float32)
    return (np.stack([x.ravel(), y.ravel()], axis=1) + np.float32(0.5)) * np.float32(stride)


def _expected(
    bins: NDArray[np.float32], centres: NDArray[np.float32], stride: int
) -> NDArray[np.float32]:
    """(n, 44) bins → (n, 4) xyxy: the expectation of each side's distribution, from the centre."""
    logits = bins.reshape(-1, 4, _BINS)
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    sides = weights @ np.arange(_BINS, dtype=np.float32) * np.float32(stride)
    return np.concatenate([centres - sides[:, :2], centres + sides[:, 2:]], axis=1)


def _suppress(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.intp]:
    """Indices of those kept, the surest first: greedy suppression at IoU 0.5."""
    order = np.argsort(-scores, kind="stable")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(best)
        top_left = np.maximum(boxes[best, :2], boxes[rest, :2])
        bottom_right = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        shared = np.clip(bottom_right - top_left, 0, None).prod(axis=1)
        order = rest[shared <= _NMS_IOU * (areas[best] + areas[rest] - shared)]
    return np.array(kept, np.intp)
