"""One camera of a worker: its reader, its watch, and what both know at this moment.

Four threads meet here. The reader's own tells of frames and states; the looking thread alone
touches the watch; the thread of close looks and the socket's only read. What the others want of the
watch they leave in `_asked`, and the looking thread does it between two looks.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from detect import (
    CameraGuard,
    CameraWatch,
    Detections,
    GuardMemory,
    Look,
    Tampering,
    Trouble,
    coarse,
)
from ingest import CameraReader
from record.cameras import Camera, CameraReason, CameraState, CameraStatus
from record.clock import Clock
from record.episodes import LASTING_CONTINUES
from record.frames import Frame, Picture
from record.messages import CameraHealth, Counts
from record.orders import OrderInForce
from record.sightings import Finding, Occupancy
from wardwatch.worker_ground import CameraGround, Due, UnderWay
from wardwatch.worker_minutes import MinuteCounts, MinuteTally
from wardwatch.worker_stills import Still, Stills

SETTLING = timedelta(seconds=0.5)
"""After a camera was taken over, or its stream was lost, nothing is shown unhidden for so long: who
is missed by the first look is found by the second or third."""
LIVE = timedelta(seconds=5)
"""An older picture is never shown as if it were live."""
WATCHED_S = 3.0
"""A camera whose picture was asked for so lately is being watched by somebody."""
TAKEN_OVER_AFTER = timedelta(seconds=10)
"""Beyond the longest dwell: what lasts and was left open by a worker that died would have been
seen again by then."""
GIVEN_UP_AFTER = LASTING_CONTINUES
"""Beyond the longest dwell: where nobody has looked, what was left open is said to have ended
unseen. It could not be continued any more, whatever is seen then."""
WATCHED_LOOK_S = 0.5
"""A watched camera is looked at this often, or its picture would be hidden whole."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """What makes a camera's watch; a new value for every change."""

    camera: Camera
    orders: tuple[OrderInForce, ...]


