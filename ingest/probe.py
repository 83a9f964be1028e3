"""Looking at one stream for a few seconds, as a worker would read it, and measuring it.

`probe_stream` goes through the same `Opener` as a watched camera does, so that what it finds is
what the camera will do; `rtsp_look` adds what the camera says of itself.
"""

import threading
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from ingest import errors
from ingest.deadline import Guard
from ingest.dialling import at_address, resolve
from ingest.rtsp_look import RtspLook, SignIn, look
from ingest.streams import CodedPacket, Opener, Stream, StreamFailed, StreamOptions
from ingest.tls import UNVERIFIED, CameraTls
from record.cameras import CameraReason, CameraUrl, Transport
from record.clock import Clock
from record.frames import Frame, TimeSource
from record.ids import CameraId
from record.networks import CameraNetworks

LOOK_S = 4.0
"""How long pictures are read; up to twice as long while no second keyframe came."""
KEPT_FRAMES = 3
"""The last ones, for the detector: one may be blurred."""
PROBE = CameraId("probe")


@dataclass(frozen=True, slots=True)
class Rates:
    """Measured over the coded pictures; None: too few came."""

    pictures: int = 0
    bytes: int = 0
    frames_per_s: float | None = None
    keyframe_s: float | None = None
    """Longest time between two keyframes that followed each other."""
    kbit_per_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class StreamSeen:
    """What one stream is like. Where `reason` is set, what came before it failed."""

    url: CameraUrl
    look: RtspLook
    reason: CameraReason | None = None
    detail: str = ""
    connected: bool = False
    """Something that answers stands at that address."""
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    announced_frames_per_s: float | None = None
    transport: Transport | None = None
    first_picture_s: float | None = None
    """From dialling to the first decoded picture."""
    seconds: float = 0.0
    """How long pictures were read."""
    rates: Rates = Rates()
    loss: float | None = None
    """Share 0..1 of what came that could not be used whole, because packets were missing or
    broken; None: nothing came."""
    clock_known: bool = False
    """The camera told its own time on the stream (RTCP sender reports)."""
    clock_ahead_s: float | None = None
    """How far the camera's clock is ahead, once that is over the trusted 2 s."""
    frames: tuple[Frame, ...] = ()
    """The last few, oldest first."""

    @property
    def encrypted(self) -> bool:
        return urlsplit(self.url.address).scheme == "rtsps"


class RateTap:
    """Counts coded pictures as they come (`PacketTap`). Holds two numbers a picture, and stops
    counting at `most`."""

    def __init__(self, clock: Clock, most: int = 5000) -> None:
        self._clock = clock
        self._most = most
        self._pts: list[float] = []
        self._arrived: list[float] = []
        self._bytes: list[int] = []
        self._keyframes: list[int] = []

    def on_packet(self, packet: CodedPacket) -> None:
        if len(self._pts) >= self._most:
            return
        if packet.keyframe:
            self._keyframes.append(len(self._pts))
        self._pts.append(packet.pts_s)
        self._arrived.append(self._clock.monotonic())
        self._bytes.append(len(packet.data))

    @property
    def keyframes(self) -> int:
        return len(self._keyframes)

    def rates(self) -> Rates:
        """By the stream's own time: what a camera has kept comes in a burst at first. By arrival
        where its time stands still or leaps."""
        count = len(self._pts)
        if count < 2:
            return Rates(count, sum(self._bytes))
        times = self._pts if _plausible(self._pts, self._arrived) else self._arrived
        span = max(times) - min(times)
        if span <= 0:
            return Rates(count, sum(self._bytes))
        steps = [abs(times[b] - times[a]) for a, b in pairwise(self._keyframes)]
        # The last picture's bytes belong to the time after it.
        return Rates(
            pictures=count,
            bytes=sum(self._bytes),
            frames_per_s=(count - 1) / span,
            keyframe_s=max(steps, default=None),
            kbit_per_s=sum(self._bytes[:-1]) * 8 / span / 1000,
        )


def _plausible(pts: list[float], arrived: list[float]) -> bool:
    """Whether the stream's own time runs about as fast as ours, within the 2 s that may come at
    once in the beginning."""
    span, took = max(pts) - min(pts), arrived[-1] - arrived[0]
    leaps = max(abs(b - a) for a, b in pairwise(pts))
    return 0.5 * took <= span <= took + 12.0 and leaps < 5.0 and span > 0


