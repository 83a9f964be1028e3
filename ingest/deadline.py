"""Deadlines, and a way to stop at once, for calls that wait inside FFmpeg.

While FFmpeg waits for the network it asks PyAV every 100 ms whether to give up, and PyAV answers
by `time.monotonic()` and the time-out it was given. Those time-outs begin anew with every packet
of any track, do not add up over the steps of connecting, and nobody can shorten them from another
thread. So the `time` that PyAV asks is replaced by one that also knows the guard of the calling
thread: past its deadline, or once it is told to stop, that clock leaps ahead and FFmpeg returns.
Threads without a guard never leap. PyAV's and FFmpeg's own time-outs stay set behind it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import av.container.core as pyav

_LEAP_S = 1e5
"""Longer than any time-out of PyAV, and short enough that years of leaps stay exact."""


class Guard:
    """What limits the calls of one thread: a deadline for each, and one signal to stop them all."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()
        self._deadline: float | None = None
        self.silent = False
        """Inside `media_within`: what was agreed on did not come, and that is why it expired."""

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    @property
    def expired(self) -> bool:
        """Whether the deadline of the call under way, or of the last one, has passed."""
        return self._deadline is not None and time.monotonic() >= self._deadline

    @contextmanager
    def bound(self) -> Iterator[None]:
        """Inside the block, whatever this thread opens or reads obeys this guard."""
        previous = current_guard()
        _of_thread.guard = self
        try:
            yield
        finally:
            _of_thread.guard = previous

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Calls into FFmpeg inside the block end `seconds` from now at the latest."""
        self.silent = False
        self.renew(seconds)
        with self.bound():
            yield

    @contextmanager
    def dialling(self, *, over_udp: bool) -> Iterator[None]:  # noqa: ARG002 - for who watches
        """Inside the block FFmpeg is called to dial; some guards watch whom."""
        yield

    def media_within(self, seconds: float) -> None:
        """Inside `dialling`: give up when nothing comes for so long after all has been agreed on.
        Who does not watch cannot tell when that was, and counts from now."""
        self.silent = True
        self.renew(seconds)

    def renew(self, seconds: float) -> None:
        """Inside `limit`: its end is `seconds` from now."""
        self._deadline = time.monotonic() + seconds

    def now(self) -> float:
        """Monotonic seconds, leaping further ahead with each call once it is over: PyAV compares
        two readings, and the first may have been taken after the leap already."""
        if self.stopped or self.expired:
            _of_thread.leapt_s = _leapt_s() + _LEAP_S
        return time.monotonic() + _leapt_s()


_of_thread = threading.local()


def _leapt_s() -> float:
    """How far this thread's clock is ahead. It stays there: PyAV closes what it gave up on with
    one more look at the clock, and takes one that has run back for an error of its own."""
    leapt_s: float = getattr(_of_thread, "leapt_s", 0.0)
    return leapt_s


def current_guard() -> Guard | None:
    """The guard of this thread, if its calls are being limited."""
    guard: Guard | None = getattr(_of_thread, "guard", None)
    return guard


class _GuardedTime:
    """Stands where PyAV's container module has the module `time`; it asks for nothing else."""

    @staticmethod
    def monotonic() -> float:
        guard = current_guard()
        return time.monotonic() + _leapt_s() if guard is None else guard.now()


def guard_pyav() -> None:
    """Make guards work, once a process; `tests/ingest/test_deadline.py` fails should PyAV change
    whom it asks."""
    if not isinstance(getattr(pyav, "time", None), _GuardedTime):
        pyav.time = _GuardedTime()  # type: ignore[attr-defined]
