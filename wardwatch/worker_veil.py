"""The one maker of pictures that leave a worker: nobody readable in them, and no masked place.

Stills, MJPEG, live views, probes and renditions of evidence each keep a `Veiled` of their own and
feed it the frames that they show, in order.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detect import Coarse, Ground, Look, coarse, step_ground, unreadable
from record.cameras import Mask
from record.frames import Frame


class Veiled:
    """One route's pictures of one camera. Not safe for two threads.

    Where the look brings no ground of the camera's own, it learns one from the frames it is given:
    what moves between them is hidden.
    """

    def __init__(self, before: Coarse | None = None) -> None:
        """`before`: `coarse` of the frame before the first one."""
        self._frame: Frame | None = None
        self._before = before
        self._learnt: Ground | None = None
        self._next: Ground | None = None

    def of(
        self, frame: Frame, look: Look | None, masks: Sequence[Mask], width: int
    ) -> NDArray[np.uint8]:
        """`frame` unreadable at `width` columns, (height, width, 3) uint8 BGR; the height is even.

        `look`: the newest there is, None when nobody has looked since the stream began: then, and
        when it is older than a second, everything is hidden. The same frame may be asked for at
        several widths.
        """
        if frame is not self._frame:
            self._turn(frame, look)
        age_s = None
        if look is not None:
            age_s = abs((frame.captured_at - look.occupancy.at).total_seconds())
        return unreadable(
            frame.picture,
            width,
            () if look is None else look.people,
            detected_age_s=age_s,
            tracks=() if look is None else look.tracks,
            ground=look.ground if look is not None and look.ground else self._learnt,
            before=self._before,
            masks=masks,
        )

    def _turn(self, frame: Frame, look: Look | None) -> None:
        """To the next frame: what was learnt up to the one before tells what is unlike in it."""
        if self._frame is not None:
            self._before = None
        self._frame = frame
        self._learnt = self._next
        if look is None or look.ground is None:
            self._next = step_ground(self._learnt, coarse(frame.picture), (), frame.captured_at)
