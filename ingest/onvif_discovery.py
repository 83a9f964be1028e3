"""Calling for ONVIF devices: WS-Discovery 1.0 (2005/04) over UDP multicast, as ONVIF Core 7 says.

One datagram goes out and answers come in for a few seconds. There is no library for it that lets
one choose the interface, bounds what it takes in and brings no threads of its own; the call is one
constant of the standard and the answers are read with a parser that follows nothing.
"""

import socket
import struct
import uuid
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import unquote, urlsplit

from ingest.onvif import Announced
from ingest.onvif_xml import read_xml, text_of
from record.clock import Clock
from record.errors import Invalid
from record.networks import CameraNetworks

GROUP = ("239.255.255.250", 3702)
MOST_DEVICES = 256
MOST_DATAGRAMS = 2000
CALLS = 2
"""UDP loses some; a second call half way through finds those."""
_TTL = 1
"""Not beyond this network."""
_SO_MREQN = struct.Struct("@4s4si")
"""`struct ip_mreqn`: group, address, index of the interface (ip(7))."""

_CALL = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header><w:MessageID>{id}</w:MessageID>'
    "<w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>"
    "<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>"
    "<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
)
_SCOPES = "onvif://www.onvif.org/"


def discover(
    networks: CameraNetworks,
    clock: Clock,
    *,
    interface: str | None = None,
    seconds: float = 4.0,
    to: tuple[str, int] = GROUP,
) -> tuple[Announced, ...]:
    """Who answers within `seconds`, by address. `interface`: a name, or an address of this machine;
    `to`: whom to call, for tests. Raises `Invalid` for an interface that is none."""
    message = f"urn:uuid:{uuid.uuid4()}"
    call = _CALL.format(id=message).encode()
    found: dict[str, Announced] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as calling:
        _choose(calling, interface)
        for data, sender in _answers(calling, call, to, clock, seconds):
            if not networks.allows(sender):
                continue
            for device in announced(data, message, sender, networks):
                if len(found) < MOST_DEVICES or device.service in found:
                    found[device.service] = device
    return tuple(sorted(found.values(), key=lambda one: _sortable(one.address)))


def announced(
    data: bytes, message: str, sender: str, networks: CameraNetworks
) -> Iterator[Announced]:
    """What one datagram says, if it answers `message`; nothing for whatever is none."""
    root = read_xml(data)
    if root is None or text_of(root, "RelatesTo") != message:
        return
    for match in list(root.iter("{*}ProbeMatch"))[:16]:
        service = _service(text_of(match, "XAddrs").split()[:8], sender, networks)
        if service is not None:
            scopes = text_of(match, "Scopes").split()[:64]
            yield Announced(
                sender,
                service,
                _scope(scopes, "name"),
                _scope(scopes, "hardware"),
                _scope(scopes, "location"),
            )


def _answers(
    calling: socket.socket, call: bytes, to: tuple[str, int], clock: Clock, seconds: float
) -> Iterator[tuple[bytes, str]]:
    began = clock.monotonic()
    sent = 0
    for _ in range(MOST_DATAGRAMS):
        now = clock.monotonic() - began
        if sent < CALLS and now >= sent * seconds / CALLS:
            calling.sendto(call, to)
            sent += 1
        if now >= seconds:
            return
        calling.settimeout(min(0.1, seconds - now) or 0.001)
        try:
            data, sender = calling.recvfrom(65_535)
        except (TimeoutError, ConnectionRefusedError):
            continue
        yield data, sender[0]


def _choose(calling: socket.socket, interface: str | None) -> None:
    calling.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _TTL)
    if interface is None:
        return
    try:
        chosen = IPv4Address(interface).packed
        calling.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, chosen)
        calling.bind((interface, 0))
    except AddressValueError:
        try:
            index = socket.if_nametoindex(interface)
        except (OSError, ValueError):
            raise Invalid("interface", f"there is no interface {interface!r} here") from None
        nobody = bytes(4)
        wanted = _SO_MREQN.pack(nobody, nobody, index)
        calling.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, wanted)
    except OSError:
        raise Invalid("interface", f"{interface} is no address of this machine") from None


def _service(xaddrs: list[str], sender: str, networks: CameraNetworks) -> str | None:
    """Of several the one at the sender's own address, else the first that may be dialled. A name is
    taken for the sender's: nothing is resolved here."""
    allowed = []
    for xaddr in xaddrs:
        try:
            parts = urlsplit(xaddr)
            host = parts.hostname or ""
        except ValueError:
            continue
        if parts.scheme in {"http", "https"} and networks.allows(host):
            allowed.append((host != sender, xaddr[:300]))
    return min(allowed, default=(True, None), key=lambda one: one[0])[1]


def _scope(scopes: list[str], what: str) -> str:
    start = f"{_SCOPES}{what}/"
    said = next((unquote(one[len(start) :]) for one in scopes if one.startswith(start)), "")
    return "".join(char for char in said if char.isprintable())[:80]


def _sortable(address: str) -> bytes:
    return socket.inet_aton(address)
