"""What the last connections to each camera taught: a reconnect begins with what worked."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TypeVar

from record.cameras import Transport

MOST = 1024
"""Addresses; more cameras than a node dials."""
WANTED_AGAIN_S = 60.0
"""A camera that did not bear the transport it was to have is asked for it again this much later,
when it is dialled then; twice as much later each further time in a row."""
WANTED_AT_LATEST_S = 3600.0
FORGIVEN_S = 600.0
"""A transport that has brought pictures for so long was borne after all."""


class Reading(Enum):
    """How FFmpeg is to hand over what comes; the first that a camera bears is the best."""

    PIECES = auto()
    """As RTP brought it, without FFmpeg's parser; size and codec are looked for first."""
    PIECES_UNSEEN = auto()
    """As `PIECES`, without looking: the size shows with the first picture. H.265 without parameter
    sets in the SDP needs it, for FFmpeg looks for them in pieces and gives up."""
    PACKETS = auto()
    """With the parser, which holds every picture back until the next one begins."""


@dataclass(frozen=True, slots=True)
class _Fallen:
    to: Transport
    at: float
    times: int = 0
    """In a row; 0: once, and it is not known yet what of."""
    borne_since: float | None = None
    """The wanted transport has brought pictures again."""

    def forgiven(self, now: float) -> bool:
        return self.borne_since is not None and now - self.borne_since >= FORGIVEN_S

    @property
    def wanted_again_s(self) -> float:
        if not self.times:
            return 0.0
        # The exponent is bounded: a camera may be dialled for years.
        return min(WANTED_AT_LATEST_S, WANTED_AGAIN_S * 2.0 ** min(self.times - 1, 10))


class Learned:
    """By address, without credentials. Any thread."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._readings: OrderedDict[str, Reading] = OrderedDict()
        self._fell_back: OrderedDict[str, _Fallen] = OrderedDict()

    def transports(self, address: str, wanted: Transport) -> tuple[Transport, Transport]:
        """In the order in which to try them."""
        other = Transport.TCP if wanted is Transport.UDP else Transport.UDP
        with self._lock:
            fallen = self._fell_back.get(address)
        if fallen is None or fallen.to is not other:
            return wanted, other
        lately = self._monotonic() - fallen.at < fallen.wanted_again_s
        return (other, wanted) if lately else (wanted, other)

    def readings(self, address: str) -> tuple[Reading, ...]:
        """In the order in which to try them."""
        with self._lock:
            known = self._readings.get(address)
        if known is None:
            return tuple(Reading)
        return known, *(reading for reading in Reading if reading is not known)

    def reading_worked(self, address: str, reading: Reading) -> None:
        with self._lock:
            _remember(self._readings, address, reading)

    def fell_back(self, address: str, to: Transport, *, known: bool = True) -> None:
        """When `to` worked right after the other did not, for a camera that is away says nothing
        of either; or when too much was lost over the other.

        `known`: the camera refused the other, or agreed to it and nothing came. Else it did not
        answer in time, which a camera may that is only slow: the other is tried once more.
        """
        now = self._monotonic()
        with self._lock:
            before = self._fell_back.get(address)
            if before is not None and before.to is to and not before.forgiven(now):
                times = before.times + 1
            else:
                times = 1 if known else 0
            _remember(self._fell_back, address, _Fallen(to, now, times))

    def bore(self, address: str, transport: Transport) -> None:
        """A camera that had fallen back has brought something over what was wanted."""
        with self._lock:
            fallen = self._fell_back.get(address)
            if fallen is not None and fallen.to is not transport and fallen.borne_since is None:
                self._fell_back[address] = replace(fallen, borne_since=self._monotonic())


_Value = TypeVar("_Value")


def _remember(kept: OrderedDict[str, _Value], address: str, value: _Value) -> None:
    kept[address] = value
    kept.move_to_end(address)
    if len(kept) > MOST:
        kept.popitem(last=False)