@dataclass(frozen=True, slots=True)
class Prober:
    """Looks at streams; `networks` for the glance that does not go through the opener."""

    opener: Opener
    networks: CameraNetworks
    clock: Clock
    seconds: float = LOOK_S
    tls: CameraTls = UNVERIFIED

    def probe(
        self,
        url: CameraUrl,
        *,
        transport: Transport = Transport.TCP,
        stop: threading.Event | None = None,
    ) -> StreamSeen:
        """Never raises for what a camera does; ends soon after `stop` is set. A password that is
        refused is tried once and no more: many cameras lock an account out after five."""
        looking = _Looking(self.clock, stop or threading.Event(), StreamSeen(url, RtspLook()))
        try:
            self._glance(looking)
            if looking.seen.look.sign_in is SignIn.REFUSED:
                raise errors.refused_sign_in(given=url.username is not None)
            with Guard(looking.stop).bound():
                self._watch(looking, StreamOptions(transport, looking.tap))
        except StreamFailed as failed:
            return looking.over(failed)
        if looking.first_at is None:
            return looking.over(StreamFailed(CameraReason.UNREACHABLE, "there was no time left"))
        return looking.over(None)

    def _glance(self, looking: "_Looking") -> None:
        """What the camera says of itself. Raises `StreamFailed` where it may not be dialled."""
        url = looking.seen.url
        host = urlsplit(url.address).hostname
        if host is None:
            return
        address = resolve(host, self.networks)[0]
        said = look(at_address(url, address), address, tls=self.tls, server_name=host)
        answered = said.server is not None or said.sign_in is not SignIn.UNKNOWN
        looking.note(look=said, connected=answered)

    def _watch(self, looking: "_Looking", options: StreamOptions) -> None:
        began = self.clock.monotonic()
        stream = self.opener.open(PROBE, looking.seen.url, options=options)
        try:
            looking.note(connected=True)
            while not looking.enough(self.seconds):
                looking.take(stream.read(), stream, began)
        finally:
            looking.note_stream(stream)
            stream.close()


class _Looking:
    """One probe under way: `seen` is replaced by what is known since."""

    def __init__(self, clock: Clock, stop: threading.Event, seen: StreamSeen) -> None:
        self.seen = seen
        self.stop = stop
        self.tap = RateTap(clock)
        self.first_at: float | None = None
        self._clock = clock
        self._last_at = 0.0

    def note(self, **known: Any) -> None:
        self.seen = replace(self.seen, **known)

    def enough(self, seconds: float) -> bool:
        if self.first_at is None:
            return self.stop.is_set()
        wanted = seconds if self.tap.keyframes > 1 else 2 * seconds
        return self.stop.is_set() or self._last_at - self.first_at >= wanted

    def take(self, frame: Frame, stream: Stream, began: float) -> None:
        self._last_at = self._clock.monotonic()
        if self.first_at is None:
            self.first_at = self._last_at
            self.note(first_picture_s=self._last_at - began)
        ahead = stream.clock_offset
        told = frame.time_source is TimeSource.SENDER_REPORT or ahead is not None
        self.note(
            frames=(*self.seen.frames[1 - KEPT_FRAMES :], frame),
            width=frame.picture.width,
            height=frame.picture.height,
            clock_known=self.seen.clock_known or told,
            clock_ahead_s=None if ahead is None else ahead.total_seconds(),
        )

    def note_stream(self, stream: Stream) -> None:
        """What the stream says of itself, when it is read to the end."""
        info, counts = stream.info, stream.counts
        self.note(
            codec=info.codec,
            width=self.seen.width or info.width or None,
            height=self.seen.height or info.height or None,
            announced_frames_per_s=info.frames_per_s,
            transport=info.transport,
            loss=counts.corrupt / counts.received if counts.received else None,
        )

    def over(self, failed: StreamFailed | None) -> StreamSeen:
        self.note(
            rates=self.tap.rates(),
            seconds=0.0 if self.first_at is None else self._last_at - self.first_at,
        )
        if failed is not None:
            self.note(reason=failed.reason, detail=failed.detail)
        return self.seen
