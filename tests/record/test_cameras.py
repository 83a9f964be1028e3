"""Addresses of cameras: what is one, and that credentials stay out of sight."""

import pytest

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
