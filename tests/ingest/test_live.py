"""Live out, with aiortc as the viewer: real ICE, DTLS, SRTP and H.264 on loopback."""

import asyncio
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ingest.live_encoder import MOST_KBITS, QUANTIZERS, LiveEncoder
from ingest.live_server import NoSuchView
from ingest.rtc_peer import GATHER_S, MOST_SDP, OfferRefused
from tests.fakes.whep import LOOPBACK, WhepViewer
from tests.ingest.live_house import FEED, House, bright, encoded, house, until, viewers


def test_a_viewer_sees_within_a_second_because_an_idr_comes_as_it_joins() -> None:
    with house() as live:
        assert until(lambda: len(live.source.encoded) > 5)
        began = time.monotonic()
        viewer = live.watch("a")
        with viewers(viewer):
            assert viewer.wait_for(lambda v: len(v.seen) >= 10)
            assert viewer.seen[0].at - began < 1.0
            assert (viewer.seen[0].frame.width, viewer.seen[0].frame.height) == (320, 180)
            levels = [seen.frame.to_ndarray(format="gray").mean() for seen in viewer.seen]
            assert all(later > earlier for earlier, later in pairwise(levels))


def test_the_answer_is_h264_constrained_baseline_and_on_loopback_alone() -> None:
    with house() as live:
        viewer = WhepViewer()
        with viewers(viewer):
            answer = live.server.open("a", FEED, viewer.offer())
            assert "VP8" not in answer
            first = re.search(r"m=video \d+ UDP/TLS/RTP/SAVPF (\d+)", answer)
            assert first
            assert f"a=rtpmap:{first[1]} H264/90000" in answer
            assert re.search(rf"a=fmtp:{first[1]} .*profile-level-id=42e01f", answer)
            at = re.findall(r"a=candidate:\S+ \d udp \d+ (\S+)", answer)
            assert at == ["127.0.0.1"]
            assert "a=end-of-candidates" in answer


@contextmanager
def asking(live: House) -> Iterator[tuple[WhepViewer, int]]:
    """A viewer who sees already, and what names the stream to it (SSRC)."""
    viewer = WhepViewer()
    answer = live.server.open("a", FEED, viewer.offer())
    viewer.take(answer)
    with viewers(viewer):
        assert viewer.wait_for(lambda v: len(v.seen) >= 5)
        ssrc = re.search(r"a=ssrc:(\d+)", answer)
        assert ssrc
        yield viewer, int(ssrc[1])


def test_a_viewer_who_lost_the_picture_gets_an_idr_for_asking() -> None:
    with house() as live, asking(live) as (viewer, ssrc):
        asked, made = live.asked, len(live.source.encoded)
        viewer.ask_for_keyframe(ssrc)
        assert until(lambda: live.asked > asked, 1.0)
        assert until(lambda: any(p.keyframe for p in live.source.encoded[made:]), 0.5)
        counts = live.server.counts("a")
        assert counts is not None
        assert counts.keyframes_asked >= 1


def test_a_viewer_who_asks_again_and_again_has_the_others_pay_for_one_idr() -> None:
    with house() as live, asking(live) as (viewer, ssrc):
        asked = live.asked
        for _ in range(10):
            viewer.ask_for_keyframe(ssrc)
            time.sleep(0.1)
        counts = live.server.counts("a")
        assert counts is not None
        assert counts.keyframes_asked >= 10
        assert live.asked == asked + 1


def test_a_clear_view_ends_after_its_fifteen_minutes_and_not_before() -> None:
    now = Passing()
    with house(now=now, silent_s=3600.0) as live:
        viewer = live.watch("a", ends_in_s=900.0)
        with viewers(viewer):
            assert viewer.wait_for(lambda v: len(v.seen) >= 3)
            now.later(898.0)
            time.sleep(1.2)  # two rounds of looking after views
            assert live.ended == {}
            seen = len(viewer.seen)
            assert viewer.wait_for(lambda v: len(v.seen) >= seen + 3)
            now.later(1.0)
            assert until(lambda: live.ended == {"a": "time_limit"}, 2.0)
            assert viewer.wait_for(lambda v: v.state == "closed" or v.ended, 1.0)


