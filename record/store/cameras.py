"""Cameras: where they are dialled, what is drawn over them, and whether they are there."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, func, select, update

from record.cameras import (
    Camera,
    CameraReason,
    CameraState,
    CameraStatus,
    CameraUrl,
    Rule,
    Transport,
)
from record.errors import Duplicate
from record.events import EventType, NewEvent
from record.ids import CameraId, Position, SiteId, UnitId
from record.moments import stamp
from record.payloads import (
    areas_of,
    camera_data,
    check_plain_ids,
    drawing_data,
    lines_of,
    masks_of,
    rules_of,
)
from record.store.findings import episodes_of
from record.store.reach import Reach
from record.store.rows import (
    CameraRow,
    CameraStatusRow,
    PairingRow,
    PublishTokenRow,
    SiteRow,
)
from record.store.secrets import Urls, delete_urls, read_urls, write_urls
from record.store.transaction import Recording, Transaction

_STATUS_EVENTS = {
    CameraState.ONLINE: EventType.CAMERA_ONLINE,
    CameraState.DEGRADED: EventType.CAMERA_DEGRADED,
    CameraState.OFFLINE: EventType.CAMERA_OFFLINE,
}


class Cameras:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._reach = Reach(tx)

    def get(self, camera: CameraId) -> Camera:
        """Raises `NotInScope`."""
        row = self._reach.camera(camera)
        return _camera(row, read_urls(self._tx, [row.id]).get(row.id))

    def list(self, site: SiteId | None = None) -> tuple[Camera, ...]:
        """In the installer's order. Raises `NotInScope`."""
        rows = self._rows(site)
        secrets = read_urls(self._tx, [row.id for row in rows])
        return tuple(_camera(row, secrets.get(row.id)) for row in rows)

    def statuses(self, site: SiteId | None = None) -> dict[CameraId, CameraStatus]:
        """What the record knows of each camera: connecting until it was heard of, disabled when
        switched off. Raises `NotInScope`."""
        rows = self._rows(site)
        known = {
            row.camera: row
            for row in self._tx.rows(
                select(CameraStatusRow).where(CameraStatusRow.camera.in_([row.id for row in rows]))
            )
        }
        return {CameraId(row.id): _status(row, known.get(row.id)) for row in rows}

    def _rows(self, site: SiteId | None) -> Sequence[CameraRow]:
        statement = (
            select(CameraRow)
            .join(SiteRow, SiteRow.id == CameraRow.site)
            .where(CameraRow.removed_at.is_(None), self._reach.within(SiteRow.unit, SiteRow.id))
            .order_by(CameraRow.rank, CameraRow.id)
        )
        if site is not None:
            self._reach.site(site)
            statement = statement.where(CameraRow.site == site)
        return self._tx.rows(statement)


