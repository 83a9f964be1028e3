"""Cameras, and what is drawn over their pictures: lines, areas and rules.

Coordinates are fractions of the frame, 0..1, x to the right and y down. What may be drawn is
checked here, once, whoever asks: the API, the command line or a scene file.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from record.errors import Invalid
from record.ids import AreaId, CameraId, LineId, MaskId, Position, RuleId, SiteId
from record.orders import RuleKind

CAMERA_SCHEMES = frozenset({"rtsp", "rtsps", "file", "whip"})
"""`whip:` names no host: such a camera is not dialled, it publishes to us (RFC 9725)."""

WHIP = "whip:"

DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}
"""RFC 7826 §19.2 and RFC 2326 §3.2."""

LINE_RULES = frozenset({RuleKind.EXIT, RuleKind.ENTRY})
AREA_RULES = frozenset(
    {RuleKind.RESTRICTED, RuleKind.GATHERING, RuleKind.LOITERING, RuleKind.OVER_CAPACITY}
)


class Priority(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


PRIORITIES: dict[RuleKind, Priority] = {
    RuleKind.EXIT: Priority.HIGH,
    RuleKind.ENTRY: Priority.HIGH,
    RuleKind.CAMERA_TAMPERED: Priority.HIGH,
    RuleKind.RESTRICTED: Priority.MEDIUM,
    RuleKind.GATHERING: Priority.MEDIUM,
    RuleKind.LOITERING: Priority.MEDIUM,
    RuleKind.OVER_CAPACITY: Priority.MEDIUM,
    RuleKind.HEADCOUNT_SHORT: Priority.MEDIUM,
    RuleKind.CAMERA_OFFLINE: Priority.LOW,
}


class Transport(StrEnum):
    """How RTSP media travels."""

    TCP = "tcp"
    UDP = "udp"
    """Over UDP; over TCP when no packet comes that way."""


class CameraState(StrEnum):
    CONNECTING = "connecting"
    ONLINE = "online"
    DEGRADED = "degraded"
    OFFLINE = "offline"
    DISABLED = "disabled"


class CameraReason(StrEnum):
    """Why a camera is not simply online; the remedy for each stands in docs/cameras.md."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    AUTH_FAILED = "auth_failed"
    NOT_FOUND = "not_found"
    NO_VIDEO = "no_video"
    UNSUPPORTED_CODEC = "unsupported_codec"
    STALLED = "stalled"
    ENDED = "ended"
    CORRUPT = "corrupt"
    CLOCK_SKEWED = "clock_skewed"
    LOW_FRAME_RATE = "low_frame_rate"
    """Fewer than half as many pictures as the camera usually sends."""
    UNSTABLE = "unstable"
    """It comes and goes so often that each outage is no longer said by itself."""
    TLS_FAILED = "tls_failed"
    NETWORK_NOT_ALLOWED = "network_not_allowed"
    """The address lies outside the networks that the settings let this node dial."""
    NO_PUBLISHER = "no_publisher"
    """A camera that publishes to us, and does not at the moment."""
    COVERED = "covered"
    BLINDED = "blinded"
    DEFOCUSED = "defocused"
    MOVED = "moved"
    FROZEN = "frozen"
    """Packets come, the picture does not change: what is shown may be hours old."""
    DARK = "dark"
    """The picture has been black for long: no light there, or something black before the lens. That
    nothing is seen is certain, and that somebody did it is not."""
    WORKER_LOST = "worker_lost"
    """No process reads the camera: it died and is being replaced, or the node has stopped."""
    ADDRESS_SEALED = "address_sealed"
    """Where it is dialled was sealed with a key that this node does not have."""
    NO_DETECTOR = "no_detector"
    """The picture is there, but nothing can find people in it: no rule of this camera can fire."""
    EVIDENCE_FULL = "evidence_full"
    """It is watched, but there is no room for snapshots and clips: breaches are told without."""


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """A tripwire from `a` to `b`. Outward is from the left of a→b to its right, as seen on the
    screen facing from a to b; `detect.geometry` is the only place that computes it."""

    id: LineId
    a: Point
    b: Point
    name: str = ""
    margin: float | None = None
    """Fraction of the frame's width on either side that counts as on the line; None: 0.01."""
    perimeter: bool = False
    """Crossings count towards the site's balance."""


@dataclass(frozen=True, slots=True)
class Area:
    """A zone: a simple polygon, in either turning sense; the first point is not repeated."""

    id: AreaId
    polygon: tuple[Point, ...]
    name: str = ""
    counts: bool = False
    """Counts towards the site's visible figure; the installer declares such areas disjoint."""


