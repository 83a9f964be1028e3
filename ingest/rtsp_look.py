"""What a camera says of itself before it is played: one OPTIONS and one DESCRIBE (RFC 2326).

FFmpeg reads the same answers and keeps to itself what an installer wants to know: who made it, how
it lets people in, which tracks there are. A glance: bounded in time and bytes, never a session.
"""

import hashlib
import re
import socket
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from ingest.peers import connected
from ingest.tls import UNVERIFIED, CameraTls
from record.cameras import DEFAULT_PORTS, CameraUrl

MOST_BYTES = 64 * 1024
_AGENT = "wardwatch"
_CHALLENGE = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')


class SignIn(StrEnum):
    """How the camera lets people in."""

    OPEN = "open"
    """To anybody: no password is asked for."""
    BASIC = "basic"
    """The password travels as it is: readable on the line unless the line is encrypted."""
    DIGEST = "digest"
    REFUSED = "refused"
    """Asked for, and what was given is wrong or nothing was given."""
    UNKNOWN = "unknown"


class Spoke(StrEnum):
    """What came back."""

    NOBODY = "nobody"
    """No connection."""
    NOTHING = "nothing"
    """We were let in, and then waited in vain."""
    HUNG_UP = "hung_up"
    HTTP = "http"
    NOISE = "noise"
    """Something that is neither RTSP nor HTTP."""
    TOO_MUCH = "too_much"
    RTSP = "rtsp"


@dataclass(frozen=True, slots=True)
class RtspLook:
    """Everything None or empty: it was not said."""

    sign_in: SignIn = SignIn.UNKNOWN
    server: str | None = None
    """The `Server` header: firmware, mostly with the maker's name in it."""
    tracks: tuple[tuple[str, str], ...] = ()
    """(media, codec) such as ("video", "H264")."""
    redirected: bool = False
    leads_to: str | None = None
    """Where it redirects to, as it says."""
    described: bool = False
    """It gave a description of its tracks."""
    spoke: Spoke = Spoke.NOBODY

    @property
    def audio(self) -> str | None:
        """Codec of the first sound track."""
        return next((codec for media, codec in self.tracks if media == "audio"), None)


def look(
    url: CameraUrl,
    address: str,
    timeout_s: float = 3.0,
    tls: CameraTls = UNVERIFIED,
    server_name: str | None = None,
) -> RtspLook:
    """Ask the camera at `address`, which was checked; `url` names what to ask for.

    Never raises for what the camera does: what could not be found out stays unknown. `server_name`:
    what its certificate must be for, where `tls` verifies it.
    """
    try:
        connection = _connected(url, address, timeout_s, tls, server_name)
    except (OSError, ValueError):
        return RtspLook()
    found = RtspLook()
    with connection:
        talk = _Talk(connection, url, time.monotonic() + timeout_s)
        with suppress(OSError, ValueError):
            found = RtspLook(server=_server(talk.ask("OPTIONS")))
            found = _described(talk, url, found.server)
    return replace(found, spoke=talk.spoke)


def _described(talk: "_Talk", url: CameraUrl, server: str | None) -> RtspLook:
    answer = talk.ask("DESCRIBE", {"Accept": "application/sdp"})
    challenges = answer.all("www-authenticate")
    if answer.status != 401 or url.username is None or not challenges:
        return _found(answer, server, SignIn.OPEN)
    sign_in, authorization = _authorize(challenges, url)
    asked = {"Accept": "application/sdp", "Authorization": authorization}
    return _found(talk.ask("DESCRIBE", asked), server, sign_in)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


def _found(answer: _Answer, server: str | None, sign_in: SignIn) -> RtspLook:
    if answer.status in (401, 403):
        return RtspLook(SignIn.REFUSED, _server(answer) or server)
    if answer.status != 200:
        redirected = 300 <= answer.status < 400
        leads_to = next(iter(answer.all("location")), None) if redirected else None
        server = _server(answer) or server
        return RtspLook(SignIn.UNKNOWN, server, redirected=redirected, leads_to=leads_to)
    tracks = tracks_of(answer.body)
    return RtspLook(sign_in, _server(answer) or server, tracks, described=True)


def _server(answer: _Answer) -> str | None:
    said = next(iter(answer.all("server")), "")
    shown = "".join(char for char in said if char.isprintable()).strip()[:80]
    return shown or None


def tracks_of(sdp: str) -> tuple[tuple[str, str], ...]:
    """(media, codec) of each track of a session description (RFC 8866): from `a=rtpmap`, or the
    static payload types of RFC 3551."""
    tracks: list[tuple[str, str]] = []
    for raw in sdp.splitlines()[:500]:
        line = raw.strip()
        if line.startswith("m=") and len(tracks) < 16:
            words = line[2:].split()
            payload = words[3] if len(words) > 3 else ""
            tracks.append((words[0] if words else "", _STATIC.get(payload, "unknown")))
        elif line.startswith("a=rtpmap:") and tracks and " " in line:
            codec = line.split(" ", 1)[1].split("/")[0].strip()[:32]
            tracks[-1] = (tracks[-1][0], codec or "unknown")
    return tuple(tracks)


