"""Pictures from a running worker: never readable, never old, made once."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from api.worker_link import FRESH_S
from detect import Box, Judged, Look, coarse
from ingest import CameraReader
from record.cameras import CameraReason, CameraState, CameraStatus, Mask, Point
from record.frames import Frame, TimeSource
from record.ids import CameraId, MaskId
from record.messages import (
    AskInForce,
    AskPicture,
    AskUpdates,
    Counts,
    InForce,
    PictureMissing,
    PictureSent,
)
from record.places import EVERYTHING
from record.sightings import Occupancy
from record.store import Store
from tests.fakes.camera import Fails, FakeOpener, Frames, Hangs
from tests.fakes.clock import EPOCH, FakeClock
from tests.fakes.detector import BrokenDetector, FakeDetector, walker
from tests.fakes.pictures import FakePicture, Striped
from tests.wardwatch.workers import GATE, Client, Running, await_true, camera, new_store, opener
from wardwatch.worker import DetectorProblem
from wardwatch.worker_camera import SETTLING, CameraSettings, WatchedCamera
from wardwatch.worker_stills import MOST_WIDTHS, Stills


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        with made.write(EVERYTHING) as record:
            record.cameras.add(camera())
        yield made


class Passing(Striped):
    """Somebody in lighter stripes, 40 columns wide, whom no detector finds."""

    def __init__(self, column: int) -> None:
        super().__init__()
        self._somebody = slice(column, column + 40)

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        pixels = super().bgr(width, height)
        pixels[30:150, self._somebody] = np.maximum(pixels[30:150, self._somebody], 120)
        return pixels

    def grey(self) -> NDArray[np.uint8]:
        return np.ascontiguousarray(self.bgr(self.width, self.height)[:, :, 0])


def frame(seconds: float = 0.0, picture: FakePicture | None = None) -> Frame:
    at = EPOCH + timedelta(seconds=seconds)
    return Frame(CameraId("c"), 0, at, TimeSource.FILE, seconds, 0, picture or Striped())


def look(seconds: float, *people: Box, at_first: FakePicture | None = None) -> Look:
    """With a close look at the first picture, which found nobody."""
    seen = Occupancy(CameraId("c"), EPOCH + timedelta(seconds=seconds), len(people), {})
    judged = Judged(EPOCH, coarse(at_first or Striped()))
    return Look((), seen, (), people, judged=judged)


def contrast(jpeg: bytes, columns: slice) -> float:
    """Spread of luma in these columns, 0 when nothing can be told apart."""
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    return float(pixels[60:120, columns].std())


def test_people_are_hidden_and_the_rest_is_shown() -> None:
    still = Stills().of(frame(), look(0, Box(0.5, 0.1, 0.7, 0.9)), (), 320)
    assert (still.width, still.height) == (320, 180)
    assert contrast(still.jpeg, slice(180, 205)) < 20
    assert contrast(still.jpeg, slice(20, 120)) > 60


def test_without_a_look_everything_is_hidden() -> None:
    assert contrast(Stills().of(frame(), None, (), 320).jpeg, slice(0, 320)) < 20


def test_with_an_old_look_everything_is_hidden() -> None:
    assert contrast(Stills().of(frame(1.5), look(0), (), 320).jpeg, slice(0, 320)) < 20
    assert contrast(Stills().of(frame(0.5), look(0), (), 320).jpeg, slice(0, 320)) > 60


def test_somebody_who_moves_and_is_not_found_is_hidden() -> None:
    stills, came_from, now_at = Stills(), slice(45, 75), slice(205, 235)
    first = Passing(40)
    stills.of(frame(0.0, first), look(0.0, at_first=first), (), 320)
    there = frame(0.2, Passing(200))
    sent = stills.of(there, look(0.2, at_first=first), (), 320).jpeg
    camera_shows = there.picture.bgr(320, 180)[60:120, now_at]
    assert camera_shows.std() > 60
    assert contrast(sent, now_at) < 20
    assert contrast(sent, came_from) < 20
    assert contrast(sent, slice(90, 190)) > 60


class Nobody:
    """Listens to a reader and does nothing."""

    def on_state(self, status: CameraStatus) -> None: ...

    def on_frame(self, camera: CameraId) -> None: ...

    def on_clock(self, camera: CameraId, ahead: timedelta | None) -> None: ...


class ShowsStripes(CameraReader):
    """Online without a stream: never started, and at every glance there is a new frame."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(GATE, camera().url, FakeOpener(clock, {}), clock, Nobody())

    @property
    def status(self) -> CameraStatus:
        return CameraStatus(GATE, CameraState.ONLINE, None, EPOCH)

    def peek(self) -> Frame:
        return frame(self._clock.monotonic())


