"""What does not open says why: silence, noise, floods, web servers, and descriptions that lie."""

import time
from pathlib import Path

import pytest

from ingest import AvOpener, StreamFailed
from record.cameras import CameraReason, CameraUrl
from record.clock import SystemClock
from record.ids import CameraId
from sample_streams.rtsp.clip import load_clip
from tests.fakes.rtsp import SDP, Behaviour, FakeRtspServer, Plays, Talk, says_nothing

CLOCK = SystemClock()


def says(data: bytes, *, after: str = "OPTIONS") -> Behaviour:
    """Answers as it should until `after` is asked, then with `data`, and waits."""

    def behave(talk: Talk) -> None:
        while True:
            method, number = talk.request()
            if method == after:
                talk.connection.sendall(data.replace(b"CSEQ", number.encode()))
                talk.wait(5)
                return
            talk.answer(number)

    return behave


LONG = (
    b"RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\nContent-Type: application/sdp\r\n"
    b"Content-Length: 90000000\r\n\r\n"
)
WEB = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"


@pytest.mark.parametrize(
    ("behaves", "reason", "words"),
    [
        (says_nothing, CameraReason.STALLED, "says nothing"),
        (says(bytes(range(128, 256)) * 3), CameraReason.REFUSED, "does not speak RTSP"),
        (says(b"SSH-2.0-OpenSSH_9.2p1\r\n"), CameraReason.REFUSED, "does not speak RTSP"),
        (says(WEB), CameraReason.REFUSED, "a web server"),
        (says(LONG, after="DESCRIBE"), CameraReason.CORRUPT, "too long"),
        (says(b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * 40_000), CameraReason.CORRUPT, "too long"),
    ],
)
def test_what_does_not_open_says_why(behaves: Behaviour, reason: CameraReason, words: str) -> None:
    with FakeRtspServer(behaves) as server:
        began = time.monotonic()
        with pytest.raises(StreamFailed) as failed:
            AvOpener(CLOCK, connect_timeout_s=0.6).open(
                CameraId("gate"), CameraUrl.parse(server.url)
            )
        assert time.monotonic() - began < 5
    assert (failed.value.reason, words in failed.value.detail) == (reason, True), failed.value


@pytest.mark.parametrize(
    "claim",
    [
        "a=framerate:0",
        "a=framerate:-5",
        "a=framerate:1e300",
        "a=x-dimensions:0,0",
        "a=framesize:96 0-0",
        "a=framesize:96 7680-4320",
        "a=framesize:96 100000-100000",
        "a=rtpmap:96 H264/0",
    ],
)
def test_what_a_description_claims_of_its_pictures_is_not_believed(clip: Path, claim: str) -> None:
    plays = Plays(load_clip(clip), frames=20, every_s=0.02, sdp=f"{SDP}{claim}\r\n")
    with FakeRtspServer(plays) as server:
        stream = AvOpener(CLOCK).open(CameraId("gate"), CameraUrl.parse(server.url))
        picture = stream.read().picture
        assert (picture.width, picture.height) == (160, 96)
        assert stream.info.frames_per_s is None or stream.info.frames_per_s > 0
        stream.close()


def test_a_picture_larger_than_there_is_room_for_is_not_decoded(clip: Path) -> None:
    opener = AvOpener(CLOCK, most_pixels=100 * 100)
    with FakeRtspServer(Plays(load_clip(clip), frames=20, every_s=0.02)) as server:
        stream = opener.open(CameraId("gate"), CameraUrl.parse(server.url))
        with pytest.raises(StreamFailed) as failed:
            stream.read()
        stream.close()
    assert failed.value.reason is CameraReason.UNSUPPORTED_CODEC
    assert "too large" in failed.value.detail
