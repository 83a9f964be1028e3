"""Where the time goes between a camera and the record: stamps of the last few hundred looks."""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from record.clock import Clock
from record.frames import Frame
from record.messages import StageTiming

KEPT = 512
"""Looks kept for the figures: thirteen seconds of eight cameras at five looks a second."""

Of = Literal["looks", "findings"]
Stage = Literal["arrive", "decode", "wait", "detect", "decide", "store", "whole"]
_STAGES: tuple[Stage, ...] = ("arrive", "decode", "wait", "detect", "decide", "store")


@dataclass(frozen=True, slots=True)
class LookStamps:
    """Monotonic seconds at the end of each stage of one look."""

    captured: float
    received: float
    decoded: float
    picked: float
    detected: float
    decided: float
    stored: float | None = None
    """None: nothing to store, or not yet."""

    @property
    def stages_s(self) -> dict[Stage, float]:
        moments = [self.captured, self.received, self.decoded, self.picked, self.detected]
        moments += [self.decided] if self.stored is None else [self.decided, self.stored]
        stages = {
            stage: after - before
            for stage, before, after in zip(_STAGES, moments, moments[1:], strict=False)
        }
        return stages | {"whole": moments[-1] - moments[0]}


def captured_monotonic(frame: Frame, clock: Clock) -> float:
    """A frame's capture time on the monotonic clock, as far as the two agree at this moment."""
    age_s = (clock.now() - frame.captured_at).total_seconds()
    return clock.monotonic() - age_s


class Timings:
    """Takes stamps from the looking and the writing thread; gives figures to any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rings: dict[Of, deque[LookStamps]] = {
            "looks": deque(maxlen=KEPT),
            "findings": deque(maxlen=KEPT),
        }

    def add(self, of: Of, stamps: LookStamps) -> None:
        with self._lock:
            self._rings[of].append(stamps)

    def figures(self) -> tuple[StageTiming, ...]:
        with self._lock:
            kept = {of: tuple(ring) for of, ring in self._rings.items()}
        return tuple(figure for of, ring in kept.items() for figure in _figures(of, ring))


def _figures(of: Of, ring: Sequence[LookStamps]) -> Iterable[StageTiming]:
    by_stage: dict[Stage, list[float]] = {}
    for stamps in ring:
        for stage, seconds in stamps.stages_s.items():
            by_stage.setdefault(stage, []).append(seconds * 1000)
    for stage, values in by_stage.items():
        values.sort()
        yield StageTiming(
            of=of,
            stage=stage,
            count=len(values),
            p50_ms=_rank(values, 0.5),
            p95_ms=_rank(values, 0.95),
            max_ms=round(values[-1], 2),
        )


def _rank(values: Sequence[float], share: float) -> float:
    return round(values[min(len(values) - 1, int(share * len(values)))], 2)
