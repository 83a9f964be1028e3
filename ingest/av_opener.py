"""Cameras and files through FFmpeg: the real `Opener`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import av
import av.error
import structlog
from av.container import InputContainer
from av.video.stream import VideoStream

from ingest import errors
from ingest.av_stream import FileStream, LiveStream
from ingest.deadline import Guard, current_guard, guard_pyav
from ingest.decoder import Decoder, Line, PacketDecoder, PieceDecoder, VideoPacket
from ingest.diagnosis import diagnosed
from ingest.errors import NotThisWay, NotUnderstood
from ingest.hardware import Hardware
from ingest.learned import Learned, Reading
from ingest.nal_units import CODECS
from ingest.options import options_for
from ingest.picture import MOST_PIXELS
from ingest.streams import Patience, Secrecy, Stream, StreamEnded, StreamFailed, StreamOptions
from ingest.tls import CameraTls, what_is_wrong
from record.cameras import CameraReason, CameraUrl, Transport
from record.clock import Clock
from record.ids import CameraId

DIAGNOSIS_S = 1.5
"""For finding out why a line in TLS failed."""
KEPT_S = 0.1
"""For what has come already."""
RTSPS_PORT = 322
"""RFC 7826 §19.2."""
_BY_ITSELF = frozenset({"mjpeg"})
"""Codecs whose pieces are whole pictures: FFmpeg needs no parser for them."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AvOpener:
    """Opens `rtsp://`, `rtsps://` and `file://`.

    `paced_files`: a file's frames come when they are due by `clock`, as from a camera; otherwise
    as fast as they are read.
    """

    clock: Clock
    connect_timeout_s: float = 5.0
    """From dialling to a known video track, all steps of one transport together."""
    udp_patience_s: float = 2.5
    """From when a camera has agreed to send over UDP to the first packet; then it is TCP's turn."""
    patience: Patience = field(default_factory=Patience)
    """With a live stream; a file has no limit."""
    paced_files: bool = False
    most_pixels: int = MOST_PIXELS
    tls: CameraTls = field(default_factory=CameraTls)
    hardware: Hardware = field(default_factory=Hardware)
    learned: Learned = field(default_factory=Learned)

    def open(
        self, camera: CameraId, url: CameraUrl, *, options: StreamOptions = StreamOptions()
    ) -> Stream:
        guard_pyav()
        guard = current_guard() or Guard()
        scheme = urlsplit(url.address).scheme
        if scheme == "whip":
            raise errors.no_publisher()
        if scheme == "file":
            container = self._open_file(url, guard)
            video = _videos_of(container, self.most_pixels)[0]
            return FileStream(
                camera, container, video, self.clock, paced=self.paced_files, tap=options.packets
            )
        try:
            decoder = self._live_decoder(url, guard, options)
        except StreamFailed as failed:
            raise self._diagnosed(failed, url, guard, options) from None
        return LiveStream(
            camera,
            decoder,
            self.clock,
            guard,
            self.patience,
            options.packets,
            decode=options.decode,
            on_corrupt=lambda: self._too_lossy(url, decoder),
        )

    def _too_lossy(self, url: CameraUrl, decoder: Decoder) -> None:
        """A line that loses so much over UDP is asked for TCP the next time."""
        if decoder.info.transport is Transport.UDP:
            self.learned.fell_back(url.address, Transport.TCP)

    def _live_decoder(self, url: CameraUrl, guard: Guard, options: StreamOptions) -> Decoder:
        """By the first transport that brings pictures: UDP does not come through many a firewall,
        and some cameras have nothing else."""
        if _is_encrypted(url):
            # What travels over UDP is in the clear, whatever the RTSP connection is.
            return self._dial(url, guard, options, Transport.TCP)
        first, second = self.learned.transports(url.address, options.transport)
        try:
            decoder = self._dial(url, guard, options, first)
        except NotThisWay as failed:
            _log.info("trying the other transport", not_by=first.value, detail=failed.detail)
            failed_first = failed
        else:
            self.learned.bore(url.address, first)
            return decoder
        try:
            decoder = self._dial(url, guard, options, second)
        except NotThisWay as failed_second:
            # What a camera answers over TCP tells more than silence over UDP.
            raise (failed_first if first is Transport.TCP else failed_second) from None
        self.learned.fell_back(url.address, second, known=failed_first.known)
        return decoder

    def _dial(
        self, url: CameraUrl, guard: Guard, options: StreamOptions, transport: Transport
    ) -> Decoder:
        return _Dial(self, url, guard, options, transport).decoder()

    def _diagnosed(
        self, failed: StreamFailed, url: CameraUrl, guard: Guard, options: StreamOptions
    ) -> StreamFailed:
        if guard.stopped:
            return failed
        if failed.reason is CameraReason.AUTH_FAILED and url.username is None:
            return errors.refused_sign_in(given=False)
        if _is_encrypted(url) and failed.reason in _MAY_BE_TLS:
            parts = urlsplit(url.address)
            port = parts.port or RTSPS_PORT
            words = what_is_wrong(
                parts.hostname or "", port, self.tls, options.server_name, DIAGNOSIS_S
            )
            if words is not None:
                return errors.tls_failed(words)
        if isinstance(failed, errors.Unclear):
            return diagnosed(failed, url, self.tls, options.server_name)
        return failed

    def _open_file(self, url: CameraUrl, guard: Guard) -> InputContainer:
        """Plain containers only, see `ingest.options`."""
        options = options_for(
            url.address, connect_timeout_s=self.connect_timeout_s, reading=Reading.PACKETS
        )
        path = unquote(urlsplit(url.address).path)
        with guard.limit(self.connect_timeout_s):
            try:
                return av.open(path, options=options, hwaccel=self.hardware.accelerator())
            except av.error.FFmpegError as error:
                late = guard.expired or guard.stopped
                failure = (
                    errors.late_to_open(self.connect_timeout_s)
                    if late
                    else errors.while_opening(error)
                )
        raise failure


