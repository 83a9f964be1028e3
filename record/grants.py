"""Leave to see one camera's clear picture: given by the API, checked by the worker that shows it.

A grant is a line of text, `BODY.SIGNATURE` in base64url: canonical JSON and its HMAC-SHA256 under a
key that only the processes of this node have. It names one view, so that it opens one picture once,
one camera, who sees it, and when it ends; a grant that is not used within `USE_WITHIN` is void.
The reason stands in the record's `live.opened`, never here.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import orjson

from record.ids import CameraId, UserId
from record.moments import parse, stamp

CLEAR_FOR = timedelta(minutes=15)
"""How long a clear picture stays open (design, "Live out")."""
USE_WITHIN = timedelta(seconds=30)
MOST_GRANT = 2048
"""Characters; a name has 120 at most."""
_DERIVED_FOR = b"wardwatch clear view grant 1"


class GrantRefused(Exception):
    """It is not ours, is for something else, or its time is over. `reason` is a stable word:
    `forged`, `other_camera`, `other_view`, or `expired`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the grant is refused: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ClearGrant:
    view: str
    """Id of the one view it opens."""
    camera: CameraId
    user: UserId
    name: str
    """Drawn over the picture."""
    zone: str
    """The site's, for the time that is drawn beside it (IANA)."""
    given_at: datetime
    ends_at: datetime


class GrantKey:
    def __init__(self, node_secret: Callable[[], bytes]) -> None:
        """`node_secret()`: of this node, 32 bytes, outside the database, asked for whenever it is
        needed since it may be changed; what signs is derived from it."""
        self._node_secret = node_secret

    def sign(self, grant: ClearGrant) -> str:
        body = {name: _plain(value) for name, value in asdict(grant).items()}
        text = _coded(orjson.dumps(body, option=orjson.OPT_SORT_KEYS))
        return f"{text}.{_coded(self._mac(text))}"

    def check(self, text: str, *, view: str, camera: CameraId, at: datetime) -> ClearGrant:
        """The grant, if it is ours and opens this view of this camera now. `GrantRefused`."""
        grant = self._read(text)
        if grant.camera != camera:
            raise GrantRefused("other_camera")
        if grant.view != view:
            raise GrantRefused("other_view")
        if not grant.given_at - USE_WITHIN <= at < min(grant.given_at + USE_WITHIN, grant.ends_at):
            raise GrantRefused("expired")
        return grant

    def _read(self, text: str) -> ClearGrant:
        body, _, signature = text.partition(".")
        expected = _coded(self._mac(body))
        if len(text) > MOST_GRANT or not hmac.compare_digest(expected.encode(), signature.encode()):
            raise GrantRefused("forged")
        return _grant(orjson.loads(_decoded(body)))

    def _mac(self, text: str) -> bytes:
        key = hmac.digest(self._node_secret(), _DERIVED_FOR, hashlib.sha256)
        return hmac.digest(key, text.encode(), hashlib.sha256)


def _grant(fields: Mapping[str, str]) -> ClearGrant:
    return ClearGrant(
        view=fields["view"],
        camera=CameraId(fields["camera"]),
        user=UserId(fields["user"]),
        name=fields["name"],
        zone=fields["zone"],
        given_at=parse(fields["given_at"]),
        ends_at=parse(fields["ends_at"]),
    )


def _plain(value: object) -> str:
    return stamp(value) if isinstance(value, datetime) else str(value)


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
