"""The one place where errors of FFmpeg and of the system are sorted into `CameraReason`.

PyAV's errors carry the URL with its password in `filename`, and so does their text: nothing of
them goes on but the kind and the system's own words for it.
"""

import errno
import os

import av.error

from ingest.streams import StreamEnded, StreamFailed
from record.cameras import CameraReason


class Unclear(StreamFailed):
    """FFmpeg does not tell what the camera did; `ingest.diagnosis` may find out."""


class NotUnderstood(Unclear):
    """The camera said something else than FFmpeg expects; which it also says of a camera that
    hangs up in the middle."""

    def __init__(self) -> None:
        super().__init__(CameraReason.REFUSED, "the camera hung up, or does not speak RTSP")


class NotThisWay(StreamFailed):
    """The camera is there, but sends nothing over this transport; another may do.

    `known`: it refused it, or agreed to it and nothing came; else it did not answer in time.
    """

    def __init__(
        self, detail: str, reason: CameraReason = CameraReason.NO_VIDEO, *, known: bool = True
    ) -> None:
        super().__init__(reason, detail)
        self.known = known


_UNREACHABLE = frozenset(
    {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.ETIMEDOUT}
)

_OPENING: tuple[tuple[type[Exception], CameraReason, str], ...] = (
    (av.error.HTTPUnauthorizedError, CameraReason.AUTH_FAILED, "user name or password is wrong"),
    (av.error.HTTPForbiddenError, CameraReason.AUTH_FAILED, "this account may not see the stream"),
    (av.error.HTTPNotFoundError, CameraReason.NOT_FOUND, "there is no such path on this camera"),
    (av.error.HTTPClientError, CameraReason.REFUSED, "the camera refused the request"),
    (av.error.HTTPError, CameraReason.REFUSED, "the camera refused the request"),
    (av.error.FileNotFoundError, CameraReason.NOT_FOUND, "there is no such file"),
    (av.error.IsADirectoryError, CameraReason.NOT_FOUND, "that is a folder, not a file"),
    (av.error.PermissionError, CameraReason.REFUSED, "that may not be read"),
    (av.error.ConnectionRefusedError, CameraReason.REFUSED, "nothing listens on that port"),
    (av.error.ConnectionResetError, CameraReason.REFUSED, "the camera hung up"),
    (av.error.BrokenPipeError, CameraReason.REFUSED, "the camera hung up"),
    (av.error.TimeoutError, CameraReason.UNREACHABLE, "the camera did not answer in time"),
    (av.error.EOFError, CameraReason.REFUSED, "the camera hung up"),
    (av.error.DecoderNotFoundError, CameraReason.UNSUPPORTED_CODEC, "no decoder for this codec"),
    (av.error.ProtocolNotFoundError, CameraReason.REFUSED, "that protocol is not allowed"),
    (av.error.DemuxerNotFoundError, CameraReason.CORRUPT, "that is not video"),
    (av.error.ArgumentError, CameraReason.CORRUPT, "that kind of file is not read"),
    (av.error.InvalidDataError, CameraReason.CORRUPT, "that is not video"),
)
"""First match wins, so subclasses stand before their parents."""

_READING: tuple[tuple[type[Exception], CameraReason, str], ...] = (
    (av.error.TimeoutError, CameraReason.STALLED, "no data in time"),
    (av.error.ExitError, CameraReason.STALLED, "no data in time"),
    (av.error.InvalidDataError, CameraReason.CORRUPT, "what arrives cannot be decoded"),
    (av.error.DecoderNotFoundError, CameraReason.UNSUPPORTED_CODEC, "no decoder for this codec"),
    (av.error.ArgumentError, CameraReason.UNSUPPORTED_CODEC, "the picture is too large to decode"),
)


def while_dialling(error: av.error.FFmpegError) -> StreamFailed:
    """What stopped a camera from being opened."""
    if isinstance(error, av.error.InvalidDataError):
        return NotUnderstood()
    if error.errno == errno.EPROTONOSUPPORT:
        return NotThisWay("the camera does not offer its media over this transport")
    if isinstance(error, av.error.ArgumentError):
        return Unclear(CameraReason.CORRUPT, "the camera answers in a way that is not understood")
    failed = while_opening(error)
    if type(error) is av.error.HTTPClientError:
        # 461 Unsupported Transport is among them, and FFmpeg does not tell which.
        return NotThisWay(failed.detail, failed.reason)
    return failed


def while_opening(error: av.error.FFmpegError) -> StreamFailed:
    """What stopped a file, or a camera, from being opened."""
    if error.errno in _UNREACHABLE:
        return StreamFailed(CameraReason.UNREACHABLE, _words(error))
    for kind, reason, words in _OPENING:
        if isinstance(error, kind):
            return StreamFailed(reason, words)
    if error.errno == errno.EIO:
        # What FFmpeg says of a name that does not resolve.
        return StreamFailed(CameraReason.UNREACHABLE, "no such host, or the line to it is broken")
    return StreamFailed(CameraReason.UNREACHABLE, _words(error))


def while_reading(error: av.error.FFmpegError) -> StreamFailed:
    """What ended an open stream; whatever is not known better is a connection that was cut."""
    for kind, reason, words in _READING:
        if isinstance(error, kind):
            return StreamFailed(reason, words)
    return StreamEnded("the connection was cut")


def late_to_open(seconds: float) -> StreamFailed:
    return Unclear(CameraReason.UNREACHABLE, f"no answer within {seconds:g} s")


def late_to_read(seconds: float) -> StreamFailed:
    return StreamFailed(CameraReason.STALLED, f"no picture for {seconds:g} s")


def nothing_sent(seconds: float) -> StreamFailed:
    return NotThisWay(f"the camera agreed to send, and nothing came for {seconds:g} s")


def slow_to_agree(seconds: float) -> StreamFailed:
    detail = f"the camera did not agree to send over UDP within {seconds:g} s"
    return NotThisWay(detail, CameraReason.UNREACHABLE, known=False)


def tls_failed(words: str) -> StreamFailed:
    return StreamFailed(CameraReason.TLS_FAILED, words)


def no_publisher() -> StreamFailed:
    return StreamFailed(CameraReason.NO_PUBLISHER, "nobody publishes to this camera's address")


def leads_nowhere() -> StreamFailed:
    return StreamFailed(
        CameraReason.NETWORK_NOT_ALLOWED, "the camera leads elsewhere, to what is no camera"
    )


def too_much() -> StreamFailed:
    return StreamFailed(CameraReason.CORRUPT, "far more comes than a camera has to say")


def no_video() -> StreamFailed:
    return StreamFailed(CameraReason.NO_VIDEO, "the stream has no video track")


def unsupported(codec: str) -> StreamFailed:
    return StreamFailed(CameraReason.UNSUPPORTED_CODEC, f"no decoder for {codec}")


def too_corrupt(packets: int) -> StreamFailed:
    return StreamFailed(CameraReason.CORRUPT, f"{packets} pictures in a row could not be decoded")


def _words(error: av.error.FFmpegError) -> str:
    """The system's words for the number: they cannot hold an address."""
    number = error.errno or 0
    return os.strerror(number) if 0 < number < 200 else "the line is broken"


def refused_sign_in(*, given: bool) -> StreamFailed:
    """`given`: there were a user name and a password to refuse."""
    wrong = "user name or password is wrong"
    absent = "it asks for a user name and a password, and the address has none"
    return StreamFailed(CameraReason.AUTH_FAILED, wrong if given else absent)
