"""Reading an open container: packets to frames with their capture times."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TypeAlias

import av.error
from av import Packet, VideoFrame
from av.container import InputContainer
from av.video.stream import VideoStream

from ingest import errors
from ingest.capture_time import CaptureClock
from ingest.deadline import Guard
from ingest.picture import AvPicture, Scaler
from ingest.streams import StreamCounts, StreamEnded, StreamFailed, StreamInfo
from record.clock import Clock
from record.frames import Frame, TimeSource
from record.ids import CameraId

VideoPacket: TypeAlias = "Packet[VideoStream]"

MOST_CORRUPT = 100
"""Packets in a row without one picture, after which the stream is given up: ten seconds at 10 fps,
longer than the wait for a keyframe that a late joiner has."""

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


class _Decoder:
    """Packets in, pictures out, everything lost on the way counted."""

    def __init__(self, container: InputContainer, video: VideoStream) -> None:
        self._container = container
        self._video = video
        self._packets: Iterator[VideoPacket] = container.demux(video)
        self._in_a_row = 0
        self.counts = StreamCounts()
        rate = video.average_rate
        self.info = StreamInfo(
            width=video.codec_context.width,
            height=video.codec_context.height,
            codec=video.codec_context.name,
            frames_per_s=float(rate) if rate else None,
        )

    def next_packet(self) -> VideoPacket | None:
        """None when the sender has ended the stream. Raises PyAV's errors."""
        packet = next(self._packets, None)
        if packet is not None and packet.size:
            self.counts = replace(self.counts, received=self.counts.received + 1)
        return packet

    def pictures(self, packet: VideoPacket) -> list[VideoFrame]:
        """Whole pictures that this packet completes. Raises `StreamFailed` after too many bad
        ones in a row."""
        try:
            decoded = packet.decode()
        except av.error.InvalidDataError:
            self._count_corrupt(1)
            return []
        whole = [frame for frame in decoded if not frame.is_corrupt and frame.width]
        if len(whole) < len(decoded):
            self._count_corrupt(len(decoded) - len(whole))
        if whole:
            self._in_a_row = 0
            self.counts = replace(self.counts, decoded=self.counts.decoded + len(whole))
        return whole

    def close(self) -> None:
        self._container.close()

    def _count_corrupt(self, more: int) -> None:
        self._in_a_row += more
        self.counts = replace(self.counts, corrupt=self.counts.corrupt + more)
        if self._in_a_row > MOST_CORRUPT:
            raise errors.too_corrupt(self._in_a_row)


class LiveStream:
    """A camera: frames as they come, each by its deadline, with the time it was captured."""

    def __init__(
        self,
        camera: CameraId,
        container: InputContainer,
        video: VideoStream,
        clock: Clock,
        guard: Guard,
        read_timeout_s: float,
    ) -> None:
        self._camera = camera
        self._decoder = _Decoder(container, video)
        self._clock = clock
        self._guard = guard
        self._read_timeout_s = read_timeout_s
        self._capture = CaptureClock()
        self._scaler = Scaler()
        self._waiting: deque[Frame] = deque()
        self._number = 0
        self._pts_s = 0.0

    @property
    def info(self) -> StreamInfo:
        return self._decoder.info

    @property
    def counts(self) -> StreamCounts:
        return self._decoder.counts

    @property
    def clock_offset(self) -> timedelta | None:
        return self._capture.clock_offset

    def read(self) -> Frame:
        if not self._waiting:
            with self._guard.limit(self._read_timeout_s):
                failure = self._fill_or_fail()
            if failure is not None:
                raise failure
        return self._waiting.popleft()

    def close(self) -> None:
        self._decoder.close()

    def _fill_or_fail(self) -> StreamFailed | None:
        """Handed back, not raised in the handler: PyAV's error holds the password, and would be
        the context of what is raised there."""
        try:
            self._fill()
        except av.error.FFmpegError as error:
            return self._sorted(error)
        return None

    def _sorted(self, error: av.error.FFmpegError) -> StreamFailed:
        if self._guard.stopped or self._guard.expired:
            return errors.late_to_read(self._read_timeout_s)
        return errors.while_reading(error)

    def _fill(self) -> None:
        """Read until there is at least one frame."""
        while not self._waiting:
            packet = self._decoder.next_packet()
            if packet is None:
                raise StreamEnded
            if self._guard.expired:
                # Packets come, pictures do not: that is as blind as silence.
                raise errors.late_to_read(self._read_timeout_s)
            received, arrived = self._clock.monotonic(), self._clock.now()
            for picture in self._decoder.pictures(packet):
                self._waiting.append(self._frame(packet, picture, received, arrived))

    def _frame(
        self, packet: VideoPacket, picture: VideoFrame, received: float, arrived: datetime
    ) -> Frame:
        pts_s = _seconds(picture.pts, picture.time_base)
        captured = self._capture.estimate(
            arrived=arrived, pts_s=pts_s, reported=_reported(packet, picture)
        )
        # Some senders leave the time out of the first packet; only differences mean anything.
        self._pts_s = self._pts_s if pts_s is None else pts_s
        number, self._number = self._number, self._number + 1
        return Frame(
            camera=self._camera,
            number=number,
            captured_at=captured.at,
            time_source=captured.source,
            pts_s=self._pts_s,
            received=received,
            picture=AvPicture(picture, self._scaler),
            decoded=self._clock.monotonic(),
        )


