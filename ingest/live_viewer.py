"""One viewer of a view: takes encoded pictures as they come and never holds up who makes them.

aiortc's sender is made to take pictures that are packed already: it asks `_next_encoded_frame` for
each and tells `_send_keyframe` of every PLI and FIR (aiortc 1.16 hears them and, when packets are
passed on, does nothing about them). Both are replaced on the one sender, and tests hold that aiortc
still calls them.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiortc import MediaStreamTrack, RTCRtpSender
from aiortc.rtcrtpsender import RTCEncodedFrame
from aiortc.rtp import AnyRtcpPacket, RtcpRrPacket, RtcpSrPacket

from ingest.rtc_peer import held_back

MOST_WAITING = 15
"""Pictures a viewer may be behind: a second. One more and all of them go, up to the next IDR."""
MOST_LATE_S = 1.0
"""So long a line may go without taking all that was sent; then nothing is added until it has."""
ASKED_EVERY_S = 2.0
"""An IDR comes as often by itself; one viewer is given no more than one between two of these."""
LOSS = 64 / 256
"""Fraction of packets lost, in a report (RFC 3550 §6.4.1), from which a line counts as too slow."""
LOSSY_REPORTS = 2
"""In a row: one report in which much was lost is an accident."""
IDR_ONLY_S = 4.0
"""So long a viewer whose line is too slow gets nothing but IDRs: two pictures."""


@dataclass(frozen=True, slots=True)
class PackedPicture:
    """One picture as RTP payloads, made once for all viewers (RFC 6184)."""

    payloads: tuple[bytes, ...]
    timestamp: int
    """In RTP's clock, before each sender's own random origin."""
    keyframe: bool


@dataclass(slots=True)
class ViewerCounts:
    sent: int = 0
    dropped: int = 0
    """Pictures that this viewer alone did not get."""
    keyframes_asked: int = 0


class SilentTrack(MediaStreamTrack):
    """aiortc's sender wants a track; its pictures come another way."""

    kind = "video"

    async def recv(self) -> Any:
        raise AssertionError("nothing is ever asked of it")


class Viewer:
    """On the loop's thread only, but for `counts`, which anybody may read.

    `on_keyframe` is called when the viewer asks for one, or joins again after having been behind.
    """

    def __init__(
        self,
        sender: RTCRtpSender,
        now: Callable[[], float],
        on_keyframe: Callable[[], None],
    ) -> None:
        self.sender = sender
        self.counts = ViewerCounts()
        self.heard_at = now()
        """When its last RTCP came; a viewer that is there sends some every second."""
        self._now = now
        self._on_keyframe = on_keyframe
        self._waiting: deque[PackedPicture] = deque()
        self._ready = asyncio.Event()
        self._needs_idr = True
        self._clear_at = now()
        self._lossy = 0
        self._idr_only_until = self._asked_at = float("-inf")
        self._hear: Callable[[AnyRtcpPacket], Awaitable[None]] = sender._handle_rtcp_packet
        hooks: Any = sender
        hooks._next_encoded_frame = self._next
        hooks._send_keyframe = self._asked
        hooks._handle_rtcp_packet = self._heard

    @property
    def behind(self) -> int:
        return len(self._waiting)

    def give(self, picture: PackedPicture) -> None:
        """Never waits. What does not fit is dropped, and all after it up to the next IDR."""
        if self._is_full():
            self.counts.dropped += 1
            self._needs_idr = True
            return
        if len(self._waiting) >= MOST_WAITING:
            self.counts.dropped += len(self._waiting)
            self._waiting.clear()
            self._needs_idr = True
        if not picture.keyframe and (self._needs_idr or self._now() < self._idr_only_until):
            self.counts.dropped += 1
            # What follows builds on what was left out.
            self._needs_idr = True
            return
        self._needs_idr = False
        self._waiting.append(picture)
        self._ready.set()

    def _is_full(self) -> bool:
        """Its line has not caught up for a while: what was given now would be seen too late."""
        now = self._now()
        if held_back(self.sender) == 0:
            self._clear_at = now
        return now - self._clear_at > MOST_LATE_S

    async def _next(self, _codec: object) -> RTCEncodedFrame:
        while not self._waiting:
            self._ready.clear()
            await self._ready.wait()
        picture = self._waiting.popleft()
        self.counts.sent += 1
        return RTCEncodedFrame(list(picture.payloads), picture.timestamp, None)  # type: ignore[arg-type]

    def _asked(self) -> None:
        """All viewers pay for an IDR: one whose line loses much gets those that come anyhow."""
        self.counts.keyframes_asked += 1
        now = self._now()
        if now - self._asked_at >= ASKED_EVERY_S and now >= self._idr_only_until:
            self._asked_at = now
            self._on_keyframe()

    async def _heard(self, packet: AnyRtcpPacket) -> None:
        self.heard_at = self._now()
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            self._weigh([report.fraction_lost / 256 for report in packet.reports])
        await self._hear(packet)

    def _weigh(self, lost: list[float]) -> None:
        """Reports of one packet: fractions lost, 0..1, since the report before."""
        if not lost:
            return
        self._lossy = self._lossy + 1 if max(lost) >= LOSS else 0
        if self._lossy >= LOSSY_REPORTS:
            self._lossy = 0
            self._idr_only_until = self._now() + IDR_ONLY_S
