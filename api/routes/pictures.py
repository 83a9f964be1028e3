"""Pictures of cameras, unreadable where people are: one, or as they come."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.description import REVIEWS, problems
from api.live import LivePictures
from api.services import Serving, Signed, SignedWithToken, require
from record.ids import CameraId
from record.moments import stamp
from record.people import Right

router = APIRouter(tags=["cameras"])

Width = Annotated[int, Query(ge=64, le=1920, description="Pixels; the height follows")]

_JPEG = {
    "description": "The newest picture, never older than 5 s",
    "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
    "headers": {
        "X-Captured-At": {
            "description": "Capture time, RFC 3339",
            "schema": {"type": "string", "format": "date-time"},
        },
        "X-Unlooked": {
            "description": "`true`: nobody has looked for people in it yet, and it is hidden whole",
            "schema": {"type": "string", "enum": ["true", "false"]},
        },
    },
}
_MJPEG = {
    "description": "One part a picture, at the client's own pace, at most four a second",
    "content": {"multipart/x-mixed-replace": {"schema": {"type": "string", "format": "binary"}}},
}


def _in_scope(camera_id: str, session: Signed, serving: Serving) -> CameraId:
    with serving.store.read(session.user.scope) as reading:
        camera = reading.cameras.get(CameraId(camera_id)).id
    require(session, Right.WATCH, "see pictures")
    return camera


InScope = Annotated[CameraId, Depends(_in_scope)]


@router.get(
    "/cameras/{camera_id}/snapshot.jpg",
    response_class=Response,
    responses={200: _JPEG, **problems(*REVIEWS)},
)
async def read_snapshot(camera: InScope, serving: Serving, width: Width = 640) -> Response:
    picture = await serving.workers.picture(camera, width)
    return Response(
        picture.jpeg,
        media_type="image/jpeg",
        headers={
            "X-Captured-At": stamp(picture.captured_at),
            "X-Unlooked": str(picture.unlooked).lower(),
            "Cache-Control": "no-store",
        },
    )


@router.get(
    "/cameras/{camera_id}/live.mjpeg",
    response_class=Response,
    responses={200: _MJPEG, **problems(*REVIEWS)},
)
async def watch_camera(
    camera: InScope, signed_in: SignedWithToken, serving: Serving, width: Width = 640
) -> LivePictures:
    """Answers at once with an error when there is no picture at all to begin with."""
    serving.viewers.refuse_more()
    await serving.workers.picture(camera, width)
    return LivePictures(
        workers=serving.workers,
        sessions=serving.streams.sessions,
        viewers=serving.viewers,
        signed_in=signed_in,
        camera=camera,
        width=width,
        fps=serving.settings.live_fps,
    )