def test_a_silent_stun_server_is_waited_for_once_a_minute_and_not_by_everybody() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        stun = (f"stun:127.0.0.1:{silent.getsockname()[1]}",)
        now = Passing()
        with house(replace(LOOPBACK, stun=stun), now=now, silent_s=3600.0) as live:
            took = []
            for name, later_s in (("a", 0.0), ("b", 0.0), ("c", 70.0)):
                now.later(later_s)
                began = time.monotonic()
                with viewers(live.watch(name)):
                    took.append(time.monotonic() - began)
            assert took[0] > GATHER_S
            assert took[1] < 1.0
            assert took[2] > GATHER_S, "a server that is back is not found again"


class Passing:
    """Monotonic time that can be moved on."""

    def __init__(self) -> None:
        self._more_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._more_s

    def later(self, seconds: float) -> None:
        self._more_s += seconds


def test_a_viewer_who_is_slow_holds_nobody_up_and_joins_again_at_an_idr() -> None:
    with house() as live:
        slow, quick = live.watch("slow"), live.watch("quick")
        with viewers(slow, quick):
            assert slow.wait_for(lambda v: len(v.seen) >= 3)
            assert quick.wait_for(lambda v: len(v.seen) >= 3)
            line = SlowLine(live, "slow")
            line.block()
            before = len(quick.seen)
            assert quick.wait_for(lambda v: len(v.seen) >= before + 40, 4.0), "held up"
            gaps = np.diff([seen.at for seen in quick.seen[before:]])
            assert gaps.max() < 0.5
            counts = live.server.counts("slow")
            assert counts is not None
            assert counts.dropped >= 20
            assert line.behind <= 15
            seen = len(slow.seen)
            line.free()
            assert slow.wait_for(lambda v: len(v.seen) >= seen + 20), "does not come back"


class SlowLine:
    """Lets nothing through to one viewer, as a full relay over TCP would not."""

    def __init__(self, live: House, view: str) -> None:
        self._live, self._view = live, live.server._views[view]
        self._transport = self._view.peer.getSenders()[0].transport.transport
        self._send = self._transport._send
        self._gate = asyncio.Event()

    @property
    def behind(self) -> int:
        return self._view.viewer.behind

    def block(self) -> None:
        self._live.loop.run(self._block(), 2)

    def free(self) -> None:
        self._live.loop.run(self._free(), 2)

    async def _block(self) -> None:
        gate = self._gate = asyncio.Event()
        send = self._send

        async def waits(data: bytes) -> None:
            await gate.wait()
            await send(data)

        self._transport._send = waits

    async def _free(self) -> None:
        self._transport._send = self._send
        self._gate.set()


def test_a_viewer_who_vanishes_is_noticed_and_freed() -> None:
    with house(silent_s=2.5) as live:
        viewer = live.watch("a")
        with viewers(viewer):
            assert viewer.wait_for(lambda v: len(v.seen) >= 3)
            viewer.go_deaf()
            assert until(lambda: live.ended.get("a") == "vanished", 6.0)
            assert live.server.viewers(FEED) == 0


def test_a_viewer_who_leaves_in_good_order_is_freed_at_once() -> None:
    with house() as live:
        viewer = live.watch("a")
        assert viewer.wait_for(lambda v: len(v.seen) >= 3)
        viewer.close()
        assert until(lambda: live.ended.get("a") == "left", 2.0)


def test_who_never_connects_is_let_go() -> None:
    with house(connect_s=1.0) as live:
        viewer = WhepViewer()
        with viewers(viewer):
            live.server.open("a", FEED, viewer.offer())
            assert until(lambda: live.ended.get("a") == "never_connected", 3.0)


def test_viewers_are_told_when_the_feed_ends() -> None:
    with house() as live:
        viewer = live.watch("a")
        with viewers(viewer):
            assert viewer.wait_for(lambda v: len(v.seen) >= 3)
            live.server.end_feed(FEED, "camera_lost")
            assert viewer.wait_for(lambda v: v.state == "closed" or v.ended, 1.0)
            assert live.ended == {"a": "camera_lost"}


