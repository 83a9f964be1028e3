"""Which addresses a node may dial for a camera: one decision, asked by everything that dials.

A camera's address comes from people who sign in over the network, and what a camera answers
(a redirect, an ONVIF address, an ICE candidate) comes from whatever stands at its end. Without a
limit the node could be led to talk to its own database, to a router's pages or to the internet.

How to use it. The settings make one `CameraNetworks`; whoever is about to dial asks

    networks.allows(address)        # an IP address as text, never a name

of **the address that is really dialled**: resolve a name once, ask here, and dial that address and
not the name again (`ingest.dialling.resolve` does so), or ask it of the peer of a connection that
was made. A name is never allowed by its spelling. Answers are pure and take a microsecond.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from record.errors import Invalid

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",  # RFC 1918: private
    "100.64.0.0/10",  # RFC 6598: behind a carrier's translation, where SIM routers find themselves
    "169.254.0.0/16",  # RFC 3927: link-local, where a camera without DHCP ends up
    "fc00::/7",  # RFC 4193: unique local
    "fe80::/10",  # RFC 4291 §2.5.6: link-local
)
LOOPBACK = ("127.0.0.0/8", "::1/128")

METADATA = frozenset({ip_address("169.254.169.254"), ip_address("fd00:ec2::254")})
"""Where machines in a cloud are told their secrets. Only a setting that names the very address
lets it be dialled."""

_NAT64 = ip_network("64:ff9b::/96")
"""RFC 6052 §2.1: an IPv4 address behind a translator, in the last 32 bits."""


@dataclass(frozen=True, slots=True)
class CameraNetworks:
    """`CameraNetworks(())` allows nothing."""

    networks: tuple[Network, ...]

    @classmethod
    def parse(cls, texts: Iterable[str], where: str = "camera_networks") -> "CameraNetworks":
        """From CIDR notation or single addresses; raises `Invalid` naming `where` and the entry."""
        found: list[Network] = []
        for index, text in enumerate(texts):
            try:
                found.append(ip_network(text.strip()))
            except ValueError:
                reason = f"{text!r} is no network such as 192.168.1.0/24"
                raise Invalid(f"{where}.{index}", reason) from None
        return cls(tuple(found))

    @classmethod
    def default(cls, *, loopback: bool) -> "CameraNetworks":
        """Where cameras stand. `loopback`: the node itself can be reached from this machine only,
        so that whoever adds a camera could dial its services anyway."""
        return cls.parse((*PRIVATE, *LOOPBACK) if loopback else PRIVATE)

    def allows(self, address: str) -> bool:
        """Whether this IP address may be dialled. False for a name and for anything else that is
        no address, and for multicast, broadcast and "any", unless a network of the settings holds
        it: they are in none of the defaults."""
        try:
            wanted = real_address(address)
        except ValueError:
            return False
        holding = [network for network in self.networks if _holds(network, wanted)]
        if wanted in METADATA:
            return any(network.num_addresses == 1 for network in holding)
        return bool(holding)

    def __str__(self) -> str:
        return ", ".join(str(network) for network in self.networks) or "none"


def real_address(text: str) -> Address:
    """The address that packets to `text` go to: brackets and zone taken off, and an IPv4 address
    found in the IPv6 one that wraps it (mapped, 6to4, NAT64). Raises `ValueError`."""
    address = ip_address(text.strip().strip("[]").partition("%")[0])
    if isinstance(address, IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and address in _NAT64:
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    return inside or address


def _holds(network: Network, address: Address) -> bool:
    return network.version == address.version and address in network
