"""What units, sites, cameras, orders and people may be called, checked once, whoever asks.

Names are what people read and in any script; codes stand in addresses and in file names.
"""

import re
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from record.errors import Invalid
from record.people import User
from record.places import Site, Unit

LONGEST_NAME = 200
"""Characters; the longest names of offices have some 120."""

LONGEST_USERNAME = 64

_JOINERS = "\u200c\u200d"
"""Invisible, and yet spelling: in Persian and Hindi words, and in emoji."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def check_unit(unit: Unit) -> None:
    """Raises `Invalid`."""
    check_code(unit.id, "code")
    check_name(unit.name, "name")


def check_site(site: Site) -> None:
    """Raises `Invalid`."""
    check_code(site.id, "id")
    check_name(site.name, "name")
    check_timezone(site.timezone, "timezone")


def check_user(user: User) -> None:
    """Raises `Invalid`."""
    check_username(user.username, "username")
    check_name(user.name, "name")


def check_name(text: str, where: str) -> None:
    """Raises `Invalid` unless `text` is something to read, on one line."""
    if not text.strip():
        raise Invalid(where, "is empty")
    check_line_of_text(text, where)


def check_line_of_text(text: str, where: str) -> None:
    """Raises `Invalid` for what no one line of text holds; empty is none of that."""
    if len(text) > LONGEST_NAME:
        raise Invalid(where, f"has {len(text)} characters; {LONGEST_NAME} at most")
    if not all(map(_written, text)):
        raise Invalid(where, "holds a character that does not belong in one line of text")


def check_code(text: str, where: str) -> None:
    """Raises `Invalid` unless `text` can stand in an address as it is."""
    if not _CODE.fullmatch(text):
        reason = "is 1 to 64 letters and digits of ASCII, and . _ - after the first"
        raise Invalid(where, reason)


def check_username(text: str, where: str) -> None:
    """Raises `Invalid` unless `text` can be typed and told over the telephone."""
    if not 1 <= len(text) <= LONGEST_USERNAME or not text.isprintable() or text != text.strip():
        reason = f"is 1 to {LONGEST_USERNAME} printable characters, without spaces around them"
        raise Invalid(where, reason)


def check_timezone(text: str, where: str) -> None:
    """Raises `Invalid` unless this machine knows the time zone."""
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        reason = f"{text!r} is no time zone of IANA's, such as Asia/Ho_Chi_Minh"
        raise Invalid(where, reason) from error


def same_to_the_eye(username: str) -> str:
    """Two user names with the same answer may not stand side by side: small and capital letters,
    and the two ways in which Unicode composes an accent, are told apart by nobody."""
    return normalize("NFC", normalize("NFC", username).casefold())


def _written(character: str) -> bool:
    """No control character, no line break, no half of a surrogate pair, no turning of the line."""
    return character.isprintable() or category(character) == "Zs" or character in _JOINERS
