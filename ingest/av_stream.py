"""Reading an open container: packets to frames with their capture times."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import av.error
from av import VideoFrame
from av.container import InputContainer
from av.video.stream import VideoStream

from ingest import errors
from ingest.capture_time import CaptureClock
from ingest.deadline import Guard
from ingest.decoder import Coded, Decoded, Decoder, PacketDecoder, VideoPacket
from ingest.picture import AvPicture, Black, Scaler
from ingest.streams import PacketTap, Patience, StreamCounts, StreamEnded, StreamFailed, StreamInfo
from ingest.tap import CodedPictures
from record.cameras import CameraReason
from record.clock import Clock
from record.frames import Frame, TimeSource
from record.ids import CameraId

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


class LiveStream:
    """A camera: frames as they come, each by its deadline, with the time it was captured."""

    def __init__(
        self,
        camera: CameraId,
        decoder: Decoder,
        clock: Clock,
        guard: Guard,
        patience: Patience,
        tap: PacketTap | None = None,
        *,
        decode: bool = True,
        on_corrupt: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_corrupt` is called when the stream is given up because too much of it is lost."""
        self._camera = camera
        self._on_corrupt = on_corrupt
        self._decoder = decoder
        self._decode = decode
        self._tap = None if tap is None else decoder.tapped_by(tap)
        self._clock = clock
        self._guard = guard
        self._patience = patience
        self._opened = clock.monotonic()
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
            with self._guard.limit(self._to_wait()):
                failure = self._fill_or_fail()
            if failure is not None:
                if failure.reason is CameraReason.CORRUPT:
                    self._on_corrupt()
                raise failure
        return self._waiting.popleft()

    def close(self) -> None:
        self._decoder.close()

    def _to_wait(self) -> float:
        return self._patience.to_wait(
            packets=self._decoder.counts.received,
            pictures=self._number,
            open_s=self._clock.monotonic() - self._opened,
        )

    def _fill_or_fail(self) -> StreamFailed | None:
        """Handed back, not raised in the handler: PyAV's error holds the password, and would be
        the context of what is raised there."""
        try:
            self._fill()
        except av.error.FFmpegError as error:
            return self._sorted(error)
        except StreamFailed as failed:
            return failed
        return None

    def _sorted(self, error: av.error.FFmpegError) -> StreamFailed:
        if self._guard.stopped or self._guard.expired:
            return self._late()
        return errors.while_reading(error)

    def _late(self) -> StreamFailed:
        """No picture in time: nothing came, or nothing that could be decoded."""
        lost = self._decoder.corrupt_in_a_row
        return errors.too_corrupt(lost) if lost else errors.late_to_read(self._patience.picture_s)

    def _fill(self) -> None:
        """Read until there is at least one frame."""
        while not self._waiting:
            packet = self._decoder.next()
            if packet is None:
                raise StreamEnded
            if self._guard.expired:
                # Packets come, pictures do not: that is as blind as silence.
                raise self._late()
            if not self._number:
                self._guard.renew(self._to_wait())
            received, arrived = self._clock.monotonic(), self._clock.now()
            for coded in self._decoder.coded(packet):
                if self._tap is not None:
                    self._tell(self._tap, coded, arrived)
                if not self._decode:
                    self._waiting.append(self._undecoded(coded, received, arrived))
                    continue
                for decoded in self._decoder.pictures(coded):
                    self._waiting.append(self._frame(decoded, received, arrived))

    def _undecoded(self, coded: Coded, received: float, arrived: datetime) -> Frame:
        pts_s = _seconds(coded.data.pts, coded.data.time_base)
        reported = _reported(coded.came_with, coded.data.pts)
        captured = self._capture.estimate(arrived=arrived, pts_s=pts_s, reported=reported)
        self._pts_s = self._pts_s if pts_s is None else pts_s
        number, self._number = self._number, self._number + 1
        picture = Black(self.info.width, self.info.height)
        return Frame(
            self._camera, number, captured.at, captured.source, self._pts_s, received, picture
        )

    def _tell(self, tap: CodedPictures, coded: Coded, arrived: datetime) -> None:
        pts_s = _seconds(coded.data.pts, coded.data.time_base)
        reported = _reported(coded.came_with, coded.data.pts)
        at = self._capture.glance(arrived=arrived, pts_s=pts_s, reported=reported)
        tap.tell(coded.data, self._pts_s if pts_s is None else pts_s, at)

    def _frame(self, decoded: Decoded, received: float, arrived: datetime) -> Frame:
        packet, picture = decoded.packet, decoded.picture
        pts_s = _seconds(picture.pts, picture.time_base)
        captured = self._capture.estimate(
            arrived=arrived, pts_s=pts_s, reported=_reported(packet, picture.pts)
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
        tap: PacketTap | None = None,
    ) -> None:
        self._camera = camera
        self._decoder = PacketDecoder(container, video)
        self._tap = None if tap is None else self._decoder.tapped_by(tap)
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
            packet = self._decoder.next()
            if packet is None:
                raise StreamEnded("the file is at its end")
            if self._tap is not None:
                self._tell(self._tap, packet)
            for coded in self._decoder.coded(packet):
                self._waiting.extend(one.picture for one in self._decoder.pictures(coded))
        except av.error.FFmpegError as error:
            raise errors.while_reading(error) from None

    def _tell(self, tap: CodedPictures, packet: VideoPacket) -> None:
        presented = _seconds(packet.pts, packet.time_base)
        if presented is not None:
            at_s = presented - self._start_s
            tap.tell(packet, at_s, self._start + timedelta(seconds=at_s))

    def _presented_s(self, picture: VideoFrame, number: int) -> float:
        """Seconds from the file's first frame."""
        presented = _seconds(picture.pts, picture.time_base)
        if presented is None:
            return number / (self.info.frames_per_s or 25.0)
        return presented - self._start_s


def _seconds(ticks: int | None, time_base: Fraction | None) -> float | None:
    return None if ticks is None or time_base is None else float(ticks * time_base)


def _reported(packet: VideoPacket, pts: int | None) -> datetime | None:
    """When the camera's own clock says the picture of that `pts` was captured.

    FFmpeg puts an `AVProducerReferenceTime` on every packet once a sender report has come: an
    int64 of microseconds since 1970 (libavutil and libavformat/rtpdec.c), for the packet's
    presentation time, from which a reordered picture's differs.
    """
    if not packet.has_sidedata("prft"):
        return None
    wallclock = int.from_bytes(bytes(packet.get_sidedata("prft"))[:8], "little", signed=True)
    if packet.pts is not None and pts is not None:
        wallclock += int((pts - packet.pts) * packet.time_base * 1_000_000)
    try:
        return _UNIX + timedelta(microseconds=wallclock)
    except OverflowError:
        return None
