"""Who may watch: Basic (RFC 7617) and Digest (RFC 2617, MD5, as cameras and FFmpeg speak it)."""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Literal

from sample_streams.rtsp.messages import Request

REALM = "sample camera"


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    password: str = field(repr=False)
    scheme: Literal["basic", "digest"] = "digest"


def challenge(credentials: Credentials, nonce: str) -> str:
    """The WWW-Authenticate header."""
    if credentials.scheme == "basic":
        return f'Basic realm="{REALM}"'
    return f'Digest realm="{REALM}", nonce="{nonce}"'


def admits(credentials: Credentials, nonce: str, request: Request) -> bool:
    """Whether the request's Authorization header proves the password."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != credentials.scheme:
        return False
    if credentials.scheme == "basic":
        return _basic(credentials, rest)
    return _digest(credentials, nonce, request, rest)


def _basic(credentials: Credentials, encoded: str) -> bool:
    try:
        given = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(given, f"{credentials.user}:{credentials.password}".encode())


def _digest(credentials: Credentials, nonce: str, request: Request, fields: str) -> bool:
    given = dict(re.findall(r'(\w+)="?([^",]*)"?', fields))
    if given.get("username") != credentials.user or given.get("nonce") != nonce:
        return False
    secret = _md5(f"{credentials.user}:{REALM}:{credentials.password}")
    what = _md5(f"{request.method}:{given.get('uri', '')}")
    return hmac.compare_digest(given.get("response", ""), _md5(f"{secret}:{nonce}:{what}"))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
