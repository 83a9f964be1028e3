"""A live server with one feed that is drawn all the time, and viewers of it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.live_encoder import EncodedPicture, LiveEncoder
from ingest.live_server import LiveServer
from ingest.rtc import RtcLoop, RtcSettings
from ingest.rtc_peer import held_back
from tests.fakes.planes import planes_of
from tests.fakes.whep import LOOPBACK, WhepViewer

Draw = Callable[[int], NDArray[np.uint8]]
"""From how bright it is to be, to a picture (180, 320, 3) uint8 BGR."""
FEED = "camera-1"
EVERY_S = 0.05


def bright(level: int) -> NDArray[np.uint8]:
    """An even picture with some noise, so that it costs bits: its mean is `level`."""
    noise = np.random.default_rng(level).integers(-6, 6, (90, 160, 3))
    small = np.clip(level + noise, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(small, (320, 180)), np.uint8)


def rough(level: int) -> NDArray[np.uint8]:
    """The same with so much noise that it costs some five kilobytes."""
    noise = np.random.default_rng(level).integers(-13, 14, (180, 320, 3))
    return np.clip(level + noise, 0, 255).astype(np.uint8)


def encoded(
    encoder: LiveEncoder, bgr: NDArray[np.uint8], at_s: float, *, keyframe: bool = False
) -> EncodedPicture:
    encoder.canvas.copy(planes_of(bgr))
    return encoder.encode(at_s, keyframe=keyframe)


class Source:
    """Draws a picture `EVERY_S`, brighter by one each, and encodes it for the feed."""

    def __init__(self, server: LiveServer, draw: Draw) -> None:
        self.keyframe = threading.Event()
        self.encoded: list[EncodedPicture] = []
        self._server = server
        self._draw = draw
        self._encoder = LiveEncoder(320, 180)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        for number in range(2000):
            asked = self.keyframe.is_set()
            self.keyframe.clear()
            picture = encoded(
                self._encoder, self._draw(number % 200 + 20), time.monotonic(), keyframe=asked
            )
            self.encoded.append(picture)
            self._server.publish(FEED, picture)
            if self._stop.wait(EVERY_S):
                return


class House:
    def __init__(
        self, settings: RtcSettings, draw: Draw, now: Callable[[], float], **limits: float
    ) -> None:
        self.ended: dict[str, str] = {}
        self.asked = 0
        self.loop = RtcLoop()
        self.server = LiveServer(
            settings, self.loop, self._on_keyframe, self._on_ended, now=now, **limits
        )
        self.source = Source(self.server, draw)

    def _on_keyframe(self, feed: str) -> None:
        assert feed == FEED
        self.asked += 1
        self.source.keyframe.set()

    def _on_ended(self, view: str, reason: str) -> None:
        self.ended[view] = reason

    def watch(self, view: str, ends_in_s: float | None = None) -> WhepViewer:
        viewer = WhepViewer()
        answer = self.server.open(view, FEED, viewer.offer(), ends_in_s=ends_in_s)
        viewer.take(answer)
        return viewer

    def unsent(self, view: str) -> int:
        """Bytes that wait for a viewer's line."""

        async def held() -> int:
            return held_back(self.server._views[view].viewer.sender)

        return self.loop.run(held(), 2)

    def behind_s(self, viewer: WhepViewer) -> float:
        """How old what a viewer sees is, by its brightness."""
        shown = viewer.seen[-1].frame.to_ndarray(format="gray").mean()
        newest = (len(self.source.encoded) - 1) % 200 + 20
        return float((newest - round(shown)) % 200 * EVERY_S)


@contextmanager
def house(
    settings: RtcSettings = LOOPBACK,
    draw: Draw = bright,
    now: Callable[[], float] = time.monotonic,
    **limits: float,
) -> Iterator[House]:
    made = House(settings, draw, now, **limits)
    made.source.start()
    try:
        yield made
    finally:
        made.source.stop()
        made.server.stop()
        assert made.loop.stop()


def until(condition: Callable[[], bool], within_s: float = 5.0) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end and not condition():
        time.sleep(0.01)
    return condition()


@contextmanager
def viewers(*given: WhepViewer) -> Iterator[None]:
    try:
        yield
    finally:
        for viewer in given:
            viewer.close()
