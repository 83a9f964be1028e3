"""From picture rows to metres on flat ground. Pixels, y down; metres; angles in degrees."""

import math
from dataclasses import dataclass

PERSON_M = 1.72
"""Height of the people the scenes were measured with."""


@dataclass(frozen=True, slots=True)
class Perspective:
    """A level camera over flat ground: heights grow linearly below the horizon."""

    height_per_row: float
    """Pixels of a 1.72 m person for every row that its feet are below the horizon."""
    horizon_row: float
    focal_px: float

    def cropped(self, top: float, scale: float) -> "Perspective":
        """The same camera after cutting `top` rows away and scaling by `scale`."""
        return Perspective(
            self.height_per_row, (self.horizon_row - top) * scale, self.focal_px * scale
        )

    def height_px(self, foot_row: float) -> float:
        return self.height_per_row * (foot_row - self.horizon_row)

    def depth_m(self, foot_row: float) -> float:
        return self.focal_px * PERSON_M / self.height_px(foot_row)

    def ground_step(self, x: float, y: float, to_x: float, to_y: float) -> tuple[float, float]:
        """Metres to the right and away from the camera, for a short step in the picture."""
        right = (to_x - x) * PERSON_M / self.height_px((y + to_y) / 2)
        return right, self.depth_m(to_y) - self.depth_m(y)

    def heading_deg(self, x: float, y: float, to_x: float, to_y: float) -> float:
        """Direction on the ground: 0 to the right, 90 away from the camera."""
        right, away = self.ground_step(x, y, to_x, to_y)
        return math.degrees(math.atan2(away, right))
