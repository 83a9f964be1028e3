"""Looking at streams for a few seconds: real RTSP, fake clocks, what a camera says of itself."""

import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ingest import AvOpener, CheckedOpener, CodedPacket, Patience, Prober, SignIn
from ingest.probe import RateTap
from ingest.rtsp_look import look, tracks_of
from record.cameras import CameraReason, CameraUrl
from record.clock import SystemClock
from record.networks import CameraNetworks
from sample_streams.rtsp.access import Credentials
from sample_streams.server import SampleCamera, SampleServer
from tests.fakes.clock import FakeClock
from tests.fakes.rtsp import (
    SDP,
    SOUND_ONLY,
    Behaviour,
    FakeRtspServer,
    Talk,
    describes,
    hangs_up,
    refuses,
    says_nothing,
    speaks_http,
)

LOOPBACK = CameraNetworks.parse(["127.0.0.1"])
CLOCK = SystemClock()
SECRET = "correct-horse"


def prober(seconds: float = 0.8) -> Prober:
    opener = AvOpener(CLOCK, connect_timeout_s=2.0, patience=Patience(1.0))
    return Prober(CheckedOpener(opener, LOOPBACK), LOOPBACK, CLOCK, seconds)


def with_password(url: str, password: str) -> CameraUrl:
    return CameraUrl.parse(url.replace("rtsp://", f"rtsp://viewer:{password}@"))


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_a_good_stream_is_measured(clip: Path, scheme: str) -> None:
    credentials = Credentials("viewer", SECRET, scheme)  # type: ignore[arg-type]
    with SampleServer([SampleCamera("gate", clip)], credentials=credentials) as server:
        seen = prober(1.5).probe(with_password(server.url("gate"), SECRET))
    assert seen.reason is None
    assert seen.connected
    assert seen.look.sign_in == scheme
    assert (seen.codec, seen.width, seen.height) == ("h264", 160, 96)
    assert seen.rates.frames_per_s == pytest.approx(10.0, rel=0.1)
    assert seen.rates.keyframe_s == pytest.approx(1.0, rel=0.05)
    assert seen.rates.kbit_per_s is not None
    assert 10 < seen.rates.kbit_per_s < 10_000
    assert seen.loss == 0.0
    assert seen.clock_known
    assert seen.clock_ahead_s is None
    assert seen.first_picture_s is not None
    assert seen.look.tracks == (("video", "H264"),)
    assert seen.look.audio is None
    assert len(seen.frames) == 3
    assert not seen.encrypted
    assert SECRET not in repr(seen)


def test_a_wrong_password_is_tried_once_only() -> None:
    tried: list[str] = []

    def behave(talk: Talk) -> None:
        while True:
            method, number = talk.request()
            tried.append(method)
            status = "200 OK" if method == "OPTIONS" else "401 Unauthorized"
            talk.answer(number, status, 'WWW-Authenticate: Digest realm="IPC", nonce="5eed"\r\n')

    with FakeRtspServer(behave) as server:
        seen = prober().probe(with_password(server.url, SECRET))
    assert seen.reason is CameraReason.AUTH_FAILED
    assert (seen.connected, seen.look.sign_in) == (True, SignIn.REFUSED)
    assert tried == ["OPTIONS", "DESCRIBE", "DESCRIBE"]  # asked for a password, then given one


@pytest.mark.parametrize(
    ("behaves", "reason", "connected"),
    [
        (refuses("404 Not Found"), CameraReason.NOT_FOUND, False),
        (refuses("404 Not Found", "Server: Hikvision\r\n"), CameraReason.NOT_FOUND, True),
        (refuses("401 Unauthorized"), CameraReason.AUTH_FAILED, True),
        (describes(SOUND_ONLY), CameraReason.NO_VIDEO, True),
        (hangs_up, CameraReason.REFUSED, False),
        (speaks_http, CameraReason.REFUSED, False),
    ],
)
def test_what_is_wrong_is_a_typed_reason(
    behaves: Behaviour, reason: CameraReason, connected: bool
) -> None:
    with FakeRtspServer(behaves) as server:
        seen = prober().probe(CameraUrl.parse(server.url))
    assert (seen.reason, seen.connected) == (reason, connected)
    assert seen.detail
    assert seen.frames == ()


