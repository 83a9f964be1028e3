"""A camera: one clip that goes round and round on its own time, whoever watches."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from sample_streams.rtsp.clip import Clip
from sample_streams.rtsp.packing import PACKERS
from sample_streams.rtsp.quirks import Quirks
from sample_streams.rtsp.rtp import CLOCK_HZ, Payload
from sample_streams.rtsp.viewer import Viewer

REPORT_INTERVAL_S = 5.0
"""Between sender reports: the least that RFC 3550 §6.2 asks for."""
LATE_S = 1.0
"""A camera this late (the machine slept) leaves frames out instead of rushing through them."""


@dataclass(frozen=True, slots=True)
class Sent:
    """When one frame left, for whoever measures how long it took to be seen."""

    camera: str
    number: int
    """Grows by one a frame, across loops too."""
    pts_s: float
    """`number` in seconds: the presentation time a player reads, on every connection."""
    scene_s: float
    """Where in the scene the frame is."""
    rtp: int
    due_at: float
    """Seconds since 1970 UTC at which it should leave: the time that sender reports give it."""
    sent_at: float
    """Seconds since 1970 UTC just before its first byte was handed to the socket."""


SendLog = Callable[[Sent], None]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Which picture of the clip is due when. Frame numbers start at 0 and never end."""

    frames_per_s: Fraction
    length: int
    """Pictures in the clip."""
    offset: int
    """Picture that frame 0 shows."""
    began: float
    """Monotonic seconds at which frame 0 is due."""
    rtp_base: int
    """RTP timestamp of frame 0."""
    idle: int = 1
    """Pictures up to the second keyframe: what a rest shows, over and over."""
    rest: int = 0
    """Pictures of rest after each round, whole times `idle`."""

    def picture(self, number: int) -> int:
        at = (number + self.offset) % (self.length + self.rest)
        return at if at < self.length else (at - self.length) % self.idle

    def seconds(self, number: int) -> float:
        return float(number / self.frames_per_s)

    def due(self, number: int) -> float:
        return self.began + self.seconds(number)

    def timestamp(self, number: int) -> int:
        return (self.rtp_base + int(number * CLOCK_HZ / self.frames_per_s)) & 0xFFFF_FFFF

    def timestamp_at(self, now: float) -> int:
        """RTP timestamp of a monotonic moment, between frames too."""
        return (self.rtp_base + int((now - self.began) * CLOCK_HZ)) & 0xFFFF_FFFF

    def first_due_after(self, now: float) -> int:
        return max(0, math.ceil((now - self.began) * self.frames_per_s))


class LiveCamera:
    """Sends each frame to all its viewers at the moment it is due."""

    def __init__(
        self,
        name: str,
        clip: Clip,
        timeline: Timeline,
        first: int,
        log: SendLog | None,
        *,
        waits: bool = False,
        quirks: Quirks = Quirks(),
    ) -> None:
        """Sends from frame `first` on; those before count as sent. Frame 0 is a keyframe.

        One that `waits` begins when it is watched for the first time, whatever `timeline` says.
        """
        self.name = name
        self._woken = asyncio.Event()
        if not waits:
            self._woken.set()
        self.clip = clip
        self.quirks = quirks
        self.timeline = timeline
        self._log = log
        self._viewers: list[Viewer] = []
        self._next = first
        self._reported = -math.inf
        # Cut into packets once: a looping clip sends the same bytes again and again.
        pack = PACKERS[clip.codec]
        self._payloads: tuple[tuple[Payload, ...], ...] = tuple(
            pack((*clip.sets, *frame.nal_units) if frame.key else frame.nal_units)
            for frame in clip.frames
        )

    @property
    def viewers(self) -> int:
        return len(self._viewers)

    def entry_point(self) -> int:
        """Number of the last keyframe sent: where a new viewer begins."""
        number = max(self._next - 1, 0)
        return number - self.clip.since_keyframe(self.timeline.picture(number))

    def join(self, viewer: Viewer, number: int) -> None:
        """Catch up from `number`, the entry point, and follow from there.

        The pictures since the last keyframe go out at once, with the times they were taken at:
        the viewer has a picture now and not in two seconds, and the sender report ahead of them
        lets it see how old they are.
        """
        if not self._woken.is_set():
            past_s = self.timeline.seconds(self._next)
            self.timeline = replace(self.timeline, began=time.monotonic() - past_s)
            self._woken.set()
        self._report(viewer)
        for earlier in range(number, self._next):
            self._send_to(viewer, earlier)
        self._viewers.append(viewer)

    def leave(self, viewer: Viewer) -> None:
        if viewer in self._viewers:
            self._viewers.remove(viewer)

    async def run(self) -> None:
        """Send for ever; ends by being cancelled."""
        loop = asyncio.get_running_loop()
        await self._woken.wait()
        while True:
            delay = self.timeline.due(self._next) - loop.time()
            if delay > 0:
                await asyncio.sleep(delay)
            elif delay < -LATE_S:
                self._next = self.timeline.first_due_after(loop.time())
                for viewer in self._viewers:
                    viewer.wait_for_keyframe()
                continue
            self._send(loop.time())

    def _send(self, now: float) -> None:
        number, self._next = self._next, self._next + 1
        sent_at = time.time()
        if now - self._reported >= REPORT_INTERVAL_S:
            self._reported = now
            for viewer in self._viewers:
                self._report(viewer)
        for viewer in self._viewers:
            self._send_to(viewer, number)
        if self._log is not None:
            due_at = sent_at - (now - self.timeline.due(number))
            self._log(self._sent(number, due_at=due_at, sent_at=sent_at))

    def _sent(self, number: int, *, due_at: float, sent_at: float) -> Sent:
        return Sent(
            camera=self.name,
            number=number,
            pts_s=self.timeline.seconds(number),
            scene_s=float(self.timeline.picture(number) / self.timeline.frames_per_s),
            rtp=self.timeline.timestamp(number),
            due_at=due_at,
            sent_at=sent_at,
        )

    def _send_to(self, viewer: Viewer, number: int) -> None:
        viewer.send(
            self._payloads[self.timeline.picture(number)],
            timestamp=self._timestamp(number),
            key=self._key(number),
        )

    def _timestamp(self, number: int) -> int:
        """Of the picture's presentation, which is not when it is sent where there are B-frames."""
        if not self.quirks.timestamps:
            return self.timeline.rtp_base
        late = self.clip.frames[self.timeline.picture(number)].late
        leapt = round(self.quirks.leapt(number) * CLOCK_HZ)
        return (self.timeline.timestamp(number + late) + leapt) & 0xFFFF_FFFF

    def _report(self, viewer: Viewer) -> None:
        if not self.quirks.reports:
            return
        # Taken anew each time, so that a wall clock that is being corrected is followed.
        viewer.report(wall_s=time.time(), timestamp=self.timeline.timestamp_at(time.monotonic()))

    def _key(self, number: int) -> bool:
        return self.clip.frames[self.timeline.picture(number)].key