class FileStream:
    """A file: every frame in order, captured at the moment of opening plus its own time."""

    def __init__(
        self,
        camera: CameraId,
        container: InputContainer,
        video: VideoStream,
        clock: Clock,
        *,
        paced: bool,
    ) -> None:
        self._camera = camera
        self._decoder = _Decoder(container, video)
        self._clock = clock
        self._paced = paced
        self._scaler = Scaler()
        self._start = clock.now()
        self._start_s = _seconds(video.start_time, video.time_base) or 0.0
        self._waiting: deque[VideoFrame] = deque()
        self._number = 0

    @property
    def info(self) -> StreamInfo:
        return self._decoder.info

    @property
    def counts(self) -> StreamCounts:
        return self._decoder.counts

    @property
    def clock_offset(self) -> timedelta | None:
        return None

    def read(self) -> Frame:
        while not self._waiting:
            self._fill()
        picture = self._waiting.popleft()
        number, self._number = self._number, self._number + 1
        pts_s = self._presented_s(picture, number)
        captured_at = self._start + timedelta(seconds=pts_s)
        if self._paced:
            self._clock.sleep(max(0.0, (captured_at - self._clock.now()).total_seconds()))
        return Frame(
            camera=self._camera,
            number=number,
            captured_at=captured_at,
            time_source=TimeSource.FILE,
            pts_s=pts_s,
            received=(now := self._clock.monotonic()),
            picture=AvPicture(picture, self._scaler),
            decoded=now,
        )

    def close(self) -> None:
        self._decoder.close()

    def _fill(self) -> None:
        try:
            packet = self._decoder.next_packet()
            if packet is None:
                raise StreamEnded("the file is at its end")
            self._waiting.extend(self._decoder.pictures(packet))
        except av.error.FFmpegError as error:
            raise errors.while_reading(error) from None

    def _presented_s(self, picture: VideoFrame, number: int) -> float:
        """Seconds from the file's first frame."""
        presented = _seconds(picture.pts, picture.time_base)
        if presented is None:
            return number / (self.info.frames_per_s or 25.0)
        return presented - self._start_s


def _seconds(ticks: int | None, time_base: Fraction | None) -> float | None:
    return None if ticks is None or time_base is None else float(ticks * time_base)


def _reported(packet: VideoPacket, picture: VideoFrame) -> datetime | None:
    """When the camera's own clock says this picture was captured.

    FFmpeg puts an `AVProducerReferenceTime` on every packet once a sender report has come: an
    int64 of microseconds since 1970 (libavutil and libavformat/rtpdec.c), for the packet's
    presentation time, from which a reordered picture's differs.
    """
    if not packet.has_sidedata("prft"):
        return None
    wallclock = int.from_bytes(bytes(packet.get_sidedata("prft"))[:8], "little", signed=True)
    if packet.pts is not None and picture.pts is not None:
        wallclock += int((picture.pts - packet.pts) * packet.time_base * 1_000_000)
    try:
        return _UNIX + timedelta(microseconds=wallclock)
    except OverflowError:
        return None
