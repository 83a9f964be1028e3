"""Passwords that are made up for a person."""

from record.passwords import made_up


def test_a_made_up_password_is_read_off_and_typed_anywhere() -> None:
    many = [made_up() for _ in range(500)]
    assert len(set(many)) == 500
    assert {len(one) for one in many} == {17}
    letters = {letter for one in many for letter in one}
    assert not letters & set("0O1Il-_")
    assert len(letters) >= 55  # 57 ** 17 is more than 2 ** 98
    assert all(one.isascii() and one.isalnum() for one in many)