@dataclass(frozen=True, slots=True)
class Mask:
    """A privacy mask: hidden in every picture that leaves, whatever is found there; the detector
    looks behind it. A simple polygon, as an `Area`'s."""

    id: MaskId
    polygon: tuple[Point, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    id: RuleId
    kind: RuleKind
    line: LineId | None = None
    area: AreaId | None = None
    persons: int = 1
    """For what counts people (gathering, over_capacity): how many it takes."""
    seconds: float = 0.0
    """Dwell: how long the condition must last. Only for what lasts."""
    cooldown_s: float = 0.0
    """After the end of what lasts: how long until it may open a new breach."""
    priority: Priority | None = None

    @property
    def urgency(self) -> Priority:
        return self.priority or PRIORITIES[self.kind]


@dataclass(frozen=True, slots=True, repr=False)
class CameraUrl:
    """An address with its credentials split off; neither `repr` nor `str` shows them, nor what
    may be some of them."""

    address: str
    """Scheme, host, port, path and query, without user and password."""
    username: str | None = None
    """As the camera knows it, not percent-encoded; so is the password."""
    password: str | None = None

    @classmethod
    def parse(cls, text: str, *, where: str = "url") -> "CameraUrl":
        """Split `text`; raises `Invalid` naming `where`, with a reason that repeats no secret."""
        text = text.strip()
        # Also because `urlsplit` takes line breaks and tabs out in silence.
        if not text.isprintable() or " " in text:
            raise Invalid(where, "holds a space or a control character; write a space as %20")
        try:
            parts = urlsplit(text)
        except ValueError:
            raise Invalid(where, "is not an address") from None
        if parts.scheme not in CAMERA_SCHEMES:
            wanted = ", ".join(f"{scheme}://" for scheme in sorted(CAMERA_SCHEMES))
            raise Invalid(where, f"begins with {parts.scheme or 'no scheme'!r}, not with {wanted}")
        if parts.scheme == "whip" and text != WHIP:
            raise Invalid(where, "of a camera that publishes to us is whip: and nothing more")
        _refuse_split_credentials(text, where)
        port = _port_of(parts, where)
        if parts.scheme not in {"file", "whip"} and not parts.hostname:
            raise Invalid(where, "names no host")
        host = parts.hostname or ""
        if ":" in host:
            host = f"[{host}]"
        netloc = f"{host}:{port}" if port is not None else host
        address = urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
        try:
            username, password = _decoded(parts.username), _decoded(parts.password)
        except UnicodeDecodeError:
            raise Invalid(where, "has a user or password that is not UTF-8") from None
        if username is None:
            return cls(address)
        return cls(address).signed_in(username, password, where=where)

    def signed_in(
        self, username: str, password: str | None, *, where: str = "username"
    ) -> "CameraUrl":
        """This address with credentials as they are, not percent-encoded; raises `Invalid`."""
        # They stand in a header's line, and before the first colon is the user (RFC 7617 §2).
        if not (username + (password or "")).isprintable():
            raise Invalid(where, "has a control character in the user or password")
        if ":" in username:
            raise Invalid(where, "has a colon in the user name, which no camera can be told")
        return CameraUrl(self.address, username, password)

    def beside(self, main: "CameraUrl") -> "CameraUrl":
        """This address, of a sub-stream, with the credentials of the main stream when it names
        none of its own and stands at the very same scheme, host and port: nobody else is told a
        password, for behind another port may be another device (a router that forwards)."""
        if self.username is not None or self._place != main._place:
            return self
        return CameraUrl(self.address, main.username, main.password)

    @property
    def _place(self) -> tuple[str, str | None, int | None]:
        parts = urlsplit(self.address)
        return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)

    def with_credentials(self) -> str:
        """The whole address, for the library that dials it and for nothing else."""
        if self.username is None:
            return self.address
        parts = urlsplit(self.address)
        user = quote(self.username, safe="")
        secret = "" if self.password is None else ":" + quote(self.password, safe="")
        return urlunsplit((parts.scheme, f"{user}{secret}@{parts.netloc}", *parts[2:]))

    def __str__(self) -> str:
        """Scheme, host and port. Many a camera is told its password in the path or the query, so
        neither is shown."""
        parts = urlsplit(self.address)
        more = "/…" if parts.path.strip("/") or parts.query else ""
        return urlunsplit((parts.scheme, parts.netloc, more, "", ""))

    def __repr__(self) -> str:
        return f"CameraUrl({str(self)!r})"


def _port_of(parts: SplitResult, where: str) -> int | None:
    try:
        port = parts.port
    except ValueError:
        raise Invalid(where, "is not an address") from None
    if port == 0:
        raise Invalid(where, "has port 0, at which nobody listens")
    return port


def _refuse_split_credentials(text: str, where: str) -> None:
    """`rtsp://admin:12/34@host/s` is a host `admin` with port 12 to whoever reads it by RFC 3986,
    and the rest of the password a path for all to see."""
    if "#" in text:
        raise Invalid(where, "has a # in it; write it as %23")
    parts = urlsplit(text)
    if parts.scheme != "file" and "@" in parts.path + parts.query:
        raise Invalid(
            where,
            "has an @ behind the host: in a user name, a password, a path or a query write "
            "/ as %2F, ? as %3F and @ as %40",
        )


def _decoded(quoted: str | None) -> str | None:
    """A `%` that encodes nothing stands for itself."""
    return None if quoted is None else unquote(quoted, errors="strict")


CLOSED = CameraUrl("sealed:")
"""In place of an address that does not open; never dialled, and never written over what is kept."""


@dataclass(frozen=True, slots=True)
class Camera:
    id: CameraId
    site: SiteId
    name: str
    url: CameraUrl
    """Its main stream."""
    short_name: str = ""
    """Up to 14 characters, for the wall's strip; empty: the name itself."""
    lines: tuple[Line, ...] = ()
    areas: tuple[Area, ...] = ()
    rules: tuple[Rule, ...] = ()
    masks: tuple[Mask, ...] = ()
    sub_url: CameraUrl | None = None
    """Its sub-stream, smaller and lighter; None: it has none that we know of."""
    transport: Transport = Transport.TCP
    main_evidence: bool = False
    """Clips are cut from the main stream, read beside the sub-stream: the line must carry both."""
    enabled: bool = True
    version: int = 1

    @property
    def watched_url(self) -> CameraUrl:
        """What the detector looks at: the sub-stream where there is one."""
        return self.sub_url or self.url

    @property
    def publishes(self) -> bool:
        """It is not dialled: it comes to us by WHIP."""
        return self.url.address == WHIP


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What is known of a camera's connection: a projection of its events."""

    camera: CameraId
    state: CameraState
    reason: CameraReason | None
    since: datetime
    width: int | None = None
    height: int | None = None
    position: Position | None = field(default=None, compare=False)
    """Of the event that says so; None: no event does."""
