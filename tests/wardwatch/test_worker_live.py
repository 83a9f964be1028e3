"""Live views of a worker: real WebRTC on loopback, faked cameras, a faked detector."""

import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.live_encoder import LiveEncoder
from ingest.live_server import LiveServer
from ingest.rtc import RtcLoop
from record.cameras import CameraReason, Mask, Point
from record.frames import Colours, Frame, Planes, TimeSource
from record.grants import CLEAR_FOR, ClearGrant, GrantKey
from record.ids import CameraId, MaskId, UserId
from record.messages import (
    AskLiveClose,
    AskLiveKeep,
    AskLiveOpen,
    AskLiveTrickle,
    LiveKept,
    LiveOpened,
    LiveTrickled,
    Message,
    Refused,
    Reply,
)
from record.places import EVERYTHING
from tests.fakes.camera import Connection, Fails, FakeOpener, Frames, Hangs
from tests.fakes.detector import FakeDetector
from tests.fakes.pictures import Striped
from tests.fakes.whep import LOOPBACK, WhepViewer
from tests.wardwatch.workers import (
    CLOCK,
    FOREVER,
    GATE,
    Client,
    Running,
    await_true,
    camera,
    new_store,
)
from wardwatch.worker_clear import Clear
from wardwatch.worker_live import LiveViews
from wardwatch.worker_rtc import SharedLoop
from wardwatch.worker_veil import Veiled

KEY = GrantKey(lambda: b"k" * 32)


class Live:
    """A worker with a camera `gate`, its live views, and somebody who asks over its socket."""

    def __init__(self, running: Running, views: LiveViews, client: Client) -> None:
        self.running, self.views, self.client = running, views, client
        self.watching: list[WhepViewer] = []

    def ask(self, question: Message) -> Message:
        any_reply: Any = Reply
        self.client.say(question)
        reply, _ = self.client.hear(any_reply)
        return reply

    def open(self, view: str, grant: str | None = None, of: str = GATE) -> WhepViewer | Refused:
        viewer = WhepViewer()
        self.watching.append(viewer)
        reply = self.ask(AskLiveOpen(camera=of, view=view, offer=viewer.offer(), grant=grant))
        if isinstance(reply, Refused):
            return reply
        assert isinstance(reply, LiveOpened)
        viewer.take(reply.answer)
        return viewer

    def watch(self, view: str, grant: str | None = None) -> WhepViewer:
        viewer = self.open(view, grant)
        assert isinstance(viewer, WhepViewer), viewer
        assert viewer.wait_for(lambda v: len(v.seen) >= 2), "no picture"
        return viewer

    def refusal(self, view: str, grant: str | None = None, of: str = GATE) -> str:
        refused = self.open(view, grant, of)
        assert isinstance(refused, Refused)
        return refused.reason

    def ended(self, *views: str) -> dict[str, str]:
        reply = self.ask(AskLiveKeep(views=views))
        assert isinstance(reply, LiveKept)
        return reply.ended


@contextmanager
def live(tmp_path: Path, script: list[Connection] = FOREVER) -> Iterator[Live]:
    loop = RtcLoop()
    views = LiveViews(
        lambda on_keyframe, on_ended: LiveServer(LOOPBACK, loop, on_keyframe, on_ended), KEY, CLOCK
    )
    opener = FakeOpener(CLOCK, {GATE: list(script)}, pass_time=time.sleep)
    with new_store(tmp_path) as store:
        with store.write(EVERYTHING) as record:
            record.cameras.add(camera())
        parts = (views, SharedLoop(loop))
        with (
            Running(store, opener, FakeDetector(), parts=parts) as running,
            Client(running.socket_path) as client,
        ):
            await_true(lambda: _has_picture(running))
            one = Live(running, views, client)
            try:
                yield one
            finally:
                for viewer in one.watching:
                    viewer.close()
    assert not loop.running


def _has_picture(running: Running) -> bool:
    gate = running.worker.cameras.get(GATE)
    return gate is not None and gate.live_frame is not None


