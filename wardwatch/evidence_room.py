"""Room on the disk for evidence: how much of it there may be, and how much must stay free.

When there is none, nothing more is kept and every camera says so; what was kept before stays, since
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
COUNT_FULL_S = 30.0
"""The same while there is no room: somebody may be making some."""
AGAIN = 0.02
"""Share of each bound by which there must be more room before it is said that there is room again:
a disk that is full to the brim would else be said to be so every few seconds."""
GB = 1_000_000_000

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RoomBounds:
    most_bytes: int = 50 * GB
    """Of evidence and renditions together."""
    least_free_bytes: int = 2 * GB
    """Left on the disk for everything else, the record itself above all."""


def room_lacks(
    bounds: RoomBounds, used_bytes: int, free_bytes: int, spare: float = 0.0
) -> str | None:
    """Why that is too much, for a person; None: it is not, with `spare` (a share of each bound)
    to go. Pure."""
    most, least = bounds.most_bytes, bounds.least_free_bytes
    if used_bytes >= most * (1 - spare):
        return f"evidence takes {_size(used_bytes)} of {_size(most)}"
    if free_bytes < least * (1 + spare):
        return f"{_size(free_bytes)} are free on the disk, {_size(least)} have to stay free"
    return None


def _size(of: int) -> str:
    return f"{of / GB:.1f} GB" if of >= GB / 10 else f"{max(of, 0) * 1000 / GB:.1f} MB"


class EvidenceRoom:
    """Any thread."""

    def __init__(self, files: EvidenceFiles, bounds: RoomBounds, clock: Clock) -> None:
        self._files = files
        self._bounds = bounds
        self._clock = clock
        self._lock = threading.Lock()
        self._used = 0
        self._counted_at: float | None = None
        self._refused_at: float | None = None
        self._full = False

    @property
    def full(self) -> bool:
        """There was no room left when it was looked at last, and has not been enough since."""
        return self._full

    def lacks(self, more_bytes: int = 0) -> str | None:
        """Why `more_bytes` have no place, for a person; None: they have. Never raises."""
        with self._lock:
            self._count()
            lacking = self._lacking(more_bytes)
            while lacking and (freed := self._freed()):
                self._used -= freed
                lacking = self._lacking(more_bytes)
            self._note()
            return lacking

    def refused(self) -> None:
        """The disk was full while something was written, whatever it says of free room: for
        `COUNT_FULL_S` nothing more is tried."""
        with self._lock:
            self._refused_at = self._clock.monotonic()
            self._note()

    def took(self, more_bytes: int) -> None:
        with self._lock:
            self._used += more_bytes

    def _note(self) -> None:
        """One large rendition that does not fit fills nothing: this asks whether anything does."""
        if not self._full and (why := self._lacking(0)) is not None:
            self._full = True
            _log.error("no room for evidence: nothing more is kept", why=why)
        elif self._full and self._lacking(0, AGAIN) is None:
            self._full = False
            _log.warning("room for evidence again")

    def _lacking(self, more_bytes: int, spare: float = 0.0) -> str | None:
        if self._refused_at is not None:
            if self._clock.monotonic() - self._refused_at < COUNT_FULL_S:
                return "the disk is full"
            self._refused_at = None
        try:
            free = self._files.free_bytes()
        except OSError as error:
            return f"the folder of evidence cannot be used: {error.strerror}"
        return room_lacks(self._bounds, self._used + more_bytes, free - more_bytes, spare)

    def _freed(self) -> int:
        try:
            return self._files.drop_oldest_rendition()
        except OSError as error:
            _log.error("a rendition cannot be deleted", why=error.strerror)
            return 0

    def _count(self) -> None:
        now = self._clock.monotonic()
        again_s = COUNT_FULL_S if self._full else COUNT_AGAIN_S
        if self._counted_at is None or now - self._counted_at > again_s:
            self._counted_at = now
            self._used = self._files.used_bytes()
