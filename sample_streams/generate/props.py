"""What moves and is no person: a drawn dog, a drawn trolley, and a van cut from the courtyard."""

import math
from typing import Protocol

import cv2
import numpy as np

from sample_streams.generate.figures import Cell
from sample_streams.generate.material import Material
from sample_streams.generate.paths import Stance
from sample_streams.generate.perspective import PERSON_M
from sample_streams.generate.script import Prop

_DETAIL = 4
"""Props are drawn this much larger and shrunk, which smooths their edges."""
_VAN = (
    (652.6, 85.7), (653.1, 67.1), (657.4, 48.6), (661.4, 45.7), (671.4, 44.3), (710.0, 45.4),
    (713.6, 52.9), (718.6, 63.6), (723.6, 64.3), (724.0, 66.9), (720.0, 68.3), (722.6, 77.1),
    (722.6, 87.1), (720.0, 92.3), (717.1, 91.4), (705.7, 91.4), (702.1, 97.1), (698.6, 100.0),
    (695.0, 98.6), (692.9, 92.9), (654.3, 90.7),
)  # fmt: skip
"""Outline in the courtyard picture, where it is parked."""
_VAN_FOOT = (688.0, 98.0)
_VAN_HEIGHT_PX, _VAN_HEIGHT_M = 53.0, 2.3


class Moving(Protocol):
    """A prop, asked for its cut-out at a moment."""

    height_m: float
    half_width_m: float
    """Of its contact shadow."""

    def cell(self, stance: Stance) -> Cell: ...


def prop(material: Material, kind: Prop) -> Moving:
    if kind.kind == "van":
        return Van(material)
    return Dog() if kind.kind == "dog" else Trolley()


def height_px(person_px: float, moving: Moving) -> float:
    """Height in the picture where a person is `person_px` high."""
    return person_px * moving.height_m / PERSON_M


class Van:
    height_m = _VAN_HEIGHT_M
    half_width_m = 1.6

    def __init__(self, material: Material) -> None:
        outline = np.array(_VAN)
        left, top = np.floor(outline.min(axis=0)).astype(int) - 1
        right, bottom = np.ceil(outline.max(axis=0)).astype(int) + 2
        picture = material.background("courtyard")[top:bottom, left:right].astype(np.float32)
        mask = np.zeros(picture.shape[:2], np.uint8)
        points = np.round((outline - (left, top)) * 16).astype(np.int32)
        cv2.fillPoly(mask, [points], 255, lineType=cv2.LINE_AA, shift=4)
        alpha = (mask.astype(np.float32) / 255.0)[..., None]
        pixels = np.concatenate([picture * alpha, alpha], axis=2)
        self._cell = Cell(
            pixels, _VAN_FOOT[0] - float(left), _VAN_FOOT[1] - float(top), _VAN_HEIGHT_PX
        )

    def cell(self, stance: Stance) -> Cell:  # noqa: ARG002 - it looks the same everywhere
        return self._cell


class Dog:
    height_m = 0.6
    half_width_m = 0.4
    _COAT, _DARK = (52, 84, 128), (34, 56, 88)

    def cell(self, stance: Stance) -> Cell:
        """Faces right; trots at a stride of 0.7 m."""
        swing = 2 * math.pi * stance.walked_m / 0.7
        draw = _Drawing(100, 74)
        for at, phase, colour in (
            (30, 0.0, self._DARK), (70, math.pi, self._DARK),
            (26, math.pi, self._COAT), (66, 0.0, self._COAT),
        ):  # fmt: skip
            draw.limb(at, 44, at + 9 * math.sin(swing + phase), 71, 6, colour)
        draw.limb(22, 34, 8, 20 + 3 * math.sin(swing), 5, self._COAT)
        draw.blob(46, 38, 30, 12, self._COAT)
        draw.blob(66, 36, 14, 13, self._COAT)
        draw.limb(72, 32, 82, 20, 12, self._COAT)
        draw.blob(84, 18, 10, 8, self._COAT)
        draw.blob(94, 21, 7, 4, self._DARK)
        draw.limb(79, 12, 76, 24, 5, self._DARK)
        return _facing(draw.cell(foot=(48, 71), height=60), stance)


class Trolley:
    height_m = 1.1
    half_width_m = 0.55

    def cell(self, stance: Stance) -> Cell:
        """A box trolley with a tilted handle; faces right."""
        draw = _Drawing(110, 118)
        draw.limb(16, 60, 6, 14, 5, (70, 70, 74))
        draw.limb(6, 14, 2, 12, 6, (40, 40, 44))
        draw.box(18, 36, 98, 86, (150, 152, 150))
        draw.box(22, 40, 94, 60, (176, 150, 96))
        draw.box(30, 22, 66, 40, (96, 128, 168))
        draw.limb(18, 92, 98, 92, 5, (84, 84, 88))
        for at in (28, 88):
            draw.blob(at, 103, 9, 9, (36, 36, 38))
            turn = stance.walked_m / 0.09
            draw.limb(at, 103, at + 7 * math.cos(turn), 103 + 7 * math.sin(turn), 2, (120,) * 3)
        return _facing(draw.cell(foot=(56, 112), height=100), stance)


def _facing(cell: Cell, stance: Stance) -> Cell:
    return cell.mirrored() if math.cos(math.radians(stance.heading_deg)) < 0 else cell


class _Drawing:
    def __init__(self, width: int, height: int) -> None:
        shape = (height * _DETAIL, width * _DETAIL)
        self._size = (width, height)
        self._colour = np.zeros((*shape, 3), np.uint8)
        self._alpha = np.zeros(shape, np.uint8)

    def blob(self, x: float, y: float, rx: float, ry: float, colour: tuple[int, ...]) -> None:
        centre, axes = self._at(x, y), self._at(rx, ry)
        cv2.ellipse(self._colour, centre, axes, 0, 0, 360, colour, -1)
        cv2.ellipse(self._alpha, centre, axes, 0, 0, 360, 255, -1)

    def limb(
        self, x: float, y: float, to_x: float, to_y: float, thick: int, colour: tuple[int, ...]
    ) -> None:
        ends = self._at(x, y), self._at(to_x, to_y)
        cv2.line(self._colour, *ends, colour, thick * _DETAIL)
        cv2.line(self._alpha, *ends, 255, thick * _DETAIL)

    def box(self, x: float, y: float, to_x: float, to_y: float, colour: tuple[int, ...]) -> None:
        ends = self._at(x, y), self._at(to_x, to_y)
        cv2.rectangle(self._colour, *ends, colour, -1)
        cv2.rectangle(self._alpha, *ends, 255, -1)

    def cell(self, foot: tuple[float, float], height: float) -> Cell:
        alpha = (self._alpha.astype(np.float32) / 255.0)[..., None]
        large = np.concatenate([self._colour.astype(np.float32) * alpha, alpha], axis=2)
        pixels = cv2.resize(large, self._size, interpolation=cv2.INTER_AREA).astype(np.float32)
        return Cell(pixels, foot[0], foot[1], height)

    @staticmethod
    def _at(x: float, y: float) -> tuple[int, int]:
        return round(x * _DETAIL), round(y * _DETAIL)
