"""What happens in a scene: parsed once from `material/scripts.json`, refused when misspelt."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

Point = tuple[float, float]
Polygon = tuple[Point, ...]


class _Strict:
    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Step(_Strict):
    """Walk to a point (pixels of the view), or wait."""

    to: Point | None = None
    metres_per_s: float = 1.2
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Role(_Strict):
    """One person of the scene, played by the cut-outs of `person`."""

    person: str
    enters_s: float
    start: Point
    steps: tuple[Step, ...]
    hue_deg: float = 0.0
    """Turn of the hue of coloured clothes."""
    coat_bgr: tuple[int, int, int] | None = None
    """Colour added to a dark coat."""


@dataclass(frozen=True, slots=True)
class Prop(_Strict):
    """Something that moves and is no person."""

    kind: Literal["dog", "trolley", "van"]
    enters_s: float
    start: Point
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Tampering(_Strict):
    kind: Literal["covered", "blinded", "defocused", "moved", "dark", "frozen"]
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class View(_Strict):
    """A part of a background, scaled to 640x360 and perhaps mirrored."""

    background: str
    crop: tuple[int, int, int, int] = (0, 0, 640, 360)
    """Left, top, right, bottom in pixels of the background."""
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class LineSpec(_Strict):
    """Normalised ends, y down."""

    id: str
    a: Point
    b: Point


@dataclass(frozen=True, slots=True)
class AreaSpec(_Strict):
    id: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class RuleSpec(_Strict):
    id: str
    kind: Literal["exit", "entry", "restricted", "gathering", "camera_tampered"]
    line: str | None = None
    area: str | None = None
    persons: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Script(_Strict):
    view: View
    duration_s: float
    rules: tuple[RuleSpec, ...]
    people: tuple[Role, ...]
    noise_sigma: float
    crf: int
    lines: tuple[LineSpec, ...] = ()
    areas: tuple[AreaSpec, ...] = ()
    look: Literal["day", "night", "rain"] = "day"
    foliage: bool = False
    props: tuple[Prop, ...] = ()
    tampering: tuple[Tampering, ...] = field(default=())


def read_scripts(path: Path) -> dict[str, Script]:
    """Every script of a file, by scene name. Raises pydantic's ValidationError."""
    return TypeAdapter(dict[str, Script]).validate_json(path.read_bytes())
