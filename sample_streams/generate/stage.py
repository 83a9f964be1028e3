"""The empty place of a scene: background, perspective and occluders as the camera sees them."""

from dataclasses import dataclass

import cv2
import numpy as np

from sample_streams.generate.canvas import Mask, Picture
from sample_streams.generate.material import Bgr, Material, Occluder
from sample_streams.generate.perspective import Perspective
from sample_streams.generate.script import View

WIDTH, HEIGHT = 640, 360


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """What stands in front of people further away than `base_row`."""

    base_row: float
    mask: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    background: Picture
    perspective: Perspective
    screens: tuple[Screen, ...]
    person_gain: float
    person_lift: float
    whole: Bgr
    """The whole background, for a camera that is pushed aside."""
    view: View


def set_stage(material: Material, view: View) -> Stage:
    """Cut, scale and mirror a background. Raises `MaterialMissing`."""
    whole = material.background(view.background)
    geometry = material.geometry(view.background)
    left, top, right, bottom = view.crop
    scale = WIDTH / (right - left)
    shown = cv2.resize(whole[top:bottom, left:right], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    if view.mirrored:
        shown = np.ascontiguousarray(shown[:, ::-1])
    return Stage(
        background=shown.astype(np.float32),
        perspective=geometry.perspective.cropped(top, scale),
        screens=tuple(_screen(occluder, view, scale) for occluder in geometry.occluders),
        person_gain=geometry.person_gain,
        person_lift=geometry.person_lift,
        whole=whole,
        view=view,
    )


def _screen(occluder: Occluder, view: View, scale: float) -> Screen:
    left, top, _, _ = view.crop
    polygon = (np.array(occluder.polygon, np.float64) - (left, top)) * scale
    if view.mirrored:
        polygon[:, 0] = WIDTH - polygon[:, 0]
    shift = 4  # fractional bits
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    points = np.round(polygon * (1 << shift)).astype(np.int32)
    cv2.fillPoly(mask, [points], 255, lineType=cv2.LINE_AA, shift=shift)
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255.0, (0, 0), 0.6)
    return Screen((occluder.base_row - top) * scale, soft.astype(np.float32))
