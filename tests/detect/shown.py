"""Pictures as they are shown: what is hidden, drawn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detect import Box, Coarse, Ground, Judged, coarse, drawn, hidden_in, judge, step_ground
from record.cameras import Mask
from record.frames import Picture
from tests.detect.walks import START


def granted(picture: Picture, *somebody: Box) -> Ground:
    """The ground after a close look at `picture`, which has found `somebody`."""
    seen = coarse(picture)
    return judge(step_ground(None, seen, (), START), Judged(START, seen, somebody))


def unreadable(
    picture: Picture,
    width: int,
    people: Sequence[Box],
    *,
    detected_age_s: float | None,
    ground: Ground | None = None,
    before: Coarse | None = None,
    masks: Sequence[Mask] = (),
) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 BGR. `ground` None: of this picture, in which a close look has
    found nobody."""
    ground = ground or granted(picture)
    hidden = hidden_in(
        picture, width, people, detected_age_s=detected_age_s, ground=ground, before=before
    )
    return drawn(picture, hidden, masks, width)
