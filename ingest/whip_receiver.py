"""One publisher's video: RTP in, coded pictures out, and by RTCP what is wanted of the sender.

It stands where aiortc has an `RTCRtpReceiver`. That one starts a decoder thread of its own behind a
queue without bound and keeps the coded pictures to itself; here they wait in a bounded queue for
the camera's own thread, which decodes them with libavcodec whatever their profile.
"""

import secrets
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiortc import clock
from aiortc.codecs.h264 import H264PayloadDescriptor
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
)

from ingest.nal_units import START_CODE
from ingest.whip_pictures import CodedPicture, PictureQueue, Pictures, Piece
from ingest.whip_sdp import CLOCK_HZ, Codec
from record.clock import Clock

NACK_AGAIN_S = 0.06
MOST_NACKS = 4
"""Times that one packet is asked for."""
MOST_ASKED = 64
"""Packets asked for at once."""
PLI_AGAIN_S = 0.5
REPORT_S = 1.0
OTHER_SOURCE_S = 1.0
"""Silence of one source after which another is listened to: the publisher has restarted its."""

Send = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class SenderClock:
    """From the last sender report (RFC 3550 §6.4.1): what its clock said at which time stamp."""

    at: datetime
    timestamp: int
    """32 bits."""

    def at_ticks(self, ticks: int) -> datetime | None:
        ahead = (ticks - self.timestamp) % (1 << 32)
        near = ahead if ahead < 1 << 31 else ahead - (1 << 32)
        try:
            return self.at + timedelta(seconds=near / CLOCK_HZ)
        except OverflowError:
            return None


@dataclass(slots=True)
class _Source:
    ssrc: int
    pictures: Pictures
    statistics: StreamStatistics
    asked: dict[int, tuple[int, float]] = field(default_factory=dict)
    """Missing packet → how often it was asked for, and when."""
    report: tuple[int, float] | None = None
    """Middle of the last sender report's NTP time, and when it came."""