def test_once_the_stream_or_the_detector_is_lost_everything_is_hidden_at_once() -> None:
    clock = FakeClock()
    watched = WatchedCamera(CameraSettings(camera(), ()), "", clock)
    reader = watched.reader = ShowsStripes(clock)

    def sent() -> float:
        clock.advance(0.1)
        still = watched.still(320)
        assert still is not None
        seen = contrast(still.jpeg, slice(0, 320))
        assert still.unlooked == (seen < 20), "it is not said why nothing can be seen"
        return seen

    nobody = FakeDetector().detect

    def look() -> None:
        watched.look(reader.peek(), nobody(reader.peek().picture))
        while watched.close_look_due is not None:
            watched.look_closely(nobody)
        list(watched.settle())

    look()
    assert sent() < 20, "a single look settles who is there"
    clock.advance(SETTLING.total_seconds())
    look()
    assert sent() > 60
    watched.interrupt(clock.now())
    assert len(list(watched.settle())) == 1
    assert sent() < 20, "a look from before the loss counts as one of now"
    look()
    clock.advance(SETTLING.total_seconds())
    look()
    assert sent() > 60


def test_a_still_is_made_once_for_all_who_ask() -> None:
    stills, one = Stills(), frame()
    first = stills.of(one, look(0), (), 320)
    assert stills.of(one, look(0), (), 320) is first
    assert stills.of(one, look(0), (), 160).width == 160
    assert stills.of(frame(), look(0), (), 320) is not first


def test_a_still_is_never_larger_than_its_picture() -> None:
    assert Stills().of(frame(), look(0), (), 1920).width == 320


def test_asking_for_many_widths_keeps_few() -> None:
    stills, one = Stills(), frame()
    for width in range(64, 300, 4):
        stills.of(one, look(0), (), width)
        assert stills.kept <= MOST_WIDTHS


def test_a_picture_is_sent_and_a_jpeg(store: Store) -> None:
    with Running(store, opener(GATE), FakeDetector()) as running:
        await_true(lambda: running.only.looked > 3)
        with Client(running.socket_path) as client:
            client.say(AskPicture(request=5, camera=GATE, width=64))
            message, body = client.hear(PictureSent)
        assert isinstance(message, PictureSent)
        assert (message.request, message.width, message.height) == (5, 64, 36)
        assert running.worker.health().at - message.captured_at < timedelta(seconds=1)
        assert cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR) is not None


def test_an_unknown_camera_has_no_picture(store: Store) -> None:
    with Running(store, opener(GATE), FakeDetector()) as running:
        with Client(running.socket_path) as client:
            client.say(AskPicture(request=6, camera="nobody's"))
            message, _ = client.hear(PictureMissing)
        assert isinstance(message, PictureMissing)
        assert (message.state, message.last_at) == (CameraState.OFFLINE, None)


def test_a_camera_that_is_gone_has_no_picture_and_says_since_when(store: Store) -> None:
    cameras = opener(GATE)
    cameras.scripts[GATE] = [[Frames(5, 0.02), Fails(CameraReason.STALLED)], [Hangs()]]
    with Running(store, cameras, FakeDetector()) as running:
        await_true(lambda: running.only.state is CameraState.OFFLINE)
        with Client(running.socket_path) as client:
            client.say(AskPicture(request=7, camera=GATE))
            message, _ = client.hear(PictureMissing)
        assert isinstance(message, PictureMissing)
        assert (message.state, message.reason) == (CameraState.OFFLINE, CameraReason.STALLED)
        assert message.last_at is not None


def test_a_picture_older_than_five_seconds_is_not_live(store: Store) -> None:
    cameras = opener(GATE)
    cameras.scripts[GATE] = [[Frames(1000, 0.02, age_s=6.0)]]
    with Running(store, cameras, FakeDetector()) as running:
        await_true(lambda: running.only.looked > 3)
        with Client(running.socket_path) as client:
            client.say(AskPicture(request=8, camera=GATE))
            client.hear(PictureMissing)


def striped(*scripts: Frames) -> FakeOpener:
    """A camera in whose pictures every hiding shows."""
    cameras = opener(GATE)
    cameras.scripts[GATE] = [list(scripts or (Frames(10_000, 0.02, picture=lambda _: Striped()),))]
    return cameras


def asked(client: Client, request: int = 9) -> float:
    """The contrast of the picture that the worker sends."""
    client.say(AskPicture(request=request, camera=GATE, width=320))
    message, body = client.hear(PictureSent)
    assert isinstance(message, PictureSent)
    return contrast(body, slice(0, 320))


def test_without_a_detector_the_picture_is_sent_hidden_whole(store: Store) -> None:
    with Running(store, striped(), DetectorProblem(missing=True, detail="")) as running:
        await_true(lambda: running.only.decoded > 3)
        with Client(running.socket_path) as client:
            assert asked(client) < 20


