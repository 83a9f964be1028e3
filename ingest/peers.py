"""Whom FFmpeg really talks to while it opens a camera, as the kernel tells.

FFmpeg connects by itself, follows a redirect without asking, and sends over UDP to whatever address
the camera names. It does ask, before every word on any of its sockets, whether to give up; that is
when `DialWatch` looks, at the sockets of its own dialling and at no others:

- The RTSP connection is the one to the camera that came to be between the beginning of the call
  and FFmpeg's first question; until then no other camera is dialled in this process. A question
  asked when that connection is gone is asked on another: FFmpeg follows a redirect.
- Sockets for UDP have local ports that were given to this dialling alone, and are connected before
  anything is sent (`rtsp_flags=filter_src`), so that the kernel knows to whom.
"""

import ctypes
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from ipaddress import ip_address
from itertools import cycle
from pathlib import Path

from record.networks import real_address

_FDS = "/proc/self/fd"
_NET = Path("/proc/self/net")
_TCP = (_NET / "tcp", _NET / "tcp6")

MOST_BYTES = 32 * 1024 * 1024
"""From a camera until it is open. FFmpeg makes room for whatever length an answer announces."""
_WEIGHED_EVERY_S = 0.02
_TCPI_BYTES_RECEIVED = struct.Struct("@128xQ")
"""In `struct tcp_info` (linux/tcp.h)."""
_TCPI_LAST_DATA = struct.Struct("@44xI4xI")
"""Milliseconds since we sent, and since we heard, something on a connection."""

PORTS_EACH = 32
"""Of UDP, for one dialling: two a track, some taken by others."""
_ports = cycle(range(20_000, 32_000, PORTS_EACH))
"""Below those that the system gives away by itself (ip(7), `ip_local_port_range`)."""

Inode = str
Peer = tuple[str, int]
"""Address and port."""

_NAME = 28
"""Bytes of `struct sockaddr_in6`: family in two, port in two (network order), address."""
_FAMILIES = frozenset({int(socket.AF_INET), int(socket.AF_INET6)})
_libc = ctypes.PyDLL(None)
MORE_DESCRIPTORS = 256
"""That other threads may open while a camera is dialled: new ones are the lowest that are free."""

_one_at_a_time = threading.Lock()
"""Held from the beginning of a dialling until its connection is known: under a millisecond."""


def own_sockets() -> dict[Inode, int]:
    """This process's sockets, of any kind, with their descriptors; empty where there is no `/proc`.

    By `fstat`, not by paths and links: it is done often, and they take ten times as long.
    """
    found = {}
    with suppress(OSError):
        for name in os.listdir(_FDS):  # noqa: PTH208 - names, no paths: see above
            inode = _inode(int(name))
            if inode is not None:
                found[inode] = int(name)
    return found


def _inode(descriptor: int) -> Inode | None:
    """None: it is no socket, or closed meanwhile."""
    try:
        about = os.fstat(descriptor)
    except OSError:
        return None
    return str(about.st_ino) if stat.S_ISSOCK(about.st_mode) else None


def tcp_peers() -> dict[Inode, Peer]:
    """The far end of every TCP connection of this machine that is up or being made."""
    return {inode: peer_of(text) for _, text, inode in _rows(_TCP)}


def _rows(tables: Iterable[Path]) -> Iterator[tuple[int, str, Inode]]:
    for table in tables:
        with suppress(OSError):
            yield from rows_of(table.read_text())


def rows_of(table: str) -> Iterator[tuple[int, str, Inode]]:
    """Our port, their end as it is written, inode: of columns 1, 2 and 9 (proc(5))."""
    for line in table.splitlines()[1:]:
        words = line.split(maxsplit=10)
        yield int(words[1].rpartition(":")[2], 16), words[2], words[9]


def peer_of(text: str) -> Peer:
    address, _, port = text.partition(":")
    return _address(address), int(port, 16)


def _address(hexadecimal: str) -> str:
    """From the kernel's form: 32-bit words, each in the machine's own byte order."""
    raw = bytes.fromhex(hexadecimal)
    words = [raw[at : at + 4] for at in range(0, len(raw), 4)]
    packed = b"".join(int.from_bytes(word, "little").to_bytes(4, "big") for word in words)
    return str(real_address(str(ip_address(packed))))


def _plain(address: str) -> str:
    """As the kernel's tables have it: without the interface of a link-local address."""
    return str(real_address(address)).partition("%")[0]


