"""How often somebody may try: token buckets, so many at once and then so many a minute.

Pure: the present moment is an argument. Bounded: the bucket untouched for longest goes first.
"""

import ipaddress
import math
from collections import OrderedDict
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Throttle:
    def __init__(self, at_once: int, per_minute: float, *, capacity: int = 10_000) -> None:
        self._at_once = at_once
        self._per_s = per_minute / 60
        self._capacity = capacity
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str, now: float) -> float:
        """Take one try. 0: it is granted; else the seconds until the next one will be.

        `now` is monotonic, in seconds.
        """
        bucket = self._buckets.pop(key, None) or _Bucket(self._at_once, now)
        self._buckets[key] = bucket
        if len(self._buckets) > self._capacity:
            self._buckets.popitem(last=False)
        bucket.left = min(self._at_once, bucket.left + (now - bucket.at) * self._per_s)
        bucket.at = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0.0
        return (1 - bucket.left) / self._per_s

    def give_back(self, key: str) -> None:
        """A try that succeeded does not count."""
        if (bucket := self._buckets.get(key)) is not None:
            bucket.left = min(self._at_once, bucket.left + 1)


def network_of(address: str) -> str:
    """What one caller can command: an IPv4 address, or the /64 an IPv6 address lies in."""
    try:
        parsed = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def whole_seconds(wait: float) -> int:
    """For `Retry-After`, which knows no fractions; never 0."""
    return max(1, math.ceil(wait))
