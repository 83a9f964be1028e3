"""What `wardwatch eval` prints: the JSON of the contract, and a table for people. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from rich.table import Table

from wardwatch.eval_score import (
    EventScore,
    FoundEvent,
    OccupancyScore,
    pool_events,
    pool_occupancy,
)
from wardwatch.scenes import INSTANT


@dataclass(frozen=True, slots=True)
class Speed:
    video_s: float
    cpu_s: float
    """Of the whole process while the scene ran: decoding, detector and everything after it."""
    frames: int
    detector_calls: int


@dataclass(frozen=True, slots=True)
class SceneResult:
    scene: str
    found: tuple[FoundEvent, ...]
    events: EventScore | None
    """None: the scene file has no truth."""
    occupancy: OccupancyScore | None
    """None: its truth does not count people."""
    speed: Speed
    skipped: tuple[str, ...]
    """Rule kinds that this version does not evaluate."""


class TimingFigures(TypedDict):
    median: float | None
    max: float | None


class EventFigures(TypedDict):
    truth: int | None
    found: int
    matched: int | None
    precision: float | None
    recall: float | None
    f1: float | None
    timing_error_s: TimingFigures


class OccupancyFigures(TypedDict):
    mae: float | None
    exact_share: float | None


class SpeedFigures(TypedDict):
    video_s: float
    cpu_s: float
    cpu_per_video_s: float | None
    frames: int
    detector_calls: int


class TotalFigures(TypedDict):
    events: EventFigures
    occupancy: OccupancyFigures
    speed: SpeedFigures
    skipped: list[str]


class SceneFigures(TotalFigures):
    scene: str
    found: list[dict[str, str | float | None]]


class EvalReport(TypedDict):
    scenes: list[SceneFigures]
    total: TotalFigures


def as_report(results: Sequence[SceneResult]) -> EvalReport:
    """Every scene, and the total over the counts of those with a truth."""
    events = pool_events(one.events for one in results if one.events is not None)
    speed = Speed(
        video_s=sum(one.speed.video_s for one in results),
        cpu_s=sum(one.speed.cpu_s for one in results),
        frames=sum(one.speed.frames for one in results),
        detector_calls=sum(one.speed.detector_calls for one in results),
    )
    return {
        "scenes": [_scene(one) for one in results],
        "total": {
            "events": _events(events, events.found),
            "occupancy": _occupancy(pool_occupancy(one.occupancy for one in results)),
            "speed": _speed(speed),
            "skipped": sorted({kind for one in results for kind in one.skipped}),
        },
    }


def table(report: EvalReport) -> Table:
    """The same figures, one scene a row."""
    shown = Table("scene", "true", "found", "matched", "F1", "off by s", "people off by", "CPU s/s")
    for one in report["scenes"]:
        shown.add_row(one["scene"], *_cells(one))
    shown.add_section()
    shown.add_row("total", *_cells(report["total"]))
    return shown


def _cells(figures: TotalFigures) -> list[str]:
    events = figures["events"]
    numbers = (
        events["truth"],
        events["found"],
        events["matched"],
        events["f1"],
        events["timing_error_s"]["median"],
        figures["occupancy"]["mae"],
        figures["speed"]["cpu_per_video_s"],
    )
    return ["-" if number is None else f"{number:g}" for number in numbers]


def _scene(result: SceneResult) -> SceneFigures:
    return {
        "scene": result.scene,
        "found": [_found(event) for event in result.found],
        "events": _events(result.events, len(result.found)),
        "occupancy": _occupancy(result.occupancy),
        "speed": _speed(result.speed),
        "skipped": list(result.skipped),
    }


def _found(event: FoundEvent) -> dict[str, str | float | None]:
    named: dict[str, str | float | None] = {"kind": event.kind.value, "rule": event.rule}
    if event.kind in INSTANT:
        return named | {"at_s": round(event.from_s, 3)}
    return named | {
        "from_s": round(event.from_s, 3),
        "to_s": _rounded(event.to_s),
        "raised_s": _rounded(event.raised_s),
    }


def _events(score: EventScore | None, found: int) -> EventFigures:
    if score is None:
        unknown: TimingFigures = {"median": None, "max": None}
        return {
            "truth": None,
            "found": found,
            "matched": None,
            "precision": None,
            "recall": None,
            "f1": None,
            "timing_error_s": unknown,
        }
    return {
        "truth": score.truth,
        "found": score.found,
        "matched": score.matched,
        "precision": _rounded(score.precision, 4),
        "recall": _rounded(score.recall, 4),
        "f1": _rounded(score.f1, 4),
        "timing_error_s": {
            "median": _rounded(score.median_error_s),
            "max": _rounded(score.max_error_s),
        },
    }


def _occupancy(score: OccupancyScore | None) -> OccupancyFigures:
    if score is None:
        return {"mae": None, "exact_share": None}
    return {"mae": _rounded(score.mae, 4), "exact_share": _rounded(score.exact_share, 4)}


def _speed(speed: Speed) -> SpeedFigures:
    share = speed.cpu_s / speed.video_s if speed.video_s else None
    return {
        "video_s": round(speed.video_s, 3),
        "cpu_s": round(speed.cpu_s, 3),
        "cpu_per_video_s": _rounded(share, 4),
        "frames": speed.frames,
        "detector_calls": speed.detector_calls,
    }


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)
