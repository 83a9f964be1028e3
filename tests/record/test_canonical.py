"""Sorted JSON as we write it equals RFC 8785, within what is let in."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.canonical import LARGEST, NotCanonical, canonical
from record.events import Json

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-LARGEST, LARGEST),
    st.text(),
)
keys = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)
objects = st.dictionaries(keys, values, max_size=6)


def rfc8785(value: Json) -> str:
    """The standard word by word: §3.2.2 for values, §3.2.3 for the order of keys."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return '"' + "".join(_escaped(sign) for sign in value) + '"'
        case list():
            return "[" + ",".join(rfc8785(item) for item in value) + "]"
        case dict():
            ordered = sorted(value, key=lambda key: key.encode("utf-16-be"))
            return "{" + ",".join(f"{rfc8785(key)}:{rfc8785(value[key])}" for key in ordered) + "}"


def _escaped(sign: str) -> str:
    short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    if sign in short:
        return short[sign]
    if sign in '"\\':
        return "\\" + sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x20 else sign


@given(objects)
def test_bytes_are_those_of_rfc_8785(value: dict[str, Json]) -> None:
    assert canonical(value) == rfc8785(value).encode()


@given(objects)
def test_reading_back_gives_the_value(value: dict[str, Json]) -> None:
    assert json.loads(canonical(value)) == value


@given(objects)
def test_the_order_of_keys_given_does_not_matter(value: dict[str, Json]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical(turned) == canonical(value)


def test_astral_and_bmp_text_stays_as_it_is() -> None:
    assert canonical({"a": "Đà Nẵng 🏥 \uffee"}) == '{"a":"Đà Nẵng 🏥 \uffee"}'.encode()


def test_why_keys_are_ascii_only() -> None:
    """Above U+FFFF the order by UTF-16, as RFC 8785 wants it, is not orjson's by UTF-8."""
    high, astral = "\uffee", "\U0001f3e5"
    ours = orjson.dumps({high: 1, astral: 2}, option=orjson.OPT_SORT_KEYS).decode()
    assert ours != rfc8785({high: 1, astral: 2})
    with pytest.raises(NotCanonical, match="not plain ASCII"):
        canonical({"data": {astral: 2}})


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.0},
        {"a": [0.5]},
        {"a": float("nan")},
        {"a": 2**53},
        {"a": -(2**53)},
        {"a": {"b": (1, 2)}},
        {"a": b"bytes"},
        {"a": "\ud800"},
        {"": 1},
        {"tab\t": 1},
        {1: "number as key"},
    ],
)
def test_what_has_no_one_spelling_is_refused(value: dict[str, Json]) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_the_place_is_named() -> None:
    with pytest.raises(NotCanonical, match=r"\.data\.persons is a float"):
        canonical({"data": {"persons": 1.5}})  # type: ignore[dict-item]  # what is refused
