"""One picture's way out: a thread that draws each new frame of a camera, encodes it once, and hands
it over to all who watch. Runs while somebody does."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from detect import Look
from ingest.live_encoder import EncodedPicture, LiveEncoder, even
from record.cameras import Mask
from record.clock import Clock
from record.frames import Colours, Frame, Planes
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_veil import Canvas

MOST_FPS = 15
"""Pictures a second that are shown; a camera that sends 25 has every second one left out."""
MOST_WIDTH = 1280
LOST_AFTER_S = 2.5
"""Without a new frame for so long the camera is lost to those who watch it; they are told within
three seconds."""
LEAST_BETWEEN_IDR_S = 0.5
"""However many ask: an IDR is ten times a picture, and all viewers pay for it."""
WAIT_S = 0.2

_log = structlog.get_logger()


class Drawing(Protocol):
    def draw(
        self, frame: Frame, look: Look | None, masks: Sequence[Mask], width: int, canvas: Canvas
    ) -> None:
        """`frame` as it may be seen, at `width` columns, on a canvas that it asks for."""
        ...


class Encoder(Protocol):
    canvas: Planes

    def encode(self, at_s: float, *, keyframe: bool) -> EncodedPicture: ...


class ViewSource:
    """`publish` is called from the source's thread with every picture, `on_lost(reason)` once."""

    def __init__(
        self,
        camera: WatchedCamera,
        drawing: Drawing,
        clock: Clock,
        publish: Callable[[EncodedPicture], None],
        on_lost: Callable[[str], None],
        *,
        new_encoder: Callable[[int, int, Colours], Encoder] = LiveEncoder,
    ) -> None:
        self.camera = camera
        self.encoded = 0
        self._drawing = drawing
        self._clock = clock
        self._publish = publish
        self._on_lost = on_lost
        self._new_encoder = new_encoder
        self._encoder: Encoder | None = None
        self._frame: Frame | None = None
        self._masks: Sequence[Mask] = ()
        self._new_at = clock.monotonic()
        self._idr_at = float("-inf")
        self._shown: Frame | None = None
        """The one on the canvas."""
        self._joined = False
        self._idr_wanted = False
        self._wake = threading.Event()
        self._stop = threading.Event()
        name = f"view-{camera.settings.camera.id[-12:]}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self.camera.keep_watched()
        self._thread.start()

    def wake(self) -> None:
        """There is a new frame. Any thread; costs nothing."""
        self._wake.set()

    def want_idr(self) -> None:
        """Somebody joined, or lost the picture. Any thread."""
        self._joined = self._idr_wanted = True
        self._wake.set()

    def tell_to_stop(self) -> None:
        self._stop.set()
        self._wake.set()

    @property
    def over(self) -> bool:
        """It shows nothing any more: it was told to stop, or the camera is lost."""
        return self._stop.is_set() or not self._thread.is_alive()

    def join(self, within_s: float) -> bool:
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._wake.wait(WAIT_S)
                self._wake.clear()
                if not self._stop.is_set() and not self._show():
                    self._on_lost("camera_lost")
                    return
        except Exception:  # noqa: BLE001 - top of a thread: its viewers are told, others go on
            _log.exception("a view failed", camera=self.camera.settings.camera.id)
            self._on_lost("failed")

    def _show(self) -> bool:
        """One picture, if there is one to show; False when the camera is lost."""
        now = self._clock.monotonic()
        self.camera.keep_watched()
        frame = self.camera.live_frame
        if frame is not None and self._due(frame):
            self._frame, self._new_at = frame, now
        elif now - self._new_at > LOST_AFTER_S:
            return False
        # Nothing is drawn, and no IDR spent, before the first viewer is connected.
        if self._joined and self._frame is not None:
            self._put(
                self._frame, idr=self._idr_wanted and now - self._idr_at >= LEAST_BETWEEN_IDR_S
            )
        return True

    def _put(self, frame: Frame, *, idr: bool) -> None:
        if frame is not self._shown:
            self._shown = frame
            self._draw(frame)
            self._encode(idr=idr)
        elif idr:
            # Who joins need not wait for the next frame: the newest one is shown again, but never
            # without a mask that was drawn since.
            if self.camera.settings.camera.masks != self._masks:
                self._draw(frame)
            self._encode(idr=True)

    def _due(self, frame: Frame) -> bool:
        if self._frame is None:
            return True
        if frame is self._frame:
            return False
        since_s = (frame.captured_at - self._frame.captured_at).total_seconds()
        # A tenth of slack for cameras whose frames do not come evenly; backwards is a clock set.
        return since_s < 0 or since_s >= 0.9 / MOST_FPS

    def _draw(self, frame: Frame) -> None:
        width = even(min(frame.picture.width, MOST_WIDTH))
        masks = self._masks = self.camera.settings.camera.masks
        self._drawing.draw(frame, self.camera.newest_look, masks, width, self._canvas)

    def _canvas(self, width: int, height: int, colours: Colours) -> Planes:
        encoder = self._encoder
        if encoder is None or not encoder.canvas.fits(width, height, colours):
            encoder = self._encoder = self._new_encoder(width, height, colours)
        return encoder.canvas

    def _encode(self, *, idr: bool) -> None:
        """What is on the canvas."""
        if self._encoder is None:
            return
        at = self._clock.monotonic()
        picture = self._encoder.encode(at, keyframe=idr)
        if picture.keyframe:
            self._idr_wanted, self._idr_at = False, at
        self.encoded += 1
        self._publish(picture)
