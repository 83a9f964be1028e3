"""RTSP requests and answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_streams import scene_video
from sample_streams.rtsp.clip import load_clip
from sample_streams.rtsp.messages import (
    BadRequest,
    Request,
    answer,
    client_ports,
    interleaved_channels,
    parse_request,
)
from sample_streams.rtsp.sdp import description


def test_a_request_with_its_headers() -> None:
    request = parse_request(
        b"SETUP rtsp://127.0.0.1:554/gate/track0 RTSP/1.0\r\nCSeq: 3\r\n"
        b"session:  abc;timeout=60\r\n\r\n"
    )
    assert (request.method, request.camera, request.session) == ("SETUP", "gate", "abc")
    assert request.headers["cseq"] == "3"


@pytest.mark.parametrize(
    ("uri", "camera"),
    [
        ("rtsp://127.0.0.1/gate", "gate"),
        ("rtsp://127.0.0.1/gate/", "gate"),
        ("rtsp://127.0.0.1/gate?x=1", "gate"),
        ("rtsp://127.0.0.1/hall/2/track0", "hall/2"),
        ("*", "*"),
    ],
)
def test_the_camera_is_the_path(uri: str, camera: str) -> None:
    assert Request("DESCRIBE", uri).camera == camera


@pytest.mark.parametrize(
    "head",
    [
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"PLAY rtsp://x RTSP/1.0\r\nno colon\r\n\r\n",
        b"PLAY  RTSP/1.0 more words\r\n\r\n",
        b"PLAY rtsp://[ RTSP/1.0\r\n\r\n",
        b"\xff\xfe\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(head: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_request(head)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(head: bytes) -> None:
    try:
        request = parse_request(head)
    except BadRequest:
        return
    assert request.camera is not None


def test_an_answer_repeats_the_number_and_counts_its_body() -> None:
    request = Request("DESCRIBE", "rtsp://x/gate", {"cseq": "7"})
    assert answer(404, request) == b"RTSP/1.0 404 Not Found\r\nCSeq: 7\r\n\r\n"
    body = answer(200, request, {"A": "b"}, "v=0é")
    assert body.endswith(b"A: b\r\nContent-Length: 5\r\n\r\nv=0\xc3\xa9")


@pytest.mark.parametrize(
    ("transport", "channels"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=2-3", (2, 3)),
        ("RTP/AVP/TCP;interleaved=4", (4, 5)),
        ("RTP/AVP/TCP;unicast", (0, 1)),
        ("RTP/AVP;unicast;client_port=5000-5001, RTP/AVP/TCP;interleaved=0-1", (0, 1)),
        ("RTP/AVP;unicast;client_port=5000-5001", None),
        ("RTP/AVP/TCP;interleaved=0-0", None),
        ("RTP/AVP/TCP;interleaved=255-256", None),
        ("RTP/AVP/TCP;interleaved=x", None),
        ("", None),
    ],
)
def test_only_rtp_over_the_connection(transport: str, channels: tuple[int, int] | None) -> None:
    assert interleaved_channels(transport) == channels


def test_the_description_lets_a_player_begin_at_once() -> None:
    text = description("real", load_clip(scene_video("real")))
    assert "m=video 0 RTP/AVP 96\r\n" in text
    assert "profile-level-id=4D4016" in text
    assert "sprop-parameter-sets=" in text
    assert text.endswith("a=control:track0\r\n")


@pytest.mark.parametrize(
    ("transport", "ports"),
    [
        ("RTP/AVP;unicast;client_port=5000-5001", (5000, 5001)),
        ("RTP/AVP/UDP;unicast;client_port=5000-5001", (5000, 5001)),
        ("RTP/AVP;unicast;client_port=5000-5001, RTP/AVP/TCP;interleaved=0-1", (5000, 5001)),
        ("RTP/AVP/TCP;unicast;interleaved=0-1", None),
        ("RTP/AVP;multicast;client_port=5000-5001", None),
        ("RTP/AVP;unicast;client_port=5001-5000", None),
        ("RTP/AVP;unicast;client_port=5000-70000", None),
        ("RTP/AVP;unicast;client_port=5000", None),
        ("", None),
    ],
)
def test_ports_for_datagrams(transport: str, ports: tuple[int, int] | None) -> None:
    assert client_ports(transport) == ports


@pytest.mark.parametrize(
    ("path", "camera", "track"),
    [
        ("/gate", "gate", "track0"),
        ("/gate/track0", "gate", "track0"),
        ("/gate/dead1", "gate", "dead1"),
        ("/yard/north/dead0", "yard/north", "dead0"),
        ("/gate/deadline", "gate/deadline", "track0"),
        ("/", "", "track0"),
    ],
)
def test_which_track_of_which_camera(path: str, camera: str, track: str) -> None:
    request = Request("SETUP", f"rtsp://127.0.0.1:554{path}")
    assert (request.camera, request.track) == (camera, track)