def connected(address: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to a camera that is made here, not by FFmpeg: its socket is there before any
    dialling begins, so that none is taken for it. Raises `OSError`."""
    with _one_at_a_time:
        made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        made.settimeout(timeout_s)
        made.connect((address, port))
    except BaseException:
        made.close()
        raise
    return made


class DialWatch:
    """Of one camera, at an address that was checked. `calling` around each call into FFmpeg that
    dials, `look` whenever FFmpeg asks; used by one thread."""

    def __init__(self, address: str, port: int) -> None:
        self._camera = (_plain(address), port)
        first = next(_ports)
        self.udp_ports = range(first, first + PORTS_EACH)
        self.redirected = False
        """FFmpeg was about to follow the camera elsewhere."""
        self.stranger: str | None = None
        """Where FFmpeg was about to send datagrams, and the camera is not."""
        self.too_much = False
        """More came than a camera has to say before its first picture."""
        self._before: dict[Inode, int] = {}
        self._line: tuple[int, Inode] | None = None
        self._waiting = ExitStack()
        self._over_udp = False
        self._highest = 0
        self._weighed_at = 0.0
        self._all_said_at: float | None = None

    @property
    def all_said_for_s(self) -> float | None:
        """How long the camera has owed no answer; None while it owes one, or is not there yet."""
        at = self._all_said_at
        return None if at is None else time.monotonic() - at

    @contextmanager
    def calling(self, *, over_udp: bool) -> Iterator[None]:
        with ExitStack() as waiting:
            waiting.enter_context(_one_at_a_time)
            self._before, self._line, self._waiting = own_sockets(), None, waiting
            self._all_said_at = None
            self._over_udp = over_udp
            self._highest = max(self._before.values(), default=0)
            yield

    @property
    def alarmed(self) -> bool:
        """FFmpeg is to give up."""
        return self.redirected or self.too_much or self.stranger is not None

    def look(self) -> None:
        """Microseconds while all is well; over UDP a tenth of a millisecond."""
        if self._line is None:
            self._find_line()
        elif _inode(self._line[0]) != self._line[1]:
            self.redirected = True
        else:
            self._weigh(self._line[0])
        if self._over_udp and self.stranger is None:
            self.stranger = self._find_stranger()

    def _find_line(self) -> None:
        sockets, peers = own_sockets(), tcp_peers()
        for inode, descriptor in sockets.items():
            if inode not in self._before and peers.get(inode) == self._camera:
                self._line = descriptor, inode
        if self._line is not None or not sockets:
            self._waiting.close()  # the next one may dial

    def _weigh(self, descriptor: int) -> None:
        now = time.monotonic()
        if now - self._weighed_at < _WEIGHED_EVERY_S:
            return
        self._weighed_at = now
        with suppress(OSError, struct.error), closing(_borrowed(descriptor)) as line:
            told = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
            self.too_much = _TCPI_BYTES_RECEIVED.unpack_from(told)[0] > MOST_BYTES
            sent_ago_ms, heard_ago_ms = _TCPI_LAST_DATA.unpack_from(told)
            owes = sent_ago_ms < heard_ago_ms
            self._all_said_at = None if owes else self._all_said_at or now

    def _find_stranger(self) -> str | None:
        for descriptor in _at_ports(self.udp_ports, self._highest + MORE_DESCRIPTORS):
            peer = _peer_of(descriptor)
            if peer is not None and peer != self._camera[0]:
                return peer
            if peer is not None:
                _let_off(descriptor)
        return None


def _at_ports(ports: range, most: int) -> list[int]:
    """Descriptors below `most` that are IP sockets at one of our `ports`.

    The kernel is asked without the interpreter's lock let go, as Python's own sockets would for
    each call: while other threads are busy it takes milliseconds to come by again, and FFmpeg asks
    hundreds of times.
    """
    ask, name, size = _libc.getsockname, (ctypes.c_ubyte * _NAME)(), ctypes.c_uint()
    there, found = ctypes.byref(size), []
    for descriptor in range(most):
        size.value = _NAME  # the kernel writes how much it told
        if ask(descriptor, name, there) == 0 and name[0] in _FAMILIES:
            port = name[2] * 256 + name[3]
            if port in ports:
                found.append(descriptor)
    return found


def _peer_of(descriptor: int) -> str | None:
    """The address at the far end of an IP socket; None: it has none."""
    name, size = (ctypes.c_ubyte * _NAME)(), ctypes.c_uint(_NAME)
    if _libc.getpeername(descriptor, name, ctypes.byref(size)) != 0:
        return None
    raw = bytes(name)
    return _plain(str(ip_address(raw[4:8] if raw[0] == socket.AF_INET else raw[8:24])))


def _borrowed(descriptor: int) -> socket.socket:
    """A descriptor of our own for somebody else's socket. Raises `OSError`."""
    copy = os.dup(descriptor)
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        raise


def _let_off(descriptor: int) -> None:
    """Take the peer off a UDP socket whose peer refuses what is sent to it: many a camera has no
    port for reports (RTCP). The kernel would report that to FFmpeg again and again, which then
    spins; without a peer nothing can be sent any more, and nothing needs to be."""
    with suppress(OSError), closing(_borrowed(descriptor)) as sending:
        if sending.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            nobody = bytes(16)  # AF_UNSPEC: connect(2), which Python's own sockets cannot
            _libc.connect(sending.fileno(), nobody, len(nobody))
