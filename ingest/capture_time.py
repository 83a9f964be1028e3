"""When was a frame captured? A pure estimator, one for each connection.

Two clocks may answer. The camera's own, by RTCP sender reports (RFC 3550 §6.4.1), is exact but
often set wrong: it counts only within `TRUSTED` of arrival. Otherwise arrival time less the
smallest delay seen: presentation times tell how far apart two frames were captured, so the frame
that hurried most through network and buffers tells when all the others were.

The answers for one connection strictly grow, so that what measures speed and dwell never sees
time stand still or run back: where an estimate falls behind the last answer (the first sender
report of a camera whose clock is 1.5 s slow), time runs at half speed until they agree.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from record.frames import TimeSource

TRUSTED = timedelta(seconds=2)
"""How far a camera's clock may be from arrival and still be believed (docs: capture time)."""
SKEWED_AFTER = timedelta(seconds=5)
"""A clock is said to be off when nothing else has been seen for so long: the pictures from before
the connection that a camera begins with are old, not wrong."""
TRUSTED_AGAIN = timedelta(seconds=1.5)
"""A clock that was off must come this near; without the gap a clock at 2 s would flap."""
BELIEVABLE_DELAY = timedelta(seconds=5)
"""A longer delay is none: the presentation times jumped back, or our own clock was set."""
FORGET_AFTER_S = 60.0
"""The smallest delay is of this minute or the last, so that two quartzes drifting apart at
100 ppm cost 12 ms and not more each hour."""
_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_LONGEST_STEP = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class CaptureTime:
    at: datetime
    source: TimeSource


class _SmallestOffset:
    """The least of arrival minus presentation time over the last one to two minutes."""

    def __init__(self) -> None:
        self._current: timedelta | None = None
        self._previous: timedelta | None = None
        self._since_s = 0.0

    @property
    def least(self) -> timedelta | None:
        if self._current is None or self._previous is None:
            return self._current
        return min(self._current, self._previous)

    def add(self, offset: timedelta, pts_s: float) -> timedelta:
        if self._current is None:
            self._current, self._since_s = offset, pts_s
        elif pts_s - self._since_s > FORGET_AFTER_S:
            self._previous, self._current, self._since_s = self._current, offset, pts_s
        else:
            self._current = min(self._current, offset)
        return self._current if self._previous is None else min(self._current, self._previous)


class CaptureClock:
    """Turns what is known of each frame, in the order of presentation, into its capture time."""

    def __init__(self) -> None:
        self._smallest = _SmallestOffset()
        self._last: _Answer | None = None
        self._stamp: float | None = None
        """The last presentation time that was one."""
        self._off_since: datetime | None = None
        self._clock_offset: timedelta | None = None

    @property
    def clock_offset(self) -> timedelta | None:
        """How far the camera's clock is ahead of arrival, once and while it is said to be off."""
        return self._clock_offset

    def estimate(
        self, *, arrived: datetime, pts_s: float | None, reported: datetime | None
    ) -> CaptureTime:
        """`arrived`: our clock when the packet came. `pts_s`: presentation time in seconds, from
        any origin; None when the packet carries none. `reported`: the same moment by the camera's
        clock, from its sender report; None before the first one."""
        if self._is_forgotten(pts_s):
            pts_s = reported = None
        else:
            self._stamp = pts_s
        estimate = self._by_arrival(arrived, pts_s)
        source = TimeSource.ARRIVAL
        if reported is not None and self._trusts(reported - arrived, arrived):
            estimate, source = reported, TimeSource.SENDER_REPORT
        at = estimate if self._last is None else self._last.next(estimate, arrived, pts_s)
        self._last = _Answer(at, arrived, pts_s)
        return CaptureTime(at, source)

    def glance(
        self, *, arrived: datetime, pts_s: float | None, reported: datetime | None
    ) -> datetime:
        """As `estimate`, of a picture that is not decoded yet: nothing is learnt from it, and it
        may come out of order."""
        if self._is_forgotten(pts_s):
            return arrived
        if reported is not None and abs(reported - arrived) <= TRUSTED:
            return reported
        least = self._smallest.least
        if pts_s is None or least is None:
            return arrived
        delay = arrived - _ORIGIN - timedelta(seconds=pts_s) - least
        return arrived - delay if timedelta() <= delay <= BELIEVABLE_DELAY else arrived

    def _is_forgotten(self, pts_s: float | None) -> bool:
        """Two pictures are never of the same moment: the camera leaves its time stamps as they
        were, and what a sender report says of them is as old."""
        return pts_s is not None and pts_s == self._stamp

    def _by_arrival(self, arrived: datetime, pts_s: float | None) -> datetime:
        if pts_s is None:
            return arrived
        if self._last is not None and self._last.pts_s is not None and pts_s < self._last.pts_s:
            self._smallest = _SmallestOffset()
        offset = arrived - _ORIGIN - timedelta(seconds=pts_s)
        delay = offset - self._smallest.add(offset, pts_s)
        if delay > BELIEVABLE_DELAY:
            self._smallest = _SmallestOffset()
            self._smallest.add(offset, pts_s)
            return arrived
        return arrived - delay

    def _trusts(self, ahead: timedelta, arrived: datetime) -> bool:
        limit = TRUSTED if self._clock_offset is None else TRUSTED_AGAIN
        if abs(ahead) <= limit:
            self._off_since = self._clock_offset = None
            return True
        self._off_since = self._off_since or arrived
        if arrived - self._off_since >= SKEWED_AFTER:
            self._clock_offset = ahead
        return False


@dataclass(frozen=True, slots=True)
class _Answer:
    at: datetime
    arrived: datetime
    pts_s: float | None

    def next(self, estimate: datetime, arrived: datetime, pts_s: float | None) -> datetime:
        """`estimate`, or what keeps time running at half speed until the estimate is ahead; a
        burst that arrives at once is no reason to run past its arrival."""
        if pts_s is None or self.pts_s is None:
            passed = timedelta()
        else:
            passed = timedelta(seconds=max(0.0, pts_s - self.pts_s))
        lead = max(timedelta(), self.at - self.arrived)
        floor = min(self.at + min(passed, _LONGEST_STEP) / 2, arrived + lead)
        return max(estimate, floor, self.at + _TICK)
