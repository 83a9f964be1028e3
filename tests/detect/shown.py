"""Pictures as they are shown: what is hidden, drawn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detect import Box, Coarse, drawn, hidden_in
from record.cameras import Mask
from record.frames import Picture


def unreadable(
    picture: Picture,
    width: int,
    people: Sequence[Box],
    *,
    detected_age_s: float | None,
    before: Coarse | None = None,
    masks: Sequence[Mask] = (),
) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 BGR."""
    hidden = hidden_in(picture, width, people, detected_age_s=detected_age_s, before=before)
    return drawn(picture, hidden, masks, width)
