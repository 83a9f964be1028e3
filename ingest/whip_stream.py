"""A publisher's pictures as a `Stream`: taken from its queue, decoded in the camera's thread."""

import time
from datetime import datetime, timedelta
from typing import cast

import av.error
from av import CodecContext, Packet, VideoFrame
from av.video.codeccontext import VideoCodecContext

from ingest import errors
from ingest.capture_time import CaptureClock, CaptureTime
from ingest.deadline import current_guard
from ingest.decoder import MOST_CORRUPT
from ingest.nal_units import CODECS, parameter_sets
from ingest.picture import MOST_PIXELS, AvPicture, Scaler
from ingest.streams import CodedPacket, PacketTap, StreamCounts, StreamFailed, StreamInfo
from ingest.whip_pictures import CodedPicture
from ingest.whip_sdp import CLOCK_HZ
from ingest.whip_session import Publication
from record.cameras import CameraReason
from record.clock import Clock
from record.frames import Frame
from record.ids import CameraId

NAP_S = 0.2


class WhipStream:
    """One publication, read. The first picture is decoded when it is made, so that its size is
    known; raises `StreamFailed` when none comes within `first_s`."""

    def __init__(
        self,
        camera: CameraId,
        publication: Publication,
        clock: Clock,
        *,
        tap: PacketTap | None = None,
        first_s: float = 5.0,
        read_timeout_s: float = 2.0,
    ) -> None:
        self._camera = camera
        self._publication = publication
        self._receiver = publication.receiver
        self._clock = clock
        self._read_timeout_s = read_timeout_s
        self._tap = tap
        self._codec = self._receiver.codec.name
        self._context = _decoder(self._codec)
        self._nal = CODECS.get(self._codec)
        self._extradata = b""
        self._capture = CaptureClock()
        self._scaler = Scaler()
        self._number = 0
        self._decoded = self._corrupt = self._corrupt_in_a_row = 0
        self._waiting: list[Frame] = [self._next(first_s)]

    @property
    def info(self) -> StreamInfo:
        return StreamInfo(self._context.width, self._context.height, self._codec, None)

    @property
    def counts(self) -> StreamCounts:
        receiver = self._receiver
        return StreamCounts(receiver.received, self._decoded, receiver.dropped + self._corrupt)

    @property
    def clock_offset(self) -> timedelta | None:
        return self._capture.clock_offset

    def read(self) -> Frame:
        return self._waiting.pop() if self._waiting else self._next(self._read_timeout_s)

    def close(self) -> None:
        """The publication goes on: whoever opens next goes on with it."""

    def _next(self, timeout_s: float) -> Frame:
        until = time.monotonic() + timeout_s
        while (left := until - time.monotonic()) > 0:
            guard = current_guard()
            if guard is not None and guard.stopped:
                break
            taken = self._receiver.take(min(left, NAP_S))
            if taken is not None:
                frame = self._frame(*taken)
                if frame is not None:
                    return frame
            elif self._publication.ended:
                why = self._publication.why or "the publisher has gone"
                raise StreamFailed(CameraReason.NO_PUBLISHER, why)
        if self._corrupt_in_a_row:
            raise errors.too_corrupt(self._corrupt_in_a_row)
        raise errors.late_to_read(timeout_s)

    def _frame(self, picture: CodedPicture, received: float) -> Frame | None:
        pts_s = picture.ticks / CLOCK_HZ
        captured = self._captured(picture, received, pts_s)
        self._tell(picture, pts_s, captured.at)
        shown = self._decode(picture)
        if shown is None:
            return None
        number, self._number = self._number, self._number + 1
        return Frame(
            camera=self._camera,
            number=number,
            captured_at=captured.at,
            time_source=captured.source,
            pts_s=pts_s,
            received=received,
            picture=AvPicture(shown, self._scaler),
            decoded=self._clock.monotonic(),
        )

    def _captured(self, picture: CodedPicture, received: float, pts_s: float) -> CaptureTime:
        """In the order of sending, which is that of capture: WebRTC knows no B-frames."""
        arrived = self._clock.now() - timedelta(seconds=self._clock.monotonic() - received)
        sender = self._receiver.clock
        reported = None if sender is None else sender.at_ticks(picture.ticks)
        return self._capture.estimate(arrived=arrived, pts_s=pts_s, reported=reported)

    def _tell(self, picture: CodedPicture, pts_s: float, captured_at: datetime) -> None:
        if self._tap is None:
            return
        if self._nal is not None and picture.keyframe:
            self._extradata = parameter_sets(picture.data, self._nal) or self._extradata
        self._tap.on_packet(
            CodedPacket(
                picture.data, pts_s, captured_at, picture.keyframe, self._codec, self._extradata
            )
        )

    def _decode(self, picture: CodedPicture) -> VideoFrame | None:
        """The newest picture that comes out, if it is whole."""
        packet = Packet(picture.data)
        packet.pts = packet.dts = picture.ticks
        try:
            shown = self._context.decode(cast("Packet[av.VideoStream]", packet))
        except av.error.FFmpegError:
            shown = []
        whole = [one for one in shown if not one.is_corrupt]
        if whole:
            self._corrupt_in_a_row = 0
            self._decoded += len(whole)
            return whole[-1]
        self._receiver.want_keyframe()
        self._corrupt += 1
        self._corrupt_in_a_row += 1
        if self._corrupt_in_a_row > MOST_CORRUPT:
            raise errors.too_corrupt(self._corrupt_in_a_row)
        return None


def _decoder(codec: str) -> VideoCodecContext:
    context = CodecContext.create(codec, "r")
    # As in `ingest.av_opener`: many cameras fill the cores, and frame threads add delay.
    context.thread_count = 1
    context.options = {"max_pixels": str(MOST_PIXELS)}
    return cast("VideoCodecContext", context)
