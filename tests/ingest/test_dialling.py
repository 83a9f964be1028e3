"""Only what the settings allow is dialled: names, addresses and redirects, over real sockets."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest import AvOpener, StreamFailed
from ingest.dialling import CheckedOpener, at_address, resolve
from record.cameras import CameraReason, CameraUrl
from record.clock import SystemClock
from record.ids import CameraId
from record.networks import CameraNetworks
from sample_streams.rtsp.clip import load_clip
from sample_streams.server import SampleCamera, SampleServer
from tests.fakes.camera import FakeOpener, Frames, Refuses
from tests.fakes.clock import FakeClock
from tests.fakes.rtsp import SDP, FakeRtspServer, Plays, Talk

CAMERA = CameraId("gate")
ONE = CameraNetworks.parse(["127.0.0.1"])
LOOPBACK = CameraNetworks.default(loopback=True)


def failure(opener: CheckedOpener, url: str) -> StreamFailed:
    with pytest.raises(StreamFailed) as failed:
        opener.open(CAMERA, CameraUrl.parse(url)).close()
    return failed.value


@pytest.fixture
def elsewhere() -> Iterator[tuple[int, list[bytes]]]:
    """A service on 127.0.0.2 that no camera has any business with: its port, and what it heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.2", 0)) as listening:
        listening.settimeout(5)

        def listen() -> None:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                heard.append(connection.recv(1000))

        thread = threading.Thread(target=listen)
        thread.start()
        yield listening.getsockname()[1], heard
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_name_is_resolved_once_and_its_address_dialled() -> None:
    opener = FakeOpener(FakeClock(), {"gate": [[Frames(1)]]})
    url = CameraUrl.parse("rtsp://admin:secret@localhost:8554/main?channel=1")
    CheckedOpener(opener, LOOPBACK).open(CAMERA, url)
    dialled = opener.opened[0][1]
    assert dialled.address == "rtsp://127.0.0.1:8554/main?channel=1"
    assert (dialled.username, dialled.password) == ("admin", "secret")


def test_the_next_address_of_a_name_is_tried_when_the_first_does_not_answer() -> None:
    # On a machine without IPv6 there is no next one.
    names = ["127.0.0.1", "[::1]"][: len(resolve("localhost", LOOPBACK))]
    opener = FakeOpener(
        FakeClock(), {"gate": [Refuses(CameraReason.REFUSED), Refuses(CameraReason.AUTH_FAILED)]}
    )
    reason = failure(CheckedOpener(opener, LOOPBACK), "rtsp://localhost/x").reason
    assert [url.address for _, url in opener.opened] == [f"rtsp://{name}/x" for name in names]
    assert reason is (CameraReason.AUTH_FAILED if len(names) > 1 else CameraReason.REFUSED)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.2", "localhost", "8.8.8.8", "[::1]", "0.0.0.0", "[::ffff:127.0.0.2]"],  # noqa: S104
)
def test_what_is_not_allowed_is_not_dialled(host: str) -> None:
    opener = FakeOpener(FakeClock(), {"gate": [[Frames(1)]]})
    failed = failure(CheckedOpener(opener, CameraNetworks.parse(["10.0.0.0/8"])), f"rtsp://{host}/")
    assert failed.reason is CameraReason.NETWORK_NOT_ALLOWED
    assert "camera_networks" in failed.detail
    assert opener.opened == []


def test_a_name_that_is_none_is_unreachable() -> None:
    opener = CheckedOpener(FakeOpener(FakeClock(), {}), LOOPBACK)
    assert failure(opener, "rtsp://no-such-host.invalid/").reason is CameraReason.UNREACHABLE


@pytest.mark.parametrize("address", ["file:///tmp/a.mp4", "whip:"])
def test_what_names_no_host_passes(address: str) -> None:
    opener = FakeOpener(FakeClock(), {"gate": [[Frames(1)]]})
    CheckedOpener(opener, CameraNetworks(())).open(CAMERA, CameraUrl.parse(address))
    assert opener.opened[0][1].address == address


def test_an_address_of_version_6_stands_in_brackets() -> None:
    url = at_address(CameraUrl.parse("rtsps://u:p@cam.example:322/a"), "fd00::7")
    assert url.address == "rtsps://[fd00::7]:322/a"
    assert url.with_credentials() == "rtsps://u:p@[fd00::7]:322/a"


def test_a_real_camera_is_read_through_it(clip: Path) -> None:
    with SampleServer([SampleCamera("gate", clip)]) as server:
        opener = CheckedOpener(AvOpener(SystemClock()), ONE)
        stream = opener.open(CAMERA, CameraUrl.parse(server.url("gate")))
        numbers = [stream.read().number for _ in range(5)]
        stream.close()
    assert numbers == [0, 1, 2, 3, 4]


