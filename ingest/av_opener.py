"""Cameras and files through FFmpeg: the real `Opener`."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import av
import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from ingest import errors
from ingest.av_stream import FileStream, LiveStream
from ingest.deadline import Guard, current_guard, guard_pyav
from ingest.decoder import Decoder, PacketDecoder, PieceDecoder
from ingest.errors import NotUnderstood
from ingest.options import options_for
from ingest.streams import Stream, StreamFailed, StreamOptions
from record.cameras import CameraUrl
from record.clock import Clock
from record.ids import CameraId


@dataclass(frozen=True, slots=True)
class AvOpener:
    """Opens `rtsp://` (always over TCP), `rtsps://` and `file://`.

    `paced_files`: a file's frames come when they are due by `clock`, as from a camera; otherwise
    as fast as they are read.
    """

    clock: Clock
    connect_timeout_s: float = 5.0
    """From dialling to a known video track, all steps together."""
    read_timeout_s: float = 2.0
    """Longest wait for one picture; a file has no limit."""
    paced_files: bool = False

    def open(
        self, camera: CameraId, url: CameraUrl, *, options: StreamOptions = StreamOptions()
    ) -> Stream:
        guard_pyav()
        guard = current_guard() or Guard()
        if urlsplit(url.address).scheme == "file":
            container, video = self._dial(url, guard, in_pieces=False)
            return FileStream(
                camera, container, video, self.clock, paced=self.paced_files, tap=options.packets
            )
        decoder = self._live_decoder(url, guard)
        return LiveStream(
            camera,
            decoder,
            self.clock,
            guard,
            self.read_timeout_s,
            options.packets,
            decode=options.decode,
        )

    def _live_decoder(self, url: CameraUrl, guard: Guard) -> Decoder:
        """Without FFmpeg's parser where we can do without. It cannot be switched on afterwards,
        and in pieces of other codecs FFmpeg may not even find out which: hence a second dialling.
        """
        try:
            container, video = self._dial(url, guard, in_pieces=True)
        except NotUnderstood:
            return PacketDecoder(*self._dial(url, guard, in_pieces=False), byte_stream=True)
        if video.codec_context.name == "h264":
            return PieceDecoder(container, video)
        container.close()
        return PacketDecoder(*self._dial(url, guard, in_pieces=False), byte_stream=True)

    def _dial(
        self, url: CameraUrl, guard: Guard, *, in_pieces: bool
    ) -> tuple[InputContainer, VideoStream]:
        address = url.with_credentials()
        options = options_for(
            url.address, connect_timeout_s=self.connect_timeout_s, in_pieces=in_pieces
        )
        is_file = urlsplit(address).scheme == "file"
        with guard.limit(self.connect_timeout_s):
            try:
                container = av.open(
                    unquote(urlsplit(address).path) if is_file else address,
                    mode="r",
                    format=None if is_file else "rtsp",
                    options=options,
                    timeout=(self.connect_timeout_s, self.read_timeout_s),
                )
            except av.error.FFmpegError as error:
                failure = self._sorted(error, guard, is_file=is_file)
            else:
                return container, _video_of(container)
        # Outside the block, so that PyAV's error, which holds the password, is not its context.
        raise failure

    def _sorted(self, error: av.error.FFmpegError, guard: Guard, *, is_file: bool) -> StreamFailed:
        if guard.expired or guard.stopped:
            return errors.late_to_open(self.connect_timeout_s)
        return errors.while_opening(error) if is_file else errors.while_dialling(error)


def _video_of(container: InputContainer) -> VideoStream:
    """The first video track, ready to decode; closes the container when there is none."""
    if not container.streams.video:
        container.close()
        raise errors.no_video()
    video = container.streams.video[0]
    # PyAV leaves the context out where FFmpeg knows no decoder.
    if getattr(video, "codec_context", None) is None:
        container.close()
        raise errors.unsupported("this codec")
    # One thread a camera: many cameras fill the cores, and frame threads add a frame of delay each.
    video.codec_context.thread_count = 1
    return video
