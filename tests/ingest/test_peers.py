"""What the kernel tells of sockets; and a watch that looks at its own only."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ingest.peers import DialWatch, connected, own_sockets, peer_of, rows_of, tcp_peers


@contextmanager
def dialled(watch: DialWatch, to: tuple[str, int]) -> Iterator[socket.socket]:
    """As FFmpeg does it: it connects, and asks."""
    with watch.calling(over_udp=False), socket.create_connection(to) as connection:
        watch.look()
        yield connection


@pytest.fixture
def camera() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_the_kernel_tells_who_is_at_the_other_end(camera: socket.socket) -> None:
    with socket.create_connection(camera.getsockname()) as connection:
        sockets, peers = own_sockets(), tcp_peers()
        (inode,) = [one for one, number in sockets.items() if number == connection.fileno()]
        assert peers[inode] == camera.getsockname()


def test_a_connection_that_stays_is_no_redirect(camera: socket.socket) -> None:
    watch = DialWatch(*camera.getsockname())
    with (
        dialled(watch, camera.getsockname()),
        socket.create_server(("127.0.0.2", 0)) as other,
        socket.create_connection(other.getsockname()),
    ):
        watch.look()
    assert not watch.alarmed


def test_a_question_after_the_connection_is_gone_is_asked_on_another(
    camera: socket.socket,
) -> None:
    watch = DialWatch(*camera.getsockname())
    with dialled(watch, camera.getsockname()) as connection:
        connection.close()
        watch.look()
    assert watch.redirected


def test_a_descriptor_that_is_used_again_is_not_taken_for_the_connection(
    camera: socket.socket,
) -> None:
    watch = DialWatch(*camera.getsockname())
    with dialled(watch, camera.getsockname()) as connection:
        number = connection.fileno()
        connection.close()
        with socket.socket() as other:
            assert other.fileno() == number
            watch.look()
    assert watch.redirected


def test_connections_made_before_and_by_ourselves_are_not_taken_for_ffmpegs(
    camera: socket.socket,
) -> None:
    watch = DialWatch(*camera.getsockname())
    host, port = camera.getsockname()
    with connected(host, port, 1.0) as ours, dialled(watch, (host, port)):
        ours.close()
        watch.look()
    assert not watch.alarmed


def test_each_watch_knows_its_own_sockets_over_udp(camera: socket.socket) -> None:
    watch, other = DialWatch(*camera.getsockname()), DialWatch(*camera.getsockname())
    assert not set(watch.udp_ports) & set(other.udp_ports)
    with (
        watch.calling(over_udp=True),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as theirs,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own,
    ):
        theirs.bind(("127.0.0.1", other.udp_ports[0]))
        theirs.connect(("127.0.0.3", 9))
        own.bind(("127.0.0.1", watch.udp_ports[0]))
        watch.look()
        assert watch.stranger is None
        own.connect(("127.0.0.1", 9))
        watch.look()
        assert watch.stranger is None
        own.connect(("127.0.0.2", 53))
        watch.look()
        assert watch.stranger == "127.0.0.2"


def test_a_peer_of_version_6_is_read_as_the_kernel_writes_it() -> None:
    """proc(5): four words of 32 bits, each in the machine's own order."""
    table = (
        "  sl  local_address remote_address st tx_queue rx_queue tr tm->when retrnsmt uid t inode\n"
        "   0: 0000:1 0000000000000000FFFF00000200007F:1F90 02 0:0 00:0 0 1000 0 4711 1 0\n"
        "   1: 0000:A B80D0120000000000000000001000000:1F90 01 0:0 00:0 0 1000 0 4712 1 0\n"
    )
    assert [(port, peer_of(text), inode) for port, text, inode in rows_of(table)] == [
        (1, ("127.0.0.2", 8080), "4711"),
        (10, ("2001:db8::1", 8080), "4712"),
    ]
