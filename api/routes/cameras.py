"""Cameras: list, one, add, change, remove."""

from dataclasses import replace
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Response

from api import schemas
from api.camera_now import camera_now
from api.description import READS, WRITES, problems
from api.errors import VersionMoved
from api.services import Cursor, Limit, PlaceId, Services, Serving, Signed, page, require
from record.cameras import Camera, CameraStatus, CameraUrl
from record.drawing import check_camera
from record.errors import Invalid
from record.ids import CameraId, SiteId, new_id
from record.people import Right, Session

router = APIRouter(tags=["cameras"])


@router.get("/cameras", responses=problems(*READS))
def list_cameras(
    session: Signed,
    serving: Serving,
    site: PlaceId | None = None,
    limit: Limit = 500,
    cursor: Cursor | None = None,
) -> schemas.CameraPage:
    """In the order the installer gave them."""
    wanted = None if site is None else SiteId(site)
    with serving.store.read(session.user.scope) as reading:
        if wanted is not None:
            reading.sites.get(wanted)
        cameras = reading.cameras.list(wanted)
        statuses = reading.cameras.statuses(wanted)
    items, following = page(cameras, [camera.id for camera in cameras], limit, cursor)
    return schemas.CameraPage(
        items=[_shown(one, statuses.get(one.id), session, serving) for one in items],
        next=following,
    )


@router.get("/cameras/{camera_id}", responses=problems(*READS))
def read_camera(camera_id: str, session: Signed, serving: Serving) -> schemas.Camera:
    with serving.store.read(session.user.scope) as reading:
        camera = reading.cameras.get(CameraId(camera_id))
        status = reading.cameras.statuses(camera.site).get(camera.id)
    return _shown(camera, status, session, serving)


@router.post("/cameras", status_code=201, responses=problems(*WRITES))
def add_camera(sent: schemas.CameraToAdd, session: Signed, serving: Serving) -> schemas.Camera:
    """A worker connects to it at once."""
    with serving.store.write(session.user.scope, session.user.id) as writing:
        site = writing.sites.get(SiteId(sent.site))
        require(session, Right.INSTALL, "add cameras")
        url = parsed_address(sent.url, "url")
        sub = parsed_address(sent.sub_url, "sub_url").beside(url) if sent.sub_url else None
        camera = check_camera(
            Camera(
                id=CameraId(new_id()),
                site=site.id,
                name=sent.name,
                url=url,
                sub_url=sub,
                transport=sent.transport,
                main_evidence=sent.main_evidence,
                short_name=sent.short_name,
                lines=tuple(one.line() for one in sent.lines),
                areas=tuple(one.area() for one in sent.areas),
                rules=tuple(one.rule() for one in sent.rules),
                masks=tuple(one.mask() for one in sent.masks),
                enabled=sent.enabled,
            )
        )
        added = writing.cameras.add(camera)
    return _shown(added, None, session, serving)


@router.patch("/cameras/{camera_id}", responses=problems(*WRITES))
async def change_camera(
    camera_id: str, sent: schemas.CameraChange, session: Signed, serving: Serving
) -> schemas.Camera:
    """Other masks hold for every picture that is asked for after the answer, if it says so in
    `masks_in_force`: it waits up to two seconds for the worker's word."""
    shown, masks_changed = await run_sync(partial(_change, camera_id, sent, session, serving))
    if not masks_changed:
        return shown
    in_force = await serving.workers.in_force(shown.id, shown.version)
    return shown.model_copy(update={"masks_in_force": in_force})


def _change(
    camera_id: str, sent: schemas.CameraChange, session: Session, serving: Services
) -> tuple[schemas.Camera, bool]:
    """The camera as it is then, and whether it has other masks."""
    with serving.store.write(session.user.scope, session.user.id) as writing:
        camera = writing.cameras.get(CameraId(camera_id))
        require(session, Right.INSTALL, "change cameras")
        if sent.version is not None and sent.version != camera.version:
            raise VersionMoved(sent.version, camera.version)
        wanted = _changed(camera, sent)
        changed = camera if wanted == camera else writing.cameras.change(check_camera(wanted))
        status = writing.cameras.statuses(camera.site).get(camera.id)
    return _shown(changed, status, session, serving), changed.masks != camera.masks


@router.delete("/cameras/{camera_id}", status_code=204, responses=problems(*WRITES))
def remove_camera(camera_id: str, session: Signed, serving: Serving) -> Response:
    """Its breaches and its events stay."""
    with serving.store.write(session.user.scope, session.user.id) as writing:
        writing.cameras.get(CameraId(camera_id))
        require(session, Right.INSTALL, "remove cameras")
        writing.cameras.remove(CameraId(camera_id))
    return Response(status_code=204)


def _changed(camera: Camera, sent: schemas.CameraChange) -> Camera:
    """`camera` with what was sent; null is the same as left out."""
    changes: dict[str, Any] = {
        "name": sent.name,
        "short_name": sent.short_name,
        "enabled": sent.enabled,
        "transport": sent.transport,
        "main_evidence": sent.main_evidence,
        "url": None if sent.url is None else parsed_address(sent.url, "url"),
        "lines": None if sent.lines is None else tuple(one.line() for one in sent.lines),
        "areas": None if sent.areas is None else tuple(one.area() for one in sent.areas),
        "rules": None if sent.rules is None else tuple(one.rule() for one in sent.rules),
        "masks": None if sent.masks is None else tuple(one.mask() for one in sent.masks),
    }
    wanted = replace(camera, **{n: value for n, value in changes.items() if value is not None})
    if sent.sub_url is None:
        return replace(wanted, sub_url=_following(camera, wanted.url))
    sub_url = parsed_address(sent.sub_url, "sub_url").beside(wanted.url) if sent.sub_url else None
    return replace(wanted, sub_url=sub_url)


def _following(camera: Camera, url: CameraUrl) -> CameraUrl | None:
    """The sub-stream's address beside a new main one: a password that both had changes in both."""
    sub = camera.sub_url
    if sub is None or (sub.username, sub.password) != (camera.url.username, camera.url.password):
        return sub
    moved = CameraUrl(sub.address).beside(url)
    return sub if moved.username is None else moved


def parsed_address(text: str, field: str) -> CameraUrl:
    """Raises `Invalid`. A masked address is refused: saving it would lose the credentials. So is
    one of a file: whoever signs in over the network has no business with this machine's."""
    url = CameraUrl.parse(text, where=field)
    if url.address.startswith("file:"):
        raise Invalid(field, "is a file of this machine; only its own command line may name one")
    if "***" in (url.username or "") or "…" in url.address:
        raise Invalid(field, "is masked; leave it out to keep what is stored")
    return url


def _shown(
    camera: Camera, status: CameraStatus | None, session: Signed, serving: Serving
) -> schemas.Camera:
    now = camera_now(camera, status, serving.workers)
    heard = serving.workers.health(camera.id)
    return schemas.Camera.of(camera, now, heard, with_address=session.user.may(Right.INSTALL))
