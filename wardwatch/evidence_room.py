"""Room on the disk for evidence: how much of it there may be, and how much must stay free.

When there is none, nothing more is kept and everybody is told; what was kept before stays, since
only the end of an order erases (`record.evidence_files` is where that will be done). Renditions are
another matter: they can be made again, and go first.
"""

import threading
from dataclasses import dataclass

import structlog

from record.clock import Clock
from record.evidence_files import EvidenceFiles

COUNT_AGAIN_S = 600.0
"""How often the files are counted; in between what we write is added."""
GB = 1_000_000_000

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RoomBounds:
    most_bytes: int = 50 * GB
    """Of evidence and renditions together."""
    least_free_bytes: int = 2 * GB
    """Left on the disk for everything else, the record itself above all."""


class EvidenceRoom:
    """Any thread."""

    def __init__(self, files: EvidenceFiles, bounds: RoomBounds, clock: Clock) -> None:
        self._files = files
        self._bounds = bounds
        self._clock = clock
        self._lock = threading.Lock()
        self._used = 0
        self._counted_at: float | None = None
        self._full = False

    @property
    def full(self) -> bool:
        """As it was found last."""
        return self._full

    def lacks(self, more_bytes: int = 0) -> str | None:
        """Why `more_bytes` have no place, for a person; None: they have."""
        with self._lock:
            self._count()
            lacking = self._lacking(more_bytes)
            while lacking and (freed := self._files.drop_oldest_rendition()):
                self._used -= freed
                lacking = self._lacking(more_bytes)
            if bool(lacking) != self._full:
                self._full = bool(lacking)
                self._say(lacking)
            return lacking

    def took(self, more_bytes: int) -> None:
        with self._lock:
            self._used += more_bytes

    def _say(self, lacking: str | None) -> None:
        if lacking:
            _log.error("no room for evidence: nothing more is kept", why=lacking)
        else:
            _log.warning("room for evidence again")

    def _lacking(self, more_bytes: int) -> str | None:
        most, free = self._bounds.most_bytes, self._files.free_bytes()
        if self._used + more_bytes > most:
            return f"evidence takes {self._used / GB:.1f} GB of {most / GB:.1f} GB"
        if free - more_bytes < self._bounds.least_free_bytes:
            least = self._bounds.least_free_bytes
            return f"{free / GB:.1f} GB are free on the disk, {least / GB:.1f} GB have to stay free"
        return None

    def _count(self) -> None:
        now = self._clock.monotonic()
        if self._counted_at is None or now - self._counted_at > COUNT_AGAIN_S:
            self._counted_at = now
            self._used = self._files.used_bytes()