def redirecting(to: str) -> FakeRtspServer:
    def behave(talk: Talk) -> None:
        while True:
            method, number = talk.request()
            found = method == "DESCRIBE"
            talk.answer(number, *(("302 Found", f"Location: {to}\r\n") if found else ()))

    return FakeRtspServer(behave)


def test_a_redirect_to_where_nobody_may_go_is_cut_before_a_word_is_said(
    elsewhere: tuple[int, list[bytes]],
) -> None:
    port, heard = elsewhere
    with redirecting(f"rtsp://127.0.0.2:{port}/db") as server:
        failed = failure(CheckedOpener(AvOpener(SystemClock()), ONE), server.url)
    assert failed.reason is CameraReason.NETWORK_NOT_ALLOWED
    assert "127.0.0.2" in failed.detail
    assert heard in ([], [b""])


def test_a_redirect_to_another_host_inside_the_networks_is_told_no_password(
    elsewhere: tuple[int, list[bytes]],
) -> None:
    port, heard = elsewhere
    with redirecting(f"rtsp://127.0.0.2:{port}/x") as server:
        url = server.url.replace("rtsp://", "rtsp://admin:s3cret@")
        failed = failure(CheckedOpener(AvOpener(SystemClock()), LOOPBACK), url)
    assert failed.reason is CameraReason.NETWORK_NOT_ALLOWED
    assert f"127.0.0.2:{port}: enter that address" in failed.detail
    assert heard in ([], [b""])


def test_a_redirect_to_another_port_of_the_camera_is_told_no_password() -> None:
    heard: list[str] = []

    def asks_for_a_password(talk: Talk) -> None:
        while True:
            method, number = talk.request()
            heard.append(method)
            talk.answer(number, "401 Unauthorized", 'WWW-Authenticate: Basic realm="x"\r\n')

    with FakeRtspServer(asks_for_a_password) as second, redirecting(second.url) as first:
        url = first.url.replace("rtsp://", "rtsp://admin:s3cret@")
        failed = failure(CheckedOpener(AvOpener(SystemClock()), LOOPBACK), url)
    assert failed.reason is CameraReason.NETWORK_NOT_ALLOWED
    assert "enter that address" in failed.detail
    assert heard == []


def test_a_redirect_to_the_same_host_and_port_is_followed(clip: Path) -> None:
    plays = Plays(load_clip(clip), frames=30)
    asked: list[str] = []

    def behave(talk: Talk) -> None:
        if asked:
            plays(talk)
            return
        while True:
            method, number = talk.request()
            if method == "DESCRIBE":
                asked.append(method)
                talk.answer(number, "302 Found", f"Location: {server.url}\r\n")
            else:
                talk.answer(number)

    with FakeRtspServer(behave) as server:
        stream = CheckedOpener(AvOpener(SystemClock()), ONE).open(
            CAMERA, CameraUrl.parse(server.url)
        )
        assert stream.read().number == 0
        stream.close()


def test_a_redirect_to_the_camera_by_its_name_is_followed(clip: Path) -> None:
    plays = Plays(load_clip(clip), frames=30)

    def behave(talk: Talk) -> None:
        if "path=2" in names(talk):
            plays(talk)

    def names(talk: Talk) -> str:
        """What is asked for; everything but the second path is led on to it."""
        method, number = talk.request()
        while "path=2" not in talk.asked.split("\r\n")[0]:
            port = talk.connection.getsockname()[1]
            to = f"Location: rtsp://localhost:{port}/camera?path=2\r\n"
            found = method == "DESCRIBE"
            talk.answer(number, *(("302 Found", to) if found else ()))
            method, number = talk.request()
        talk.answer(number)
        return talk.asked

    with FakeRtspServer(behave) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        stream = CheckedOpener(AvOpener(SystemClock()), ONE).open(CAMERA, CameraUrl.parse(url))
        assert stream.read().number == 0
        stream.close()


def test_a_camera_that_leads_in_circles_has_no_such_stream() -> None:
    def behave(talk: Talk) -> None:
        while True:
            method, number = talk.request()
            found = method == "DESCRIBE"
            talk.answer(number, *(("302 Found", f"Location: {server.url}\r\n") if found else ()))

    with FakeRtspServer(behave) as server:
        failed = failure(CheckedOpener(AvOpener(SystemClock()), ONE), server.url)
        assert server.connections < 20
    assert failed.reason is CameraReason.NOT_FOUND


@pytest.mark.parametrize("to", ["file:///etc/passwd", "http://127.0.0.1/", "whip:", "\x00", ""])
def test_a_redirect_to_what_is_no_camera_is_not_allowed(to: str) -> None:
    with redirecting(to) as server:
        failed = failure(CheckedOpener(AvOpener(SystemClock()), ONE), server.url)
    assert failed.reason is CameraReason.NETWORK_NOT_ALLOWED


