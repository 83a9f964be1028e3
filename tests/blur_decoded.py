"""What a viewer of a live view sees once it is decoded, held against true boxes.

Each picture is drawn on the encoder's canvas, encoded and decoded again, as a live view and its
viewer's browser do it. What the viewer has is held, block by block within each true box, against
the two pictures it may come from: the clear one, and the one that was drawn. Nobody can be read
where it is the drawn one that it is like.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import av
import numpy as np
from numpy.typing import NDArray

from detect import Detector, Look
from ingest.live_encoder import LiveEncoder
from record.frames import Colours, Frame, Planes
from tests.blur_budget import COVERED, LEAST_SEEN, MUST_COVERED, Person, Shown
from wardwatch.bench.report import Figure
from wardwatch.worker_veil import Veiled

Luma = NDArray[np.float32]
"""(height, width) float32, 0..255."""

BLOCK = 8
"""Pixels; a mosaic cell is larger, so that a block holds the edge of one at most."""
LEAST_TEXTURE = 3.0
"""Standard deviation of luma within a block of the clear picture: a smoother one tells nothing."""
MUST_THROUGH = 0.05
"""Share of what was taken out of the clear picture that is in the decoded one again."""


def _prompt_decoder() -> av.VideoCodecContext:
    """Gives each picture before it takes the next."""
    decoder = av.VideoCodecContext.create("h264", "r")
    decoder.thread_count = 1
    return decoder


@dataclass(slots=True)
class Viewer:
    """A live view's encoder, and one who watches. `show` is what a route of `Shown` is."""

    covered: list[float] = field(default_factory=list)
    """By person and picture: share of the textured blocks of the true box that came as drawn."""
    taken_out: float = 0.0
    come_through: float = 0.0
    """Sums over all blocks that are hidden: of the square of what differs between the clear picture
    and the drawn one, and of the part of it that the decoded one has beside the drawn one."""
    _veiled: Veiled = field(default_factory=Veiled)
    _encoder: LiveEncoder | None = None
    _decoder: av.VideoCodecContext = field(default_factory=_prompt_decoder)

    def show(self, frame: Frame, look: Look | None, people: Sequence[Person]) -> None:
        width = frame.picture.width
        self._veiled.draw(frame, look, (), width, self._canvas)
        assert self._encoder is not None
        drawn = self._encoder.canvas.luma.astype(np.float32)
        sent = self._encoder.encode(frame.pts_s, keyframe=False)
        (decoded,) = self._decoder.decode(av.Packet(sent.data))
        seen = np.asarray(decoded.to_ndarray()[: drawn.shape[0]], np.float32)  # luma comes first
        clear = frame.picture.planes(width, drawn.shape[0]).luma.astype(np.float32)
        self.compare(clear, drawn, seen, people)

    @property
    def through(self) -> float:
        """0: nothing of what was hidden; 1: all of it."""
        return self.come_through / self.taken_out

    def _canvas(self, width: int, height: int, colours: Colours) -> Planes:
        if self._encoder is None or not self._encoder.canvas.fits(width, height, colours):
            self._encoder = LiveEncoder(width, height, colours)
        return self._encoder.canvas

    def compare(self, clear: Luma, drawn: Luma, seen: Luma, people: Sequence[Person]) -> None:
        to_drawn = _blocks((seen - drawn) ** 2).mean(axis=(1, 3))
        to_clear = _blocks((seen - clear) ** 2).mean(axis=(1, 3))
        hidden = (_blocks(np.abs(clear - drawn)) > 0).any(axis=(1, 3))
        textured = _blocks(clear).std(axis=(1, 3)) >= LEAST_TEXTURE
        as_drawn = hidden & (to_drawn < to_clear)
        out = _blocks(clear - drawn)
        self.taken_out += float((out**2).sum(axis=(1, 3))[hidden].sum())
        self.come_through += float((out * _blocks(seen - drawn)).sum(axis=(1, 3))[hidden].sum())
        rows, columns = textured.shape
        for person in people:
            box = person.box
            part = np.s_[
                max(0, int(box.top * rows)) : int(np.ceil(box.bottom * rows)),
                max(0, int(box.left * columns)) : int(np.ceil(box.right * columns)),
            ]
            if person.share >= LEAST_SEEN and textured[part].any():
                self.covered.append(float(as_drawn[part][textured[part]].mean()))


def _blocks(luma: Luma) -> Luma:
    """(rows, BLOCK, columns, BLOCK), what is over at the lower and right edge left out."""
    rows, columns = luma.shape[0] // BLOCK, luma.shape[1] // BLOCK
    return luma[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)


def watch(frames: Iterable[Frame], truth: Sequence[Sequence[Person]], detector: Detector) -> Viewer:
    viewer = Viewer()
    shown = Shown((), 5.0, detector=detector, also=viewer.show)
    for frame, people in zip(frames, truth, strict=False):
        shown.step(frame, detector.detect(frame.picture), people)
    return viewer


def figures(viewer: Viewer) -> list[Figure]:
    covered = np.mean([share >= COVERED for share in viewer.covered])
    kind = "WHEP, decoded"
    return [
        Figure(
            f"{kind}: person-frames covered, of {len(viewer.covered)}",
            100 * float(covered),
            "%",
            100 * MUST_COVERED,
            better="higher",
        ),
        Figure(
            f"{kind}: of what was taken out came through",
            100 * viewer.through,
            "%",
            100 * MUST_THROUGH,
        ),
    ]
