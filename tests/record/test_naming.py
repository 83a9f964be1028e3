import pytest

from record.errors import Invalid
from record.naming import (
    check_code,
    check_line_of_text,
    check_name,
    check_timezone,
    check_username,
    same_to_the_eye,
)


@pytest.mark.parametrize(
    "name", ["Cổng", "Khu cách ly KTX Hòa Khánh", "x", "🏥", "می\u200cخواهم", "x" * 200]
)
def test_a_name_is_something_to_read(name: str) -> None:
    check_name(name, "name")
    check_line_of_text("", "name")


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "\t\n",
        "\u3000",
        "a\nb",
        "a\n",
        "a\x00b",
        "a\tb",
        "a\u202eb",
        "\x1b[31m",
        "\ud800",
        "x" * 201,
    ],
)
def test_what_nobody_can_read_is_no_name(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_name(name, "units.0.name")
    assert refused.value.field == "units.0.name"
    str(refused.value).encode()


@pytest.mark.parametrize("code", ["VN", "VN-DN-hoa-khanh", "20194", "0192f0c1-7e2a-7b3c", "a.b_c"])
def test_a_code_stands_in_an_address_as_it_is(code: str) -> None:
    check_code(code, "code")


@pytest.mark.parametrize("code", ["", " ", "a b", "-x", "../x", "a/b", "ă", "x\n", "a" * 65])
def test_what_an_address_cannot_hold_is_no_code(code: str) -> None:
    with pytest.raises(Invalid):
        check_code(code, "code")


@pytest.mark.parametrize("name", ["minh", "nguyễn.minh", "Minh Trực", "a", "x" * 64])
def test_a_user_name_can_be_typed(name: str) -> None:
    check_username(name, "username")


@pytest.mark.parametrize(
    "name", ["", " ", " minh", "minh ", "mi\tnh", "mi\x00nh", "\ud800", "x" * 65]
)
def test_what_cannot_be_typed_is_no_user_name(name: str) -> None:
    with pytest.raises(Invalid):
        check_username(name, "username")


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "UTC", "Europe/Berlin"])
def test_a_time_zone_is_known(zone: str) -> None:
    check_timezone(zone, "timezone")


@pytest.mark.parametrize(
    "zone", ["", " ", "Mars/Base", "Asia", "../etc/passwd", "/etc/passwd", "a\x00"]
)
def test_no_other_time_zone_is(zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_timezone(zone, "timezone")
    assert refused.value.field == "timezone"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("supervisor", "SuperVisor"),
        ("Đức", "đức"),
        ("ho\u0300a", "h\u00f2a"),
        ("straße", "STRASSE"),
    ],
)
def test_user_names_that_look_alike_are_the_same(one: str, other: str) -> None:
    assert same_to_the_eye(one) == same_to_the_eye(other)
