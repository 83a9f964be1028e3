"""What is told of a camera at once, and what is recorded of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from ingest import ReaderCounts
from record.cameras import CameraReason, CameraState, CameraStatus
from record.ids import CameraId
from record.watching import Unwatched
from tests.fakes.clock import FakeClock
from wardwatch.health import MOST_OUTAGES
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
class Shown:
    captured_at: datetime


@dataclass
class Reader:
    status: CameraStatus
    picture_at: datetime | None = None
    counts: ReaderCounts = field(default_factory=lambda: ReaderCounts(0, 0, {"corrupt": 0}, 0))

    def peek(self) -> Shown | None:
        return None if self.picture_at is None else Shown(self.picture_at)


@dataclass
class Camera:
    """As much of a watched camera as its health is told from."""

    reader: Reader
    settings: Settings = field(default_factory=Settings)
    tampering: None = None
    looked: int = 0


@dataclass
class Recorded:
    said: list[CameraStatus] = field(default_factory=list)
    gaps: list[Unwatched] = field(default_factory=list)
    kept: list[tuple[Unwatched, ...]] = field(default_factory=list)

    def status(self, status: CameraStatus) -> None:
        self.said.append(status)

    def missed(self, camera: CameraId, gaps: Sequence[Unwatched]) -> None:
        self.gaps += gaps

    def heard(self, cameras: Sequence[CameraId], at: datetime) -> None: ...

    def unsaid(self, camera: CameraId, gaps: Sequence[Unwatched]) -> None:
        self.kept.append(tuple(gaps))

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

    def there(self, seconds: float, ahead_s: float = 0.0) -> None:
        """`ahead_s`: what the camera's clock, or one time stamp that was broken on the way, makes
        of the last picture."""
        self.say(CameraState.ONLINE, None)
        self.camera.reader.picture_at = self.clock.now()
        self.health.on_frame(cast("WatchedCamera", self.camera))
        self.clock.advance(seconds)
        self.camera.reader.picture_at = self.clock.now() + timedelta(seconds=ahead_s)
        self.health.on_frame(cast("WatchedCamera", self.camera))
        self.health.check(cast("WatchedCamera", self.camera))

    def away(self, reason: CameraReason, seconds: float) -> None:
        self.say(CameraState.OFFLINE, reason)
        self.clock.advance(seconds)
        self.health.check(cast("WatchedCamera", self.camera))

    def second(self, decoded: int, corrupt: int) -> None:
        """Of pictures, so many whole and so many broken ones."""
        reader = self.camera.reader
        reader.counts = ReaderCounts(
            reader.counts.received + decoded + corrupt,
            reader.counts.decoded + decoded,
            {"corrupt": reader.counts.dropped["corrupt"] + corrupt},
            0,
        )
        self.clock.advance(1)
        reader.picture_at = self.clock.now()
        self.health.on_frame(cast("WatchedCamera", self.camera))
        self.health.on_second(cast("WatchedCamera", self.camera))

    def beat(self) -> None:
        self.clock.advance(5)
        self.camera.reader.picture_at = self.clock.now()
        self.health.beat({GATE: cast("WatchedCamera", self.camera)})

    def say(self, state: CameraState, reason: CameraReason | None) -> None:
        self.camera.reader.status = CameraStatus(GATE, state, reason, self.clock.now())
        self.health.on_state(cast("WatchedCamera", self.camera), self.camera.reader.status)


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


def test_an_outage_does_not_begin_after_its_end_whatever_its_last_picture_says() -> None:
    """A clock is believed up to two seconds ahead, and outages are shorter than that."""
    scene = Scene()
    scene.there(3, ahead_s=1.9)
    began = scene.clock.now()
    scene.away(CameraReason.ENDED, 1)
    scene.there(3, ahead_s=1.9)
    offline, online = scene.recorded.said[1:]
    assert (offline.state, offline.since) == (CameraState.OFFLINE, began)
    assert (online.state, online.since) == (CameraState.ONLINE, began + timedelta(seconds=1))


def test_what_broke_on_the_last_connection_is_not_counted_to_the_next() -> None:
    """Also where the line is back before anybody counted meanwhile."""
    scene = Scene()
    scene.there(3)
    for _ in range(12):
        scene.second(decoded=8, corrupt=2)
    assert scene.now() == (CameraState.DEGRADED, CameraReason.CORRUPT)
    scene.away(CameraReason.CORRUPT, 0.6)
    scene.there(3)
    for _ in range(12):
        scene.second(decoded=10, corrupt=0)
    assert scene.now() == (CameraState.ONLINE, None)
    states = [one.state for one in scene.recorded.said[-3:]]
    assert states == [CameraState.DEGRADED, CameraState.OFFLINE, CameraState.ONLINE]


def test_a_camera_that_is_held_is_offline_while_it_is_gone_and_unstable_while_it_is_there() -> None:
    scene = Scene()
    for _ in range(MOST_OUTAGES):
        scene.there(3)
        scene.away(CameraReason.ENDED, 2)
    scene.there(3)
    assert scene.now() == (CameraState.DEGRADED, CameraReason.UNSTABLE)
    gone_since = scene.clock.now()
    scene.away(CameraReason.STALLED, 1)
    assert scene.now() == (CameraState.OFFLINE, CameraReason.STALLED)
    assert scene.recorded.said[-1].reason is CameraReason.UNSTABLE
    scene.away(CameraReason.STALLED, 5)
    last = scene.recorded.said[-1]
    assert (last.state, last.since) == (CameraState.OFFLINE, gone_since)


def flapping() -> Scene:
    scene = Scene()
    for _ in range(MOST_OUTAGES):
        scene.there(3)
        scene.away(CameraReason.ENDED, 2)
    scene.there(3)
    return scene


def test_what_is_still_to_be_said_is_kept_beside_the_log_within_seconds() -> None:
    """A worker that is killed has no last words."""
    scene = flapping()
    scene.there(60)  # the gap of the fourth outage is said
    assert len(scene.recorded.gaps) == 1
    began = scene.clock.now()
    scene.away(CameraReason.STALLED, 2)
    scene.there(1)
    ended, said = scene.clock.now(), len(scene.recorded.said)
    scene.beat()
    (gap,) = scene.recorded.kept[-1]
    assert (gap.began_at, gap.reason) == (began, "stalled")
    assert gap.ended_at is not None
    assert began < gap.ended_at <= ended
    scene.beat()
    assert len(scene.recorded.kept) == 1  # nothing new is written again
    assert (len(scene.recorded.said), len(scene.recorded.gaps)) == (said, 1)  # and no event
    scene.there(1)
    gone = scene.clock.now()
    scene.away(CameraReason.ENDED, 4)
    scene.beat()
    assert scene.recorded.kept[-1][-1] == Unwatched(gone, None, "ended")


def test_what_has_been_said_is_kept_no_longer() -> None:
    scene = flapping()
    scene.there(60)
    scene.away(CameraReason.STALLED, 2)
    scene.there(1)
    scene.beat()
    scene.there(61)
    assert len(scene.recorded.gaps) == 2
    scene.beat()
    assert len(scene.recorded.kept) == 1  # the record forgets it with the event that says it
