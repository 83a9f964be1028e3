"""What the API needs to be told; `wardwatch/compose.py` makes one of these."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from record.evidence_files import EvidenceFiles
from record.grants import GrantKey


@dataclass(frozen=True, slots=True)
class IceServer:
    """A STUN or TURN server that browsers are told of."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = field(default=None, repr=False)

    def link(self, url: str) -> str:
        """The value of a `Link` header (RFC 9725 §4.6)."""
        told = f'<{url}>; rel="ice-server"'
        if self.username is None:
            return told
        return (
            f'{told}; username="{self.username}"; credential="{self.credential or ""}"; '
            'credential-type="password"'
        )


def _of_this_process() -> GrantKey:
    """For an API alone: no worker checks what it signs."""
    secret = secrets.token_bytes(32)
    return GrantKey(lambda: secret)


@dataclass(frozen=True, slots=True)
class ApiSettings:
    ui_dir: Path | None = None
    """Where the built pages are; None: the API alone."""
    secure_cookie: bool = True
    """False on loopback only, where there is no TLS."""
    demo: bool = False
    """A store that `demo` made, on loopback: `/metrics` then needs no token."""
    metrics_token: str | None = field(default=None, repr=False)
    session_hours: float = 12.0
    tick_s: float = 5.0
    """Between two `tick` events of a stream."""
    ring_events: int = 20_000
    """Recent events kept in memory for readers who resume; older ones are read from the store."""
    live_fps: float = 4.0
    live_viewers: int = 16
    """MJPEG viewers at once; more are told to come back."""
    views_a_session: int = 16
    """WebRTC views at once: as many as a wall shows live."""
    views_a_node: int = 128
    ice_servers: tuple[IceServer, ...] = ()
    evidence: EvidenceFiles | None = None
    """Where the workers keep it; None: nowhere, and all of it is missing."""
    grants: GrantKey = field(default_factory=_of_this_process, repr=False)
    """Signs leave for clear pictures; the workers have the same."""
