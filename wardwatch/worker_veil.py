"""The one maker of pictures that leave a worker: nobody readable in them, and no masked place.

Stills, MJPEG, live views, probes and renditions of evidence each keep a `Veiled` of their own and
feed it the frames that they show, in order.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detect import Look, coarse, unreadable
from record.cameras import Mask
from record.frames import Frame


class Veiled:
    """One route's pictures of one camera. Not safe for two threads.

    It remembers a coarse picture of the frame it was given before: what moved since is hidden.
    """

    def __init__(self, before: NDArray[np.uint8] | None = None) -> None:
        """`before`: `coarse` of the frame before the first one."""
        self._shown: tuple[Frame, NDArray[np.uint8]] | None = None
        self._before = before

    def of(
        self, frame: Frame, look: Look | None, masks: Sequence[Mask], width: int
    ) -> NDArray[np.uint8]:
        """`frame` unreadable at `width` columns, (height, width, 3) uint8 BGR; the height is even.

        `look`: the newest there is, None when nobody has looked since the stream began: then, and
        when it is older than a second, everything is hidden. The same frame may be asked for at
        several widths.
        """
        if self._shown is None or self._shown[0] is not frame:
            if self._shown is not None:
                self._before = self._shown[1]
            self._shown = (frame, coarse(frame.picture))
        age_s = None
        if look is not None:
            age_s = abs((frame.captured_at - look.occupancy.at).total_seconds())
        return unreadable(
            frame.picture,
            width,
            () if look is None else look.people,
            detected_age_s=age_s,
            before=self._before,
            masks=masks,
        )
