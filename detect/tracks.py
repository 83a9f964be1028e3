"""What the tracker says of one person: the type that lines, areas and rules look at."""

from dataclasses import dataclass
from datetime import datetime

from detect.geometry import Box
from record.cameras import Point
from record.ids import TrackId
from record.sightings import Footstep


@dataclass(frozen=True, slots=True)
class Track:
    """One person followed over time, as of one look."""

    id: TrackId
    """Counts up over the life of one camera's watch; never given twice."""
    box: Box
    confirmed: bool
    """Seen often enough to be believed; only such tracks count anywhere."""
    newly: bool
    """Confirmed by this very look: all of its trail, since its birth, is news."""
    seen: bool
    """Found in this look. Otherwise held through a loss: `box` is where it should be by now, and
    the trail ends where it was last found."""
    born_at: datetime
    seen_at: datetime
    trail: tuple[Footstep, ...]
    """Foot points as found, oldest first: the last few seconds, never empty."""
    confidence: float
    """Mean detection score over the trail, 0..1."""

    @property
    def foot(self) -> Point:
        """Where the person was last found to stand."""
        return self.trail[-1].point