class WritableCameras(Cameras):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def add(self, camera: Camera) -> Camera:
        """The camera as kept (points to a ten-thousandth of the frame), last in order.

        What may be drawn is the caller's to check (`record.drawing`). Raises `NotInScope`,
        `Duplicate`, `Invalid` for an id that is not plain ASCII.
        """
        tx = self._recording
        check_plain_ids(camera)
        unit = UnitId(self._reach.site(camera.site).unit)
        if tx.row(select(CameraRow.id).where(CameraRow.id == camera.id)) is not None:
            raise Duplicate("id", camera.id)
        last = tx.row(select(func.max(CameraRow.rank)))
        tx.insert(
            CameraRow,
            {
                "id": camera.id,
                "site": camera.site,
                "rank": 0 if last is None else last + 1,
                "added_at": tx.now,
                "removed_at": None,
                **_settings(camera),
            },
        )
        write_urls(tx, camera)
        self._append(EventType.CAMERA_ADDED, camera, unit)
        return self.get(camera.id)

    def change(self, camera: Camera) -> Camera:
        """New settings under the next version; a camera stays at its site. What goes on for a rule
        that is gone ends with it. As `add`."""
        tx = self._recording
        check_plain_ids(camera)
        row = self._reach.camera(camera.id)
        camera = replace(camera, site=SiteId(row.site), version=row.version + 1)
        unit = UnitId(self._reach.site(camera.site).unit)
        tx.execute(update(CameraRow).where(CameraRow.id == camera.id).values(**_settings(camera)))
        write_urls(tx, camera)
        self._watch_only(camera.rules, camera, unit)
        self._append(EventType.CAMERA_CHANGED, camera, unit)
        return self.get(camera.id)

    def remove(self, camera: CameraId) -> None:
        """Its address and its publish token are deleted, its name stays for the history, and what
        goes on in front of it ends. Raises `NotInScope`."""
        tx = self._recording
        known = self.get(camera)
        site = self._reach.site(known.site)
        self._watch_only((), known, UnitId(site.unit))
        tx.execute(update(CameraRow).where(CameraRow.id == camera).values(removed_at=tx.now))
        delete_urls(tx, camera)
        tx.execute(delete(PairingRow).where(PairingRow.camera == camera))
        tx.execute(delete(PublishTokenRow).where(PublishTokenRow.camera == camera))
        data = {"camera": camera, "site": site.id, "by": tx.by}
        tx.append(
            NewEvent(
                EventType.CAMERA_REMOVED, tx.now, camera, SiteId(site.id), UnitId(site.unit), data
            )
        )

    def set_status(self, status: CameraStatus) -> Position | None:
        """An event when state, reason or size differ from what is known; else nothing. A camera
        that is away for another reason than before has been away all along. The place in the log
        where it stands now; None: nowhere.

        Connecting and disabled are no facts of the log: a camera that is being dialled is whatever
        it was, and switching off is `change`. Raises `NotInScope`.
        """
        kind = _STATUS_EVENTS.get(status.state)
        row = self._reach.camera(status.camera)
        known = self._tx.row(select(CameraStatusRow).where(CameraStatusRow.camera == status.camera))
        reason = status.reason.value if status.reason else None
        if known is not None and _same(known, status):
            return None if known.position is None else Position(known.position)
        if kind is None:
            return None
        since = status.since
        if known is not None and known.state == status.state.value:
            away = status.state is CameraState.OFFLINE
            if away or known.reason == reason:
                since = known.since  # another reason of the same outage, or another size
        data = {
            "camera": status.camera,
            "site": row.site,
            "state": status.state.value,
            "reason": reason,
            "since": stamp(since),
            "width": status.width,
            "height": status.height,
        }
        site = self._reach.site(SiteId(row.site))
        return self._recording.append(
            NewEvent(kind, status.since, status.camera, SiteId(site.id), UnitId(site.unit), data)
        ).position

    def _watch_only(self, rules: Sequence[Rule], camera: Camera, unit: UnitId) -> None:
        tx = self._recording
        for event in episodes_of(tx, camera, unit).keep(rules, tx.now):
            tx.append(event)

    def _append(self, kind: EventType, camera: Camera, unit: UnitId) -> None:
        tx = self._recording
        data = {**camera_data(camera), "by": tx.by}
        tx.append(NewEvent(kind, tx.now, camera.id, camera.site, unit, data))


def _settings(camera: Camera) -> dict[str, object]:
    return {
        "name": camera.name,
        "short_name": camera.short_name,
        "enabled": camera.enabled,
        "version": camera.version,
        "transport": camera.transport.value,
        "main_evidence": camera.main_evidence,
        "drawing": drawing_data(camera),
    }


def _camera(row: CameraRow, urls: Urls | None) -> Camera:
    url, sub_url = urls or (CameraUrl(""), None)
    return Camera(
        id=CameraId(row.id),
        site=SiteId(row.site),
        name=row.name,
        url=url,
        sub_url=sub_url,
        transport=Transport(row.transport),
        main_evidence=row.main_evidence,
        short_name=row.short_name,
        lines=lines_of(row.drawing),
        areas=areas_of(row.drawing),
        rules=rules_of(row.drawing),
        masks=masks_of(row.drawing),
        enabled=row.enabled,
        version=row.version,
    )


def _same(row: CameraStatusRow, status: CameraStatus) -> bool:
    reason = status.reason.value if status.reason else None
    return (row.state, row.reason, row.width, row.height) == (
        status.state.value,
        reason,
        status.width,
        status.height,
    )


def _status(camera: CameraRow, row: CameraStatusRow | None) -> CameraStatus:
    if not camera.enabled or row is None:
        state = CameraState.CONNECTING if camera.enabled else CameraState.DISABLED
        return CameraStatus(CameraId(camera.id), state, None, camera.added_at)
    return CameraStatus(
        CameraId(camera.id),
        CameraState(row.state),
        CameraReason(row.reason) if row.reason else None,
        row.since,
        row.width,
        row.height,
        None if row.position is None else Position(row.position),
    )
