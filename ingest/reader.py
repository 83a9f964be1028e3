"""One camera kept open: a thread that dials, reads, and dials again when the stream breaks."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from ingest.backoff import Backoff
from ingest.deadline import Guard
from ingest.slot import NewestFrame
from ingest.streams import Opener, Stream, StreamCounts, StreamFailed, StreamOptions
from record.cameras import WHIP, CameraReason, CameraState, CameraStatus, CameraUrl
from record.clock import Clock
from record.frames import Frame
from record.ids import CameraId

STOP_S = 1.0
"""How long `stop` waits for the thread."""
NAP_S = 0.2
"""Waiting is done in naps, so that `stop` is heard."""

_log = structlog.get_logger()


class ReaderListener(Protocol):
    """Told from the camera's own thread; must be quick and must not raise."""

    def on_state(self, status: CameraStatus) -> None:
        """`connecting`, `online` or `offline` has begun."""
        ...

    def on_frame(self, camera: CameraId) -> None:
        """There is a frame to take."""
        ...

    def on_clock(self, camera: CameraId, ahead: timedelta | None) -> None:
        """The camera's clock is no longer, or is again, within 2 s of ours."""
        ...


@dataclass(frozen=True, slots=True)
class ReaderCounts:
    """Since the reader was started, over all its connections."""

    received: int
    decoded: int
    dropped: dict[str, int]
    """Not looked at, by cause: `newer`, `late`, `corrupt`."""
    reconnects: int
    in_software: int = 0
    """Connections that were to be decoded in hardware, and are not."""


class CameraReader:
    """`start`, then `take` or `peek` from any thread, then `stop`; once."""

    def __init__(
        self,
        camera: CameraId,
        url: CameraUrl,
        opener: Opener,
        clock: Clock,
        listener: ReaderListener,
        uniform: Callable[[float, float], float] = random.uniform,
        options: StreamOptions = StreamOptions(),
    ) -> None:
        self._camera = camera
        self._options = options
        self._url = url
        self._opener = opener
        self._clock = clock
        self._listener = listener
        self._uniform = uniform
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera-{camera}", daemon=True)
        self._slot = NewestFrame()
        self._past = StreamCounts()
        self._present = StreamCounts()
        self._dials = 0
        self._clock_offset: timedelta | None = None
        self._status = CameraStatus(camera, CameraState.CONNECTING, None, clock.now())

    @property
    def status(self) -> CameraStatus:
        return self._status

    @property
    def counts(self) -> ReaderCounts:
        past, present = self._past, self._present
        return ReaderCounts(
            received=past.received + present.received,
            decoded=past.decoded + present.decoded,
            dropped=self._slot.dropped | {"corrupt": past.corrupt + present.corrupt},
            reconnects=max(0, self._dials - 1),
            in_software=past.in_software + present.in_software,
        )

    @property
    def waiting(self) -> datetime | None:
        """Capture time of the frame that `newest` would take; None when there is none."""
        return self._slot.waiting

    def newest(self) -> Frame | None:
        """Take the newest frame, unless it was taken already."""
        return self._slot.take()

    def peek(self) -> Frame | None:
        """The newest frame, taken or not, however old; for stills."""
        return self._slot.last

    def start(self) -> None:
        self._listener.on_state(self._status)
        self._thread.start()

    def tell_to_stop(self) -> None:
        """As `stop`, without waiting."""
        self._stop.set()

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """Tell the thread to end and wait for it; also while it waits inside FFmpeg. False: it
        has not ended yet (resolving a host name cannot be broken off), and will by itself."""
        self._stop.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        backoff = Backoff()
        with Guard(self._stop).bound():
            while not self._stop.is_set():
                began = self._clock.monotonic()
                failed = self._connection()
                if self._stop.is_set():
                    break
                online = self._status.state is CameraState.ONLINE
                took_s = self._clock.monotonic() - began
                lasted_s, dialled_s = (took_s, 0.0) if online else (0.0, took_s)
                self._slot.drop()
                self._say(CameraState.OFFLINE, failed.reason)
                backoff, wait_s = backoff.after(
                    failed.reason,
                    lasted_s,
                    self._uniform,
                    dialled_s,
                    publishes=self._url.address == WHIP,
                )
                _log.info(
                    "camera lost",
                    camera=self._camera,
                    reason=failed.reason.value,
                    detail=failed.detail,
                    lasted_s=round(lasted_s, 1),
                    again_in_s=round(wait_s, 1),
                )
                self._sleep(wait_s)

    def _connection(self) -> StreamFailed:
        """One connection from dialling to its end, and why it ended."""
        self._dials += 1
        try:
            return self._dial_and_read()
        except StreamFailed as failed:
            # Without its traceback: that would keep the stream, with its decoder's megabytes,
            # until the next failure.
            return failed.with_traceback(None)
        except Exception:  # noqa: BLE001 - the top of a thread: no camera falls silent for good
            _log.exception("camera reader failed", camera=self._camera)
            return StreamFailed(CameraReason.CORRUPT, "failed in an unforeseen way; see the log")

    def _dial_and_read(self) -> StreamFailed:
        stream = self._opener.open(self._camera, self._url, options=self._options)
        try:
            while not self._stop.is_set():
                self._take_in(stream.read(), stream)
        finally:
            self._past, self._present = _sum(self._past, stream.counts), StreamCounts()
            stream.close()
        return StreamFailed(CameraReason.ENDED, "told to stop")

    def _take_in(self, frame: Frame, stream: Stream) -> None:
        self._present = stream.counts
        self._note_clock(stream.clock_offset)
        self._note_picture(frame)
        if self._slot.put(frame):
            self._listener.on_frame(self._camera)

    def _note_clock(self, ahead: timedelta | None) -> None:
        changed = (ahead is None) != (self._clock_offset is None)
        self._clock_offset = ahead
        if changed:
            self._listener.on_clock(self._camera, ahead)

    def _note_picture(self, frame: Frame) -> None:
        width, height = frame.picture.width, frame.picture.height
        status = self._status
        if (status.state, status.width, status.height) != (CameraState.ONLINE, width, height):
            self._say(CameraState.ONLINE, None, width, height)

    def _say(
        self,
        state: CameraState,
        reason: CameraReason | None,
        width: int | None = None,
        height: int | None = None,
    ) -> None:
        last = self._status
        if state is CameraState.OFFLINE and (last.state, last.reason) == (state, reason):
            return
        self._status = replace(
            last,
            state=state,
            reason=reason,
            since=self._clock.now(),
            width=width or last.width,
            height=height or last.height,
        )
        self._listener.on_state(self._status)

    def _sleep(self, seconds: float) -> None:
        until = self._clock.monotonic() + seconds
        while not self._stop.is_set() and (left := until - self._clock.monotonic()) > 0:
            self._clock.sleep(min(NAP_S, left))


def _sum(one: StreamCounts, other: StreamCounts) -> StreamCounts:
    return StreamCounts(
        received=one.received + other.received,
        decoded=one.decoded + other.decoded,
        corrupt=one.corrupt + other.corrupt,
        in_software=one.in_software + other.in_software,
    )
