"""How a sample camera departs from the ideal one, as those in the field do."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Quirks:
    """Of one camera. The defaults are a camera without any."""

    sets_announced: bool = True
    """Parameter sets stand in the SDP; without, they come in the stream only."""
    reports: bool = True
    """Sender reports are sent."""
    timestamps: bool = True
    """Without, every packet has the same time stamp."""
    leap_every: int = 0
    """Frames from one leap of the time stamps to the next; 0: they never leap."""
    leap_s: float = 0.0
    """How far, in seconds; back when negative. Sender reports know nothing of it."""
    dead_tracks: tuple[Literal["audio", "video", "application"], ...] = ()
    """Announced ahead of the picture; they can be set up and send nothing."""
    tcp: bool = True
    """Media may travel inside the RTSP connection."""
    udp: Literal["serves", "refuses", "swallows"] = "serves"
    """What becomes of media over UDP: `swallows` agrees and sends nothing, as a firewall does."""
    udp_loses: int = 0
    """Every so many-th packet over UDP is lost; 0: none."""

    def leapt(self, number: int) -> float:
        """Seconds by which the time stamp of frame `number` is off."""
        return number // self.leap_every * self.leap_s if self.leap_every else 0.0