def test_a_redirect_is_noticed_whoever_else_is_dialled_meanwhile() -> None:
    """Also where it leads to a camera that this process dials at that moment."""
    heard: list[str] = []

    def asks_for_a_password(talk: Talk) -> None:
        while True:
            _, number = talk.request()
            heard.append(talk.asked)
            talk.answer(number, "401 Unauthorized", 'WWW-Authenticate: Basic realm="x"\r\n')

    opener, over = CheckedOpener(AvOpener(SystemClock()), LOOPBACK), threading.Event()

    def dial(url: str) -> None:
        while not over.wait(0.001):
            failure(opener, url)

    with FakeRtspServer(asks_for_a_password) as other, redirecting(other.url) as first:
        beside = [threading.Thread(target=dial, args=(other.url,)) for _ in range(2)]
        for thread in beside:
            thread.start()
        try:
            url = first.url.replace("rtsp://", "rtsp://admin:s3cret@")
            reasons = {failure(opener, url).reason for _ in range(10)}
        finally:
            over.set()
            for thread in beside:
                thread.join()
    assert reasons == {CameraReason.NETWORK_NOT_ALLOWED}
    assert heard
    assert not [asked for asked in heard if "Authorization" in asked]


def test_what_another_thread_connects_to_is_no_redirect(clip: Path) -> None:
    opener, over = CheckedOpener(AvOpener(SystemClock()), ONE), threading.Event()
    with (
        socket.create_server(("127.0.0.2", 0)) as listening,
        SampleServer([SampleCamera("gate", clip)]) as server,
    ):

        def connect() -> None:
            while not over.wait(0.001):
                socket.create_connection(listening.getsockname()).close()
                listening.accept()[0].close()

        thread = threading.Thread(target=connect)
        thread.start()
        try:
            for _ in range(5):
                opener.open(CAMERA, CameraUrl.parse(server.url("gate"))).close()
        finally:
            over.set()
            thread.join()


def test_cameras_dialled_at_once_are_not_taken_for_redirects(clip: Path) -> None:
    cameras = [SampleCamera("gate", clip)]
    with SampleServer(cameras) as one, SampleServer(cameras) as two, SampleServer(cameras) as three:
        urls = [server.url("gate") for server in (one, two, three)] * 2
        opener = CheckedOpener(AvOpener(SystemClock(), connect_timeout_s=30), ONE)

        def read(url: str) -> int:
            stream = opener.open(CAMERA, CameraUrl.parse(url))
            number = stream.read().number
            stream.close()
            return number

        with ThreadPoolExecutor(len(urls)) as pool:
            assert list(pool.map(read, urls, timeout=60)) == [0] * len(urls)


def test_addresses_in_a_session_description_are_not_dialled(
    clip: Path, elsewhere: tuple[int, list[bytes]]
) -> None:
    """`c=`, an absolute `a=control` and `Content-Base` name another host: all goes over the one
    connection that was checked."""
    port, heard = elsewhere
    there = f"rtsp://127.0.0.2:{port}"
    sdp = SDP.replace("s=fake\r\n", "s=fake\r\nc=IN IP4 127.0.0.2\r\n")
    sdp = sdp.replace("a=control:track1", f"a=control:{there}/track1")
    plays = Plays(load_clip(clip), frames=30, sdp=sdp)

    class Elsewhere(Talk):
        def answer(
            self, number: str, status: str = "200 OK", head: str = "", body: str = ""
        ) -> None:
            base = f"Content-Base: {there}/\r\nRTP-Info: url={there}/track1\r\n"
            super().answer(number, status, head + base, body)

    def behave(talk: Talk) -> None:
        plays(Elsewhere(talk.connection, talk.stopped))

    with FakeRtspServer(behave) as server:
        stream = CheckedOpener(AvOpener(SystemClock()), ONE).open(
            CAMERA, CameraUrl.parse(server.url)
        )
        assert [stream.read().number for _ in range(3)] == [0, 1, 2]
        stream.close()
    assert heard == []


def test_an_answer_without_end_is_cut_off_before_it_fills_the_memory() -> None:
    def floods(talk: Talk) -> None:
        while True:
            method, number = talk.request()
            if method != "DESCRIBE":
                talk.answer(number)
                continue
            length = "Content-Type: application/sdp\r\nContent-Length: 2000000000\r\n"
            talk.connection.sendall(f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{length}\r\n".encode())
            while not talk.stopped.is_set():
                talk.connection.sendall(bytes(1 << 20))

    with FakeRtspServer(floods) as server:
        failed = failure(
            CheckedOpener(AvOpener(SystemClock(), connect_timeout_s=20), ONE), server.url
        )
    assert failed.reason is CameraReason.CORRUPT
    assert "more comes" in failed.detail
