"""How the cameras of a worker fare: what is measured of each, what is said, and what is recorded.

Told by the cameras' own threads (states, frames, packets, clocks) and by the looking thread (once a
second); one lock, and nothing under it that waits. What is decided is pure (`wardwatch.health`).
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from detect import Trouble
from record.cameras import CameraReason, CameraState, CameraStatus
from record.clock import Clock
from record.ids import CameraId, Position
from record.messages import CameraHealth
from record.watching import Unwatched
from wardwatch.health import HealthState, Saying, Seen, last_words, step_health, unsaid
from wardwatch.worker_camera import WatchedCamera

RATES_OVER_S = 10
"""Seconds that rates and shares are counted over."""
CORRUPT_SHARE = 0.05
"""Share of pictures thrown away as broken above which a camera is degraded: every twentieth is a
visible tear about once a second at 25 pictures a second."""
LOW_RATE = 0.4
"""Of the usual rate: slow shutters at night halve it, and that is no trouble."""
ENOUGH_PER_S = 5.0
"""Pictures a second from which a low rate is no trouble either: as many as are looked at."""
FORGETS = 0.999
"""Of the usual rate, kept a second: half of it is forgotten after eleven minutes."""
HEARD_EVERY = timedelta(seconds=5)
"""How often the record is told, outside the log, that cameras are watched: what a node that loses
its power did not watch begins at most this much too early."""


@dataclass(frozen=True, slots=True)
class _Counted:
    at: float
    received: int = 0
    decoded: int = 0
    looked: int = 0
    corrupt: int = 0
    octets: int = 0


@dataclass(frozen=True, slots=True)
class Rates:
    """A second, over the last ten or as many as there are; None: not known yet."""

    received: float
    decoded: float
    looked: float
    kbits: float
    corrupt_share: float


@dataclass(slots=True)
class _Vitals:
    """What is known of one camera; written under the lock."""

    state: HealthState = field(default_factory=HealthState)
    said: CameraStatus | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    octets: int = 0
    counted: deque[_Counted] = field(default_factory=lambda: deque(maxlen=RATES_OVER_S + 1))
    usual_per_s: float = 0.0
    since: dict[CameraReason, datetime] = field(default_factory=dict)
    clock_ahead: timedelta | None = None
    resumed: bool = False
    recorded: Position | None = None
    """Of the newest event of its state that is known here."""
    unsaid: tuple[Unwatched, ...] = ()
    """As it was kept beside the log."""


class HealthRecord(Protocol):
    """Where it is written; waits at most for a queue."""

    def status(self, status: CameraStatus) -> None: ...

    def missed(self, camera: CameraId, gaps: Sequence[Unwatched]) -> None: ...

    def heard(self, cameras: Sequence[CameraId], at: datetime) -> None: ...

    def unsaid(self, camera: CameraId, gaps: Sequence[Unwatched]) -> None: ...

    def resumed(self, camera: CameraId, at: datetime) -> None: ...


class WorkerHealth:
    """`lacks`: what the worker lacks, so that none of its cameras is simply online, whatever its
    picture."""

    def __init__(
        self, clock: Clock, lacks: Callable[[], Iterable[CameraReason]], record: "HealthRecord"
    ) -> None:
        self._clock = clock
        self._lacks = lacks
        self._record = record
        self._lock = threading.RLock()
        self._vitals: dict[CameraId, _Vitals] = {}
        self._heard_at: datetime | None = None

    # Told from any thread

    def on_state(self, camera: WatchedCamera, status: CameraStatus) -> None:
        with self._lock:
            vitals = self._of(status.camera)
            if status.state is not CameraState.ONLINE or vitals.said is None:
                vitals.first_at = None
                vitals.counted.clear()
            self._step(camera, status)

    def on_frame(self, camera: WatchedCamera) -> None:
        reader = camera.reader
        frame = None if reader is None else reader.peek()
        if reader is None or frame is None:
            return
        with self._lock:
            vitals, now = self._of(camera.settings.camera.id), self._clock.now()
            # By our own clock: a camera begins with pictures from before it was dialled, and
            # nobody was watching then. One whose clock is ahead, or whose time stamp was broken on
            # the way, sends some that are still to come, and its outage would begin after its end.
            vitals.first_at = vitals.first_at or now
            vitals.last_at = min(frame.captured_at, now)
            if not vitals.resumed:
                vitals.resumed = True
                self._record.resumed(camera.settings.camera.id, vitals.last_at)
            if vitals.state.state not in (CameraState.ONLINE, CameraState.DEGRADED) or (
                vitals.state.away_since is not None
            ):
                self._step(camera, reader.status)

    def on_packet(self, camera: CameraId, octets: int) -> None:
        vitals = self._vitals.get(camera)
        if vitals is not None:
            vitals.octets += octets  # one writer: the camera's own thread

    def on_clock(self, camera: CameraId, ahead: timedelta | None) -> None:
        with self._lock:
            self._of(camera).clock_ahead = ahead

    def keep(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        """Forget all others, with what is still to be said of them: another worker has them now."""
        now = self._clock.now()
        with self._lock:
            gone = {name: one for name, one in self._vitals.items() if name not in cameras}
            self._vitals = {name: self._of(name) for name in cameras}
        for name, vitals in gone.items():
            if gaps := last_words(vitals.state, now):
                self._record.missed(name, gaps)
            elif vitals.unsaid:
                self._record.unsaid(name, ())

    # The looking thread

    def on_second(self, camera: WatchedCamera) -> None:
        with self._lock:
            self._count(camera)
            self.check(camera)

    def check(self, camera: WatchedCamera) -> None:
        """Something may have changed: a deed was seen, the detector came or went."""
        if camera.reader is not None:
            with self._lock:
                self._step(camera, camera.reader.status)

    def beat(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        """Tell the record that cameras are watched, when that is due."""
        now = self._clock.now()
        if self._heard_at is not None and now - self._heard_at < HEARD_EVERY:
            return
        self._heard_at = now
        self.rest(cameras)

    def rest(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        """As `beat`, due or not."""
        watched = tuple(name for name in cameras if self._watched(name))
        if watched:
            self._record.heard(watched, self._clock.now())
        for name in cameras:
            self._keep_unsaid(name)

    def end(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        """The last thing that a worker does."""
        self.rest(cameras)
        self.keep({})

    def away(self, camera: CameraId) -> Trouble | None:
        """For `camera_offline`: since when no picture comes."""
        with self._lock:
            state = self._of(camera).state
            if state.away_since is None:
                return None
            reason = state.away_reason or CameraReason.ENDED
            return Trouble(reason, state.away_since, state.away_since)

    # For the API

    def status(self, camera: WatchedCamera) -> CameraStatus:
        name = camera.settings.camera.id
        if camera.reader is None:
            return CameraStatus(name, CameraState.DISABLED, None, self._clock.now())
        with self._lock:
            vitals = self._of(name)
            said, state = vitals.said, vitals.state
        if said is None:
            return camera.reader.status
        if state.away_since is None:
            return said
        # What is so now, and why: the record has one outage with the reason that it began with, and
        # of a camera that is held only those that last.
        away, reason = CameraState.OFFLINE, state.away_reason
        return replace(said, state=away, reason=reason, since=state.away_since)

    def took_over(self, cameras: Iterable[CameraId], position: Position) -> None:
        """What the record says of them up to there is from before this worker had them."""
        with self._lock:
            for camera in cameras:
                self._of(camera).recorded = position

    def recorded(self, camera: CameraId, position: Position) -> None:
        """What was said of it stands in the record, there."""
        with self._lock:
            vitals = self._vitals.get(camera)
            if vitals is not None:
                vitals.recorded = max(position, vitals.recorded or position)

    def measured(self, camera: WatchedCamera, health: CameraHealth) -> CameraHealth:
        """`health` with what is measured here."""
        with self._lock:
            vitals = self._of(camera.settings.camera.id)
            rates, ahead = _rates(vitals.counted), vitals.clock_ahead
            recorded = vitals.recorded
        age = None if health.frame_at is None else self._clock.now() - health.frame_at
        return health.model_copy(
            update={
                "recorded": recorded,
                "frame_age_ms": None if age is None else max(0, round(age.total_seconds() * 1000)),
                "received_per_s": None if rates is None else round(rates.received, 1),
                "decoded_per_s": None if rates is None else round(rates.decoded, 1),
                "looked_per_s": None if rates is None else round(rates.looked, 1),
                "kbit_per_s": None if rates is None else round(rates.kbits, 1),
                "clock_ahead_ms": None if ahead is None else round(ahead.total_seconds() * 1000),
            }
        )

    # Under the lock

    def _of(self, camera: CameraId) -> _Vitals:
        return self._vitals.setdefault(camera, _Vitals())

    def _watched(self, camera: CameraId) -> bool:
        with self._lock:
            state = self._of(camera).state
        return state.away_since is None and state.state in (
            CameraState.ONLINE,
            CameraState.DEGRADED,
        )

    def _keep_unsaid(self, camera: CameraId) -> None:
        """What an event is to say later is kept beside the log meanwhile, as far as it changed: a
        worker may be killed."""
        with self._lock:
            vitals = self._of(camera)
            gaps = unsaid(vitals.state)
            if gaps == vitals.unsaid:
                return
            vitals.unsaid = gaps
            self._record.unsaid(camera, gaps)

    def _step(self, camera: WatchedCamera, status: CameraStatus) -> None:
        vitals = self._of(status.camera)
        if vitals.said is None:
            vitals.said = status
        seen = Seen(
            at=self._clock.now(),
            link=status.state,
            link_reason=status.reason,
            first_at=vitals.first_at,
            last_at=vitals.last_at,
            troubles=self._troubles(camera, vitals),
        )
        vitals.state, saying = step_health(vitals.state, seen)
        if saying is not None:
            self._tell(vitals, status, saying)
        there = vitals.state.state in (CameraState.ONLINE, CameraState.DEGRADED)
        size = (status.width, status.height)
        if there and (vitals.said.width, vitals.said.height) != size and status.width is not None:
            vitals.said = replace(vitals.said, width=status.width, height=status.height)
            self._record.status(vitals.said)

    def _tell(self, vitals: _Vitals, status: CameraStatus, saying: Saying) -> None:
        if saying.gaps:
            vitals.unsaid = ()  # with what is said now, what was kept is forgotten
            self._record.missed(status.camera, saying.gaps)
        if saying.state is None:
            return
        vitals.said = replace(
            status,
            state=saying.state,
            reason=saying.reason,
            since=saying.since or self._clock.now(),
        )
        self._record.status(vitals.said)

    def _troubles(self, camera: WatchedCamera, vitals: _Vitals) -> dict[CameraReason, datetime]:
        now = self._clock.now()
        found = set(self._lacks())
        if vitals.clock_ahead is not None:
            found.add(CameraReason.CLOCK_SKEWED)
        rates = _rates(vitals.counted)
        if rates is not None and rates.corrupt_share > CORRUPT_SHARE:
            found.add(CameraReason.CORRUPT)
        if rates is not None and rates.decoded < min(ENOUGH_PER_S, LOW_RATE * vitals.usual_per_s):
            found.add(CameraReason.LOW_FRAME_RATE)
        vitals.since = {reason: vitals.since.get(reason, now) for reason in found}
        deed = camera.tampering
        return vitals.since | ({} if deed is None else {deed.reason: deed.began_at})

    def _count(self, camera: WatchedCamera) -> None:
        reader = camera.reader
        vitals = self._of(camera.settings.camera.id)
        if reader is None or reader.status.state is not CameraState.ONLINE:
            vitals.counted.clear()
            return
        counts = reader.counts
        vitals.counted.append(
            _Counted(
                at=self._clock.monotonic(),
                received=counts.received,
                decoded=counts.decoded,
                looked=camera.looked,
                corrupt=counts.dropped.get("corrupt", 0),
                octets=vitals.octets,
            )
        )
        rates = _rates(vitals.counted)
        if rates is not None:
            vitals.usual_per_s = max(rates.decoded, vitals.usual_per_s * FORGETS)


def _rates(counted: deque[_Counted]) -> Rates | None:
    if len(counted) < 2:
        return None
    first, last = counted[0], counted[-1]
    seconds = last.at - first.at
    if seconds <= 0:
        return None
    decoded, corrupt = last.decoded - first.decoded, last.corrupt - first.corrupt
    return Rates(
        received=(last.received - first.received) / seconds,
        decoded=decoded / seconds,
        looked=(last.looked - first.looked) / seconds,
        kbits=(last.octets - first.octets) * 8 / 1000 / seconds,
        corrupt_share=corrupt / max(1, decoded + corrupt),
    )