def test_twenty_viewers_get_the_same_pictures() -> None:
    with house() as live:
        watching = [live.watch(f"v{number}") for number in range(20)]
        with viewers(*watching):
            assert all(viewer.wait_for(lambda v: len(v.seen) >= 2) for viewer in watching)
            before = [len(viewer.seen) for viewer in watching]
            time.sleep(1.0)
            got = [len(v.seen) - n for v, n in zip(watching, before, strict=True)]
            assert min(got) >= 12, got
            assert live.server.viewers(FEED) == 20


@pytest.mark.parametrize(
    ("offer", "reason"),
    [
        ("", "malformed"),
        ("v=0\r\n", "malformed"),
        ("nonsense", "malformed"),
        ("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 99\r\n", "malformed"),
        ("a" * (MOST_SDP + 1), "malformed"),
    ],
)
def test_what_is_no_offer_is_refused_and_leaves_nothing_behind(offer: str, reason: str) -> None:
    with house() as live:
        with pytest.raises(OfferRefused) as refused:
            live.server.open("a", FEED, offer)
        assert refused.value.reason == reason
        assert live.server.viewers(FEED) == 0


def test_an_offer_without_h264_is_refused() -> None:
    with house() as live:
        viewer = WhepViewer()
        with viewers(viewer):
            offer = viewer.offer().replace("H264", "H263")
            with pytest.raises(OfferRefused) as refused:
                live.server.open("a", FEED, offer)
            assert refused.value.reason == "no_common_codec"


def test_an_offer_of_audio_alone_is_refused() -> None:
    with house() as live:
        viewer = WhepViewer("audio")
        with viewers(viewer), pytest.raises(OfferRefused):
            live.server.open("a", FEED, viewer.offer())


def test_candidates_may_come_later_and_names_are_never_resolved() -> None:
    with house() as live:
        viewer = WhepViewer()
        with viewers(viewer):
            offer = viewer.offer()
            kept = [x for x in offer.splitlines() if "candidate" not in x]
            late = [x for x in offer.splitlines() if x.startswith("a=candidate")]
            viewer.take(live.server.open("a", FEED, "\r\n".join(kept) + "\r\n"))
            hidden = "a=candidate:1 1 udp 2113937151 4b3c-x.local 50000 typ host"
            fragment = "\r\n".join(["a=mid:0", hidden, *late, "a=end-of-candidates", ""])
            assert live.server.trickle("a", fragment) == len(late)
            assert viewer.wait_for(lambda v: len(v.seen) >= 1)
        with pytest.raises(NoSuchView):
            live.server.trickle("b", fragment)


def test_encoded_pictures_begin_with_an_idr_and_have_one_every_two_seconds() -> None:
    encoder = LiveEncoder(320, 180)
    pictures = [encoded(encoder, bright(50), number / 10) for number in range(60)]
    assert [n for n, p in enumerate(pictures) if p.keyframe] == [0, 20, 40]
    for picture in pictures:
        units = re.findall(rb"\x00\x00\x01(.)", picture.data, re.DOTALL)
        kinds = {unit[0] & 0x1F for unit in units}
        assert ({5, 7, 8} <= kinds) is picture.keyframe, kinds
        assert picture.data


def test_a_view_that_takes_too_much_is_coded_more_coarsely_and_finer_again_when_it_is_calm() -> (
    None
):
    encoder, noise = LiveEncoder(640, 360), np.random.default_rng(1)
    kbits: list[float] = []
    for number in range(60):
        pixels = noise.integers(0, 256, (360, 640, 3), np.uint8)
        kbits.append(len(encoded(encoder, pixels, number / 10).data) * 8 / 1000)
    assert encoder.quantizer == QUANTIZERS[-1]
    assert sum(kbits[:10]) > MOST_KBITS
    assert sum(kbits[-10:]) < sum(kbits[:10]) / 2
    still = np.full((360, 640, 3), 90, np.uint8)
    for number in range(60, 460):
        encoded(encoder, still, number / 10)
    assert encoder.quantizer == QUANTIZERS[0]
