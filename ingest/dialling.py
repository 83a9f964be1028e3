"""Dialling a camera only inside the networks that the settings list (`record.networks`).

The name is resolved once, here, and the address that was checked is what is dialled. Where FFmpeg
would go by itself, following a redirect or the address that media are said to come from, it is
stopped before a word is said (`ingest.peers`).
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit, urlunsplit

from ingest import errors
from ingest.deadline import Guard, current_guard
from ingest.peers import DialWatch
from ingest.rtsp_look import look
from ingest.streams import Opener, Stream, StreamFailed, StreamOptions
from ingest.tls import UNVERIFIED, CameraTls
from record.cameras import CLOSED, DEFAULT_PORTS, CameraReason, CameraUrl, Transport
from record.errors import Invalid
from record.ids import CameraId
from record.networks import CameraNetworks, real_address

RESOLVE_S = 3.0
MOST_ADDRESSES = 4
"""Of one name: tried in turn, as a browser would."""
MOST_REDIRECTS = 3
"""From path to path of one camera."""
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
    return [bare] if _is_address(bare) else _looked_up(bare, timeout_s)


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
    tls: CameraTls = UNVERIFIED
    """As the inner opener's."""

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
        """From path to path as the camera leads, never elsewhere."""
        for _ in range(MOST_REDIRECTS + 1):
            parts = urlsplit(url.address)
            watch = DialWatch(parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme])
            options = replace(options, udp_ports=watch.udp_ports)
            try:
                with _DialGuard(current_guard(), watch).bound():
                    return self.inner.open(camera, url, options=options)
            except StreamFailed as failed:
                failure = failed
            if watch.redirected:
                url = self._led_to(url, options)
            elif self._may_try_tcp(watch, options):
                options = replace(options, transport=Transport.TCP)
            else:
                raise self._judged(failure, watch) from None
        raise StreamFailed(
            CameraReason.NOT_FOUND, "the camera leads from one address to the next and to no stream"
        )

    def _led_to(self, url: CameraUrl, options: StreamOptions) -> CameraUrl:
        """FFmpeg was about to follow, and does not say where to: the camera is asked again."""
        host = urlsplit(url.address).hostname or ""
        seen = look(url, host, tls=self.tls, server_name=options.server_name)
        if not seen.redirected:
            return url  # it no longer leads anywhere, or does not answer: that will show
        return led_to(url, seen.leads_to or "", options.server_name, self.networks)

    def _may_try_tcp(self, watch: DialWatch, options: StreamOptions) -> bool:
        """A camera behind address translation names itself as only it knows itself; over TCP that
        does not matter. One that names what nobody may send to is refused."""
        over_udp = options.transport is Transport.UDP
        return over_udp and watch.stranger is not None and self.networks.allows(watch.stranger)

    def _judged(self, failed: StreamFailed, watch: DialWatch) -> StreamFailed:
        if watch.too_much:
            return errors.too_much()
        if watch.stranger is None:
            return failed
        if not self.networks.allows(watch.stranger):
            return not_allowed(watch.stranger)
        return StreamFailed(
            CameraReason.NETWORK_NOT_ALLOWED,
            f"over UDP the camera sends us elsewhere, to {watch.stranger}: set TCP",
        )


def led_to(
    url: CameraUrl, location: str, server_name: str | None, networks: CameraNetworks
) -> CameraUrl:
    """`url` with the path of `location`, where that is at the very same scheme, host and port; else
    raises `StreamFailed`. `server_name`: the host of `url` as it was entered."""
    try:
        there = urlsplit(CameraUrl.parse(location).address)
    except Invalid:
        raise errors.leads_nowhere() from None
    if there.scheme not in DEFAULT_PORTS:
        raise errors.leads_nowhere()
    here, host, port = urlsplit(url.address), there.hostname or "", _port(there)
    if there.scheme == here.scheme and host in {here.hostname, server_name} and port == _port(here):
        address = urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))
        return replace(url, address=address)
    if _is_address(host) and not networks.allows(host):
        raise not_allowed(host)
    raise leads_elsewhere(host[:100], port)


def _port(parts: SplitResult) -> int:
    return parts.port or DEFAULT_PORTS[parts.scheme]


def _is_address(host: str) -> bool:
    try:
        real_address(host)
    except ValueError:
        return False
    return True


class _DialGuard(Guard):
    """While FFmpeg dials, every question whether to go on also asks to whom it is connected."""

    def __init__(self, outer: Guard | None, watch: DialWatch) -> None:
        super().__init__()
        self._outer = outer
        self._watch = watch
        self._watching = False
        self._media_within_s: float | None = None
        self._to_agree_by: float | None = None

    @property
    def stopped(self) -> bool:
        outer = self._outer is not None and self._outer.stopped
        return super().stopped or outer or self._watch.alarmed

    @contextmanager
    def dialling(self, *, over_udp: bool) -> Iterator[None]:
        with self._watch.calling(over_udp=over_udp):
            self._watching = True
            try:
                yield
            finally:
                self._watching = False
                self._media_within_s = None

    def media_within(self, seconds: float) -> None:
        self._media_within_s, self._to_agree_by = seconds, self._deadline

    def now(self) -> float:
        if self._watching:
            self._watch.look()
            if self._media_within_s is not None and not self.expired:
                self._wait_for_media(self._media_within_s)
        return super().now()

    def _wait_for_media(self, within_s: float) -> None:
        """However long it took to agree: what was agreed on gets its time."""
        waited_s = self._watch.all_said_for_s
        if waited_s is None:
            self._deadline = self._to_agree_by
        else:
            self.silent = waited_s >= within_s
            self.renew(max(0.0, within_s - waited_s))
