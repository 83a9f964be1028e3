"""To whom this process is connected, as the kernel tells: what FFmpeg has really dialled.

FFmpeg dials by itself, and where a camera redirects to as well, without asking. It does ask, before
it says a word on a new connection, whether to give up; that is when `PeerWatch` looks.
"""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from record.networks import real_address

_FDS = "/proc/self/fd"
_TABLES = (Path("/proc/self/net/tcp"), Path("/proc/self/net/tcp6"))
_DIALLED = frozenset({"01", "02"})
"""ESTABLISHED and SYN_SENT (linux/tcp_states.h)."""

Inode = str


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


def tcp_peers() -> dict[Inode, str]:
    """The remote address of every TCP connection of this machine that is up or being made."""
    return {
        inode: peer
        for table in _TABLES
        for inode, peer in _rows(table.read_text() if table.exists() else "")
    }


def _rows(table: str) -> list[tuple[Inode, str]]:
    """proc(5): columns 2, 3 and 9 are the remote address, the state and the inode."""
    rows = (line.split() for line in table.splitlines()[1:])
    return [(row[9], _address(row[2].split(":")[0])) for row in rows if row[3] in _DIALLED]


def _address(hexadecimal: str) -> str:
    """From the kernel's form: 32-bit words, each in the machine's own byte order."""
    raw = bytes.fromhex(hexadecimal)
    words = [raw[at : at + 4] for at in range(0, len(raw), 4)]
    packed = b"".join(int.from_bytes(word, "little").to_bytes(4, "big") for word in words)
    return str(real_address(str(ip_address(packed))))


class PeerWatch:
    """Looks at connections made since it was made; `stranger` is the first one that is not
    allowed.

    Another thread's new connections are looked at as well. In a worker those go to cameras too, or
    to a database that there were connections to before; in the worst case one dialling is refused
    and tried again.
    """

    def __init__(self, allows: Callable[[str], bool]) -> None:
        self._allows = allows
        self._seen = own_sockets()
        peers = tcp_peers()
        self._known = {peers[inode] for inode in self._seen if inode in peers}
        self.stranger: str | None = None

    def look(self) -> bool:
        """Whether there is a stranger. Costs a tenth of a millisecond while nothing is new."""
        sockets = own_sockets()
        new = sockets - self._seen
        if new and self.stranger is None:
            peers = tcp_peers()
            for inode in new & peers.keys():
                peer = peers[inode]
                if peer not in self._known and not self._allows(peer):
                    self.stranger = peer
        self._seen = sockets
        return self.stranger is not None