def grant(view: str, name: str = "Lan", of: CameraId = GATE, at: datetime | None = None) -> str:
    given = at or CLOCK.now()
    return KEY.sign(
        ClearGrant(view, of, UserId("lan"), name, "Asia/Ho_Chi_Minh", given, given + CLEAR_FOR)
    )


def test_the_first_viewer_starts_the_one_encoder_and_the_last_one_stops_it(tmp_path: Path) -> None:
    with live(tmp_path) as worker:
        assert worker.views.sources == {}
        first = worker.watch("a")
        source = worker.views.sources[GATE]
        second = worker.watch("b")
        assert worker.views.sources == {GATE: source}
        first.close()
        await_true(lambda: worker.ended("a", "b") == {"a": "left"})
        still = worker.views.sources[GATE]
        assert still is source
        second.close()
        await_true(lambda: worker.views.sources == {})
        encoded = source.encoded
        time.sleep(0.3)
        assert source.encoded == encoded


def test_a_camera_is_watched_while_somebody_views_it_and_no_longer(tmp_path: Path) -> None:
    with live(tmp_path) as worker:
        gate = worker.running.worker.cameras[GATE]
        watched = [gate.watched]
        worker.watch("a")
        time.sleep(3.2)
        watched.append(gate.watched)
        worker.ask(AskLiveClose(view="a", reason="left"))
        await_true(lambda: not gate.watched, 5.0)
        assert watched == [False, True]


def test_a_viewer_joins_a_running_view_at_an_idr_that_is_made_for_it(tmp_path: Path) -> None:
    with live(tmp_path) as worker:
        worker.watch("a")
        began = time.monotonic()
        late = worker.watch("b")
        assert late.seen[0].at - began < 1.0


def test_nothing_is_drawn_before_a_viewer_is_connected_and_the_first_picture_is_for_it(
    tmp_path: Path,
) -> None:
    with live(tmp_path) as worker:
        viewer = WhepViewer()
        worker.watching.append(viewer)
        reply = worker.ask(AskLiveOpen(camera=GATE, view="a", offer=viewer.offer()))
        assert isinstance(reply, LiveOpened)
        time.sleep(0.3)
        assert worker.views.sources[GATE].encoded == 0
        viewer.take(reply.answer)
        assert viewer.wait_for(lambda v: v.state == "connected")
        connected = time.monotonic()
        assert viewer.wait_for(lambda v: len(v.seen) >= 1)
        # Not held back by an IDR that nobody saw: one is made only every half second.
        assert viewer.seen[0].at - connected < 0.4


def test_webrtc_is_ready_once_somebody_has_looked_at_a_picture(tmp_path: Path) -> None:
    loop, made = RtcLoop(), threading.Event()

    def new_server(
        on_keyframe: Callable[[str], None], on_ended: Callable[[str, str], None]
    ) -> LiveServer:
        made.set()
        return LiveServer(LOOPBACK, loop, on_keyframe, on_ended)

    views = LiveViews(new_server, KEY, CLOCK)
    opener = FakeOpener(CLOCK, {GATE: list(FOREVER)}, pass_time=time.sleep)
    with new_store(tmp_path) as store:
        with store.write(EVERYTHING) as record:
            record.cameras.add(camera())
        with Running(store, opener, FakeDetector(), parts=(views,)) as running:
            await_true(lambda: _has_picture(running))
            assert not made.is_set()
            assert running.worker.cameras[GATE].still(64) is not None
            assert made.wait(5)


def gone(worker: Live, viewer: WhepViewer, view: str) -> float:
    """Seconds from the last picture to the server's word, with the view kept open meanwhile."""
    until = time.monotonic() + 8.0
    while not (viewer.ended or viewer.state == "closed"):
        assert time.monotonic() < until, "nobody told the viewer"
        worker.ended(view)
        time.sleep(0.05)
    return time.monotonic() - viewer.seen[-1].at


def test_viewers_are_told_within_three_seconds_when_the_camera_dies(tmp_path: Path) -> None:
    with live(tmp_path, [[Frames(120, 0.02), Fails(CameraReason.STALLED)], [Hangs()]]) as worker:
        viewer = worker.watch("a")
        assert gone(worker, viewer, "a") < 3.0
        assert worker.ended("a") == {"a": "camera_lost"}
        assert worker.refusal("b") == "no_picture"


