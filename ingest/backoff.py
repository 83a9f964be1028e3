"""How long to wait before a camera is dialled again: exponential, with full jitter."""

from collections.abc import Callable
from dataclasses import dataclass

from record.cameras import CameraReason

SHORTEST_S = 0.5
LONGEST_S = 5.0
REFUSED_S = 5.0
LONGEST_REFUSED_S = 30.0
"""For an answer that will not change by itself, the first wait and the longest; many cameras lock
an account out after a few wrong passwords in a row."""
PUBLISHER_S = 0.1
"""Before a publisher is waited for again, whatever became of the last one."""
HEALTHY_AFTER_S = 60.0
"""A connection that lasted this long wipes the slate."""

_ANSWERED_NO = frozenset({CameraReason.AUTH_FAILED, CameraReason.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class Backoff:
    failures: int = 0
    answered_no: int = 0
    """Of these, the last in a row that will not change by themselves: a camera that comes back
    from a power cut and says once that there is no such stream is not left alone for 30 s."""

    def after(
        self,
        reason: CameraReason,
        lasted_s: float,
        uniform: Callable[[float, float], float],
        dialled_s: float = 0.0,
        *,
        publishes: bool = False,
    ) -> tuple["Backoff", float]:
        """The next state, and the seconds to wait now.

        `lasted_s`: how long the connection that just failed was up; 0 when it never was.
        `dialled_s`: how long it took to fail, when it was not: a camera that lets us in and says
        nothing has been waited for already, and the wait is from one dialling to the next;
        not where the answer was no, which is no camera that returns.
        `publishes`: the camera comes to us.
        `uniform(a, b)`: a random number between the two. Between the shortest wait and the cap,
        evenly, so that sixteen cameras behind one switch do not come back in step (full jitter:
        M. Brooker, "Exponential Backoff And Jitter", 2015).
        """
        if publishes:
            # Nobody is dialled: what opens it waits for the publisher, who is to be seen at once.
            return Backoff(), PUBLISHER_S
        failures = 0 if lasted_s >= HEALTHY_AFTER_S else self.failures
        if reason in _ANSWERED_NO:
            answered_no = min(failures, self.answered_no)
            cap = min(LONGEST_REFUSED_S, REFUSED_S * _doubled(answered_no))
            least = max(REFUSED_S, cap / 2)
            return Backoff(failures + 1, answered_no + 1), uniform(least, cap)
        cap = min(LONGEST_S, SHORTEST_S * _doubled(failures + 1))
        return Backoff(failures + 1), max(SHORTEST_S, uniform(SHORTEST_S, cap) - dialled_s)


def _doubled(times: int) -> float:
    # The exponent is bounded: a camera may be away for weeks.
    return 2.0 ** min(times, 10)