def test_a_camera_outside_the_networks_is_not_spoken_to() -> None:
    with FakeRtspServer(says_nothing) as server:
        nowhere = CameraNetworks.parse(["10.0.0.0/8"])
        opener = CheckedOpener(AvOpener(CLOCK), nowhere)
        seen = Prober(opener, nowhere, CLOCK).probe(CameraUrl.parse(server.url))
        assert server.connections == 0
    assert seen.reason is CameraReason.NETWORK_NOT_ALLOWED


def test_a_probe_ends_when_it_is_told_to() -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with FakeRtspServer(says_nothing) as server:
        began = time.monotonic()
        seen = prober().probe(CameraUrl.parse(server.url), stop=stop)
        assert time.monotonic() - began < 5.0
    assert seen.reason is CameraReason.UNREACHABLE


# What a camera says of itself


def test_server_and_sound_are_read_from_the_answers() -> None:
    sdp = f"{SDP}m=audio 0 RTP/AVP 8\r\na=control:track2\r\n"

    def behave(talk: Talk) -> None:
        while True:
            method, number = talk.request()
            talk.answer(
                number,
                head="Server: Hipcam\x07 RealServer/V1.0\r\n",
                body=sdp if method == "DESCRIBE" else "",
            )

    with FakeRtspServer(behave) as server:
        said = look(CameraUrl.parse(server.url), "127.0.0.1")
    assert (said.server, said.audio) == ("Hipcam RealServer/V1.0", "PCMA")
    assert said.sign_in is SignIn.OPEN


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"RTSP/1.0 \r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n",
        b"RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest\r\n\r\n",
        b"RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: \r\n\r\n",
        b"x" * 200_000,
    ],
)
def test_a_glance_never_raises_and_ends_in_time(answer: bytes) -> None:
    def behave(talk: Talk) -> None:
        talk.request()
        talk.connection.sendall(answer)
        talk.wait(3)

    with FakeRtspServer(behave) as server:
        began = time.monotonic()
        look(with_password(server.url, SECRET), "127.0.0.1", timeout_s=0.5)
        assert time.monotonic() - began < 2.0


@given(some.text(max_size=400))
def test_no_session_description_raises(sdp: str) -> None:
    assert len(tracks_of(sdp)) <= 16


# Rates


def fed(times: list[float], *, keyframes: set[int], arrival: list[float] | None = None) -> RateTap:
    clock = FakeClock()
    tap = RateTap(clock)
    began = clock.monotonic()
    for number, pts_s in enumerate(times):
        due = began + (times if arrival is None else arrival)[number]
        clock.advance(max(0.0, due - clock.monotonic()))
        tap.on_packet(CodedPacket(b"x" * 1000, pts_s, None, number in keyframes, "h264", b""))
    return tap


def test_rates_are_those_of_the_streams_own_time() -> None:
    times = [n / 20 for n in range(81)]
    rates = fed(times, keyframes={0, 40, 80}).rates()
    assert rates.frames_per_s == pytest.approx(20)
    assert rates.keyframe_s == pytest.approx(2)
    assert rates.kbit_per_s == pytest.approx(160)


def test_a_burst_at_the_beginning_is_not_speed() -> None:
    """A restreamer sends what it has kept since the last keyframe at once."""
    times = [n / 10 for n in range(60)]
    arrival = [0.0] * 20 + [n / 10 for n in range(1, 41)]
    assert fed(times, keyframes={0}, arrival=arrival).rates().frames_per_s == pytest.approx(10)


@pytest.mark.parametrize(
    "times",
    [[0.0] * 41, [n * 1000.0 for n in range(41)], [n / 1000 for n in range(41)]],
    ids=["still", "leaps", "too slow"],
)
def test_a_stream_whose_time_is_nonsense_is_measured_by_arrival(times: list[float]) -> None:
    arrival = [n / 10 for n in range(41)]
    rates = fed(times, keyframes={0, 20}, arrival=arrival).rates()
    assert rates.frames_per_s == pytest.approx(10)
    assert rates.keyframe_s == pytest.approx(2)


def test_too_few_pictures_have_no_rate() -> None:
    assert fed([], keyframes=set()).rates().frames_per_s is None
    assert fed([0.0], keyframes={0}).rates().kbit_per_s is None
    assert fed([0.0, 0.1], keyframes={0}).rates().keyframe_s is None


def test_counting_is_bounded() -> None:
    tap = RateTap(FakeClock(), most=10)
    for number in range(1000):
        tap.on_packet(CodedPacket(b"", float(number), None, True, "h264", b""))
    assert tap.rates().pictures == 10
