"""One range of bytes of a file (RFC 9110 §14): what a browser's player asks for. Pure."""

import re
from dataclasses import dataclass

from api.errors import RangeOutside

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class ByteRange:
    begin: int
    end: int
    """One past the last byte."""


def wanted(header: str | None, size: int) -> ByteRange | None:
    """What is asked for of `size` bytes; None: all of it, which is also the answer to several
    ranges and to what is none. Raises `RangeOutside`."""
    found = _RANGE.fullmatch((header or "").replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < begin:
            return None  # no range at all, says §14.1.1
    if begin >= size or begin >= end:
        raise RangeOutside(size)
    return ByteRange(begin, end)
