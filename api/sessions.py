"""Who is asking: the cookie, the gate that every request under /api passes, the origin check."""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from anyio.to_thread import run_sync
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import OriginRefused
from api.problems import problem
from record.errors import NotSignedIn, RecordError
from record.people import Session

COOKIE = "wardwatch_session"
GUARDED = "/api/"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PUBLIC = frozenset(
    {
        ("POST", "/api/v1/session"),
        ("POST", "/api/v1/pairings/redeem"),
        ("GET", "/api/v1/openapi.json"),
    }
)
"""All that answers under /api without a session. Everything else is 401, known or not."""
OWN_TOKEN = re.compile(r"/api/v1/cameras/[^/]+/(whip(/[^/]+)?|publisher-ice-servers)")
"""But for these: they ask for a camera's own token, or are 401 as well."""

_STATE = "wardwatch.signed_in"


@dataclass(frozen=True, slots=True)
class SignedIn:
    session: Session
    token_hash: bytes


def new_token() -> str:
    """256 bits; only its hash is ever stored."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def header(scope: Scope, name: bytes) -> str | None:
    found: bytes | None = next((value for key, value in scope["headers"] if key == name), None)
    return None if found is None else found.decode("latin-1")


def cookie_of(scope: Scope) -> str | None:
    """Read as browsers write: `SimpleCookie` gives up at the first odd pair of somebody else's."""
    return cookie_parser(header(scope, b"cookie") or "").get(COOKIE)


def signed_in_of(scope: Scope) -> SignedIn:
    """Raises `NotSignedIn`; for what runs behind the gate."""
    found: SignedIn | None = scope.get("state", {}).get(_STATE)
    if found is None:
        raise NotSignedIn
    return found


class SessionGate:
    """Lets nobody unsigned past, so that a new route need not remember to ask."""

    def __init__(self, app: ASGIApp, find: Callable[[bytes], Session | None]) -> None:
        self._app = app
        self._find = find

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(GUARDED):
            await self._app(scope, receive, send)
            return
        if not _asks_nothing_of_the_session(scope):
            try:
                signed_in = await self._signed_in(scope)
            except RecordError as error:
                await problem(error)(scope, receive, send)
                return
            scope.setdefault("state", {})[_STATE] = signed_in
        await self._app(scope, receive, send)

    async def _signed_in(self, scope: Scope) -> SignedIn:
        token = cookie_of(scope)
        if token is None:
            raise NotSignedIn
        key = token_hash(token)
        session = await run_sync(self._find, key)
        if session is None:
            raise NotSignedIn
        return SignedIn(session, key)


def _asks_nothing_of_the_session(scope: Scope) -> bool:
    known = (scope["method"], scope["path"]) in PUBLIC
    return known or OWN_TOKEN.fullmatch(scope["path"]) is not None


class OriginCheck:
    """Unsafe methods answer our own pages only: `Origin`, where present, must name this host."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE:
            origin, host = header(scope, b"origin"), header(scope, b"host")
            if origin is not None and not same_host(origin, host or ""):
                await problem(OriginRefused())(scope, receive, send)
                return
        await self._app(scope, receive, send)


_PORTS = {"http": 80, "https": 443}


def same_host(origin: str, host: str) -> bool:
    """Host and port compared; the scheme is not known behind a proxy that ends TLS."""
    try:
        theirs, ours = urlsplit(origin), urlsplit(f"//{host}")
        default = _PORTS[theirs.scheme]
        return (
            theirs.hostname is not None
            and theirs.hostname == ours.hostname
            and (theirs.port or default) == (ours.port or default)
        )
    except (ValueError, KeyError):
        return False
