"""Whether the threads that a worker cannot do without still turn.

A process can be alive and do nothing: a model that does not come back, a deadlock, a library that
spins. Each such thread says `beat` in every round; while one has been silent for too long the
worker stops giving signs of life, and its supervisor replaces it.
"""

from record.clock import Clock

STUCK_S = 2.5
"""A round takes milliseconds when there is work, a quarter of a second or a second when not."""


class Pulse:
    """Any thread."""

    def __init__(self, clock: Clock, stuck_s: float = STUCK_S) -> None:
        self._clock = clock
        self._stuck_s = stuck_s
        self._beats: dict[str, float] = {}

    def beat(self, who: str) -> None:
        self._beats[who] = self._clock.monotonic()

    def stuck(self) -> tuple[str, ...]:
        """Those that have been silent for too long; nobody is before its first beat."""
        latest = self._clock.monotonic() - self._stuck_s
        return tuple(who for who, at in list(self._beats.items()) if at < latest)
