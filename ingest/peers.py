"""To whom this process is connected, as the kernel tells: what FFmpeg has really dialled.

FFmpeg dials by itself, and where a camera redirects to as well, without asking. It does ask, before
it says a word on a new connection, whether to give up; that is when `PeerWatch` looks.
"""

import os
import stat
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

from record.networks import real_address

_FDS = "/proc/self/fd"
_TABLES = (Path("/proc/self/net/tcp"), Path("/proc/self/net/tcp6"))
_DIALLED = frozenset({"01", "02"})
"""ESTABLISHED and SYN_SENT (linux/tcp_states.h)."""

_LISTENS = "0A"
MOST_REMEMBERED = 10_000
"""Peers that cameras were dialled at; far above the cameras of one process."""

Inode = str
Peer = tuple[str, int]
"""Address and port."""


def own_sockets() -> frozenset[Inode]:
    """Inodes of this process's sockets, of any kind; empty where there is no `/proc`.

    FFmpeg asks whether to give up for every byte of an answer's head: a dialling is thousands of
    questions, and with paths and links in place of `fstat` eight at once took five seconds.
    """
    found = set()
    with suppress(OSError):
        for name in os.listdir(_FDS):  # noqa: PTH208 - thousands of times: names, no paths
            try:
                about = os.fstat(int(name))
            except OSError:
                continue  # closed meanwhile
            if stat.S_ISSOCK(about.st_mode):
                found.add(str(about.st_ino))
    return frozenset(found)


def tcp_peers() -> dict[Inode, Peer]:
    """The far end of every TCP connection of this machine that is up or being made, without those
    that were accepted here: nobody dialled them."""
    return {
        inode: peer
        for table in _TABLES
        for inode, peer in _rows(table.read_text() if table.exists() else "")
    }


def _rows(table: str) -> list[tuple[Inode, Peer]]:
    """proc(5): columns 1, 2, 3 and 9 are both addresses, the state and the inode."""
    rows = [line.split() for line in table.splitlines()[1:]]
    listening = {row[1].rpartition(":")[2] for row in rows if row[3] == _LISTENS}
    return [
        (row[9], _peer(row[2]))
        for row in rows
        if row[3] in _DIALLED and row[1].rpartition(":")[2] not in listening
    ]


def _peer(text: str) -> Peer:
    address, _, port = text.partition(":")
    return _address(address), int(port, 16)


def _address(hexadecimal: str) -> str:
    """From the kernel's form: 32-bit words, each in the machine's own byte order."""
    raw = bytes.fromhex(hexadecimal)
    words = [raw[at : at + 4] for at in range(0, len(raw), 4)]
    packed = b"".join(int.from_bytes(word, "little").to_bytes(4, "big") for word in words)
    return str(real_address(str(ip_address(packed))))


class _Diallings:
    """What this process dials at the moment, for cameras: sockets do not tell whose they are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: Counter[Peer] = Counter()
        self._ever: dict[Peer, None] = {}
        self._watches: list[PeerWatch] = []

    def begin(self, peer: Peer, watch: "PeerWatch | None" = None) -> None:
        with self._lock:
            if watch is not None:
                watch.others.update(self._now)
                self._watches.append(watch)
            for other in self._watches:
                if other is not watch:
                    other.others.add(peer)
            self._now[peer] += 1
            self._ever[peer] = None
            if len(self._ever) > MOST_REMEMBERED:
                del self._ever[next(iter(self._ever))]

    def end(self, peer: Peer, watch: "PeerWatch | None" = None) -> None:
        with self._lock:
            if watch is not None:
                self._watches.remove(watch)
            self._now[peer] -= 1
            self._now += Counter()  # drops what has come to nothing

    def without_cameras(self, peers: set[Peer]) -> set[Peer]:
        with self._lock:
            return peers - self._ever.keys()


_diallings = _Diallings()


@contextmanager
def dialling(address: str, port: int) -> Iterator[None]:
    """While this process connects to a camera by itself, not through FFmpeg: no watch shall take
    that connection for a redirect of its own."""
    peer = _plain(address, port)
    _diallings.begin(peer)
    try:
        yield
    finally:
        _diallings.end(peer)


def _plain(address: str, port: int) -> Peer:
    """As the kernel's table has it: without the interface of a link-local address."""
    return str(real_address(address)).partition("%")[0], port


class PeerWatch:
    """Looks at connections made since `watching` began; `stranger` is the first one that leads
    elsewhere than to `address` and `port`, allowed or not: a redirect would carry the sign-in
    there.

    Another thread's new connections are seen as well. What other watches and `dialling` have told
    of is let pass, and so are peers, no cameras, that there were connections to before: a
    database. In the worst case one dialling is refused and tried again; and a redirect to a camera
    that this process is dialling at the same moment passes.
    """

    def __init__(self, address: str, port: int) -> None:
        self._peer = _plain(address, port)
        self.others: set[Peer] = set()
        self._seen: frozenset[Inode] = frozenset()
        self._known: set[Peer] = set()
        self.stranger: Peer | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        _diallings.begin(self._peer, self)
        try:
            self._seen = own_sockets()
            peers = tcp_peers()
            before = {peers[inode] for inode in self._seen if inode in peers}
            self._known = _diallings.without_cameras(before)
            yield
        finally:
            _diallings.end(self._peer, self)

    def look(self) -> bool:
        """Whether there is a stranger. Costs a tenth of a millisecond while nothing is new."""
        sockets = own_sockets()
        new = sockets - self._seen
        if new and self.stranger is None:
            peers = tcp_peers()
            for inode in new & peers.keys():
                peer = peers[inode]
                if peer != self._peer and peer not in self.others and peer not in self._known:
                    self.stranger = peer
        self._seen = sockets
        return self.stranger is not None
