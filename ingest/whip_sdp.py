"""What a WHIP publisher says in SDP (RFC 9725, RFC 8866, RFC 8839), read with suspicion. Pure.

Nothing of an offer is trusted: it is bounded, read by a grammar of our own, and what the answer
(`ingest.whip_answer`) repeats of it was matched here. Each refusal names the field and the reason.
aiortc's own reader stops at an H.264 High profile, which libavcodec decodes as well as any other;
here the first codec of the offer that can be decoded is taken, by itself, so that a publisher
cannot change its mind.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

MOST_SDP = 30_000
"""Bytes; a browser's offer of one video is about 5 kB."""
MOST_LINES = 1_000
MOST_CANDIDATES = 32
"""A publisher's, each of which costs a few checks; what comes after is left out."""
MOST_SECTIONS = 4

_TOKEN = re.compile(r"[!#$%&'*+\-.0-9A-Za-z^_`{|}~]{1,64}")
_ICE_CHARS = re.compile(r"[A-Za-z0-9+/]+")
_HEX_PAIRS = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})+")
_MEDIA = re.compile(
    r"([a-z]{1,16}) (\d{1,5})(?:/\d{1,5})? ([A-Za-z/]{1,32})((?: \S{1,32}){1,64})", re.ASCII
)
_CANDIDATE = re.compile(
    r"(\S{1,32}) (\d{1,3}) (\S{1,8}) (\d{1,10}) (\S{1,128}) (\d{1,5}) typ (\S{1,8})(?: .{0,256})?",
    re.ASCII,
)
_PROFILES = frozenset({"UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "RTP/SAVPF"})
_DIGEST_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_SETUPS = frozenset({"actpass", "active", "passive"})
_DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
_ENCODING = re.compile(r"[A-Za-z0-9\-]{1,24}/\d{4,6}(/\d)?", re.ASCII)
_KINDS = frozenset({"host", "srflx", "prflx", "relay"})
_FEEDBACK = ("nack", "nack pli", "goog-remb")
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
CLOCK_HZ = 90_000
"""RTP clock of video (RFC 3551 §5)."""


class SdpRefused(Exception):
    """`field`: the line, attribute or section at fault; `reason` repeats nothing that was sent."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RemoteCandidate:
    """Over UDP, at an address (names are not resolved)."""

    foundation: str
    priority: int
    address: str
    port: int
    kind: str


@dataclass(frozen=True, slots=True)
class IceCredentials:
    ufrag: str
    password: str


@dataclass(frozen=True, slots=True)
class Codec:
    """The one codec that the publisher is to send."""

    name: str
    """FFmpeg's: `h264` or `vp8`."""
    payload_type: int
    parameters: tuple[tuple[str, str], ...] = ()
    """Of `a=fmtp`, those that belong into the answer."""
    feedback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Section:
    kind: str
    profile: str
    formats: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def first(self, name: str) -> str | None:
        return next(iter(self.values(name)), None)


@dataclass(frozen=True, slots=True)
class AnsweredSection:
    """What the answer repeats of one section of the offer."""

    kind: str
    profile: str
    mid: str | None
    payload_type: int
    rtpmap: str


@dataclass(frozen=True, slots=True)
class Offer:
    ice: IceCredentials
    ice_lite: bool
    candidates: tuple[RemoteCandidate, ...]
    candidates_complete: bool
    fingerprints: tuple[tuple[str, str], ...]
    """Algorithm and value, at least one."""
    we_are_dtls_server: bool
    codec: Codec
    abs_send_time: int | None
    """Id of that header extension, where it is offered."""
    sections: tuple[AnsweredSection, ...]
    bundled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a PATCH brings (RFC 8840 §4.4): candidates, and the ICE session that they belong to."""

    ice: IceCredentials | None
    candidates: tuple[RemoteCandidate, ...]
    candidates_complete: bool


def parse_offer(text: str) -> Offer:
    """Raises `SdpRefused`."""
    session, sections = _sections(_lines(text))
    video, bundled = _checked(session, sections)
    everywhere = (video, sections[0], session)
    direction = next((key for key, _ in video.attributes if key in _DIRECTIONS), "sendrecv")
    if direction not in {"sendonly", "sendrecv"}:
        raise SdpRefused("direction", "is to be sendonly: a publisher sends")
    setup = _anywhere(everywhere, "setup") or "actpass"
    if setup not in _SETUPS:
        raise SdpRefused("setup", "is none of actpass, active and passive")
    if video.first("rtcp-mux") is None:
        raise SdpRefused("rtcp-mux", "is missing: RTCP is taken on the same port only")
    codec = _codec(video)
    lines = [line for section in sections for line in section.values("candidate")]
    return Offer(
        ice=_ice(everywhere),
        ice_lite=session.first("ice-lite") is not None,
        candidates=_candidates(lines),
        candidates_complete=any(
            section.first("end-of-candidates") is not None for section in sections
        ),
        fingerprints=_fingerprints(everywhere),
        # Of both roles that are left to us, the server's: it is the one that copes with every
        # publisher's certificate, and what RFC 9725 §4.4.4 expects of us.
        we_are_dtls_server=setup != "passive",
        codec=codec,
        abs_send_time=_extension(video, ABS_SEND_TIME),
        sections=tuple(_answered(section, codec) for section in sections),
        bundled=bundled,
    )


def parse_fragment(text: str) -> Fragment:
    """Raises `SdpRefused`."""
    attributes: list[tuple[str, str]] = []
    for line in _lines(text):
        if line.startswith("a="):
            attributes.append(_attribute(line))
        elif not line.startswith("m="):
            raise SdpRefused("body", "holds a line that is no part of an SDP fragment")
    whole = _Section("", "", (), tuple(attributes))
    has = whole.first("ice-ufrag") is not None, whole.first("ice-pwd") is not None
    return Fragment(
        ice=_ice((whole,)) if any(has) else None,
        candidates=_candidates(whole.values("candidate")),
        candidates_complete=whole.first("end-of-candidates") is not None,
    )


def _lines(text: str) -> list[str]:
    if len(text.encode(errors="replace")) > MOST_SDP:
        raise SdpRefused("body", f"is over {MOST_SDP} bytes")
    lines = [line.removesuffix("\r") for line in text.strip("\r\n").split("\n")]
    if len(lines) > MOST_LINES:
        raise SdpRefused("body", f"has over {MOST_LINES} lines")
    for number, line in enumerate(lines, 1):
        if len(line) < 2 or line[1] != "=" or not line.isprintable():
            raise SdpRefused("body", f"is no SDP: line {number} is not a letter, =, and a value")
    return lines


def _attribute(line: str) -> tuple[str, str]:
    name, _, value = line[2:].partition(":")
    return name.strip(), value.strip()


def _sections(lines: Sequence[str]) -> tuple[_Section, list[_Section]]:
    if lines[0] != "v=0":
        raise SdpRefused("v", "is not 0: the body is no session description")
    groups: list[tuple[str, list[tuple[str, str]]]] = [("", [])]
    for line in lines:
        if line.startswith("m="):
            groups.append((line[2:], []))
        elif line.startswith("a="):
            groups[-1][1].append(_attribute(line))
    session = _Section("", "", (), tuple(groups[0][1]))
    if len(groups) - 1 > MOST_SECTIONS:
        raise SdpRefused("m", f"there are over {MOST_SECTIONS} media sections")
    return session, [_section(media, attributes) for media, attributes in groups[1:]]


def _section(media: str, attributes: list[tuple[str, str]]) -> _Section:
    match = _MEDIA.fullmatch(media)
    if match is None:
        raise SdpRefused("m", "is not a kind, a port, a profile and formats")
    kind, _, profile, formats = match.groups()
    return _Section(kind, profile, tuple(formats.split()), tuple(attributes))


def _checked(session: _Section, sections: list[_Section]) -> tuple[_Section, tuple[str, ...]]:
    """The video, and the mids that share its transport: all there are (RFC 9725 §4.4.1)."""
    for section in sections:
        if section.kind not in {"audio", "video"}:
            raise SdpRefused(f"m={section.kind}", "is not taken: one video, and sound at most")
        if section.profile not in _PROFILES:
            raise SdpRefused(f"m={section.kind}", "is not RTP over DTLS (UDP/TLS/RTP/SAVPF)")
    for kind in ("audio", "video"):
        if sum(section.kind == kind for section in sections) > 1:
            raise SdpRefused(f"m={kind}", "is there more than once; a camera has one picture")
    video = next((section for section in sections if section.kind == "video"), None)
    if video is None:
        raise SdpRefused("m=video", "is missing")
    mids = [_mid(section) for section in sections]
    groups = [value.split()[1:] for value in session.values("group") if value.startswith("BUNDLE")]
    bundled = tuple(mid for mid in (groups[0] if groups else []) if mid in mids)
    if len(sections) > 1 and not all(mid in bundled for mid in mids):
        raise SdpRefused("group", "is to bundle all sections: one transport is taken")
    return video, bundled


def _mid(section: _Section) -> str | None:
    mid = section.first("mid")
    if mid is not None and not _TOKEN.fullmatch(mid):
        raise SdpRefused("mid", "is no token")
    return mid


def _anywhere(sections: Sequence[_Section], name: str) -> str | None:
    return next((value for one in sections if (value := one.first(name)) is not None), None)


def _ice(sections: Sequence[_Section]) -> IceCredentials:
    ufrag, password = _anywhere(sections, "ice-ufrag"), _anywhere(sections, "ice-pwd")
    for name, value, least in (("ice-ufrag", ufrag, 4), ("ice-pwd", password, 22)):
        if value is None:
            raise SdpRefused(name, "is missing")
        if not least <= len(value) <= 256 or not _ICE_CHARS.fullmatch(value):
            raise SdpRefused(name, f"is not {least} to 256 letters, digits, + and /")
    return IceCredentials(ufrag or "", password or "")


def _fingerprints(sections: Sequence[_Section]) -> tuple[tuple[str, str], ...]:
    """Of the section that has any, those by a digest that is still good."""
    given = next((values for one in sections if (values := one.values("fingerprint"))), [])
    if not given:
        raise SdpRefused("fingerprint", "is missing")
    found = []
    for line in given[:8]:
        algorithm, _, value = line.partition(" ")
        algorithm, value = algorithm.lower(), value.strip()
        size = _DIGEST_BYTES.get(algorithm)
        if size is None:
            continue
        if not _HEX_PAIRS.fullmatch(value) or len(value) != 3 * size - 1:
            raise SdpRefused("fingerprint", f"is no {algorithm} in pairs of hexadecimal digits")
        found.append((algorithm, value.upper()))
    if not found:
        raise SdpRefused("fingerprint", "is by none of sha-256, sha-384 and sha-512")
    return tuple(found)


def _codec(video: _Section) -> Codec:
    for payload_type, encoding in _encodings(video):
        name, _, rest = encoding.partition("/")
        if rest.split("/")[0] != str(CLOCK_HZ):
            continue
        feedback = tuple(one for one in _FEEDBACK if one in _feedback(video, payload_type))
        if name.upper() == "VP8":
            return Codec("vp8", payload_type, (), feedback)
        if name.upper() == "H264":
            parameters = _h264(video, payload_type)
            if parameters is not None:
                return Codec("h264", payload_type, parameters, feedback)
    raise SdpRefused("rtpmap", "the offer has neither H.264 nor VP8")


def _encodings(section: _Section) -> Iterator[tuple[int, str]]:
    """In the publisher's order of preference."""
    named: dict[str, str] = {}
    for value in section.values("rtpmap"):
        number, _, encoding = value.partition(" ")
        named.setdefault(number, encoding.strip())
    for number in section.formats:
        if not number.isdecimal() or not number.isascii():
            raise SdpRefused(f"m={section.kind}", "has a format that is no payload type")
        payload_type = int(number)
        # 64 to 95 would be taken for RTCP on the shared port (RFC 5761 §4).
        if payload_type > 127 or 64 <= payload_type <= 95:
            raise SdpRefused(f"m={section.kind}", "has a payload type that is none or means RTCP")
        if number in named:
            yield payload_type, named[number]


def _feedback(section: _Section, payload_type: int) -> set[str]:
    wanted = {str(payload_type), "*"}
    pairs = [value.partition(" ") for value in section.values("rtcp-fb")]
    return {kind.strip() for number, _, kind in pairs if number in wanted}


def _h264(section: _Section, payload_type: int) -> tuple[tuple[str, str], ...] | None:
    """What the answer says of it; None: packetised in a way that is not read (RFC 6184 §6.4)."""
    given: dict[str, str] = {}
    for value in section.values("fmtp"):
        number, _, listed = value.partition(" ")
        if number == str(payload_type):
            pairs = (one.strip().partition("=") for one in listed.split(";"))
            given |= {name.lower(): text for name, _, text in pairs}
    mode = given.get("packetization-mode", "0")
    if mode not in {"0", "1"}:
        return None
    answered = [("packetization-mode", mode)]
    profile = given.get("profile-level-id", "")
    if re.fullmatch(r"[0-9A-Fa-f]{6}", profile):
        # Whatever the profile, it is libavcodec that decodes.
        answered.append(("profile-level-id", profile))
    if given.get("level-asymmetry-allowed") == "1":
        answered.append(("level-asymmetry-allowed", "1"))
    return tuple(answered)


def _extension(section: _Section, uri: str) -> int | None:
    for value in section.values("extmap"):
        number, _, named = value.partition(" ")
        number = number.partition("/")[0]
        if named.split(" ")[0] == uri and re.fullmatch(r"[1-9]|1[0-4]", number):
            return int(number)
    return None


def _answered(section: _Section, codec: Codec) -> AnsweredSection:
    mid = _mid(section)
    if section.kind == "video":
        name = {"h264": "H264", "vp8": "VP8"}[codec.name]
        shown = f"{name}/{CLOCK_HZ}"
        return AnsweredSection("video", section.profile, mid, codec.payload_type, shown)
    for payload_type, encoding in _encodings(section):
        if _ENCODING.fullmatch(encoding):
            return AnsweredSection(section.kind, section.profile, mid, payload_type, encoding)
    raise SdpRefused(f"m={section.kind}", "names no codec")


def _candidates(values: Sequence[str]) -> tuple[RemoteCandidate, ...]:
    """What cannot be used is left out in silence (RFC 9725 §4.3.2): TCP, names, RTCP."""
    found = [parsed for value in values[: 4 * MOST_CANDIDATES] if (parsed := _candidate(value))]
    return tuple(dict.fromkeys(found))[:MOST_CANDIDATES]


def _candidate(value: str) -> RemoteCandidate | None:
    match = _CANDIDATE.fullmatch(value)
    if match is None:
        raise SdpRefused("candidate", "is not one (RFC 8839 §5.1)")
    foundation, component, transport, priority, address, port, kind = match.groups()
    if component != "1" or transport.lower() != "udp" or kind not in _KINDS:
        return None
    if not 0 < int(port) < 65536 or int(priority) >= 1 << 32:
        raise SdpRefused("candidate", "has a port or a priority that is none")
    try:
        plain = str(ip_address(address))
    except ValueError:
        return None
    return RemoteCandidate(foundation, int(priority), plain, int(port), kind)
