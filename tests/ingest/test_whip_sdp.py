"""Offers of real publishers, and of none: what is read, what is refused, what is answered."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.whip_answer import LocalIce, answer_to, fragment_of
from ingest.whip_sdp import (
    MOST_CANDIDATES,
    MOST_SDP,
    IceCredentials,
    Offer,
    SdpRefused,
    parse_fragment,
    parse_offer,
)

DIGEST = ":".join(["AB"] * 32)
TRANSPORT = [
    "a=ice-ufrag:EsAw",
    "a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y",
    f"a=fingerprint:sha-256 {DIGEST}",
    "a=setup:actpass",
]
H264 = [
    "a=rtpmap:96 H264/90000",
    "a=rtcp-fb:96 nack",
    "a=rtcp-fb:96 nack pli",
    "a=rtcp-fb:96 transport-cc",
    "a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
]
SESSION = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"]
VIDEO = [
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    "a=sendonly",
    "a=rtcp-mux",
]
AUDIO = [
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
    "a=mid:1",
    "a=sendonly",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
]
OUR_ICE = LocalIce(
    IceCredentials("ours", "ourpasswordourpassword"),
    ("1 1 udp 2130706431 10.0.0.1 40000 typ host",),
)


def text(*lines: str) -> str:
    return "\r\n".join(lines) + "\r\n"


def offer(
    *,
    session: list[str] = SESSION,
    video: list[str] = VIDEO,
    transport: list[str] = TRANSPORT,
    codec: list[str] = H264,
    more: tuple[str, ...] = (),
) -> str:
    return text(*session, *video, *transport, *codec, *more)


def without(lines: list[str], begins: str) -> list[str]:
    return [line for line in lines if not line.startswith(begins)]


def refusal(sdp: str) -> str:
    with pytest.raises(SdpRefused) as refused:
        parse_offer(sdp)
    assert refused.value.reason
    return refused.value.field


def answered(parsed: Offer) -> list[str]:
    return answer_to(parsed, OUR_ICE, DIGEST, 7).split("\r\n")


def test_an_offer_of_one_h264_video_is_read() -> None:
    parsed = parse_offer(offer(more=("a=candidate:1 1 udp 2122 192.0.2.1 61764 typ host ufrag x",)))
    assert parsed.ice == IceCredentials("EsAw", "bP+XJMM09aR8AiX1jdukzR6Y")
    assert parsed.fingerprints == (("sha-256", DIGEST),)
    assert (parsed.codec.name, parsed.codec.payload_type) == ("h264", 96)
    assert parsed.codec.feedback == ("nack", "nack pli")
    assert parsed.we_are_dtls_server
    assert [(one.address, one.port) for one in parsed.candidates] == [("192.0.2.1", 61764)]


def test_the_answer_takes_the_one_codec_and_is_read_only() -> None:
    lines = answered(parse_offer(offer()))
    assert "m=video 9 UDP/TLS/RTP/SAVPF 96" in lines
    assert "a=recvonly" in lines
    assert "a=setup:passive" in lines
    assert "a=rtcp-mux-only" in lines
    fmtp = "a=fmtp:96 packetization-mode=1;profile-level-id=42e01f;level-asymmetry-allowed=1"
    assert fmtp in lines
    assert not [line for line in lines if "transport-cc" in line]
    assert all(len(line) < 300 for line in lines)


@pytest.mark.parametrize("profile", ["640016", "64001f", "4d001f", "42001f", "f4001f", "640c1f"])
def test_any_profile_of_h264_is_taken(profile: str) -> None:
    """ffmpeg offers High (640016), at which aiortc's own reader raises."""
    codec = ["a=rtpmap:96 H264/90000", f"a=fmtp:96 packetization-mode=1;profile-level-id={profile}"]
    lines = answered(parse_offer(offer(codec=codec)))
    assert f"a=fmtp:96 packetization-mode=1;profile-level-id={profile}" in lines


def test_vp8_is_taken_where_it_comes_first() -> None:
    video = ["m=video 9 UDP/TLS/RTP/SAVPF 45 97 98 96", *VIDEO[1:]]
    codec = ["a=rtpmap:45 AV1/90000", "a=rtpmap:97 VP8/90000", "a=rtpmap:98 rtx/90000", *H264]
    parsed = parse_offer(offer(video=video, codec=codec))
    assert (parsed.codec.name, parsed.codec.payload_type) == ("vp8", 97)
    assert "m=video 9 UDP/TLS/RTP/SAVPF 97" in answered(parsed)


def test_interleaved_h264_is_passed_over() -> None:
    video = ["m=video 9 UDP/TLS/RTP/SAVPF 96 97", *VIDEO[1:]]
    codec = ["a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=2", "a=rtpmap:97 VP8/90000"]
    assert parse_offer(offer(video=video, codec=codec)).codec.name == "vp8"


