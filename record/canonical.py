"""Canonical JSON: one value, one byte string (RFC 8785, JSON Canonicalization Scheme).

Sorted compact JSON as orjson writes it equals RFC 8785 as long as three things are kept out, and
they are refused here: numbers that are not integers (their spelling is ECMAScript's, §3.2.2.3),
integers a double cannot hold (RFC 7493 §2.2), and keys outside ASCII (RFC 8785 sorts by UTF-16
code units, orjson by UTF-8, and the two disagree above U+FFFF). Text may be any Unicode scalar
values; a lone surrogate is none.
"""

from collections.abc import Mapping
from functools import lru_cache

import orjson

from record.events import Json

LARGEST = 2**53 - 1
"""Integers beyond this lose digits in a reader that holds numbers as doubles (RFC 7493 §2.2)."""


class NotCanonical(ValueError):
    """The value has no canonical form here; the message says where and why."""


def canonical(value: Mapping[str, Json]) -> bytes:
    """UTF-8 bytes of `value`. Raises `NotCanonical`."""
    _check(value, "")
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:  # lone surrogates, depth over 254
        raise NotCanonical(str(error)) from error


def _check(value: object, where: str) -> None:
    """Raises `NotCanonical` naming `where`. Plain values inside objects and lists are looked at in
    the loop itself: a breach holds a hundred of them."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not _is_plain_ascii(key):
                raise NotCanonical(f"{where or 'the value'} has the key {key!r}: not plain ASCII")
            if not _is_plain(item):
                _check(item, f"{where}.{key}")
    elif isinstance(value, list):
        for item in value:
            if not _is_plain(item):
                _check(item, where)
    elif isinstance(value, int):
        raise NotCanonical(f"{where or 'the value'} is beyond 2^53 - 1")
    elif not isinstance(value, str):  # a StrEnum is its text
        raise NotCanonical(f"{where or 'the value'} is a {type(value).__name__}")


def _is_plain(value: object) -> bool:
    kind = type(value)
    if kind is int:
        return -LARGEST <= value <= LARGEST  # type: ignore[operator]  # kind says it is an int
    return kind is str or kind is bool or value is None


@lru_cache(maxsize=4096)
def _is_plain_ascii(key: object) -> bool:
    """The same few keys come again and again."""
    return type(key) is str and key.isascii() and key.isprintable() and key != ""
