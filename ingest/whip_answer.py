"""What a WHIP publisher is answered (RFC 9725 §4.2, §4.3.3). Pure.

Sound is never taken in: a track of it is answered `inactive`, so that none is even sent. It is not
rejected either (RFC 9725 §4.4.3): the publisher is asked for its picture, and gets no error.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.whip_sdp import ABS_SEND_TIME, AnsweredSection, IceCredentials, Offer


@dataclass(frozen=True, slots=True)
class LocalIce:
    """Our side, for the answer."""

    ice: IceCredentials
    candidates: tuple[str, ...]
    """As they stand behind `a=candidate:`, best first."""


def answer_to(offer: Offer, local: LocalIce, fingerprint: str, session_id: int) -> str:
    """`fingerprint`: of our certificate, SHA-256 in pairs of digits. `session_id`: 63 bits."""
    lines = [
        "v=0",
        f"o=- {session_id} 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        *([f"a=group:BUNDLE {' '.join(offer.bundled)}"] if offer.bundled else []),
        "a=msid-semantic: WMS *",
    ]
    transport = [
        *_ice_lines(local),
        f"a=fingerprint:sha-256 {fingerprint}",
        f"a=setup:{'passive' if offer.we_are_dtls_server else 'active'}",
    ]
    for section in offer.sections:
        lines += _section_lines(section, offer)
        lines += transport
    return _text(lines)


def fragment_of(offer: Offer, local: LocalIce) -> str:
    """The answer to an ICE restart: our new side."""
    first = offer.sections[0]
    lines = [
        "a=ice-options:trickle",
        *([f"a=group:BUNDLE {' '.join(offer.bundled)}"] if offer.bundled else []),
        f"m={first.kind} 9 {first.profile} {first.payload_type}",
        *([] if first.mid is None else [f"a=mid:{first.mid}"]),
        *[line for line in _ice_lines(local) if not line.startswith("a=ice-options")],
    ]
    return _text(lines)


def _text(lines: Sequence[str]) -> str:
    return "\r\n".join(lines) + "\r\n"


def _ice_lines(local: LocalIce) -> list[str]:
    return [
        f"a=ice-ufrag:{local.ice.ufrag}",
        f"a=ice-pwd:{local.ice.password}",
        "a=ice-options:trickle",
        *[f"a=candidate:{candidate}" for candidate in local.candidates],
        "a=end-of-candidates",
    ]


def _section_lines(section: AnsweredSection, offer: Offer) -> list[str]:
    taken = section.kind == "video"
    lines = [
        f"m={section.kind} 9 {section.profile} {section.payload_type}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        *([] if section.mid is None else [f"a=mid:{section.mid}"]),
        "a=recvonly" if taken else "a=inactive",
        "a=rtcp-mux",
        "a=rtcp-mux-only",
        "a=rtcp-rsize",
        f"a=rtpmap:{section.payload_type} {section.rtpmap}",
    ]
    if taken:
        codec = offer.codec
        if offer.abs_send_time is not None:
            lines.append(f"a=extmap:{offer.abs_send_time} {ABS_SEND_TIME}")
        lines += [f"a=rtcp-fb:{codec.payload_type} {one}" for one in codec.feedback]
        if codec.parameters:
            listed = ";".join(f"{name}={value}" for name, value in codec.parameters)
            lines.append(f"a=fmtp:{codec.payload_type} {listed}")
    return lines