_STATIC = {"0": "PCMU", "3": "GSM", "8": "PCMA", "9": "G722", "14": "MPA", "26": "JPEG"}


def _connected(
    url: CameraUrl, address: str, timeout_s: float, tls: CameraTls, server_name: str | None
) -> socket.socket:
    parts = urlsplit(url.address)
    plain = connected(address, parts.port or DEFAULT_PORTS[parts.scheme], timeout_s)
    if parts.scheme == "rtsp":
        return plain
    try:
        return tls.context().wrap_socket(plain, server_hostname=server_name or parts.hostname)
    except (OSError, ValueError):
        plain.close()
        raise


class _Talk:
    """One connection; `ask` raises `OSError` and `ValueError` for whatever is not an answer."""

    def __init__(self, connection: socket.socket, url: CameraUrl, deadline: float) -> None:
        self._connection = connection
        self._address = url.address
        self._deadline = deadline
        self._number = 0
        self._rest = b""
        self.spoke = Spoke.NOTHING

    def ask(self, method: str, headers: Mapping[str, str] | None = None) -> _Answer:
        self._number += 1
        lines = [f"{method} {self._address} RTSP/1.0", f"CSeq: {self._number}"]
        lines += [f"User-Agent: {_AGENT}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return self._answer()

    def _answer(self) -> _Answer:
        head = self._until(b"\r\n\r\n").decode("utf-8", "replace").split("\r\n")
        version, _, rest = head[0].partition(" ")
        if not version.startswith("RTSP/"):
            raise ValueError("this is not RTSP")
        pairs = [line.partition(":") for line in head[1:] if ":" in line]
        headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
        length = int(dict(headers).get("content-length", "0"))
        if not 0 <= length <= MOST_BYTES:
            raise self._too_much()
        return _Answer(int(rest[:3]), headers, self._exactly(length).decode("utf-8", "replace"))

    def _until(self, end: bytes) -> bytes:
        while end not in self._rest:
            if len(self._rest) > MOST_BYTES:
                raise self._too_much()
            self._rest += self._more()
        head, _, self._rest = self._rest.partition(end)
        return head

    def _exactly(self, length: int) -> bytes:
        while len(self._rest) < length:
            self._rest += self._more()
        body, self._rest = self._rest[:length], self._rest[length:]
        return body

    def _more(self) -> bytes:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        try:
            data = self._connection.recv(8192)
        except ConnectionError:
            data = b""
        if not data:
            if self.spoke is Spoke.NOTHING:
                self.spoke = Spoke.HUNG_UP
            raise ConnectionResetError
        if self.spoke is Spoke.NOTHING:
            self.spoke = _language(data)
        return data

    def _too_much(self) -> ValueError:
        if self.spoke is Spoke.RTSP:
            self.spoke = Spoke.TOO_MUCH
        return ValueError("the answer is too long")


def _language(began: bytes) -> Spoke:
    """By the first bytes of the first answer, however few came at once."""
    if began[:5] == b"RTSP/"[: len(began)]:
        return Spoke.RTSP
    return Spoke.HTTP if began[:5] == b"HTTP/"[: len(began)] else Spoke.NOISE


def _authorize(challenges: list[str], url: CameraUrl) -> tuple[SignIn, str]:
    """Digest where it is offered (RFC 2617 with MD5, RFC 7616 with SHA-256), else Basic. A camera
    that offers several digests is taken at its first."""
    user, password = url.username or "", url.password or ""
    for challenge in challenges:
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "digest":
            said = {key.lower(): quoted or plain for key, quoted, plain in _CHALLENGE.findall(rest)}
            return SignIn.DIGEST, _digest(said, user, password, url.address)
    token = b64encode(f"{user}:{password}".encode()).decode()
    return SignIn.BASIC, f"Basic {token}"


def _digest(said: Mapping[str, str], user: str, password: str, uri: str) -> str:
    algorithm = said.get("algorithm", "MD5")
    hashed = hashlib.sha256 if algorithm.upper().startswith("SHA-256") else hashlib.md5

    def h(text: str) -> str:
        return hashed(text.encode()).hexdigest()

    realm, nonce = said.get("realm", ""), said.get("nonce", "")
    first, second = h(f"{user}:{realm}:{password}"), h(f"DESCRIBE:{uri}")
    fields = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
    tail = ""
    if "auth" in [word.strip() for word in said.get("qop", "").split(",")]:
        count, own = "00000001", hashlib.sha256(nonce.encode()).hexdigest()[:16]
        fields["response"] = h(f"{first}:{nonce}:{count}:{own}:auth:{second}")
        tail = f', qop=auth, nc={count}, cnonce="{own}"'
    else:
        fields["response"] = h(f"{first}:{nonce}:{second}")
    if "opaque" in said:
        fields["opaque"] = said["opaque"]
    if "algorithm" in said:
        tail += f", algorithm={algorithm}"
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in fields.items()) + tail
