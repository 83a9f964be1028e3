"""A peer connection as this node makes one: where it gathers, whom it checks, how long it may take.

aiortc by itself gathers on every interface but loopback, resolves a browser's `.local` names by
multicast, and asks a public STUN server when it is told nothing. Here a peer is told what
`RtcSettings` say and nothing else: names are never resolved (a browser that hides behind one
reaches us first, and is then known by its address), and the transports are bounded in time.
"""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import Any, TypeVar

import ifaddr
from aiortc import (
    RTCConfiguration,
    RTCIceCandidate,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.sdp import candidate_from_sdp

from ingest.rtc import Address, OfferRefused, RtcSettings

__all__ = [
    "GATHER_S",
    "MOST_SDP",
    "Gathering",
    "OfferRefused",
    "add_candidates",
    "answer",
    "credentials_of",
    "held_back",
    "new_peer",
    "only_on",
    "our_addresses",
    "take_offer",
]

GATHER_S = 3
"""For our own candidates; a STUN server that does not answer must not hold up who is near."""
IMPATIENT_S = 0.3
SILENT_FOR_S = 60.0
"""The same while a server is known to be silent, and for how long it is taken to be."""
MOST_SDP = 32 * 1024
"""Bytes; a browser's offer of one video is about 5 kB."""
MOST_CANDIDATES = 32
"""A peer's, each of which costs a few checks."""

LINE_BYTES = 32 * 1024
"""What the kernel keeps for a relay over TCP: an IDR, or two seconds of 128 kbit/s. It is enough
for 2.5 Mbit/s over a round trip of 100 ms."""

_MALFORMED = (
    *(ValueError, LookupError, TypeError, AttributeError, AssertionError),
    *(InvalidAccessError, InvalidStateError, OperationError),
)
"""What aiortc raises on descriptions that are not what they should be."""

Gathered = TypeVar("Gathered")


def new_peer(settings: RtcSettings) -> RTCPeerConnection:
    """On the running loop."""
    servers = [RTCIceServer(urls=url) for url in settings.stun[:1]]
    if settings.turn is not None:
        turn = settings.turn
        servers += [
            RTCIceServer(urls=url, username=turn.username, credential=turn.password)
            for url in turn.urls
        ]
    configuration = RTCConfiguration(iceServers=servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    return RTCPeerConnection(configuration)


async def take_offer(peer: RTCPeerConnection, offer: str, settings: RtcSettings) -> None:
    """Set the remote description, without the candidates that we do not check. `OfferRefused`."""
    if len(offer.encode()) > MOST_SDP:
        raise OfferRefused("malformed", f"the offer is over {MOST_SDP} bytes")
    try:
        description = RTCSessionDescription(_checked_only(offer, settings), "offer")
        await peer.setRemoteDescription(description)
    except OperationError:
        raise OfferRefused("no_common_codec", "the offer has no codec that is sent here") from None
    except _MALFORMED:
        raise OfferRefused("malformed", "the offer is not a session description (SDP)") from None


class Gathering:
    """How long our STUN and TURN servers are waited for. One that is silent (a site whose line to
    the outside is cut still has viewers within) holds up one viewer a minute, not everybody."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._silent_until = float("-inf")

    async def wait(self, gather: Callable[[float], Awaitable[Gathered]]) -> Gathered:
        """What `gather` brings, which is told how many seconds it may take."""
        patient = self._now() >= self._silent_until
        within_s = GATHER_S if patient else IMPATIENT_S
        began = self._now()
        found = await gather(within_s)
        took = self._now() - began
        if took < 0.9 * within_s:
            self._silent_until = float("-inf")
        elif patient:
            self._silent_until = self._now() + SILENT_FOR_S
        return found


async def answer(peer: RTCPeerConnection, settings: RtcSettings, gathering: Gathering) -> str:
    """Gather, and the answer with all our candidates in it: whoever gets it need not trickle."""
    only_on(peer, settings, gathering)
    try:
        await asyncio.wait_for(peer.setLocalDescription(await peer.createAnswer()), GATHER_S + 1)
    except TimeoutError:
        raise OfferRefused("malformed", "our own addresses could not be gathered") from None
    except _MALFORMED:
        raise OfferRefused("malformed", "the offer cannot be answered") from None
    return str(peer.localDescription.sdp)


async def add_candidates(peer: RTCPeerConnection, fragment: str, settings: RtcSettings) -> int:
    """Those of a trickle fragment (RFC 8840); how many were taken. Raises `OfferRefused`."""
    if len(fragment.encode()) > MOST_SDP:
        raise OfferRefused("malformed", f"the fragment is over {MOST_SDP} bytes")
    mid, taken = None, 0
    for line in fragment.splitlines()[: 4 * MOST_CANDIDATES]:
        if line.startswith("a=mid:"):
            mid = line[6:].strip()
        elif line.strip() == "a=end-of-candidates":
            await peer.addIceCandidate(None)
        elif line.startswith("a=candidate:") and _is_checked(line, settings):
            await peer.addIceCandidate(_candidate(line, mid))
            taken += 1
    return taken


def credentials_of(fragment: str) -> tuple[str | None, str | None]:
    """ICE user fragment and password that a description or fragment names first."""
    found: dict[str, str] = {}
    for line in fragment.splitlines():
        name, _, value = line.partition(":")
        if name in {"a=ice-ufrag", "a=ice-pwd"}:
            found.setdefault(name, value.strip())
    return found.get("a=ice-ufrag"), found.get("a=ice-pwd")


def _candidate(line: str, mid: str | None) -> RTCIceCandidate:
    try:
        candidate = candidate_from_sdp(line.removeprefix("a=candidate:").strip())
    except _MALFORMED:
        raise OfferRefused("malformed", "a candidate is not one") from None
    candidate.sdpMid, candidate.sdpMLineIndex = mid, None if mid else 0
    return candidate


def _checked_only(offer: str, settings: RtcSettings) -> str:
    kept: list[str] = []
    candidates = 0
    for line in offer.splitlines():
        if line.startswith("a=candidate:"):
            candidates += 1
            if candidates > MOST_CANDIDATES or not _is_checked(line, settings):
                continue
        kept.append(line)
    return "\r\n".join(kept) + "\r\n"


def _is_checked(line: str, settings: RtcSettings) -> bool:
    """UDP, and an address rather than a name: `a=candidate:F 1 udp P ADDRESS PORT typ …`."""
    parts = line.split()
    if len(parts) < 8 or parts[2].lower() != "udp":
        return False
    try:
        return settings.theirs(ip_address(parts[4]))
    except ValueError:
        return False


def only_on(
    peer: RTCPeerConnection, settings: RtcSettings, gathering: Gathering | None = None
) -> None:
    """Have it gather on our wanted addresses only; before its local description is set."""
    for transport in _ice_transports(peer):
        _gather_only_on(transport, settings, gathering or Gathering())


def _ice_transports(peer: RTCPeerConnection) -> list[Any]:
    """Its ICE transports, each once. aiortc builds them inside; there is no other way to them."""
    found = [transceiver.receiver.transport.transport for transceiver in peer.getTransceivers()]
    if peer.sctp is not None:
        found.append(peer.sctp.transport.transport)
    return list({id(transport): transport for transport in found}.values())


def _gather_only_on(transport: Any, settings: RtcSettings, gathering: Gathering) -> None:
    """Have aioice bind to our wanted addresses, and give up on its servers in time."""
    connection = transport.iceGatherer._connection
    gather = connection.get_component_candidates
    wanted = [str(address) for address in our_addresses(settings)]

    async def on_wanted(component: int, addresses: Sequence[str]) -> Any:  # noqa: ARG001
        found = await gathering.wait(lambda within_s: gather(component, wanted, timeout=within_s))
        for protocol in connection._protocols:
            _bound_line(protocol.transport)
        return found

    # Neither aiortc nor aioice has a setting for it; tests hold that this is still how it is done.
    connection.get_component_candidates = on_wanted


def held_back(sender: RTCRtpSender) -> int:
    """Bytes given to its connection that the line has not taken: asyncio keeps them, without any
    bound, where a socket is full, as that of a relay over TCP is when the other side is slow."""
    pair = sender.transport.transport._connection._nominated.get(1)
    return 0 if pair is None else int(_socket_of(pair.protocol.transport).get_write_buffer_size())


def _bound_line(transport: Any) -> None:
    """Have the kernel keep little of what a relay over TCP does not take: it would keep megabytes,
    which are minutes of a view."""
    line = _socket_of(transport).get_extra_info("socket")
    if line is not None and line.type == socket.SOCK_STREAM:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LINE_BYTES)


def _socket_of(transport: Any) -> Any:
    """The transport with the socket: a relay's hides behind one that looks like a datagram's."""
    relay = getattr(transport, "_TurnTransport__inner_protocol", None)
    return transport if relay is None else relay.transport


def our_addresses(settings: RtcSettings) -> tuple[Address, ...]:
    """Of this machine's interfaces, those that a peer may be told of."""
    found: list[Address] = []
    for adapter in ifaddr.get_adapters():
        for entry in adapter.ips:
            text = entry.ip if isinstance(entry.ip, str) else entry.ip[0]
            address = ip_address(text)
            if settings.ours(address) and address not in found:
                found.append(address)
    return tuple(found)
