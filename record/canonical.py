"""Canonical JSON: one value, one byte string (RFC 8785, JSON Canonicalization Scheme).

Sorted compact JSON as orjson writes it equals RFC 8785 as long as three things are kept out, and
they are refused here: numbers that are not integers (their spelling is ECMAScript's, §3.2.2.3),
integers a double cannot hold (RFC 7493 §2.2), and keys outside ASCII (RFC 8785 sorts by UTF-16
code units, orjson by UTF-8, and the two disagree above U+FFFF). Text may be any Unicode scalar
values; a lone surrogate is none.
"""

from collections.abc import Mapping

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
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if kind is int:
        if not -LARGEST <= value <= LARGEST:  # type: ignore[operator]  # kind says it is an int
            raise NotCanonical(f"{where or 'the value'} is beyond 2^53 - 1")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _check_key(key, where)
            _check(item, f"{where}.{key}")
    elif isinstance(value, list):
        for item in value:
            _check(item, where)
    elif not isinstance(value, str):  # a StrEnum is its text
        raise NotCanonical(f"{where or 'the value'} is a {kind.__name__}")


def _check_key(key: object, where: str) -> None:
    if type(key) is not str or not key.isascii() or not key.isprintable() or not key:
        raise NotCanonical(f"{where or 'the value'} has the key {key!r}, which is not plain ASCII")
