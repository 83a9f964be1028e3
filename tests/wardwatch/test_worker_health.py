"""What is told of a camera at once, and what is recorded of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from record.cameras import CameraReason, CameraState, CameraStatus
from record.ids import CameraId
from record.watching import Unwatched
from tests.fakes.clock import FakeClock
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_health import WorkerHealth

GATE = CameraId("gate")


@dataclass
class Named:
    id: CameraId = GATE


@dataclass
class Settings:
    camera: Named = field(default_factory=Named)


@dataclass
class Reader:
    status: CameraStatus


@dataclass
class Camera:
    """As much of a watched camera as its health is told from."""

    reader: Reader
    settings: Settings = field(default_factory=Settings)
    tampering: None = None


@dataclass
class Recorded:
    said: list[CameraStatus] = field(default_factory=list)
    gaps: list[Unwatched] = field(default_factory=list)

    def status(self, status: CameraStatus) -> None:
        self.said.append(status)

    def missed(self, camera: CameraId, gaps: Sequence[Unwatched]) -> None:
        self.gaps += gaps

    def heard(self, cameras: Sequence[CameraId], at: datetime) -> None: ...

    def resumed(self, camera: CameraId, at: datetime) -> None: ...


class Scene:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.recorded = Recorded()
        self.health = WorkerHealth(self.clock, tuple, self.recorded)
        status = CameraStatus(GATE, CameraState.CONNECTING, None, self.clock.now())
        self.camera = Camera(Reader(status))

    def now(self) -> tuple[CameraState, CameraReason | None]:
        told = self.health.status(cast("WatchedCamera", self.camera))
        return told.state, told.reason

    def away(self, reason: CameraReason, seconds: float) -> None:
        known = cast("WatchedCamera", self.camera)
        self.camera.reader.status = CameraStatus(
            GATE, CameraState.OFFLINE, reason, self.clock.now()
        )
        self.health.on_state(known, self.camera.reader.status)
        self.clock.advance(seconds)
        self.health.check(known)


def test_the_newest_reason_is_told_at_once_and_recorded_when_it_stands() -> None:
    scene = Scene()
    for reason in (CameraReason.REFUSED, CameraReason.UNREACHABLE, CameraReason.REFUSED):
        scene.away(reason, 5)
        assert scene.now() == (CameraState.OFFLINE, reason)
    scene.away(CameraReason.UNREACHABLE, 29)
    assert [one.reason for one in scene.recorded.said] == [CameraReason.REFUSED]
    scene.away(CameraReason.UNREACHABLE, 1)
    recorded = [one.reason for one in scene.recorded.said]
    assert recorded == [CameraReason.REFUSED, CameraReason.UNREACHABLE]
    assert scene.recorded.said[0].since == scene.recorded.said[1].since
