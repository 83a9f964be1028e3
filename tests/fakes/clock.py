"""A clock that moves only when it is told to."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 11, 24, 3, 12, 0, tzinfo=UTC)


class FakeClock:
    def __init__(self, start: datetime = EPOCH) -> None:
        self._start = start
        self._elapsed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def set_wall(self, ahead_s: float) -> None:
        """Somebody sets the clock: only what it shows changes."""
        self._start += timedelta(seconds=ahead_s)

    def advance(self, seconds: float) -> None:
        self._elapsed += seconds
