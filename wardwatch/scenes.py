"""Scene files: a video, what is drawn over it, and what truly happens in it.

Parsed once, here, into domain values; whatever is wrong is refused with the path of the field and
the reason (`record.errors.Invalid`). The format stands in docs/detection.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from detect import BUILT_RULES
from record.cameras import Area, CameraUrl, Line, Mask, Point, Priority, Rule
from record.drawing import check_area, check_line, check_mask, check_rules, check_unique
from record.errors import Invalid
from record.ids import AreaId, LineId, MaskId, RuleId
from record.orders import RuleKind

INSTANT = frozenset({RuleKind.EXIT, RuleKind.ENTRY})
"""Rules whose events are moments; all others last."""


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """What happens, in seconds of the video: `to_s` is None for a moment."""

    kind: RuleKind
    rule: RuleId
    from_s: float
    to_s: float | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """How many people are in an area (None: the whole view) over [from_s, to_s)."""

    area: AreaId | None
    from_s: float
    to_s: float
    count: int


@dataclass(frozen=True, slots=True)
class Truth:
    tolerance_s: float
    events: tuple[TrueEvent, ...]
    occupancy: tuple[Stretch, ...] | None
    """Outside of these the count is 0. None: nobody counted."""


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    url: CameraUrl
    order_from_s: float
    order_to_s: float
    lines: tuple[Line, ...]
    areas: tuple[Area, ...]
    rules: tuple[Rule, ...]
    """Only those of kinds that are built."""
    skipped: tuple[Rule, ...]
    """Valid, but of kinds that this version does not evaluate; their truth is left out."""
    truth: Truth | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn over a camera's picture, and what is watched there."""

    lines: tuple[Line, ...] = ()
    areas: tuple[Area, ...] = ()
    rules: tuple[Rule, ...] = ()
    masks: tuple[Mask, ...] = ()


def read_scene(path: Path) -> Scene:
    """The scene in a file. Raises `Invalid`."""
    return _read(path, _SceneFile, lambda file: _to_scene(file, path))


def read_drawing(path: Path) -> Drawing:
    """The lines, areas, rules and masks in a file; the rest of a scene may stand in it and is left
    aside. Raises `Invalid`."""
    return _read(path, _DrawingFile, _to_drawing)


def _read(path: Path, shape: "type[_File]", convert: "Callable[[_File], _Made]") -> "_Made":
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Invalid(str(path), f"cannot be read: {error.strerror}") from error
    try:
        return convert(shape.model_validate_json(text))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "scene"
        raise Invalid(f"{path.name}: {field}", first["msg"]) from error
    except Invalid as error:
        raise Invalid(f"{path.name}: {error.field}", error.reason) from error


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


_Seconds = Annotated[float, Field(ge=0)]
_Pair = tuple[float, float]
_Name = Annotated[str, Field(min_length=1)]


class _Order(_Strict):
    from_s: float
    to_s: float

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to_s <= self.from_s:
            raise ValueError("to_s is after from_s")
        return self


class _Line(_Strict):
    id: _Name
    a: _Pair
    b: _Pair
    name: str = ""
    margin: float | None = None
    perimeter: bool = False


class _Area(_Strict):
    id: _Name
    polygon: tuple[_Pair, ...]
    name: str = ""
    counts: bool = False


class _Mask(_Strict):
    id: _Name
    polygon: tuple[_Pair, ...]
    name: str = ""


class _Rule(_Strict):
    id: _Name
    kind: RuleKind
    line: str | None = None
    area: str | None = None
    persons: int = 1
    seconds: float = 0.0
    cooldown_s: float = 0.0
    priority: Priority | None = None


class _Event(_Strict):
    kind: RuleKind
    rule: str
    at_s: _Seconds | None = None
    from_s: _Seconds | None = None
    to_s: _Seconds | None = None

    @model_validator(mode="after")
    def _has_its_times(self) -> Self:
        moment = self.at_s is not None and self.from_s is None and self.to_s is None
        span = self.at_s is None and self.from_s is not None and self.to_s is not None
        if self.kind in INSTANT and not moment:
            raise ValueError(f"{self.kind} happens at a moment: at_s, and no other time")
        if self.kind not in INSTANT and not span:
            raise ValueError(f"{self.kind} lasts: from_s and to_s, and no at_s")
        if self.from_s is not None and self.to_s is not None and self.to_s < self.from_s:
            raise ValueError("to_s is before from_s")
        return self

    @property
    def began_s(self) -> float:
        began = self.at_s if self.from_s is None else self.from_s
        return 0.0 if began is None else began  # one of the two is set: checked above


