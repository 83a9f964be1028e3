"""Media over UDP: sent to the camera alone, and waited for only once it has agreed to send them."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest import AvOpener, StreamFailed, StreamOptions
from ingest.dialling import CheckedOpener
from record.cameras import CameraReason, CameraUrl, Transport
from record.clock import SystemClock
from record.ids import CameraId
from record.networks import CameraNetworks
from sample_streams.rtsp.clip import load_clip
from sample_streams.server import SampleCamera, SampleServer
from tests.fakes.rtsp import SDP, FakeRtspServer, Plays, Talk

CAMERA = CameraId("gate")
ONE = CameraNetworks.parse(["127.0.0.1"])
LOOPBACK = CameraNetworks.default(loopback=True)
OVER_UDP = StreamOptions(Transport.UDP)


@dataclass(frozen=True, slots=True)
class SendsOverUdp:
    """A camera that agrees to UDP and then sends nothing; over TCP it plays, if it does at all."""

    transport: str
    """What it answers besides the ports."""
    plays: Plays | None = None
    sdp: str = SDP

    def __call__(self, talk: Talk) -> None:
        method, number = talk.request()
        while method != "SETUP":
            body = self.sdp if method == "DESCRIBE" else ""
            talk.answer(number, head="Content-Type: application/sdp\r\n", body=body)
            method, number = talk.request()
        if "RTP/AVP/TCP" in talk.asked and self.plays is None:
            talk.answer(number, "461 Unsupported Transport")
        elif "RTP/AVP/TCP" in talk.asked and self.plays is not None:
            interleaved = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
            talk.answer(number, head=f"Session: 1\r\n{interleaved}")
            self.plays(talk)
        else:
            ours = talk.asked.partition("client_port=")[2].split("\r\n")[0]
            head = f"Transport: RTP/AVP/UDP;unicast;client_port={ours};{self.transport}\r\n"
            talk.answer(number, head=f"Session: 1\r\n{head}")
            while True:
                talk.answer(talk.request()[1], head="Session: 1\r\n")


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    """A service on 127.0.0.2 that no camera has any business with."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.2", 0))
        listening.settimeout(0.3)
        yield listening


def heard(listening: socket.socket) -> bytes:
    try:
        return listening.recv(2000)
    except TimeoutError:
        return b""


def test_a_camera_that_has_media_come_from_where_nobody_may_go_is_sent_nothing(
    udp: socket.socket,
) -> None:
    host, port = udp.getsockname()
    with FakeRtspServer(SendsOverUdp(f"server_port={port}-{port + 1};source={host}")) as server:
        opener = CheckedOpener(AvOpener(SystemClock()), ONE)
        with pytest.raises(StreamFailed) as failed:
            opener.open(CAMERA, CameraUrl.parse(server.url), options=OVER_UDP)
    assert failed.value.reason is CameraReason.NETWORK_NOT_ALLOWED
    assert "127.0.0.2" in failed.value.detail
    assert heard(udp) == b""


def test_one_that_names_another_host_inside_the_networks_is_read_over_tcp(
    udp: socket.socket, clip: Path
) -> None:
    """As behind address translation, where a camera knows itself by another address."""
    host, port = udp.getsockname()
    transport = f"server_port={port}-{port + 1};source={host}"
    with FakeRtspServer(SendsOverUdp(transport, Plays(load_clip(clip), 30))) as server:
        opener = CheckedOpener(AvOpener(SystemClock()), LOOPBACK)
        stream = opener.open(CAMERA, CameraUrl.parse(server.url), options=OVER_UDP)
        assert stream.read().number == 0
        assert stream.info.transport is Transport.TCP
        stream.close()
    assert heard(udp) == b""


def test_one_that_names_another_host_and_has_nothing_but_udp_is_not_allowed(
    udp: socket.socket,
) -> None:
    host, port = udp.getsockname()
    with FakeRtspServer(SendsOverUdp(f"server_port={port}-{port + 1};source={host}")) as server:
        opener = CheckedOpener(AvOpener(SystemClock()), LOOPBACK)
        with pytest.raises(StreamFailed) as failed:
            opener.open(CAMERA, CameraUrl.parse(server.url), options=OVER_UDP)
    assert failed.value.reason is CameraReason.NETWORK_NOT_ALLOWED
    assert heard(udp) == b""


