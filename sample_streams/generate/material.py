"""The pictures scenes are made of: cut-outs, backgrounds, geometry. Reads files, once each."""

from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import ClassVar, Literal

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, TypeAdapter

from sample_streams.generate.figures import Cell, Loop
from sample_streams.generate.perspective import Perspective
from sample_streams.generate.script import Polygon

Bgr = NDArray[np.uint8]
"""(height, width, 3) uint8."""


_SMOOTHED = 3
"""Frames over which the middle of somebody who waits is averaged: arms move, feet do not."""


class MaterialMissing(Exception):
    """A picture the script asks for is not there."""


@dataclass(frozen=True, slots=True)
class Occluder:
    """Something in the background that people walk behind."""

    name: str
    polygon: Polygon
    base_row: float
    """Where it stands: who is further up the picture is behind it."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """What a background is like, in its own pixels."""

    height_per_row: float
    horizon_row: float
    focal_px: float
    person_gain: float
    person_lift: float
    """People's colours times gain plus lift: the light of this place."""
    occluders: tuple[Occluder, ...] = ()

    @property
    def perspective(self) -> Perspective:
        return Perspective(self.height_per_row, self.horizon_row, self.focal_px)


@dataclass(frozen=True, slots=True)
class _Entry:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="ignore")
    file: str
    person: str
    kind: Literal["walk", "stand"]
    frames: int
    cell_width: int
    anchors: tuple[tuple[float, float, float], ...]
    heading_deg: float | None = None
    metres_per_frame: float | None = None


@dataclass(frozen=True, slots=True)
class _Atlas:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="ignore")
    sequences: tuple[_Entry, ...]


@dataclass(frozen=True)
class Material:
    """The folder of source pictures."""

    folder: Path

    @classmethod
    def shipped(cls) -> "Material":
        return cls(Path(str(resources.files("sample_streams"))) / "material")

    @property
    def scripts(self) -> Path:
        return self.folder / "scripts.json"

    @cached_property
    def _geometry(self) -> dict[str, Geometry]:
        text = (self.folder / "geometry.json").read_bytes()
        return TypeAdapter(dict[str, Geometry]).validate_json(text)

    @cached_property
    def _atlas(self) -> tuple[tuple[Path, _Entry], ...]:
        found: list[tuple[Path, _Entry]] = []
        for folder in (self.folder / "cutouts", self.folder / "rendered"):
            atlas = TypeAdapter(_Atlas).validate_json((folder / "atlas.json").read_bytes())
            found += [(folder / entry.file, entry) for entry in atlas.sequences]
        return tuple(found)

    def geometry(self, background: str) -> Geometry:
        try:
            return self._geometry[background]
        except KeyError as error:
            raise MaterialMissing(f"no background {background!r}") from error

    def background(self, name: str) -> Bgr:
        paths = sorted((self.folder / "backgrounds").glob(f"{name}-*.png"))
        if not paths:
            raise MaterialMissing(f"no background {name!r}")
        return _bgr(paths[0])

    def person(self, name: str) -> tuple[Loop, ...]:
        """All sequences of one person. Raises `MaterialMissing`."""
        loops = tuple(_loop(path, entry) for path, entry in self._atlas if entry.person == name)
        if not any(loop.walking for loop in loops):
            raise MaterialMissing(f"no walking person {name!r}")
        return loops

    def foliage(self) -> tuple[Bgr, ...]:
        """A bush in the wind, 53 frames."""
        with av.open(str(self.folder / "backgrounds" / "foliage.mp4")) as container:
            return tuple(
                np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
                for frame in container.decode(video=0)
            )


def _bgr(path: Path) -> Bgr:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise MaterialMissing(f"cannot read {path.name}")
    return picture.astype(np.uint8, copy=False)


def _loop(path: Path, entry: _Entry) -> Loop:
    strip = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if strip is None or strip.ndim != 3 or strip.shape[2] != 4:
        raise MaterialMissing(f"cannot read {path.name} as RGBA")
    pixels = strip.astype(np.float32)
    pixels[..., 3] /= 255.0
    pixels[..., :3] *= pixels[..., 3:]
    width, walking = entry.cell_width, entry.kind == "walk"
    cells = tuple(
        Cell(np.ascontiguousarray(pixels[:, at * width : (at + 1) * width]), *anchor)
        for at, anchor in enumerate(entry.anchors)
    )
    if not walking:
        cells = _in_place(cells)
    return Loop(walking, cells, entry.heading_deg or 0.0, entry.metres_per_frame or 0.1)


def _in_place(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Stand every cut-out on its own middle.

    People who waited in the footage shifted about, by a quarter of their height at most, and the
    atlas says where their cell stood still: played as it is they would glide over the ground.
    """
    middles = np.array([_middle(cell) for cell in cells])
    padded = np.pad(middles, _SMOOTHED // 2, mode="edge")
    smooth = np.convolve(padded, np.full(_SMOOTHED, 1 / _SMOOTHED), mode="valid")
    return tuple(replace(cell, foot_x=float(x)) for cell, x in zip(cells, smooth, strict=True))


def _middle(cell: Cell) -> float:
    columns = np.flatnonzero((cell.pixels[..., 3] > 0.5).any(axis=0))
    return (float(columns[0]) + float(columns[-1]) + 1.0) / 2