class _Stretch(_Strict):
    area: str | None
    from_s: _Seconds
    to_s: _Seconds
    count: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to_s <= self.from_s:
            raise ValueError("to_s is after from_s")
        return self


class _Truth(_Strict):
    tolerance_s: Annotated[float, Field(gt=0)] = 1.0
    events: tuple[_Event, ...] = ()
    occupancy: tuple[_Stretch, ...] | None = None


class _DrawingFile(_Strict):
    video: str = ""
    order: _Order | None = None
    lines: tuple[_Line, ...] = ()
    areas: tuple[_Area, ...] = ()
    rules: tuple[_Rule, ...] = ()
    masks: tuple[_Mask, ...] = ()
    truth: _Truth | None = None
    source: str = ""
    """Where the video comes from and under which licence; for people."""
    how_labelled: str = ""


class _SceneFile(_DrawingFile):
    video: _Name
    order: _Order


_File = TypeVar("_File", bound=_DrawingFile)
_Made = TypeVar("_Made")


def _to_drawing(file: _DrawingFile) -> Drawing:
    lines = tuple(
        check_line(
            Line(LineId(one.id), Point(*one.a), Point(*one.b), one.name, one.margin, one.perimeter),
            f"lines.{index}",
        )
        for index, one in enumerate(file.lines)
    )
    areas = tuple(
        check_area(
            Area(AreaId(one.id), tuple(Point(*p) for p in one.polygon), one.name, one.counts),
            f"areas.{index}",
        )
        for index, one in enumerate(file.areas)
    )
    rules = check_rules(tuple(map(_to_rule, file.rules)), lines, areas)
    masks = tuple(
        check_mask(
            Mask(MaskId(one.id), tuple(Point(*p) for p in one.polygon), one.name), f"masks.{index}"
        )
        for index, one in enumerate(file.masks)
    )
    for what, ids in (("lines", lines), ("areas", areas), ("rules", rules), ("masks", masks)):
        check_unique(tuple(one.id for one in ids), what)
    return Drawing(lines, areas, rules, masks)


def _to_scene(file: _SceneFile, path: Path) -> Scene:
    drawing = _to_drawing(file)
    rules = drawing.rules
    return Scene(
        name=path.name.removesuffix(".json").removesuffix(".scene"),
        url=_url(file.video, path.parent),
        order_from_s=file.order.from_s,
        order_to_s=file.order.to_s,
        lines=drawing.lines,
        areas=drawing.areas,
        rules=tuple(rule for rule in rules if rule.kind in BUILT_RULES),
        skipped=tuple(rule for rule in rules if rule.kind not in BUILT_RULES),
        truth=None if file.truth is None else _to_truth(file.truth, rules, drawing.areas),
    )


def _to_rule(one: _Rule) -> Rule:
    return Rule(
        id=RuleId(one.id),
        kind=one.kind,
        line=None if one.line is None else LineId(one.line),
        area=None if one.area is None else AreaId(one.area),
        persons=one.persons,
        seconds=one.seconds,
        cooldown_s=one.cooldown_s,
        priority=one.priority,
    )


def _to_truth(truth: _Truth, rules: tuple[Rule, ...], areas: tuple[Area, ...]) -> Truth:
    kinds = {str(rule.id): rule.kind for rule in rules}
    for index, event in enumerate(truth.events):
        if kinds.get(event.rule) is not event.kind:
            reason = f"{event.rule!r} is no rule of kind {event.kind}"
            raise Invalid(f"truth.events.{index}.rule", reason)
    known = {None, *(str(area.id) for area in areas)}
    for index, stretch in enumerate(truth.occupancy or ()):
        if stretch.area not in known:
            raise Invalid(f"truth.occupancy.{index}.area", f"{stretch.area!r} is no area")
    return Truth(
        tolerance_s=truth.tolerance_s,
        events=tuple(
            TrueEvent(one.kind, RuleId(one.rule), one.began_s, one.to_s) for one in truth.events
        ),
        occupancy=None if truth.occupancy is None else tuple(map(_to_stretch, truth.occupancy)),
    )


def _to_stretch(one: _Stretch) -> Stretch:
    area = None if one.area is None else AreaId(one.area)
    return Stretch(area, one.from_s, one.to_s, one.count)


def _url(video: str, folder: Path) -> CameraUrl:
    """An address as it is; a file relative to the scene's own folder."""
    if "://" in video:
        return CameraUrl.parse(video, where="video")
    file = (folder / video).resolve()
    if not file.is_file():
        raise Invalid("video", f"there is no file {file.name!r} beside the scene")
    return CameraUrl.parse(file.as_uri(), where="video")