@pytest.mark.parametrize(
    ("given", "server", "answer"),
    [
        ("actpass", True, "passive"),
        ("active", True, "passive"),
        ("passive", False, "active"),
        (None, True, "passive"),
    ],
)
def test_we_are_the_dtls_server_wherever_we_may(
    given: str | None, server: bool, answer: str
) -> None:
    transport = without(TRANSPORT, "a=setup")
    parsed = parse_offer(offer(transport=[*transport, *([f"a=setup:{given}"] if given else [])]))
    assert parsed.we_are_dtls_server is server
    assert f"a=setup:{answer}" in answered(parsed)


def test_sound_is_answered_inactive_and_shares_the_transport() -> None:
    session = [*SESSION[:-1], "a=group:BUNDLE 1 0"]
    sdp = text(*session, *AUDIO, *TRANSPORT, *VIDEO, *H264)
    parsed = parse_offer(sdp)
    lines = answered(parsed)
    assert "a=group:BUNDLE 1 0" in lines
    first, second = [i for i, line in enumerate(lines) if line.startswith("m=")]
    assert lines[first] == "m=audio 9 UDP/TLS/RTP/SAVPF 111"
    assert "a=inactive" in lines[first:second]
    assert "a=recvonly" in lines[second:]


def test_credentials_of_the_session_hold_for_its_sections() -> None:
    parsed = parse_offer(text(*SESSION, *TRANSPORT, *VIDEO, *H264))
    assert parsed.ice.ufrag == "EsAw"


@pytest.mark.parametrize(
    ("sdp", "field"),
    [
        ("", "body"),
        ("hello", "body"),
        (offer(session=SESSION[1:]), "v"),
        (offer(session=["v=1", *SESSION[1:]]), "v"),
        (text(*SESSION), "m=video"),
        (text(*SESSION, *AUDIO, *TRANSPORT), "m=video"),
        (offer(video=["m=video", *VIDEO[1:]]), "m"),
        (offer(video=["m=video 9 RTP/AVP 96", *VIDEO[1:]]), "m=video"),
        (offer(video=["m=video 9 UDP/TLS/RTP/SAVPF x", *VIDEO[1:]]), "m=video"),
        (offer(video=["m=video 9 UDP/TLS/RTP/SAVPF 72", *VIDEO[1:]]), "m=video"),
        (offer(video=["m=video 9 UDP/TLS/RTP/SAVPF 300", *VIDEO[1:]]), "m=video"),
        (offer(video=without(VIDEO, "a=rtcp-mux")), "rtcp-mux"),
        (offer(video=[*without(VIDEO, "a=sendonly"), "a=recvonly"]), "direction"),
        (offer(video=[*without(VIDEO, "a=sendonly"), "a=inactive"]), "direction"),
        (offer(video=[*without(VIDEO, "a=mid"), "a=mid:a b"]), "mid"),
        (offer(transport=without(TRANSPORT, "a=ice-ufrag")), "ice-ufrag"),
        (offer(transport=without(TRANSPORT, "a=ice-pwd")), "ice-pwd"),
        (offer(transport=[*without(TRANSPORT, "a=ice-pwd"), "a=ice-pwd:short"]), "ice-pwd"),
        (offer(transport=["a=ice-ufrag:a b c d", *TRANSPORT[1:]]), "ice-ufrag"),
        (offer(transport=without(TRANSPORT, "a=fingerprint")), "fingerprint"),
        (
            offer(transport=[*without(TRANSPORT, "a=fing"), "a=fingerprint:sha-256 AB:CD"]),
            "fingerprint",
        ),
        (
            offer(transport=[*without(TRANSPORT, "a=fing"), "a=fingerprint:sha-1 " + DIGEST[:59]]),
            "fingerprint",
        ),
        (offer(transport=[*TRANSPORT[:-1], "a=setup:holdconn"]), "setup"),
        (offer(codec=["a=rtpmap:96 H265/90000"]), "rtpmap"),
        (offer(codec=["a=rtpmap:96 H264/8000"]), "rtpmap"),
        (offer(codec=[]), "rtpmap"),
        (offer(more=("a=candidate:nothing",)), "candidate"),
        (offer(more=("a=candidate:1 1 udp 1 10.0.0.1 99999 typ host",)), "candidate"),
        (offer(more=("a=candidate:1 1 udp 9999999999 10.0.0.1 9 typ host",)), "candidate"),
        (offer(more=("m=application 9 UDP/DTLS/SCTP webrtc-datachannel",)), "m=application"),
        (offer(more=tuple(VIDEO)), "m=video"),
        (offer(more=tuple(AUDIO)), "group"),
        (offer(more=("m=audio 9 UDP/TLS/RTP/SAVPF 0",) * 4), "m"),
        (offer(more=("a=x\x07",)), "body"),
        (offer(more=("a=x" + "y" * MOST_SDP,)), "body"),
        (offer(more=("a=x",) * 1000), "body"),
    ],
)
def test_a_refusal_names_the_field(sdp: str, field: str) -> None:
    assert refusal(sdp) == field


