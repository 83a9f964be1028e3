import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.errors import Invalid
from record.moments import cut
from record.paging import Place, decode_cursor, encode_cursor


@given(
    st.datetimes(min_value=datetime(1, 1, 3), timezones=st.just(UTC)),  # noqa: DTZ001 - see timezones
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
)
def test_a_cursor_comes_back_as_it_went(at: datetime, row: str) -> None:
    text = encode_cursor(Place(at, row))
    assert decode_cursor(text) == Place(cut(at), row)
    assert text.isascii()
    assert not set(text) & set("+/=&?#")


@given(st.text(max_size=60))
def test_what_was_not_given_out_is_refused_or_is_a_place(text: str) -> None:
    try:
        place = decode_cursor(text)
    except Invalid:
        return
    assert decode_cursor(encode_cursor(place)) == place


@pytest.mark.parametrize(
    "inside",
    [b"", b"[]", b"[1]", b'[1,"a",2]', b'["1","a"]', b"[1,2]", b'[true,"a"]', b'[1e3,"a"]',
     b'[99999999999999999,"a"]', b'[-99999999999999999,"a"]', b'{"a":1,"b":2}', b'[1,"\\u0000"]',
     b'[1,"' + b"x" * 101 + b'"]', b"nonsense"],
)  # fmt: skip
def test_a_forged_cursor_is_refused(inside: bytes) -> None:
    with pytest.raises(Invalid):
        decode_cursor(base64.urlsafe_b64encode(inside).decode())