_MAY_BE_TLS = frozenset({CameraReason.UNREACHABLE, CameraReason.REFUSED})


@dataclass(slots=True)
class _Dial:
    """One camera over one transport: one connection or, while nothing is known of the camera, up
    to three, all within one deadline."""

    opener: AvOpener
    url: CameraUrl
    guard: Guard
    options: StreamOptions
    transport: Transport
    until: float = field(init=False)

    def __post_init__(self) -> None:
        self.until = time.monotonic() + self.opener.connect_timeout_s

    def decoder(self) -> Decoder:
        *readings, last = self.opener.learned.readings(self.url.address)
        for reading in readings:
            try:
                decoder = self._decoder(reading)
            except NotUnderstood:
                continue
            if decoder is not None:
                return decoder
        decoder = self._decoder(last)
        if decoder is None:
            raise NotUnderstood
        return decoder

    def _decoder(self, reading: Reading) -> Decoder | None:
        """None: what this camera sends must be read another way."""
        container = self._container(reading)
        try:
            video, ahead = self._track(container)
            decoder = self._decoder_for(container, video, ahead, reading)
        except BaseException:
            container.close()
            raise
        if decoder is None:
            container.close()
        else:
            self.opener.learned.reading_worked(self.url.address, reading)
        return decoder

    def _decoder_for(
        self,
        container: InputContainer,
        video: VideoStream,
        ahead: VideoPacket | None,
        reading: Reading,
    ) -> Decoder | None:
        codec = video.codec_context.name
        line = Line(self.transport, self._secrecy, self.opener.hardware.wanted)
        if reading is Reading.PACKETS or codec in _BY_ITSELF:
            return PacketDecoder(container, video, line, ahead)
        return PieceDecoder(container, video, line, ahead) if codec in CODECS else None

    @property
    def _secrecy(self) -> Secrecy:
        if not _is_encrypted(self.url):
            return Secrecy.PLAIN
        return Secrecy.VERIFIED if self.opener.tls.verify else Secrecy.ENCRYPTED

    @property
    def _left_s(self) -> float:
        return max(0.1, self.until - time.monotonic())

    def _container(self, reading: Reading) -> InputContainer:
        opener, left_s = self.opener, self._left_s
        options = options_for(
            self.url.address,
            connect_timeout_s=left_s,
            reading=reading,
            transport=self.transport,
            udp_ports=self.options.udp_ports,
        )
        over_udp = self.transport is Transport.UDP
        if _is_encrypted(self.url):
            options |= opener.tls.options(self.options.server_name)
        with self.guard.limit(left_s), self.guard.dialling(over_udp=over_udp):
            if over_udp:
                self.guard.media_within(opener.udp_patience_s)
            try:
                return av.open(
                    self.url.with_credentials(),
                    mode="r",
                    format="rtsp",
                    options=options,
                    timeout=(left_s, opener.patience.first_packet_s),
                    hwaccel=opener.hardware.accelerator(),
                )
            except av.error.FFmpegError as error:
                failure = self._sorted(error)
        # Outside the block, so that PyAV's error, which holds the password, is not its context.
        raise failure

    def _sorted(self, error: av.error.FFmpegError) -> StreamFailed:
        if self.guard.stopped or not self.guard.expired:
            return errors.while_dialling(error)
        if self.guard.silent:
            return errors.nothing_sent(self.opener.udp_patience_s)
        if self.transport is Transport.UDP:
            return errors.slow_to_agree(self.opener.connect_timeout_s)
        return errors.late_to_open(self.opener.connect_timeout_s)

    def _track(self, container: InputContainer) -> tuple[VideoStream, VideoPacket | None]:
        """The track to watch. Over UDP, and where there are several, the first that sends: a
        firewall may swallow all, and one of two tracks may be dead."""
        videos = _videos_of(container, self.opener.most_pixels)
        if len(videos) == 1 and self.transport is Transport.TCP:
            return videos[0], None
        over_udp = self.transport is Transport.UDP
        patience_s = self.opener.udp_patience_s if over_udp else self._left_s
        # FFmpeg may take all of it to look at what comes, which is kept for us; or nothing came,
        # and it goes on with what was announced.
        left_s = KEPT_S if over_udp and self.guard.expired else patience_s
        with self.guard.limit(left_s):
            try:
                for packet in container.demux(videos):
                    if packet.size:
                        return packet.stream, packet
                failure: StreamFailed = StreamEnded()
            except av.error.FFmpegError as error:
                failure = (
                    errors.nothing_sent(patience_s)
                    if self.guard.expired
                    else errors.while_reading(error)
                )
        raise failure


def _is_encrypted(url: CameraUrl) -> bool:
    return urlsplit(url.address).scheme == "rtsps"


def _videos_of(container: InputContainer, most_pixels: int) -> tuple[VideoStream, ...]:
    """The video tracks that can be decoded, ready for it; closes the container when there is
    none."""
    videos = container.streams.video
    # PyAV leaves the context out where FFmpeg knows no decoder.
    known = tuple(video for video in videos if getattr(video, "codec_context", None) is not None)
    if not known:
        container.close()
        raise errors.unsupported("this codec") if videos else errors.no_video()
    for video in known:
        # One thread a camera: many cameras fill the cores, and frame threads add a frame of delay
        # each.
        video.codec_context.thread_count = 1
        video.codec_context.options = {"max_pixels": str(most_pixels)}
    return known