def test_once_the_detector_fails_the_worker_sends_everything_hidden(store: Store) -> None:
    detector = BrokenDetector()
    detector.broken = False
    with Running(store, striped(), detector) as running, Client(running.socket_path) as client:
        await_true(lambda: running.only.decoded > 3)
        await_true(lambda: asked(client) > 60)
        detector.broken = True
        await_true(lambda: running.worker.health().detector != "ready")
        await_true(lambda: asked(client) < 20, 1.0)
        detector.broken = False
        await_true(lambda: asked(client) > 60)


def test_a_detector_that_hangs_hides_everything_within_a_second(store: Store) -> None:
    held, hangs = threading.Event(), threading.Event()

    def sees(_look: int) -> list[Box]:
        if hangs.is_set():
            held.wait(10)
        return []

    with (
        Running(store, striped(), FakeDetector(sees)) as running,
        Client(running.socket_path) as client,
    ):
        await_true(lambda: running.only.decoded > 3)
        await_true(lambda: asked(client) > 60)
        hangs.set()
        time.sleep(1.2)
        assert asked(client) < 20
        held.set()


def test_no_picture_asked_for_after_the_word_that_a_mask_holds_is_without_it(store: Store) -> None:
    right = tuple(Point(x, y) for x, y in ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
    with (
        Running(store, striped(), FakeDetector()) as running,
        Client(running.socket_path) as client,
    ):
        await_true(lambda: running.only.decoded > 3)
        await_true(lambda: asked(client) > 60)
        for number in range(6):
            masks = (Mask(MaskId("window"), right),) if number % 2 == 0 else ()
            with store.write(EVERYTHING) as record:
                known = record.cameras.change(replace(record.cameras.get(GATE), masks=masks))
            client.say(AskInForce(request=4, camera=GATE, version=known.version))
            holds, _ = client.hear(InForce)
            assert isinstance(holds, InForce)
            assert holds.holds
            client.say(AskPicture(request=3, camera=GATE, width=320))
            _, body = client.hear(PictureSent)
            assert (contrast(body, slice(170, 320)) < 3) is bool(masks)
            assert contrast(body, slice(0, 150)) > 60


def test_of_settings_that_do_not_come_the_worker_says_so_in_time(store: Store) -> None:
    with (
        Running(store, opener(GATE), FakeDetector()) as running,
        Client(running.socket_path) as client,
    ):
        await_true(lambda: running.only.decoded > 3)
        began = time.monotonic()
        client.say(AskInForce(request=4, camera=GATE, version=99, within_s=0.2))
        holds, _ = client.hear(InForce)
        assert isinstance(holds, InForce)
        assert not holds.holds
        assert 0.2 <= time.monotonic() - began < 2


def test_counts_come_with_what_changed_at_most_two_a_second(store: Store) -> None:
    crowd = FakeDetector(lambda look: [Box(0.1, 0.1, 0.2, 0.5)] if look > 5 else [])
    with Running(store, opener(GATE), crowd) as running:
        with Client(running.socket_path) as client:
            client.say(AskUpdates())
            heard: list[Counts] = []
            while not heard or heard[-1].persons != 1:
                message, _ = client.hear(Counts)
                assert isinstance(message, Counts)
                heard.append(message)
        looked = running.only.looked
    told = [counts.persons for counts in heard]
    assert told[-1] == 1
    assert len(told) <= 3
    assert looked > 5


def test_a_count_that_stays_the_same_is_told_again_before_it_reads_as_unknown(
    store: Store,
) -> None:
    with (
        Running(store, opener(GATE), FakeDetector()) as running,
        Client(running.socket_path) as client,
    ):
        client.say(AskUpdates())
        known: list[Counts] = []
        while len(known) < 2:
            message, _ = client.hear(Counts)
            assert isinstance(message, Counts)
            if message.persons is not None:
                known.append(message)
    first, again = known
    assert again.persons == first.persons == 0
    assert (again.at - first.at).total_seconds() < FRESH_S


def test_a_watched_camera_is_looked_at_twice_a_second_whatever_the_settings(store: Store) -> None:
    with Running(store, opener(GATE), FakeDetector(walker(0.3, 0)), looks_per_s=0.1) as running:
        await_true(lambda: running.only.looked == 1)
        with Client(running.socket_path) as client:
            for request in range(15):
                client.say(AskPicture(request=request, camera=GATE, width=64))
                client.hear(PictureSent)
                client.connection.settimeout(0.1)
                with pytest.raises(TimeoutError):
                    client.hear(PictureSent)
        # One and a half seconds of watching, at two looks a second.
        assert 3 <= running.only.looked <= 6
