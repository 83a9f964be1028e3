"""Moments as the record writes them: aware, UTC, whole milliseconds.

The log speaks RFC 3339 with three decimals and `Z`; projections hold the same precision, so that
what is rebuilt from the log equals what was there. Whatever comes in is cut, never rounded: a
moment must not slip past the end of an order.
"""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Whole milliseconds since 1970, cut towards the past."""
    return (at - _EPOCH) // _MILLISECOND


def from_ms(value: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=value)


def cut(at: datetime) -> datetime:
    """The same moment in UTC without its microseconds."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def stamp(at: datetime) -> str:
    """`2026-11-24T03:12:00.250Z`. Raises `ValueError` for a naive moment."""
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone is no moment")
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def parse(text: str) -> datetime:
    """The inverse of `stamp`; raises `ValueError` for anything without a zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return at.astimezone(UTC)