class WatchedCamera:
    def __init__(
        self,
        settings: CameraSettings,
        model_sha256: str,
        clock: Clock,
        taken_over_after: timedelta = TAKEN_OVER_AFTER,
        given_up_after: timedelta = GIVEN_UP_AFTER,
    ) -> None:
        self.settings = settings
        self._given_up_after = given_up_after
        self._taken_over_after = taken_over_after
        self.reader: CameraReader | None = None
        self.looked = 0
        self.looked_frame: Frame | None = None
        """The one of the last look; the looking thread's own."""
        self.began_at = clock.now()
        """When this worker took the camera over, or on."""
        self.told: tuple[float, Counts] | None = None
        """The counts that were passed on last, and when; the looking thread's own."""
        self._clock = clock
        self._watch = CameraWatch(settings.camera, settings.orders, model_sha256)
        self._guard = CameraGuard(settings.camera, settings.orders)
        self._frozen = False
        self._tally = MinuteTally(settings.camera.id)
        self._stills = Stills()
        self._look: Look | None = None
        self._ground = CameraGround(clock)
        self._settled_at: datetime | None = None
        self._first_look_at: datetime | None = None
        self._taken_over = False
        self._looked_at = float("-inf")
        self._asked_at = float("-inf")
        self._asked: deque[Callable[[], Look | None]] = deque()

    # Any thread

    @property
    def watched(self) -> bool:
        return self._clock.monotonic() - self._asked_at < WATCHED_S

    @property
    def urgent(self) -> bool:
        """Somebody is watching, and the last look is getting old."""
        return self.watched and self._clock.monotonic() - self._looked_at > WATCHED_LOOK_S * 0.8

    def keep_watched(self) -> None:
        """Somebody sees its picture: it is looked at often enough for that."""
        self._asked_at = self._clock.monotonic()

    @property
    def newest_look(self) -> Look | None:
        """None: nobody has looked since the stream began."""
        return self._look

    @property
    def waiting(self) -> datetime | None:
        """Capture time of the frame that is there to be looked at."""
        return None if self.reader is None else self.reader.waiting

    @property
    def live_frame(self) -> Frame | None:
        """The newest frame while the camera is there and the frame not older than `LIVE`."""
        if self.reader is None or self.reader.status.state is not CameraState.ONLINE:
            return None
        frame = self.reader.peek()
        if frame is None or self._clock.now() - frame.captured_at > LIVE:
            return None
        # A picture that stands still may be hours old, whatever its time stamp says.
        return None if self._frozen else frame

    def still(self, width: int) -> Still | None:
        """None: there is no live picture."""
        self.keep_watched()
        frame = self.live_frame
        if frame is None:
            return None
        return self._stills.of(frame, self._look, self.settings.camera.masks, width)

    def configure(self, settings: CameraSettings) -> None:
        self.settings = settings
        self._asked.append(lambda: self._configure(settings))

    def interrupt(self, at: datetime) -> None:
        self._asked.append(lambda: self._interrupt(at))

    @property
    def memory(self) -> GuardMemory | None:
        """What the guard knows of the camera, to outlive this process."""
        return self._guard.memory

    def recall(self, memory: GuardMemory) -> None:
        """Before it is dialled: what an earlier worker knew of it."""
        self._asked.append(lambda: self._guard.recall(memory))

    @property
    def tampering(self) -> Tampering | None:
        """What somebody does to the camera, as of the last glance."""
        return self._guard.tampering

    @property
    def witnessed(self) -> bool:
        """The camera itself has said so lately."""
        return self._guard.witnessed(self._clock.now())

    def witness(self) -> None:
        """The camera itself says that somebody tampers with it. Any thread."""
        self._guard.witness(self._clock.now())

    def health(self, status: CameraStatus) -> CameraHealth:
        reader = self.reader
        frame = None if reader is None else reader.peek()
        counts = None if reader is None else reader.counts
        return CameraHealth(
            camera=status.camera,
            state=status.state,
            reason=status.reason,
            since=status.since,
            frame_at=None if frame is None else frame.captured_at,
            time_source=None if frame is None else frame.time_source,
            width=status.width,
            height=status.height,
            received=counts.received if counts else 0,
            decoded=counts.decoded if counts else 0,
            looked=self.looked,
            dropped=counts.dropped if counts else {},
            reconnects=counts.reconnects if counts else 0,
            in_software=counts.in_software if counts else 0,
        )

    # The thread of close looks

    @property
    def close_look_due(self) -> Due | None:
        """Whether its picture wants a close look, or is having one; None: not now."""
        return None if self.live_frame is None else self._ground.due(watched=self.watched)

    @property
    def looking_closely(self) -> bool:
        return self._ground.looking

    @property
    def closely_at(self) -> float:
        """When the last close look was over, by the monotonic clock."""
        return self._ground.judged_at

    def look_closely(self, detect: Callable[[Picture], Detections | None]) -> bool:
        """One piece of a close look; False when there is no picture, or the detector fails."""
        stream = self._ground.stream  # before the frame, which is then of that one or a later one
        frame = self.live_frame
        if frame is None:
            return False
        under_way = self._ground.closely(frame, stream, detect)
        if under_way is None:
            return False
        if under_way.close.over:
            over = under_way
            self._asked.append(lambda: self._judge(over))
        return True

    # The looking thread

    def settle(self) -> Iterator[Look]:
        """Do what was asked since the last time; what that brought counts like a look."""
        while self._asked:
            look = self._asked.popleft()()
            if look is not None:
                yield look

    def glance(self) -> bool:
        """See whether somebody tampers with the camera, if a glance is due and there is a frame;
        whether anything has changed. Needs no detector."""
        if self.reader is None or self.reader.status.state is not CameraState.ONLINE:
            return False
        frame = self.reader.peek()
        if frame is None or not self._guard.glance(frame):
            return False
        self._frozen = self._stands_still()
        return True

    def check(self, away: Trouble | None) -> tuple[Finding, ...]:
        """What the rules about the camera itself find; `away`: it gives no picture."""
        return self._guard.check(self._clock.now(), away)

    def look(self, frame: Frame, detections: Detections) -> Look:
        seen = coarse(frame.picture)
        found = self._watch.look(frame, self._ground.believed(seen, detections))
        look = replace(found, ground=self._ground.step(seen, found, watched=self.watched))
        if self._settled_at is None:
            self._settled_at = frame.captured_at + SETTLING
        if frame.captured_at >= self._settled_at:
            self._look = look
        self._looked_at = self._clock.monotonic()
        self.looked_frame = frame
        self.looked += 1
        return look

    def taken_over(self, at: datetime) -> datetime | None:
        """Once, when a look at `at` comes late enough to have seen again whatever still lasts:
        the time of the first look."""
        if self._taken_over:
            return None
        first = self._first_look_at = self._first_look_at or at
        if at - first < self._longest_dwell + self._taken_over_after:
            return None
        self._taken_over = True
        return first

    def never_taken_over(self) -> bool:
        """Once, when nobody has looked for so long that what a worker before this one left open
        is given up."""
        if self._taken_over:
            return False
        late = self._clock.now() - self.began_at - self._longest_dwell
        self._taken_over = late > self._given_up_after
        return self._taken_over

    @property
    def _longest_dwell(self) -> timedelta:
        rules = self.settings.camera.rules
        return timedelta(seconds=max((rule.seconds for rule in rules), default=0.0))

    def minutes(self, look: Look | None) -> tuple[MinuteCounts, ...]:
        """The minutes that are over by this look; None: by the clock, without a look."""
        if look is None:
            return tuple(self._tally.over(self._clock.now()))
        return tuple(self._tally.add(look.occupancy))

    def unknown_from(self, at: datetime) -> tuple[MinuteCounts, ...]:
        """The last minutes of a camera that nobody will look at; after the thread has ended."""
        unknown = Occupancy(self.settings.camera.id, at, None, {})
        return (*self._tally.add(unknown), *self._tally.close())

    def _configure(self, settings: CameraSettings) -> None:
        self._watch.configure(settings.camera, settings.orders)
        self._guard.configure(settings.camera, settings.orders)

    def _stands_still(self) -> bool:
        deed = self._guard.tampering
        return deed is not None and deed.reason is CameraReason.FROZEN

    def _judge(self, over: UnderWay) -> None:
        self._ground.judge(over)
        if self._look is not None:
            self._look = replace(self._look, ground=self._ground.now)

    def _interrupt(self, at: datetime) -> Look:
        look = self._watch.interrupt(at)
        self._guard.interrupt()
        self._frozen = self._stands_still()
        # No look is known any more: a picture that comes now is hidden whole until there is one.
        self._look = self._settled_at = None
        self._ground.clear()
        return look
