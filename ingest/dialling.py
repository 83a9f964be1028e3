"""Dialling a camera only inside the networks that the settings list (`record.networks`).

The name is resolved once, here, and the address that was checked is what is dialled; a redirect
that FFmpeg follows by itself is caught at its first packet, before a word is said.
"""

import socket
import threading
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from ingest.deadline import Guard, current_guard
from ingest.peers import PeerWatch
from ingest.streams import Opener, Stream, StreamFailed, StreamOptions
from record.cameras import CLOSED, DEFAULT_PORTS, CameraReason, CameraUrl
from record.ids import CameraId
from record.networks import CameraNetworks, real_address

RESOLVE_S = 3.0
MOST_ADDRESSES = 4
"""Of one name: tried in turn, as a browser would."""
MOST_LOOKUPS = 32
"""A resolver that hangs holds its thread until it gives up; so many may hang at once."""

_lookups = threading.BoundedSemaphore(MOST_LOOKUPS)
_NEXT = frozenset({CameraReason.REFUSED, CameraReason.UNREACHABLE})


def resolve(host: str, networks: CameraNetworks, timeout_s: float = RESOLVE_S) -> tuple[str, ...]:
    """The addresses of `host` that may be dialled, IPv4 first: one or more, never a name.

    Raises `StreamFailed`: `unreachable` when the name does not resolve in time, and
    `network_not_allowed` when none of its addresses is allowed.
    """
    found = _addresses(host, timeout_s)
    allowed = [address for address in found if networks.allows(address)]
    if not allowed:
        raise not_allowed(found[0])
    return tuple(sorted(allowed, key=lambda address: ":" in address)[:MOST_ADDRESSES])


def not_allowed(address: str) -> StreamFailed:
    return StreamFailed(
        CameraReason.NETWORK_NOT_ALLOWED,
        f"{address} is outside the networks in the setting camera_networks",
    )


def leads_elsewhere(address: str, port: int) -> StreamFailed:
    """The sign-in is for the camera that was entered and for nobody else."""
    at = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return StreamFailed(
        CameraReason.NETWORK_NOT_ALLOWED,
        f"the camera leads elsewhere, to {at}: enter that address if it is the camera's",
    )


def _addresses(host: str, timeout_s: float) -> list[str]:
    bare = host.strip("[]")
    try:
        real_address(bare)
    except ValueError:
        return _looked_up(bare, timeout_s)
    return [bare]


def _looked_up(name: str, timeout_s: float) -> list[str]:
    """In a thread of its own: the system's resolver knows no deadline."""
    found: list[str] = []

    def look_up() -> None:
        try:
            for *_, address in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM):
                found.append(str(address[0]))
        except (OSError, UnicodeError):
            pass  # nothing found, which is said below
        finally:
            _lookups.release()

    if not _lookups.acquire(timeout=timeout_s):
        raise StreamFailed(CameraReason.UNREACHABLE, "too many names are being looked up")
    thread = threading.Thread(target=look_up, name="resolve", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        raise StreamFailed(CameraReason.UNREACHABLE, f"its name was not found in {timeout_s:g} s")
    if not found:
        raise StreamFailed(CameraReason.UNREACHABLE, "there is no host of that name")
    return list(dict.fromkeys(found))


def at_address(url: CameraUrl, address: str) -> CameraUrl:
    """`url` with its host replaced by a checked address."""
    parts = urlsplit(url.address)
    host = f"[{address}]" if ":" in address else address
    netloc = host if parts.port is None else f"{host}:{parts.port}"
    return replace(url, address=urlunsplit((parts.scheme, netloc, *parts[2:])))


@dataclass(frozen=True, slots=True)
class CheckedOpener:
    """Hands the inner opener checked addresses; what names no host (`file:`, `whip:`) passes."""

    inner: Opener
    networks: CameraNetworks

    def open(
        self, camera: CameraId, url: CameraUrl, *, options: StreamOptions = StreamOptions()
    ) -> Stream:
        if url == CLOSED:
            raise StreamFailed(
                CameraReason.ADDRESS_SEALED,
                "the key that sealed its address is not here: put the key file back, or enter the "
                "address again",
            )
        host = urlsplit(url.address).hostname
        if host is None:
            return self.inner.open(camera, url, options=options)
        addresses = resolve(host, self.networks)
        options = replace(options, server_name=options.server_name or host)
        for address in addresses[:-1]:
            try:
                return self._open(camera, at_address(url, address), options)
            except StreamFailed as failed:
                if failed.reason not in _NEXT:
                    raise
        return self._open(camera, at_address(url, addresses[-1]), options)

    def _open(self, camera: CameraId, url: CameraUrl, options: StreamOptions) -> Stream:
        parts = urlsplit(url.address)
        watch = PeerWatch(parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme])
        guard = _DialGuard(current_guard(), watch)
        try:
            with watch.watching(), guard.bound():
                stream = self.inner.open(camera, url, options=options)
        except StreamFailed:
            if watch.stranger is None:
                raise
        else:
            guard.opened()
            return stream
        address, port = watch.stranger
        raise (
            leads_elsewhere(address, port)
            if self.networks.allows(address)
            else not_allowed(address)
        )


class _DialGuard(Guard):
    """While FFmpeg opens, every question whether to go on also asks to whom it is connected."""

    def __init__(self, outer: Guard | None, watch: PeerWatch) -> None:
        super().__init__()
        self._outer = outer
        self._watch: PeerWatch | None = watch

    @property
    def stopped(self) -> bool:
        if self._watch is not None and self._watch.look():
            return True
        return super().stopped or (self._outer is not None and self._outer.stopped)

    def opened(self) -> None:
        """From now on this is the guard that there was before."""
        self._watch = None