def test_an_address_in_a_session_description_is_sent_nothing_over_udp(
    udp: socket.socket, clip: Path
) -> None:
    host, port = udp.getsockname()
    sdp = SDP.replace("t=0 0\r\n", f"c=IN IP4 {host}\r\nt=0 0\r\n")
    sdp = sdp.replace("m=video 0", f"m=video {port}")
    camera = SendsOverUdp("server_port=9-10", Plays(load_clip(clip), 30), sdp)
    with FakeRtspServer(camera) as server:
        opener = CheckedOpener(AvOpener(SystemClock()), ONE)
        stream = opener.open(CAMERA, CameraUrl.parse(server.url), options=OVER_UDP)
        assert stream.info.transport is Transport.TCP
        stream.close()
    assert heard(udp) == b""


def test_a_camera_without_a_port_for_reports_costs_no_more_than_another() -> None:
    """Its kernel refuses each one, and ours would tell FFmpeg so without end."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as media:
        media.bind(("127.0.0.1", 0))
        port = media.getsockname()[1]
        with FakeRtspServer(SendsOverUdp(f"server_port={port}-{port + 1}")) as server:
            opener, began = CheckedOpener(AvOpener(SystemClock()), ONE), time.thread_time()
            with pytest.raises(StreamFailed):
                opener.open(CAMERA, CameraUrl.parse(server.url), options=OVER_UDP)
            assert time.thread_time() - began < 0.7


def test_a_real_camera_is_read_over_udp_through_it(clip: Path) -> None:
    with SampleServer([SampleCamera("gate", clip)]) as server:
        opener = CheckedOpener(AvOpener(SystemClock()), ONE)
        streams = [
            opener.open(CAMERA, CameraUrl.parse(server.url("gate")), options=OVER_UDP)
            for _ in range(3)
        ]
        for stream in streams:
            assert stream.read().number == 0
            assert stream.info.transport is Transport.UDP
            stream.close()


@dataclass(frozen=True, slots=True)
class Thinks:
    """A forwarder of RTSP ahead of a real camera, which takes its time with each answer."""

    server: SampleServer
    before: dict[str, float]
    """Seconds, by method."""
    never: str = ""
    """What only TCP gets an answer to."""

    def __call__(self, talk: Talk) -> None:
        with socket.create_connection(("127.0.0.1", self.server.port), 5) as camera:
            threading.Thread(target=self._back, args=(camera, talk.connection)).start()
            try:
                while True:
                    method, _ = talk.request()
                    if method == self.never and "RTP/AVP/TCP" not in talk.asked:
                        talk.wait()
                    talk.wait(self.before.get(method, 0.0))
                    camera.sendall(talk.asked.encode())
            finally:
                camera.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _back(camera: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := camera.recv(65_536):
                client.sendall(data)


def opened(opener: CheckedOpener, server: FakeRtspServer) -> Transport | None:
    """What it is read over, after a picture."""
    url = CameraUrl.parse(server.url.replace("/camera", "/gate"))
    stream = opener.open(CAMERA, url, options=OVER_UDP)
    try:
        assert stream.read().number == 0
        return stream.info.transport
    finally:
        stream.close()


def test_a_camera_that_is_slow_to_agree_is_read_over_udp_all_the_same(clip: Path) -> None:
    """As all are when a site's cameras begin at once: it is no firewall."""
    slow = {"DESCRIBE": 0.3, "SETUP": 0.3, "PLAY": 0.5}
    opener = AvOpener(SystemClock(), udp_patience_s=0.4)
    with (
        SampleServer([SampleCamera("gate", clip)]) as camera,
        FakeRtspServer(Thinks(camera, slow)) as server,
    ):
        assert opened(CheckedOpener(opener, ONE), server) is Transport.UDP


def test_a_camera_that_does_not_answer_over_udp_is_asked_again_once_before_that_is_believed(
    clip: Path,
) -> None:
    opener = CheckedOpener(AvOpener(SystemClock(), connect_timeout_s=0.5), ONE)
    with (
        SampleServer([SampleCamera("gate", clip)]) as camera,
        FakeRtspServer(Thinks(camera, {}, never="SETUP")) as server,
    ):
        dialled = []
        for _ in range(3):
            assert opened(opener, server) is Transport.TCP
            dialled.append(server.connections)
    assert dialled == [2, 4, 5]
