"""The detector as the worker sees it: working, missing or failed, and everybody is told which."""

import threading
from dataclasses import dataclass
from typing import Literal

import structlog

from detect import Detections, Detector
from record.frames import Picture
from record.ids import CameraId

_log = structlog.get_logger()

FAILED_AFTER = 3
"""Looks in a row that must fail: one broken frame is no broken detector."""

State = Literal["ready", "missing", "failed"]


@dataclass(frozen=True, slots=True)
class DetectorProblem:
    """Why there is no detector."""

    missing: bool
    """There is no file; otherwise there is one that cannot be used."""
    detail: str


class WatchedDetector:
    """Remembers whether the last looks went well. Any thread."""

    def __init__(self, detector: Detector | DetectorProblem) -> None:
        self._lock = threading.Lock()
        if isinstance(detector, DetectorProblem):
            self._detector: Detector | None = None
            self._state: State = "missing" if detector.missing else "failed"
            self._detail = detector.detail
        else:
            self._detector, self._state, self._detail = detector, "ready", ""
        self.failures = 0
        self._in_a_row = 0

    @property
    def exists(self) -> bool:
        """Whether it is worth asking."""
        return self._detector is not None

    @property
    def model(self) -> str:
        """SHA-256 of the model file; empty without one."""
        return "" if self._detector is None else self._detector.model_sha256

    @property
    def condition(self) -> tuple[State, str]:
        with self._lock:
            return self._state, self._detail

    @property
    def ready(self) -> bool:
        return self.condition[0] == "ready"

    def detect(self, camera: CameraId, picture: Picture) -> Detections | None:
        """None: it failed, which is counted and shows in `condition` until a look goes well."""
        if self._detector is None:
            return None
        try:
            found = self._detector.detect(picture)
        except Exception as error:  # noqa: BLE001 - a model may fail in any way; others depend on us
            in_a_row = self._failed(type(error).__name__)
            _log.exception("detector failed", camera=camera, in_a_row=in_a_row)
            return None
        with self._lock:
            self._in_a_row, self._state, self._detail = 0, "ready", ""
        return found

    def _failed(self, how: str) -> int:
        with self._lock:
            self.failures += 1
            self._in_a_row += 1
            if self._in_a_row >= FAILED_AFTER:
                self._state = "failed"
                self._detail = f"the detector fails on every frame: {how}"
            return self._in_a_row
