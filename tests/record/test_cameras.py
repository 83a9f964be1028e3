"""Addresses of cameras: what is one, and that credentials stay out of sight."""

from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.cameras import CameraUrl
from record.errors import Invalid


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("rtsp://10.0.0.9/gate", "rtsp://10.0.0.9/gate"),
        (" rtsp://10.0.0.9/gate\n", "rtsp://10.0.0.9/gate"),
        ("RTSPS://Host:322/a?b=c%20d", "rtsps://host:322/a?b=c%20d"),
        ("rtsp://[fe80::1]:554/gate", "rtsp://[fe80::1]:554/gate"),
        ("rtsp://admin:p%40ss@host/gate", "rtsp://host/gate"),
        ("rtsp://host/cổng", "rtsp://host/cổng"),
        ("file:///srv/clips/gate.mp4", "file:///srv/clips/gate.mp4"),
        ("file:///srv/me@home/gate.mp4", "file:///srv/me@home/gate.mp4"),
        ("rtsp://host?channel=1", "rtsp://host?channel=1"),
    ],
)
def test_an_address_reads_as_it_is_dialled(text: str, address: str) -> None:
    assert CameraUrl.parse(text).address == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gate",
        "http://host/x",
        "rtsp://",
        "rtsp://host:port/x",
        "rtsp://host:0/x",
        "rtsp://host:65536/x",
        "rtsp://a b/x",
        "rtsp://host/a b",
        "rtsp://host/a\tb",
        "rtsp://host/a\nb",
        "rtsp://ho\x00st/x",
        "rtsp://host/\x1b[31m",
        "rtsp://host/\x7f",
        "rtsp://host/a\u00a0b",
        "rtsp://host/a\u2028b",
        "rtsp://host/\u202egnp",
        "rtsp://host/\ud800",
        "rtsp://us er:s3cret@host/x",
        "rtsp://user:s3 cret@host/x",
        "rtsp://user:s3\ncret@host/x",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        CameraUrl.parse(text, where="video")
    assert refused.value.field == "video"
    assert "cret" not in str(refused.value)
    str(refused.value).encode()


@pytest.mark.parametrize(
    ("text", "username", "password"),
    [
        ("rtsp://admin:p%40ss@host/gate", "admin", "p@ss"),
        ("rtsp://ad%20min:%2F%3F%23@host/gate", "ad min", "/?#"),
        ("rtsp://admin:100%@host/gate", "admin", "100%"),
        ("rtsp://admin:p@ss@host/gate", "admin", "p@ss"),
        ("rtsp://admin:%2540@host/gate", "admin", "%40"),
        ("rtsp://admin:@host/gate", "admin", ""),
        ("rtsp://admin@host/gate", "admin", None),
        ("rtsp://admin:m%E1%BA%ADt@host/gate", "admin", "mật"),
    ],
)
def test_credentials_are_what_the_camera_knows(
    text: str, username: str, password: str | None
) -> None:
    url = CameraUrl.parse(text)
    assert (url.username, url.password) == (username, password)
    assert CameraUrl.parse(url.with_credentials()) == url


_PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), max_size=20)


@given(_PRINTABLE.filter(lambda text: text and ":" not in text), st.none() | _PRINTABLE)
def test_any_credentials_are_encoded_once_and_come_back(user: str, password: str | None) -> None:
    url = CameraUrl("rtsp://host:554/gate?channel=1").signed_in(user, password)
    dialled = url.with_credentials()
    assert CameraUrl.parse(dialled) == url
    secret = urlsplit(dialled).password
    assert (None if secret is None else unquote(secret)) == password
    typed = quote(user, safe="") + ("" if password is None else f":{quote(password, safe='')}")
    assert CameraUrl.parse(f"rtsp://{typed}@host:554/gate?channel=1") == url


@pytest.mark.parametrize(
    "sign_in", ["a%0d%0aX:s3cret", "a:s3cret%0a", "a%3Ab:s3cret", "a:s3cret%ff"]
)
def test_credentials_that_no_header_can_carry_are_refused(sign_in: str) -> None:
    with pytest.raises(Invalid) as refused:
        CameraUrl.parse(f"rtsp://{sign_in}@host/gate", where="video")
    assert refused.value.field == "video"
    assert "cret" not in str(refused.value)


def test_a_sub_stream_is_told_the_password_as_the_camera_knows_it() -> None:
    main = CameraUrl.parse("rtsp://admin:p%40ss@host/main")
    sub = CameraUrl.parse("rtsp://host/sub").beside(main)
    assert (sub.password, sub.with_credentials()) == ("p@ss", "rtsp://admin:p%40ss@host/sub")


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("rtsp://admin:12/s3cret@host/s", "%2F"),
        ("rtsp://admin:pw/s3cret@host/s", "%2F"),
        ("rtsp://admin:12?s3cret@host/s", "%3F"),
        ("rtsp://admin:s3cret?x@host/s", "%3F"),
        ("rtsp://admin:12#s3cret@host/s", "%23"),
        ("rtsp://host/s#s3cret", "%23"),
        ("rtsp://host/s#", "%23"),
        ("rtsp://host/s?a=s3cret@b", "%40"),
        ("rtsp://admin:pw@host/s3cret@b", "%40"),
    ],
)
def test_a_password_that_would_end_up_in_the_path_is_refused(text: str, mend: str) -> None:
    with pytest.raises(Invalid) as refused:
        CameraUrl.parse(text)
    assert mend in refused.value.reason
    assert "cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://admin:s3cret@host:554/s3cret?psw=s3cret", "rtsp://host:554/…"),
        ("rtsps://host?psw=s3cret", "rtsps://host/…"),
        ("rtsp://admin:s3cret@[fe80::1]/", "rtsp://[fe80::1]"),
        ("rtsp://host", "rtsp://host"),
        ("file:///srv/s3cret.mp4", "file:///…"),
        ("whip:", "whip:"),
    ],
)
def test_an_address_prints_as_its_host_only(text: str, shown: str) -> None:
    url = CameraUrl.parse(text)
    assert (str(url), repr(url)) == (shown, f"CameraUrl({shown!r})")
