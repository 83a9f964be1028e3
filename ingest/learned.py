"""What the last connections to each camera taught: a reconnect begins with what worked."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum, auto
from typing import TypeVar

from record.cameras import Transport

MOST = 1024
"""Addresses; more cameras than a node dials."""
WANTED_AGAIN_S = 3600.0
"""A camera that did not bear the transport it was to have is asked for it again this much later."""


class Reading(Enum):
    """How FFmpeg is to hand over what comes; the first that a camera bears is the best."""

    PIECES = auto()
    """As RTP brought it, without FFmpeg's parser; size and codec are looked for first."""
    PIECES_UNSEEN = auto()
    """As `PIECES`, without looking: the size shows with the first picture. H.265 without parameter
    sets in the SDP needs it, for FFmpeg looks for them in pieces and gives up."""
    PACKETS = auto()
    """With the parser, which holds every picture back until the next one begins."""


class Learned:
    """By address, without credentials. Any thread."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._readings: OrderedDict[str, Reading] = OrderedDict()
        self._fell_back: OrderedDict[str, tuple[Transport, float]] = OrderedDict()

    def transports(self, address: str, wanted: Transport) -> tuple[Transport, Transport]:
        """In the order in which to try them."""
        other = Transport.TCP if wanted is Transport.UDP else Transport.UDP
        with self._lock:
            fallen_to, at = self._fell_back.get(address, (wanted, 0.0))
        if fallen_to is other and self._monotonic() - at < WANTED_AGAIN_S:
            return other, wanted
        return wanted, other

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

    def fell_back(self, address: str, to: Transport) -> None:
        """When `to` worked right after the other did not, for a camera that is away says nothing
        of either; or when too much was lost over the other."""
        with self._lock:
            _remember(self._fell_back, address, (to, self._monotonic()))


_Value = TypeVar("_Value")


def _remember(kept: OrderedDict[str, _Value], address: str, value: _Value) -> None:
    kept[address] = value
    kept.move_to_end(address)
    if len(kept) > MOST:
        kept.popitem(last=False)