def test_candidates_that_cannot_be_used_are_left_out_in_silence() -> None:
    lines = (
        "a=candidate:1 1 tcp 1 10.0.0.1 9 typ host tcptype active",
        "a=candidate:2 2 udp 1 10.0.0.1 9000 typ host",
        "a=candidate:3 1 udp 1 3f0c.local 9000 typ host",
        "a=candidate:4 1 udp 1 10.0.0.1 9000 typ strange",
        "a=candidate:5 1 UDP 1 10.0.0.1 9000 typ srflx raddr 0.0.0.0 rport 0",
        "a=candidate:5 1 UDP 1 10.0.0.1 9000 typ srflx raddr 0.0.0.0 rport 1",
        "a=candidate:6 1 udp 1 fe80::1 9000 typ host",
    )
    found = [one.foundation for one in parse_offer(offer(more=lines)).candidates]
    assert found == ["5", "6"]


def test_candidates_are_bounded() -> None:
    lines = tuple(f"a=candidate:{n} 1 udp 1 10.0.0.1 {n} typ host" for n in range(1, 100))
    assert len(parse_offer(offer(more=lines)).candidates) == MOST_CANDIDATES


def test_a_fragment_of_candidates() -> None:
    parsed = parse_fragment(
        text(
            "a=group:BUNDLE 0 1",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111",
            "a=mid:0",
            *TRANSPORT[:2],
            "a=candidate:1 1 udp 1 10.0.0.1 9000 typ host",
            "a=end-of-candidates",
        )
    )
    assert parsed.ice == IceCredentials("EsAw", "bP+XJMM09aR8AiX1jdukzR6Y")
    assert (len(parsed.candidates), parsed.candidates_complete) == (1, True)


@pytest.mark.parametrize(
    ("fragment", "field"),
    [
        ("", "body"),
        ("v=0\r\n", "body"),
        ("a=ice-ufrag:abcd\r\n", "ice-pwd"),
        ("a=candidate:x\r\n", "candidate"),
    ],
)
def test_a_fragment_that_is_none(fragment: str, field: str) -> None:
    with pytest.raises(SdpRefused) as refused:
        parse_fragment(fragment)
    assert refused.value.field == field


def test_a_restart_is_answered_for_the_tagged_section() -> None:
    lines = fragment_of(parse_offer(offer()), OUR_ICE).split("\r\n")
    assert lines[:4] == [
        "a=ice-options:trickle",
        "a=group:BUNDLE 0",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "a=mid:0",
    ]
    assert "a=ice-ufrag:ours" in lines


MANGLED = st.lists(
    st.one_of(
        st.sampled_from(offer(more=("a=candidate:1 1 udp 1 10.0.0.1 9 typ host",)).split("\r\n")),
        st.text(max_size=60),
        st.from_regex(r"[am]=[a-z\-]{1,12}[: ]?.{0,40}", fullmatch=True),
    ),
    max_size=40,
)


def read(sdp: str) -> Offer | SdpRefused:
    """Whatever else is raised fails the test."""
    try:
        return parse_offer(sdp)
    except SdpRefused as refused:
        return refused


@given(MANGLED)
def test_whatever_comes_is_read_or_refused(lines: list[str]) -> None:
    found = read("\r\n".join([*SESSION[:1], *lines]))
    if isinstance(found, SdpRefused):
        assert (found.field, found.reason) != ("", "")
    else:
        answer = answered(found)[:-1]
        assert all(re.fullmatch(r"[a-z]=[ -~]*", line) for line in answer)


@given(st.integers(0, 2000), st.integers(0, 255))
def test_one_byte_changed_is_read_or_refused(place: int, byte: int) -> None:
    sdp = bytearray(offer().encode())
    sdp[place % len(sdp)] = byte
    found = read(sdp.decode("latin-1"))
    assert isinstance(found, SdpRefused) or found.fingerprints


@given(MANGLED)
def test_whatever_comes_as_a_fragment_is_read_or_refused(lines: list[str]) -> None:
    try:
        found = parse_fragment("\r\n".join(lines))
    except SdpRefused:
        return
    assert len(found.candidates) <= MOST_CANDIDATES
