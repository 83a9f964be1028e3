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
UDP_AGAIN_S = 3600.0
"""A camera that sent nothing over UDP is asked for it again this much later."""


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
        self._udp_failed_at: OrderedDict[str, float] = OrderedDict()

    def transports(self, address: str, wanted: Transport) -> tuple[Transport, ...]:
        """In the order in which to try them."""
        if wanted is Transport.TCP:
            return (Transport.TCP,)
        with self._lock:
            failed_at = self._udp_failed_at.get(address, float("-inf"))
        if self._monotonic() - failed_at < UDP_AGAIN_S:
            return (Transport.TCP,)
        return Transport.UDP, Transport.TCP

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

    def udp_failed(self, address: str) -> None:
        """When TCP worked right after it, for a camera that is away says nothing of UDP; or when
        too much was lost."""
        with self._lock:
            _remember(self._udp_failed_at, address, self._monotonic())


_Value = TypeVar("_Value")


def _remember(kept: OrderedDict[str, _Value], address: str, value: _Value) -> None:
    kept[address] = value
    kept.move_to_end(address)
    if len(kept) > MOST:
        kept.popitem(last=False)
