"""Tells the API when a change of a camera's settings is in force here."""

import threading
from collections.abc import Mapping

from record.ids import CameraId
from record.messages import Ask, AskInForce, InForce
from wardwatch.worker_answers import Answer, Answerer
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_parts import WorkerPart


class SettingsInForce(WorkerPart):
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._versions: Mapping[CameraId, int] = {}

    def slow(self) -> Mapping[type[Ask], Answerer]:
        return {AskInForce: self._answer}

    def on_cameras(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        # Every route draws by `settings` of the moment, which were replaced before this was called.
        with self._changed:
            self._versions = {
                name: camera.settings.camera.version for name, camera in cameras.items()
            }
            self._changed.notify_all()

    def _answer(self, asked: AskInForce) -> Answer:
        name = CameraId(asked.camera)
        with self._changed:
            holds = self._changed.wait_for(
                lambda: self._versions.get(name, -1) >= asked.version, asked.within_s
            )
        return InForce(camera=asked.camera, holds=holds), b""
