"""RTSPS against the real server: who is let through, and in what words the others are told."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest import AvOpener, CameraTls, CheckedOpener, Opener, Secrecy, StreamFailed, StreamOptions
from record.cameras import CameraReason, CameraUrl, Transport
from record.clock import SystemClock
from record.ids import CameraId
from record.networks import CameraNetworks
from sample_streams.rtsp.access import Credentials
from sample_streams.server import SampleCamera, SampleServer
from tests.ingest.certificates import Certificate, self_signed

CAMERA = CameraId("gate")
CLOCK = SystemClock()


def secrecy(
    opener: Opener, url: str, options: StreamOptions = StreamOptions()
) -> tuple[Secrecy | None, Transport | None]:
    stream = opener.open(CAMERA, CameraUrl.parse(url), options=options)
    try:
        stream.read()
        return stream.info.secrecy, stream.info.transport
    finally:
        stream.close()


def failure(opener: Opener, url: str) -> StreamFailed:
    with pytest.raises(StreamFailed) as failed:
        secrecy(opener, url)
    return failed.value


def test_a_certificate_of_its_own_is_taken_by_default(clip: Path, tmp_path: Path) -> None:
    access = Credentials("viewer", "secret")
    tls = self_signed(tmp_path).context
    with SampleServer([SampleCamera("gate", clip)], credentials=access, tls=tls) as server:
        url = server.url("gate").replace("//", "//viewer:secret@")
        assert secrecy(AvOpener(CLOCK), url) == (Secrecy.ENCRYPTED, Transport.TCP)


def test_media_never_leave_the_encrypted_line(clip: Path, tmp_path: Path) -> None:
    """Over UDP they would be in the clear."""
    with SampleServer([SampleCamera("gate", clip)], tls=self_signed(tmp_path).context) as server:
        options = StreamOptions(Transport.UDP)
        assert secrecy(AvOpener(CLOCK), server.url("gate"), options)[1] is Transport.TCP


def test_a_known_certificate_is_verified(clip: Path, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    opener = AvOpener(CLOCK, tls=CameraTls(verify=True, ca_file=certificate.file))
    with SampleServer([SampleCamera("gate", clip)], tls=certificate.context) as server:
        assert secrecy(opener, server.url("gate"))[0] is Secrecy.VERIFIED


def test_a_certificate_is_held_against_the_name_that_was_dialled(
    clip: Path, tmp_path: Path
) -> None:
    """Although what FFmpeg is given is the address that was checked."""
    certificate = self_signed(tmp_path, host="localhost")
    verifying = AvOpener(CLOCK, tls=CameraTls(verify=True, ca_file=certificate.file))
    opener = CheckedOpener(verifying, CameraNetworks.parse(("127.0.0.0/8",)))
    with SampleServer([SampleCamera("gate", clip)], tls=certificate.context) as server:
        by_name = server.url("gate").replace("127.0.0.1", "localhost")
        assert secrecy(opener, by_name)[0] is Secrecy.VERIFIED
        assert "another address" in failure(opener, server.url("gate")).detail


def expired(folder: Path) -> Certificate:
    return self_signed(folder, ends=datetime(2020, 1, 1, tzinfo=UTC))


def of_another_host(folder: Path) -> Certificate:
    return self_signed(folder, host="yard.example")


@pytest.mark.parametrize(
    ("make", "known", "words"),
    [
        (self_signed, False, "signed by itself"),
        (expired, True, "expired"),
        (of_another_host, True, "another address"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_said(
    clip: Path, tmp_path: Path, make: Callable[[Path], Certificate], known: bool, words: str
) -> None:
    certificate = make(tmp_path)
    trusted = certificate if known else self_signed(tmp_path)
    opener = AvOpener(CLOCK, tls=CameraTls(verify=True, ca_file=trusted.file))
    with SampleServer([SampleCamera("gate", clip)], tls=certificate.context) as server:
        failed = failure(opener, server.url("gate"))
    assert failed.reason is CameraReason.TLS_FAILED
    assert words in failed.detail


def test_a_camera_that_speaks_no_tls_is_told_from_one_that_is_away(clip: Path) -> None:
    opener = AvOpener(CLOCK, connect_timeout_s=1.0)
    with SampleServer([SampleCamera("gate", clip)]) as server:
        url = server.url("gate").replace("rtsp://", "rtsps://")
        assert failure(opener, url).reason is CameraReason.TLS_FAILED
    # Now nobody is there.
    assert failure(opener, url).reason is CameraReason.REFUSED


def test_the_right_reason_comes_through_the_encrypted_line(clip: Path, tmp_path: Path) -> None:
    access = Credentials("viewer", "secret")
    tls = self_signed(tmp_path).context
    with SampleServer([SampleCamera("gate", clip)], credentials=access, tls=tls) as server:
        wrong = server.url("gate").replace("//", "//viewer:guess@")
        missing = server.url("gate").replace("//", "//viewer:secret@") + "-2"
        assert failure(AvOpener(CLOCK), wrong).reason is CameraReason.AUTH_FAILED
        assert failure(AvOpener(CLOCK), missing).reason is CameraReason.NOT_FOUND


def test_a_silent_port_does_not_hold_the_reader_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtsps://127.0.0.1:{silent.getsockname()[1]}/gate"
        failed = failure(AvOpener(CLOCK, connect_timeout_s=0.5), url)
    assert failed.reason is CameraReason.TLS_FAILED
