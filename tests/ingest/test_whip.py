"""Publishers made of aiortc against the real thing: sockets on loopback, real DTLS and SRTP."""

import contextlib
import itertools
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest

from ingest import CodedPacket, Publishers, PublishRefused, StreamFailed, StreamOptions, WhipOpener
from ingest.deadline import Guard
from ingest.rtc import RtcLoop, RtcSettings
from ingest.streams import Stream
from ingest.whip_sdp import Offer
from ingest.whip_session import ALIVE_S, Publication
from ingest.whip_stream import WhipStream
from record.cameras import CameraReason, CameraUrl
from record.clock import SystemClock
from record.frames import Frame, TimeSource
from record.ids import CameraId, TokenId
from tests.fakes.camera import FakeOpener, Frames
from tests.fakes.publisher import Publisher
from tests.ingest.live_house import until

CAMERA, TOKEN, WHIP = CameraId("phone"), TokenId("token"), CameraUrl.parse("whip:")
CLOCK = SystemClock()


@dataclass
class Tap:
    packets: list[CodedPacket] = field(default_factory=list)

    def on_packet(self, packet: CodedPacket) -> None:
        self.packets.append(packet)


class Ward:
    """A registry, and what a worker does with it."""

    def __init__(self, allowed: tuple[str, ...] = ("127.0.0.1",)) -> None:
        self.loop = RtcLoop()
        self.settings = RtcSettings(networks=(ip_network("127.0.0.0/8"),))
        self.asked: list[str] = []
        self.tap = Tap()
        self._allowed = allowed
        self.publishers = Publishers(self.loop, self._make, CLOCK)
        scripts = {"gate": [[Frames(1)]]}
        self.opener = WhipOpener(FakeOpener(CLOCK, scripts), self.publishers, self._read)  # type: ignore[arg-type]

    def post(self, offer: str) -> str:
        return self.publishers.offer(CAMERA, TOKEN, offer).answer

    def open(self) -> Stream:
        """Past the one time that nobody is said to publish."""
        stop = threading.Event()
        in_time = threading.Timer(8, stop.set)
        in_time.start()
        try:
            with Guard(stop).bound():
                with contextlib.suppress(StreamFailed):
                    return self._open()
                return self._open()
        finally:
            in_time.cancel()

    def _open(self) -> Stream:
        return self.opener.open(CAMERA, WHIP, options=StreamOptions(packets=self.tap))

    def end(self) -> None:
        self.publishers.stop()
        assert self.loop.stop()

    def _make(self, camera: CameraId, token: TokenId, offer: Offer) -> Publication:
        return Publication(camera, token, offer, self.settings, self._allows, CLOCK)

    def _allows(self, address: str) -> bool:
        self.asked.append(address)
        return address in self._allowed

    def _read(
        self, camera: CameraId, publication: Publication, options: StreamOptions
    ) -> WhipStream:
        return WhipStream(camera, publication, CLOCK, tap=options.packets)


@pytest.fixture
def ward() -> Iterator[Ward]:
    one = Ward()
    yield one
    one.end()


def frames(stream: Stream, count: int) -> list[Frame]:
    return [stream.read() for _ in range(count)]


def failure(stream: Stream) -> StreamFailed:
    """What ends the stream, within a bounded number of frames."""
    with pytest.raises(StreamFailed) as ended:
        frames(stream, 400)
    return ended.value