def test_a_camera_that_says_nothing_any_more_is_lost_too(tmp_path: Path) -> None:
    """The reader has not noticed yet; the view has."""
    with live(tmp_path, [[Frames(120, 0.02), Hangs()]]) as worker:
        viewer = worker.watch("a")
        assert 2.0 < gone(worker, viewer, "a") < 3.0
        assert worker.ended("a") == {"a": "camera_lost"}


def test_a_view_that_the_api_no_longer_names_ends(tmp_path: Path) -> None:
    with live(tmp_path) as worker:
        kept, forgotten = worker.watch("kept"), worker.watch("forgotten")
        began = time.monotonic()
        while time.monotonic() - began < 7.0 and not forgotten.ended:
            assert worker.ended("kept") == {}
            time.sleep(0.5)
        assert worker.ended("kept", "forgotten") == {"forgotten": "not_kept"}
        assert kept.state == "connected"


def test_a_camera_that_is_removed_takes_its_views_along(tmp_path: Path) -> None:
    with live(tmp_path) as worker:
        worker.watch("a")
        with worker.running.store.write(EVERYTHING) as record:
            record.cameras.remove(GATE)
        await_true(lambda: worker.ended("a") == {"a": "camera_removed"})


def test_a_clear_picture_needs_a_grant_and_has_a_source_of_its_own(tmp_path: Path) -> None:
    with live(tmp_path) as worker:
        hidden = worker.watch("a")
        clear = worker.watch("b", grant("b"))
        assert set(worker.views.sources) == {GATE, "b"}
        flat, written = (
            viewer.seen[-1].frame.to_ndarray(format="gray").std() for viewer in (hidden, clear)
        )
        assert flat < 2, "the camera shows an even grey"
        assert written > 20, "nothing stands over the clear picture"


def test_no_other_grant_opens_it(tmp_path: Path) -> None:
    with live(tmp_path) as worker:
        assert worker.refusal("b", "nonsense") == "grant_forged"
        assert worker.refusal("b", GrantKey(lambda: b"x" * 32).sign(_of_b())) == "grant_forged"
        assert worker.refusal("b", grant("another")) == "grant_other_view"
        assert worker.refusal("b", grant("b", of=CameraId("yard"))) == "grant_other_camera"
        late = CLOCK.now() - timedelta(minutes=1)
        assert worker.refusal("b", grant("b", at=late)) == "grant_expired"
        assert worker.views.sources == {}


def _of_b() -> ClearGrant:
    now = CLOCK.now()
    return ClearGrant("b", GATE, UserId("lan"), "Lan", "UTC", now, now + CLEAR_FOR)


def test_a_grant_opens_one_view_once(tmp_path: Path) -> None:
    with live(tmp_path) as worker:
        leave = grant("b")
        worker.watch("b", leave)
        assert worker.refusal("b", leave) == "view_used"
        worker.ask(AskLiveClose(view="b", reason="left"))
        await_true(lambda: worker.ended("b") == {"b": "left"})
        assert worker.refusal("b", leave) == "view_used"


def test_a_clear_picture_ends_by_itself(tmp_path: Path) -> None:
    with live(tmp_path) as worker:
        now = CLOCK.now()
        short = ClearGrant(
            "b", GATE, UserId("lan"), "Lan", "UTC", now, now + timedelta(seconds=1.5)
        )
        viewer = worker.watch("b", KEY.sign(short))
        assert viewer.wait_for(lambda v: v.ended or v.state == "closed", 4.0)
        assert worker.ended("b") == {"b": "time_limit"}


def test_what_cannot_be_opened_is_refused_and_leaves_no_source(tmp_path: Path) -> None:
    with live(tmp_path) as worker:
        assert worker.refusal("a", of="nowhere") == "no_such_camera"
        refused = worker.ask(AskLiveOpen(camera=GATE, view="a", offer="nonsense"))
        assert isinstance(refused, Refused)
        assert (refused.reason, refused.field) == ("malformed", "offer")
        await_true(lambda: worker.views.sources == {})


