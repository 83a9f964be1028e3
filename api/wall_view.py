"""A site at one position of the log, with what workers say of its cameras at this moment."""

from collections.abc import Sequence
from datetime import datetime

from api import schemas
from api.camera_now import camera_now
from api.names import sites_with_units
from api.worker_link import LiveCounts, WorkerLink
from record.cameras import Camera
from record.ids import Position
from record.messages import Health
from record.observations import Observation
from record.places import Site
from record.store import Reading

OBSERVATIONS = 20


def wall_of(
    reading: Reading, site: Site, position: Position, now: datetime, workers: WorkerLink
) -> schemas.Wall:
    """`position` was read first in the same transaction, so everything here is at it."""
    cameras = reading.cameras.list(site.id)
    statuses = reading.cameras.statuses(site.id)
    counts = {camera.id: workers.counts(camera.id) for camera in cameras}
    visible, visible_at = visible_figure(cameras, [counts[one.id] for one in cameras])
    return schemas.Wall(
        position=position,
        now=now,
        site=sites_with_units(reading, [site])[0],
        figures=schemas.Figures(
            registered=None,
            balance=None,
            balance_at=None,
            visible=visible,
            visible_at=visible_at,
        ),
        detector=detector_of(workers.workers()),
        orders=_orders(reading, site, now),
        cameras=[
            _camera(one, camera_now(one, statuses.get(one.id), workers), counts[one.id])
            for one in cameras
        ],
        breaches=[schemas.Breach.of(named) for named in reading.breaches.open(site.id)],
        observations=[
            _observation(one) for one in reading.breaches.observations(site.id, OBSERVATIONS)
        ],
    )


def cameras_alone(wall: schemas.Wall) -> schemas.Wall:
    """The wall of those who put up cameras, as the stream goes on from it for them: nothing of
    what happened, and counts unknown."""
    cameras = [
        camera.model_copy(
            update={
                "persons": None,
                "counts_at": None,
                "areas": [area.model_copy(update={"persons": None}) for area in camera.areas],
            }
        )
        for camera in wall.cameras
    ]
    figures = schemas.Figures(
        registered=None, balance=None, balance_at=None, visible=None, visible_at=None
    )
    return wall.model_copy(
        update={
            "figures": figures,
            "orders": [],
            "cameras": cameras,
            "breaches": [],
            "observations": [],
        }
    )


def visible_figure(
    cameras: Sequence[Camera], counts: Sequence[LiveCounts | None]
) -> tuple[int | None, datetime | None]:
    """People in the areas that count, and the age of the oldest count among them.

    Unknown when one such camera is: a sum that leaves a camera out looks like people gone.
    """
    total, oldest = 0, None
    for camera, count in zip(cameras, counts, strict=True):
        counting = [area.id for area in camera.areas if area.counts]
        if not counting:
            continue
        if count is None or count.persons is None:
            return None, None
        total += sum(count.areas.get(area, 0) for area in counting)
        oldest = count.at if oldest is None else min(oldest, count.at)
    return (None, None) if oldest is None else (total, oldest)


_WORST = ("missing", "failed", "ready")


def detector_of(workers: Sequence[Health]) -> schemas.DetectorNow:
    """The worst that any worker says of its detector; unknown while none says anything."""
    if not workers:
        return schemas.DetectorNow(state="unknown", detail="no worker answers")
    worst = min(workers, key=lambda worker: _WORST.index(worker.detector))
    return schemas.DetectorNow(state=worst.detector, detail=worst.detector_detail)


def _orders(reading: Reading, site: Site, now: datetime) -> list[schemas.WallOrder]:
    """In force now, narrowest place first."""
    current = [
        one for one in reading.orders.in_force(site.id) if one.begins_at <= now < one.ends_at
    ]
    current.sort(key=lambda one: (one.depth, one.begins_at), reverse=True)
    issuers = {order.id: order.issuer for order in reading.orders.list(site=site.id)}
    return [schemas.WallOrder.of(one, issuers.get(one.id, "")) for one in current]


def _camera(
    camera: Camera, now: schemas.CameraNow, counts: LiveCounts | None
) -> schemas.WallCamera:
    known = counts if counts is not None and counts.persons is not None else None
    return schemas.WallCamera.of(
        camera,
        now,
        persons=known.persons if known is not None else None,
        counts_at=counts.at if counts is not None else None,
        areas=known.areas if known is not None else None,
    )


def _observation(one: Observation) -> schemas.WallObservation:
    return schemas.WallObservation(
        id=one.id,
        kind=one.kind,
        time=one.time,
        camera=one.camera,
        camera_name=one.camera_name,
        line_name=one.line_name,
        area_name=one.area_name,
        persons=one.persons,
    )
