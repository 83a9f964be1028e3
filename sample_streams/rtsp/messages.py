"""RTSP 1.0 (RFC 2326) requests and answers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

from sample_streams.rtsp.sdp import DEAD, TRACK

REASONS: Mapping[int, str] = MappingProxyType(
    {
        200: "OK",
        400: "Bad Request",
        401: "Unauthorized",
        404: "Not Found",
        454: "Session Not Found",
        455: "Method Not Valid in This State",
        461: "Unsupported Transport",
        501: "Not Implemented",
        503: "Service Unavailable",
    }
)


class BadRequest(Exception):
    """The bytes are not a request this server can read; the connection is not worth keeping."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    uri: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""

    @property
    def camera(self) -> str:
        """Name of the camera asked for: the path, without slashes and the track."""
        path, last = self._path_and_last
        return path if self._is_track(last) else f"{path}/{last}".strip("/")

    @property
    def track(self) -> str:
        """The track asked for; that of the picture when none is named."""
        last = self._path_and_last[1]
        return last if self._is_track(last) else TRACK

    @property
    def _path_and_last(self) -> tuple[str, str]:
        path, _, last = urlsplit(self.uri).path.strip("/").rpartition("/")
        return path, last

    @staticmethod
    def _is_track(name: str) -> bool:
        return name == TRACK or (name.startswith(DEAD) and name.removeprefix(DEAD).isdecimal())

    @property
    def session(self) -> str:
        """The session id, or an empty string."""
        return self.headers.get("session", "").split(";", 1)[0].strip()


def parse_request(head: bytes) -> Request:
    """A request from its head, up to and with the empty line. Raises `BadRequest`."""
    try:
        first, *rest = head.decode("utf-8").rstrip("\r\n").split("\r\n")
        method, uri, version = first.split(" ")
        headers = dict(line.split(":", 1) for line in rest)
        urlsplit(uri)  # what it refuses is no address either
    except ValueError as error:
        raise BadRequest("not an RTSP request") from error
    if version != "RTSP/1.0":
        raise BadRequest("not RTSP/1.0")
    return Request(method, uri, {name.strip().lower(): v.strip() for name, v in headers.items()})


def answer(
    status: int,
    request: Request | None,
    headers: Mapping[str, str] | None = None,
    body: str = "",
) -> bytes:
    """An answer to a request; `CSeq` is repeated, `Content-Length` set when there is a body."""
    lines = [f"RTSP/1.0 {status} {REASONS[status]}"]
    if request is not None and "cseq" in request.headers:
        lines.append(f"CSeq: {request.headers['cseq']}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    data = body.encode()
    if data:
        lines.append(f"Content-Length: {len(data)}")
    return "\r\n".join([*lines, "", ""]).encode() + data


def interleaved_channels(transport: str) -> tuple[int, int] | None:
    """Channels for RTP and RTCP from a Transport header, or None when it wants something else.

    Takes the first alternative that is RTP over this connection; without numbers it gets 0-1.
    """
    for alternative in transport.split(","):
        protocol, *parameters = (part.strip() for part in alternative.split(";"))
        if protocol.upper() != "RTP/AVP/TCP" or "multicast" in parameters:
            continue
        wanted = next((p[12:] for p in parameters if p.startswith("interleaved=")), "0-1")
        rtp, _, rtcp = wanted.partition("-")
        if not rtp.isdecimal() or (rtcp and not rtcp.isdecimal()):
            continue
        channels = int(rtp), int(rtcp or int(rtp) + 1)
        if channels[0] != channels[1] and max(channels) <= 255:
            return channels
    return None


def client_ports(transport: str) -> tuple[int, int] | None:
    """Ports for RTP and RTCP from a Transport header that asks for UDP first, else None."""
    protocol, *parameters = (
        part.strip() for part in transport.split(",", maxsplit=1)[0].split(";")
    )
    if protocol.upper() not in {"RTP/AVP", "RTP/AVP/UDP"} or "multicast" in parameters:
        return None
    wanted = next((part[12:] for part in parameters if part.startswith("client_port=")), "")
    rtp, _, rtcp = wanted.partition("-")
    if not rtp.isdecimal() or not rtcp.isdecimal() or not 0 < int(rtp) < int(rtcp) < 65_536:
        return None
    return int(rtp), int(rtcp)
