"""What is to go wrong, and when: a plan from a seed, so that a failure can be run again."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    CUT = "cut"
    """Both ends are closed, and whoever comes is closed again."""
    RESET = "reset"
    """The same, by RST."""
    STALL = "stall"
    """Nothing passes either way; nothing is closed."""
    THROTTLE = "throttle"
    """2 kB/s: less than any picture needs."""
    DELAY = "delay"
    """Now and then a packet takes up to a second."""
    CORRUPT = "corrupt"
    """Bytes are flipped, in packets and in what frames them."""
    DROP = "drop"
    """A third of the packets is lost."""
    REORDER = "reorder"
    """Packets overtake each other."""
    REFUSE = "refuse"
    """Nobody listens."""
    SILENT = "silent"
    """Whoever comes is let in and told nothing, also after the fault is over."""
    HALF_CLOSE = "half_close"
    """The server's side of each connection ends, the other is still open."""
    GARBAGE = "garbage"
    """Whoever comes is told noise."""


HARD = frozenset({Kind.CUT, Kind.RESET, Kind.REFUSE, Kind.SILENT, Kind.HALF_CLOSE, Kind.GARBAGE})
"""Every connection ends with them: an outage, whatever it does to the picture. A stall is one when
it lasts longer than the read time-out."""


@dataclass(frozen=True, slots=True)
class Trouble:
    kind: Kind
    seconds: float
    seed: int


def troubles(seed: int, count: int, longest_s: float = 4.0) -> Iterator[Trouble]:
    """`count` of them; every kind comes as often as any other, in an order of its own."""
    choose = random.Random(seed)
    kinds: list[Kind] = []
    for _ in range(count):
        if not kinds:
            kinds = list(Kind)
            choose.shuffle(kinds)
        yield Trouble(kinds.pop(), choose.uniform(0.3, longest_s), choose.getrandbits(32))
