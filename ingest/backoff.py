"""How long to wait before a camera is dialled again: exponential, with full jitter."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from record.cameras import CameraReason

SHORTEST_S = 0.5
LONGEST_S = 5.0
LONGEST_REFUSED_S = 30.0
"""For an answer that will not change by itself; many cameras lock an account out after a few
wrong passwords in a row."""
HEALTHY_AFTER_S = 60.0
"""A connection that lasted this long wipes the slate."""

_ANSWERED_NO = frozenset({CameraReason.AUTH_FAILED, CameraReason.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class Backoff:
    failures: int = 0

    def after(
        self,
        reason: CameraReason,
        lasted_s: float,
        uniform: Callable[[float, float], float],
        dialled_s: float = 0.0,
    ) -> tuple["Backoff", float]:
        """The next state, and the seconds to wait now.

        `lasted_s`: how long the connection that just failed was up; 0 when it never was.
        `dialled_s`: how long it took to fail, when it was not: a camera that lets us in and says
        nothing has been waited for already, and the wait is from one dialling to the next.
        `uniform(a, b)`: a random number between the two. Between the shortest wait and the cap,
        evenly, so that sixteen cameras behind one switch do not come back in step (full jitter:
        M. Brooker, "Exponential Backoff And Jitter", 2015).
        """
        failures = 0 if lasted_s >= HEALTHY_AFTER_S else self.failures
        longest = LONGEST_REFUSED_S if reason in _ANSWERED_NO else LONGEST_S
        # The exponent is bounded: a camera may be away for weeks.
        cap = min(longest, SHORTEST_S * 2.0 ** min(failures + 1, 10))
        wait_s = max(SHORTEST_S, uniform(SHORTEST_S, cap) - dialled_s)
        return replace(self, failures=failures + 1), wait_s
