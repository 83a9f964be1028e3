"""How people move: a constant-velocity Kalman filter over many boxes at once. Pure.

The filter of SORT and ByteTrack (Bewley et al. 2016; Zhang et al. 2022) has diagonal noise, so
its 8x8 matrices fall apart into four filters of position and velocity, one a coordinate; they
are computed here for all tracks in one go. Their noise is per frame at 30 frames a second; here
it is per second, so that looks may come at any interval.

A box is (foot x, foot y, width, height) in frame widths, the foot being its bottom centre: what
crosses lines is filtered itself, and not as the sum of a centre and half a height.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
"""(n, 4) float64: foot x, foot y, width, height."""

_REFERENCE_FPS = 30.0
_POSITION = 1 / 20
"""Standard deviation of a measurement, and of drift per frame, as a share of the height
(ByteTrack's `_std_weight_position`)."""
_VELOCITY = 1 / 160
"""Standard deviation of a change of velocity per frame, in heights a frame (ByteTrack's
`_std_weight_velocity`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Belief about n boxes: means and, per coordinate, the 2x2 covariance."""

    position: Values
    velocity: Values
    """Per second."""
    pp: Values
    pv: Values
    vv: Values

    @classmethod
    def none(cls) -> "Motion":
        empty = np.zeros((0, 4))
        return cls(empty, empty, empty, empty, empty)

    @classmethod
    def born(cls, measured: Values) -> "Motion":
        """At rest, as far as is known: a velocity may be anything a person can do."""
        height = measured[:, 3:4]
        at_rest = np.zeros_like(measured)
        pp = np.broadcast_to((2 * _POSITION * height) ** 2, measured.shape).copy()
        vv = np.broadcast_to((10 * _VELOCITY * _REFERENCE_FPS * height) ** 2, measured.shape).copy()
        return cls(measured.copy(), at_rest, pp, at_rest.copy(), vv)

    def __len__(self) -> int:
        return len(self.position)

    def take(self, index: NDArray[np.intp]) -> "Motion":
        return Motion(
            self.position[index],
            self.velocity[index],
            self.pp[index],
            self.pv[index],
            self.vv[index],
        )

    def joined(self, other: "Motion") -> "Motion":
        return Motion(
            np.concatenate([self.position, other.position]),
            np.concatenate([self.velocity, other.velocity]),
            np.concatenate([self.pp, other.pp]),
            np.concatenate([self.pv, other.pv]),
            np.concatenate([self.vv, other.vv]),
        )


def predict(motion: Motion, seconds: float, steady: NDArray[np.bool_]) -> Motion:
    """Where they are `seconds` later. `steady` (n,): keeps its size, because it is not seen and
    would otherwise swell or shrink for as long as the last two looks happened to say."""
    velocity = motion.velocity.copy()
    velocity[steady, 2:] = 0.0
    frames = seconds * _REFERENCE_FPS
    height = motion.position[:, 3:4]
    drift = (_POSITION * height) ** 2 * frames
    change = (_VELOCITY * _REFERENCE_FPS * height) ** 2 * frames
    pp = motion.pp + 2 * seconds * motion.pv + seconds**2 * motion.vv + drift
    pv = motion.pv + seconds * motion.vv
    position = motion.position + velocity * seconds
    position[:, 2:] = np.maximum(position[:, 2:], 1e-4)
    return Motion(position, velocity, pp, pv, motion.vv + change)


def correct(motion: Motion, index: NDArray[np.intp], measured: Values) -> Motion:
    """Take in measurements (k, 4) of the tracks at `index` (k,)."""
    if not len(index):
        return motion
    old = motion.take(index)
    noise = (_POSITION * old.position[:, 3:4]) ** 2
    total = old.pp + noise
    gain_p, gain_v = old.pp / total, old.pv / total
    surprise = measured - old.position
    new = Motion(
        motion.position.copy(),
        motion.velocity.copy(),
        motion.pp.copy(),
        motion.pv.copy(),
        motion.vv.copy(),
    )
    new.position[index] = old.position + gain_p * surprise
    new.velocity[index] = old.velocity + gain_v * surprise
    new.pp[index] = (1 - gain_p) * old.pp
    new.pv[index] = (1 - gain_p) * old.pv
    new.vv[index] = old.vv - gain_v * old.pv
    return new


def measure(boxes: NDArray[np.float32], aspect: float) -> Values:
    """(n, 4) boxes xyxy, normalised → (n, 4) foot x, foot y, width, height in frame widths."""
    left, top, right, bottom = boxes.astype(np.float64).T
    return np.stack(
        [(left + right) / 2, bottom * aspect, right - left, (bottom - top) * aspect], axis=1
    )


def corners(values: Values) -> Values:
    """(n, 4) left, top, right, bottom, in frame widths."""
    x, y, width, height = values.T
    return np.stack([x - width / 2, y - height, x + width / 2, y], axis=1)
