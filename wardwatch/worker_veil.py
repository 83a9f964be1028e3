"""The one maker of pictures that leave a worker: nobody readable in them, and no masked place.

Stills, MJPEG, live views, probes and renditions of evidence each keep a `Veiled` of their own and
feed it the frames that they show, in order.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from detect import (
    Coarse,
    Ground,
    Hidden,
    Look,
    coarse,
    draw_planes,
    drawn,
    even_height,
    hidden_in,
    judge,
    step_ground,
    unlooked,
)
from record.cameras import Mask
from record.frames import Colours, Frame, Planes

Canvas = Callable[[int, int, Colours], Planes]
"""Gives planes to draw on, of a width, height and kind of colours."""


def put_on(canvas: Canvas, frame: Frame, width: int) -> Planes:
    """`frame`, clear, at `width` columns on a canvas: for those who go on to draw over it."""
    height = even_height(frame.picture, width)
    planes = frame.picture.planes(width, height)
    into = canvas(width, height, planes.colours)
    into.copy(planes)
    return into


class Veiled:
    """One route's pictures of one camera. Not safe for two threads.

    Where the look brings no ground of the camera's own, it keeps one of the frames it is given, and
    of the close look that comes with the look.
    """

    def __init__(self, before: Coarse | None = None) -> None:
        """`before`: `coarse` of the frame before the first one."""
        self._frame: Frame | None = None
        self._before = before
        self._learnt: Ground | None = None
        self._next: Ground | None = None
        self.unlooked = True
        """The last picture is hidden whole, for nobody has looked for people in it yet."""

    def of(
        self, frame: Frame, look: Look | None, masks: Sequence[Mask], width: int
    ) -> NDArray[np.uint8]:
        """`frame` unreadable at `width` columns, (height, width, 3) uint8 BGR; the height is even.

        `look`: the newest there is, None when nobody has looked since the stream began: then, and
        when it is older than a second, everything is hidden. The same frame may be asked for at
        several widths.
        """
        return drawn(frame.picture, self._hidden(frame, look, width), masks, width)

    def draw(
        self, frame: Frame, look: Look | None, masks: Sequence[Mask], width: int, canvas: Canvas
    ) -> None:
        """The same on a canvas."""
        hidden = self._hidden(frame, look, width)
        draw_planes(put_on(canvas, frame, width), hidden, masks)

    def _hidden(self, frame: Frame, look: Look | None, width: int) -> Hidden:
        if frame is not self._frame:
            self._turn(frame, look)
        age_s = None
        if look is not None:
            age_s = abs((frame.captured_at - look.occupancy.at).total_seconds())
        ground = look.ground if look is not None and look.ground else self._learnt
        self.unlooked = unlooked(age_s, ground)
        return hidden_in(
            frame.picture,
            width,
            () if look is None else look.people,
            detected_age_s=age_s,
            tracks=() if look is None else look.tracks,
            ground=ground,
            before=self._before,
        )

    def _turn(self, frame: Frame, look: Look | None) -> None:
        """To the next frame: what was learnt up to the one before tells what is unlike in it."""
        if self._frame is not None:
            self._before = None
        self._frame = frame
        if look is None or look.ground is not None:
            return
        seen = coarse(frame.picture)
        self._learnt = self._next or step_ground(None, seen, (), frame.captured_at)
        if look.judged is not None and look.judged is not self._learnt.judged:
            self._learnt = judge(self._learnt, look.judged)
        self._next = step_ground(self._learnt, seen, (), frame.captured_at)
