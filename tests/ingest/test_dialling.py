"""Only what the settings allow is dialled: names, addresses and redirects, over real sockets."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest import AvOpener, StreamFailed
from ingest.dialling import CheckedOpener, at_address, resolve
from ingest.peers import PeerWatch, _rows, dialling, own_sockets, tcp_peers
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


def test_cameras_dialled_at_once_are_not_taken_for_redirects(clip: Path) -> None:
    cameras = [SampleCamera("gate", clip)]
    with SampleServer(cameras) as one, SampleServer(cameras) as two, SampleServer(cameras) as three:
        urls = [server.url("gate") for server in (one, two, three)] * 2
        opener = CheckedOpener(AvOpener(SystemClock()), ONE)

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


def test_the_kernel_tells_who_is_at_the_other_end() -> None:
    watch = PeerWatch("127.0.0.2", 1)
    with socket.create_server(("127.0.0.2", 0)) as listening, watch.watching():
        assert not watch.look()
        with socket.create_connection(listening.getsockname()) as connection:
            assert str(connection.fileno()) not in own_sockets()  # inodes, not numbers of files
            assert listening.getsockname() in {tcp_peers().get(one) for one in own_sockets()}
            assert watch.look()
            assert watch.stranger == listening.getsockname()


def test_what_is_dialled_elsewhere_on_purpose_is_no_stranger_and_only_then() -> None:
    with socket.create_server(("127.0.0.2", 0)) as listening:
        watch = PeerWatch("127.0.0.1", 1)
        with watch.watching():
            with dialling(*listening.getsockname()):
                first = socket.create_connection(listening.getsockname())
            with first:
                assert not watch.look()
                later = PeerWatch("127.0.0.1", 1)
                with later.watching():  # a camera's peer, connected before or not, is a stranger
                    assert not later.look()
                    with socket.create_connection(listening.getsockname()):
                        assert later.look()


def test_a_peer_that_there_was_before_is_no_stranger() -> None:
    with (
        socket.create_server(("127.0.0.2", 0)) as listening,
        socket.create_connection(listening.getsockname()),
    ):
        watch = PeerWatch("127.0.0.1", 1)
        with watch.watching(), socket.create_connection(listening.getsockname()):
            assert not watch.look()


def test_a_peer_of_version_6_is_read_as_the_kernel_writes_it() -> None:
    """proc(5): four words of 32 bits, each in the machine's own order."""
    table = (
        "  sl  local_address remote_address st tx_queue rx_queue tr tm->when retrnsmt uid t inode\n"
        "   0: 0000:1 0000000000000000FFFF00000200007F:1F90 02 0:0 00:0 0 1000 0 4711 1 0\n"
        "   1: 0000:1 B80D0120000000000000000001000000:1F90 01 0:0 00:0 0 1000 0 4712 1 0\n"
        "   2: 0000:9 00000000000000000000000000000000:0000 0A 0:0 00:0 0 1000 0 4713 1 0\n"
        "   3: 0000:2 B80D0120000000000000000001000000:1F90 01 0:0 00:0 0 1000 0 4714 1 0\n"
        "   4: 0000:2 00000000000000000000000000000000:0000 0A 0:0 00:0 0 1000 0 4715 1 0\n"
    )
    assert _rows(table) == [("4711", ("127.0.0.2", 8080)), ("4712", ("2001:db8::1", 8080))]