def test_candidates_come_later_for_a_view_that_is_open(tmp_path: Path) -> None:
    with live(tmp_path) as worker:
        worker.watch("a")
        late = "a=mid:0\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n"
        taken = worker.ask(AskLiveTrickle(view="a", fragment=late))
        assert isinstance(taken, LiveTrickled)
        assert taken.taken == 1
        restart = worker.ask(AskLiveTrickle(view="a", fragment="a=ice-ufrag:new1\r\n"))
        assert isinstance(restart, Refused)
        assert restart.reason == "ice_restart"
        gone = worker.ask(AskLiveTrickle(view="b", fragment=late))
        assert isinstance(gone, Refused)
        assert gone.reason == "no_such_view"


def clear(name: str, frame: Frame, *masks: Mask, zone: str = "Asia/Ho_Chi_Minh") -> Planes:
    canvas = Canvas()
    Clear(name, zone).draw(frame, None, masks, 320, canvas)
    return canvas.planes


class Canvas:
    """Gives planes, and keeps them."""

    def __call__(self, width: int, height: int, colours: Colours) -> Planes:
        half = np.zeros((height // 2, width // 2), np.uint8)
        luma = np.zeros((height, width), np.uint8)
        self.planes = Planes(luma, half, half.copy(), colours)
        return self.planes


@pytest.mark.parametrize("width", [320, 336, 368])
def test_what_is_hidden_is_hidden_on_the_encoders_own_canvas_with_padded_rows_too(
    width: int,
) -> None:
    frame = Frame(GATE, 0, CLOCK.now(), TimeSource.ARRIVAL, 0.0, 0.0, Striped(40, 200))
    corner = (Point(0.0, 0.0), Point(0.5, 0.0), Point(0.5, 1.0), Point(0.0, 1.0))
    encoders: list[LiveEncoder] = []

    def canvas(*kind: Any) -> Planes:
        encoders.append(LiveEncoder(*kind))
        return encoders[0].canvas

    Veiled().draw(frame, None, (Mask(MaskId("m"), corner),), width, canvas)
    luma = encoders[0].canvas.luma
    stripes = frame.picture.planes(width, luma.shape[0]).luma
    assert luma.strides[0] >= width
    assert (luma[:, : width // 2] == 57).all()
    assert (luma[:, width // 2 + 8 :] != stripes[:, width // 2 + 8 :]).mean() > 0.95
    assert encoders[0].encode(0.0, keyframe=True).data


def test_every_vietnamese_capital_has_a_letter_of_its_own() -> None:
    tones = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
    vowels = [unicodedata.normalize("NFC", v + t) for v in "AĂÂEÊIOÔƠUƯY" for t in tones]
    frame = Frame(GATE, 0, CLOCK.now(), TimeSource.ARRIVAL, 0.0, 0.0, Striped(40, 200))
    drawn = {clear(letter.lower(), frame, zone="UTC").luma.tobytes() for letter in vowels}
    assert len(drawn) == len(vowels) == 72


def test_the_clear_picture_bears_name_and_time_above_and_below_and_keeps_its_masks() -> None:
    at = datetime(2026, 11, 24, 20, 12, 40, tzinfo=CLOCK.now().tzinfo)
    frame = Frame(GATE, 0, at, TimeSource.ARRIVAL, 0.0, 0.0, Striped(40, 200))
    corner = (Point(0.4, 0.4), Point(0.6, 0.4), Point(0.6, 0.6), Point(0.4, 0.6))
    mask = Mask(MaskId("m"), corner)
    one = clear("Nguyễn Thị Lan", frame, mask).luma
    other = clear("Trần Văn Bình", frame, mask).luma
    changed = one != frame.picture.planes(320, 180).luma
    assert changed[:40].any()
    assert changed[140:].any()
    assert changed[80:100, 140:180].all(), "the mask is open"
    assert not changed[50:65].any(), "hidden where nothing is to be hidden"
    assert (one[:40] == 255).sum() > 66, "no letters"
    assert (one != other).any(), "the same name over two people's pictures"
