"""People walking, for tests: foot points, tracks and pictures made of plain numbers."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from detect import Box, Detections, Track
from record.cameras import Area, Camera, CameraUrl, Line, Point, Rule
from record.frames import Frame, TimeSource
from record.ids import AreaId, CameraId, LineId, OrderId, SiteId, TrackId
from record.orders import OrderInForce, RuleKind
from record.sightings import Footstep
from tests.fakes.pictures import ArrayPicture

START = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
LOOK_S = 0.2
YARD = Area(AreaId("yard"), (Point(0.2, 0.2), Point(0.8, 0.2), Point(0.8, 0.8), Point(0.2, 0.8)))
GATE = Line(LineId("gate"), Point(0.5, 0.9), Point(0.5, 0.3))
"""Upright, from below to above: facing from a to b one looks up, so outward is to the right."""


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seconds(moment: datetime) -> float:
    return (moment - START).total_seconds()


def steps(points: Iterable[tuple[float, float]], every_s: float = LOOK_S) -> tuple[Footstep, ...]:
    return tuple(Footstep(at(index * every_s), Point(x, y)) for index, (x, y) in enumerate(points))


def track(
    key: int,
    trail: Sequence[Footstep],
    *,
    seen: bool = True,
    confirmed: bool = True,
    newly: bool = False,
    born_at: datetime | None = None,
    width: float = 0.05,
    height: float = 0.2,
) -> Track:
    foot = trail[-1].point
    return Track(
        id=TrackId(key),
        box=Box(foot.x - width / 2, foot.y - height, foot.x + width / 2, foot.y),
        confirmed=confirmed,
        newly=newly,
        seen=seen,
        born_at=born_at or trail[0].at,
        seen_at=trail[-1].at,
        trail=tuple(trail),
        confidence=0.8,
    )


def order(
    begins_s: float = -3600.0,
    ends_s: float = 3600.0,
    *,
    kinds: Iterable[RuleKind] = RuleKind,
    key: str = "order",
    depth: int = 0,
) -> OrderInForce:
    return OrderInForce(
        id=OrderId(key),
        version=1,
        number=key,
        begins_at=at(begins_s),
        ends_at=at(ends_s),
        arms=frozenset(kinds),
        depth=depth,
    )


def camera(
    *, lines: Sequence[Line] = (), areas: Sequence[Area] = (), rules: Sequence[Rule] = ()
) -> Camera:
    return Camera(
        id=CameraId("camera"),
        site=SiteId("site"),
        name="Gate",
        url=CameraUrl("rtsp://127.0.0.1/gate"),
        lines=tuple(lines),
        areas=tuple(areas),
        rules=tuple(rules),
    )


def found(boxes: Iterable[Box], score: float = 0.8) -> Detections:
    rows = [(box.left, box.top, box.right, box.bottom) for box in boxes]
    return Detections(
        np.array(rows, np.float32).reshape(-1, 4), np.full(len(rows), score, np.float32)
    )


def standing(x: float, y: float, width: float = 0.05, height: float = 0.2) -> Box:
    """The box of somebody whose foot is at (x, y)."""
    return Box(x - width / 2, y - height, x + width / 2, y)


def frame(seconds_: float, picture: ArrayPicture | None = None) -> Frame:
    return Frame(
        camera=CameraId("camera"),
        number=round(seconds_ * 10),
        captured_at=at(seconds_),
        time_source=TimeSource.FILE,
        pts_s=seconds_,
        received=0.0,
        picture=picture or ArrayPicture(np.zeros((36, 64, 3), np.uint8)),
    )
