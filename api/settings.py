"""What the API needs to be told; `wardwatch/compose.py` makes one of these."""

from dataclasses import dataclass, field
from pathlib import Path


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