class VideoReceiver:
    """`_handle…` are for aiortc's DTLS transport, on the loop; `take` for the camera's thread."""

    def __init__(self, codec: Codec, wall: Clock, send: Send) -> None:
        self.codec = codec
        self.heard_at: float | None = None
        """Monotonic seconds of the last packet of video."""
        self.ended = False
        """The publisher has said goodbye, or its line was closed."""
        self.received = 0
        self.clock: SenderClock | None = None
        self._wall = wall
        self._send = send
        self._h264 = codec.name == "h264"
        self._source: _Source | None = None
        self._queue = PictureQueue()
        self._ready = threading.Condition()
        self._rate = RemoteBitrateEstimator()
        self._ssrc = secrets.randbits(32)
        self._pli_at = self._report_at = float("-inf")
        self._past_dropped = 0
        self._undecoded = False

    # The camera's thread

    def take(self, timeout_s: float) -> tuple[CodedPicture, float] | None:
        """The next picture, and the monotonic second at which it was whole; None: none came."""
        with self._ready:
            self._ready.wait_for(lambda: len(self._queue) or self.ended, timeout_s)
            return self._queue.take()

    def want_keyframe(self) -> None:
        """What came could not be decoded."""
        self._undecoded = True

    @property
    def dropped(self) -> int:
        """Coded pictures that nobody decoded: incomplete, without what they build on, or too many
        for the decoder."""
        source = self._source
        own = 0 if source is None else source.pictures.dropped
        return self._past_dropped + own + self._queue.dropped

    # The loop

    def end(self) -> None:
        with self._ready:
            self.ended = True
            self._ready.notify_all()

    def _handle_disconnect(self) -> None:
        self.end()

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpByePacket):
            self.end()
        elif isinstance(packet, RtcpSrPacket) and self._source is not None:
            sent = packet.sender_info
            self._source.report = ((sent.ntp_timestamp >> 16) & 0xFFFFFFFF, self._wall.monotonic())
            self.clock = SenderClock(
                clock.datetime_from_ntp(sent.ntp_timestamp), sent.rtp_timestamp
            )

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        now = self._wall.monotonic()
        source = self._source_of(packet, now)
        if source is None or packet.payload_type != self.codec.payload_type:
            return
        self.heard_at = now
        self.received += 1
        source.statistics.add(packet)
        try:
            piece = self._piece(packet)
        except ValueError:
            source.pictures.damage()
        else:
            self._put(source.pictures.add(piece, now), now)
        await self._ask_again(source, now)
        await self._ask_keyframe(source, now)
        await self._estimate(packet, arrival_time_ms)

    async def report(self) -> None:
        """Called several times a second: what is due."""
        now, source = self._wall.monotonic(), self._source
        if source is None:
            return
        await self._ask_keyframe(source, now)
        if now - self._report_at >= REPORT_S and source.statistics.max_seq is not None:
            self._report_at = now
            await self._say(RtcpRrPacket(ssrc=self._ssrc, reports=[_reported(source, now)]))

    def _source_of(self, packet: RtpPacket, now: float) -> _Source | None:
        """None: another source than the one that is listened to."""
        known = self._source
        if known is not None and known.ssrc == packet.ssrc:
            return known
        if known is not None and self.heard_at is not None and now - self.heard_at < OTHER_SOURCE_S:
            return None
        if known is not None:
            self._past_dropped += known.pictures.dropped
        self.clock = None
        self._source = _Source(packet.ssrc, Pictures(self._h264), StreamStatistics(CLOCK_HZ))
        return self._source

    def _piece(self, packet: RtpPacket) -> Piece:
        """Raises `ValueError` for a payload that is none."""
        data, begins = b"", True
        if packet.payload and self._h264:
            _, data = H264PayloadDescriptor.parse(packet.payload)
            begins = data.startswith(START_CODE)
        elif packet.payload:
            described, data = VpxPayloadDescriptor.parse(packet.payload)
            begins = bool(described.partition_start) and described.partition_id == 0
        marker = bool(packet.marker)
        return Piece(packet.sequence_number, packet.timestamp, marker, data, begins)

    def _put(self, whole: list[CodedPicture], now: float) -> None:
        if whole:
            with self._ready:
                for picture in whole:
                    self._queue.put(picture, now)
                self._ready.notify_all()

    async def _ask_again(self, source: _Source, now: float) -> None:
        missing = source.pictures.missing[:MOST_ASKED]
        if not missing and not source.asked:
            return
        source.asked = {one: source.asked[one] for one in missing if one in source.asked}
        due = []
        for one in missing:
            times, at = source.asked.get(one, (0, float("-inf")))
            if times < MOST_NACKS and now - at >= NACK_AGAIN_S:
                source.asked[one] = (times + 1, now)
                due.append(one)
        if due:
            nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, self._ssrc, source.ssrc)
            nack.lost = due
            await self._say(nack)

    async def _ask_keyframe(self, source: _Source, now: float) -> None:
        wanted = source.pictures.wants_keyframe or self._queue.wants_keyframe or self._undecoded
        if wanted and now - self._pli_at >= PLI_AGAIN_S:
            self._pli_at, self._undecoded = now, False
            await self._say(RtcpPsfbPacket(RTCP_PSFB_PLI, self._ssrc, source.ssrc))

    async def _estimate(self, packet: RtpPacket, arrival_ms: int) -> None:
        """Tell the sender how much gets through, where it stamps its packets for that."""
        sent_at = packet.extensions.abs_send_time
        if sent_at is None or "goog-remb" not in self.codec.feedback:
            return
        size = len(packet.payload) + packet.padding_size
        estimate = self._rate.add(arrival_ms, sent_at, size, packet.ssrc)
        if estimate is not None:
            fci = pack_remb_fci(*estimate)
            await self._say(RtcpPsfbPacket(RTCP_PSFB_APP, self._ssrc, 0, fci))

    async def _say(self, packet: AnyRtcpPacket) -> None:
        await self._send(bytes(packet))


def _reported(source: _Source, now: float) -> RtcpReceiverInfo:
    statistics = source.statistics
    last, since = source.report or (0, now)
    return RtcpReceiverInfo(
        ssrc=source.ssrc,
        fraction_lost=statistics.fraction_lost,
        packets_lost=statistics.packets_lost,
        highest_sequence=(statistics.cycles + (statistics.max_seq or 0)) & 0xFFFFFFFF,
        jitter=statistics.jitter & 0xFFFFFFFF,
        lsr=last,
        dlsr=min(round((now - since) * 65536), 0xFFFFFFFF) if last else 0,
    )