@pytest.mark.parametrize(("codec", "name"), [("H264", "h264"), ("VP8", "vp8")])
def test_frames_arrive_with_their_size_and_time(ward: Ward, codec: str, name: str) -> None:
    with Publisher(codec) as publisher:
        publisher.publish(ward.post)
        stream = ward.open()
        assert (stream.info.width, stream.info.height, stream.info.codec) == (320, 180, name)
        seen = frames(stream, 60)
    assert [frame.number for frame in seen] == list(range(60))
    lags = [(CLOCK.now() - frame.captured_at).total_seconds() for frame in seen[-1:]]
    assert max(lags) < 1.0
    assert {frame.time_source for frame in seen} <= set(TimeSource) - {TimeSource.FILE}
    steps = [b.pts_s - a.pts_s for a, b in itertools.pairwise(seen)]
    assert 0.02 < sorted(steps)[len(steps) // 2] < 0.05
    assert (seen[-1].picture.width, seen[-1].picture.height) == (320, 180)
    assert stream.counts.decoded >= 60


def test_the_sender_reports_tell_the_capture_time(ward: Ward) -> None:
    with Publisher() as publisher:
        publisher.publish(ward.post)
        stream = ward.open()
        until = time.monotonic() + 6
        while stream.read().time_source is not TimeSource.SENDER_REPORT:
            assert time.monotonic() < until


def test_coded_pictures_go_to_the_tap_before_they_are_decoded(ward: Ward) -> None:
    with Publisher() as publisher:
        publisher.publish(ward.post)
        frames(ward.open(), 20)
    first = ward.tap.packets[0]
    assert first.keyframe
    assert first.codec == "h264"
    assert first.extradata.startswith(b"\x00\x00\x00\x01")
    assert all(packet.captured_at is not None for packet in ward.tap.packets)
    assert len(ward.tap.packets) >= 20


def test_a_publisher_with_sound_is_taken_without_it(ward: Ward) -> None:
    with Publisher(sound=True) as publisher:
        publisher.publish(ward.post)
        assert len(frames(ward.open(), 10)) == 10


def test_a_high_profile_offer_is_taken(ward: Ward) -> None:
    """640016 is what ffmpeg offers. The pictures of this one stay what they are."""
    with Publisher() as publisher:
        high = re.sub("profile-level-id=42[0e]01f", "profile-level-id=640016", publisher.offer)
        answer = ward.post(high)
        assert "profile-level-id=640016" in answer
        publisher.take(answer.replace("640016", "42001f"))
        assert len(frames(ward.open(), 10)) == 10


@pytest.mark.parametrize("setup", ["actpass", "active", "passive"])
def test_a_publisher_with_an_rsa_certificate_is_taken_in_either_role(
    ward: Ward, setup: str
) -> None:
    """GStreamer's default. aiortc's own certificate, as a DTLS client, would fail with `passive`:
    should it change how a context is made, or how roles are set, this fails."""
    with Publisher(rsa=True) as publisher:
        answer = ward.post(publisher.offer.replace("a=setup:actpass", f"a=setup:{setup}"))
        assert f"a=setup:{'active' if setup == 'passive' else 'passive'}" in answer
        publisher.take(answer)
        assert len(frames(ward.open(), 5)) == 5


def test_a_second_publisher_is_refused_while_the_first_is_alive(ward: Ward) -> None:
    with Publisher() as first, Publisher() as second:
        first.publish(ward.post)
        stream = ward.open()
        with pytest.raises(PublishRefused) as refused:
            ward.post(second.offer)
        assert refused.value.reason == "publisher_alive"
        assert len(frames(stream, 30)) == 30


def test_a_publisher_that_vanishes_is_noticed_and_replaced(ward: Ward) -> None:
    with Publisher() as first, Publisher() as second:
        first.publish(ward.post)
        stream = ward.open()
        frames(stream, 10)
        first.vanish()
        began = time.monotonic()
        assert failure(stream).reason is CameraReason.STALLED
        assert ALIVE_S * 0.9 < time.monotonic() - began < ALIVE_S + 1
        second.publish(ward.post)
        assert len(frames(ward.open(), 10)) == 10


def test_one_that_never_sent_anything_is_replaced_at_once(ward: Ward) -> None:
    with Publisher() as first, Publisher() as second:
        ward.post(first.offer)
        second.publish(ward.post)
        assert len(frames(ward.open(), 5)) == 5


def test_a_goodbye_is_heard_at_once(ward: Ward) -> None:
    with Publisher() as publisher:
        publisher.publish(ward.post)
        stream = ward.open()
        frames(stream, 10)
        began = time.monotonic()
        publisher.leave()
        assert failure(stream).reason is CameraReason.NO_PUBLISHER
        assert time.monotonic() - began < 1
    with Publisher() as again:
        again.publish(ward.post)
        assert len(frames(ward.open(), 5)) == 5


def test_an_ended_publication_says_why(ward: Ward) -> None:
    with Publisher() as publisher:
        published = ward.publishers.offer(CAMERA, TOKEN, publisher.offer)
        publisher.take(published.answer)
        stream = ward.open()
        ward.publishers.end(CAMERA, published.session, "the publisher has ended it")
        ended = failure(stream)
        assert (ended.reason, ended.detail) == (
            CameraReason.NO_PUBLISHER,
            "the publisher has ended it",
        )
        with pytest.raises(PublishRefused) as refused:
            ward.publishers.end(CAMERA, published.session, "again")
        assert refused.value.reason == "no_such_session"


def test_a_token_that_holds_no_longer_ends_it(ward: Ward) -> None:
    with Publisher() as publisher:
        publisher.publish(ward.post)
        stream = ward.open()
        ward.publishers.keep_only(lambda _, token: token != TOKEN, "its token holds no longer")
        assert failure(stream).detail == "its token holds no longer"


def test_ice_is_restarted_and_the_picture_goes_on(ward: Ward) -> None:
    with Publisher() as publisher:
        published = ward.publishers.offer(CAMERA, TOKEN, publisher.offer)
        publisher.take(published.answer)
        stream = ward.open()
        frames(stream, 10)
        tags = []

        def patch(fragment: str) -> str:
            patched = ward.publishers.patch(CAMERA, published.session, "*", fragment)
            assert patched.answer is not None
            tags.append(patched.etag)
            return patched.answer

        publisher.restart(patch)
        assert len(frames(stream, 60)) == 60
        assert tags[0] not in {None, published.etag}
        with pytest.raises(PublishRefused) as refused:
            ward.publishers.patch(CAMERA, published.session, published.etag, "a=mid:0\r\n")
        assert refused.value.reason == "etag_mismatch"


def test_candidates_may_come_after_the_offer(ward: Ward) -> None:
    with Publisher() as publisher:
        lines = publisher.offer.split("\r\n")
        late = [line for line in lines if line.startswith("a=candidate")]
        early = "\r\n".join(line for line in lines if line not in late)
        published = ward.publishers.offer(CAMERA, TOKEN, early)
        patched = ward.publishers.patch(
            CAMERA, published.session, published.etag, "\r\n".join(late) + "\r\n"
        )
        assert patched.answer is None
        publisher.take(published.answer)
        assert len(frames(ward.open(), 5)) == 5
    assert ward.asked == ["127.0.0.1"]


def test_a_fragment_is_refused_where_it_should_be(ward: Ward) -> None:
    with Publisher() as publisher:
        published = ward.publishers.offer(CAMERA, TOKEN, publisher.offer)
        for session, tag, fragment, reason in (
            ("another", published.etag, "a=mid:0\r\n", "no_such_session"),
            (published.session, None, "a=mid:0\r\n", "etag_missing"),
            (published.session, '"x"', "a=mid:0\r\n", "etag_mismatch"),
            (published.session, published.etag, "nonsense", "sdp"),
        ):
            with pytest.raises(PublishRefused) as refused:
                ward.publishers.patch(CAMERA, session, tag, fragment)
            assert refused.value.reason == reason


def test_candidates_outside_the_allowed_networks_are_not_checked() -> None:
    """The publisher still gets in: its own checks reach us. Nothing is sent where it points."""
    ward = Ward(allowed=())
    with Publisher() as publisher:
        elsewhere = "a=candidate:9 1 udp 1 10.1.2.3 9 typ host"
        offer = publisher.offer.replace("a=mid:0", f"a=mid:0\r\n{elsewhere}")
        publisher.take(ward.post(offer))
        assert len(frames(ward.open(), 5)) == 5
    assert set(ward.asked) == {"127.0.0.1", "10.1.2.3"}
    ward.end()


def test_an_offer_that_is_none_is_refused_by_field(ward: Ward) -> None:
    with pytest.raises(PublishRefused) as refused:
        ward.post("v=0\r\nm=video nonsense\r\n")
    assert (refused.value.reason, refused.value.field) == ("sdp", "m")
    assert not ward.loop.running, "nothing was begun for it"


def test_that_nobody_publishes_is_said_once_and_then_waited_out(ward: Ward) -> None:
    stop = threading.Event()
    with Guard(stop).bound():
        with pytest.raises(StreamFailed) as failed:
            ward.opener.open(CAMERA, WHIP)
        assert failed.value.reason is CameraReason.NO_PUBLISHER
        threading.Timer(0.3, stop.set).start()
        began = time.monotonic()
        with pytest.raises(StreamFailed):
            ward.opener.open(CAMERA, WHIP)
        assert 0.2 < time.monotonic() - began < 2


def test_other_addresses_are_handed_on(ward: Ward) -> None:
    stream = ward.opener.open(CameraId("gate"), CameraUrl.parse("rtsp://camera.test/x"))
    assert stream.info.codec == "fake"


def test_nothing_is_left_over(ward: Ward) -> None:
    before = threading.active_count()
    for _ in range(3):
        with Publisher() as publisher:
            publisher.publish(ward.post)
            frames(ward.open(), 5)
    ward.publishers.stop()
    ward.loop.stop()
    # A loop that is closed lets its idle threads go (`shutdown(wait=False)`), and they go by
    # themselves.
    gone = until(lambda: threading.active_count() <= before, 1.0)
    assert gone, [one.name for one in threading.enumerate()]
