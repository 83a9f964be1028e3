"""How fast the store appends, with chain and projections. For `wardwatch bench`.

Each batch is one transaction of findings as a busy node writes them: breaches that open, grow and
end, under an order, over several cameras. The disk is waited for as in service.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from record.cameras import Camera, CameraUrl, Line, Point, Rule
from record.ids import CameraId, LineId, OrderId, RuleId, SiteId, TrackId, UnitId, new_id
from record.orders import OrderInForce, RuleKind
from record.places import EVERYTHING, Site, Unit, UnitKind
from record.sightings import Direction, Ended, Finding, Footstep, Grew, Raised, Why
from record.store.store import Store

CAMERAS = 8
PATH = 15
"""Foot points around a crossing: three seconds at five looks a second."""


@dataclass(frozen=True, slots=True)
class AppendRate:
    events: int
    seconds: float
    slowest_ms: float
    """The longest that one transaction took."""

    @property
    def per_s(self) -> float:
        return self.events / self.seconds


def measure_append(store: Store, *, batch: int = 100, batches: int = 100) -> AppendRate:
    """Append `batches` transactions of `batch` events each to a store that is only for this."""
    cameras = _furnish(store)
    findings = [list(_findings(cameras[n % CAMERAS], batch, n)) for n in range(batches)]
    slowest = 0.0
    begun = time.perf_counter()
    for number, some in enumerate(findings):
        before = time.perf_counter()
        with store.write(EVERYTHING) as writing:
            writing.findings.record(cameras[number % CAMERAS], some, some[-1].decided_at)
        slowest = max(slowest, time.perf_counter() - before)
    seconds = time.perf_counter() - begun
    return AppendRate(batch * batches, seconds, slowest * 1000)


def _furnish(store: Store) -> list[Camera]:
    """A nation, a province, a ward, a site and its cameras."""
    tail = new_id()
    nation, province, ward = (UnitId(f"{name}-{tail}") for name in ("nation", "province", "ward"))
    site = SiteId(new_id())
    line = Line(LineId("gate"), Point(0.5, 1.0), Point(0.5, 0.4), "Gate")
    rules = tuple(Rule(RuleId(f"exit-{number}"), RuleKind.EXIT, line.id) for number in range(4))
    with store.write(EVERYTHING) as writing:
        writing.units.add(Unit(nation, None, UnitKind.NATION, "Nation"))
        writing.units.add(Unit(province, nation, UnitKind.PROVINCE, "Province"))
        writing.units.add(Unit(ward, province, UnitKind.WARD, "Ward"))
        writing.sites.add(Site(site, ward, "Site"))
        return [
            writing.cameras.add(
                Camera(
                    CameraId(new_id()),
                    site,
                    f"Camera {number}",
                    CameraUrl.parse("rtsp://127.0.0.1/measured"),
                    lines=(line,),
                    rules=rules,
                )
            )
            for number in range(CAMERAS)
        ]


def _findings(camera: Camera, count: int, number: int) -> Iterator[Finding]:
    """`count` of them: rule after rule a breach opens, grows once, ends."""
    at = datetime.fromisoformat("2026-11-24T03:12:00Z") + timedelta(minutes=number)
    order = OrderInForce(
        OrderId("order"), 1, "12", at, at + timedelta(days=1), frozenset(RuleKind), 2
    )
    made = 0
    while True:
        for rule in camera.rules:
            at += timedelta(milliseconds=40)
            why = _why(at)
            for finding in (
                Raised(rule, at, at, at, 1, (order,), why),
                Grew(rule, at, at, 2, why),
                Ended(rule, at, at),
            ):
                if made == count:
                    return
                made += 1
                yield finding


def _why(at: datetime) -> Why:
    steps = tuple(
        Footstep(at - timedelta(milliseconds=200 * back), Point(0.4 + back / 100, 0.7))
        for back in reversed(range(PATH))
    )
    return Why(TrackId(7), steps, 0.87, "0" * 64, Direction.OUTWARD)
