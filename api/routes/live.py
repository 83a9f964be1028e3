"""Live views by WebRTC: WHEP (draft-ietf-wish-whep, in the form of RFC 9725).

Every view is unreadable where people are, but for one that was given leave for: with a reason, for
a quarter of an hour, in the record. No GET opens anything.
"""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from api import schemas
from api.description import REVIEWS, WRITES, problems
from api.routes.pictures import InScope
from api.sdp import FRAGMENT, SDP, read_text, text_body
from api.services import Serving, Signed, SignedWithToken, require
from record.ids import CameraId
from record.messages.live import MOST_OFFER
from record.people import Right

router = APIRouter(tags=["cameras"])

GRANT = "Wardwatch-Grant"


@router.get("/ice-servers", responses=problems(401))
def list_ice_servers(_session: Signed, serving: Serving) -> schemas.IceServers:
    """What the settings name, for `RTCPeerConnection`; none where the line needs none."""
    return schemas.IceServers.of(serving.settings.ice_servers)


@router.post("/cameras/{camera_id}/clear-views", status_code=201, responses=problems(*WRITES))
def ask_for_clear_view(
    camera_id: str, sent: schemas.ClearViewAsked, signed_in: SignedWithToken, serving: Serving
) -> schemas.ClearViewGiven:
    """Leave for one view of one camera, to be used by the same session."""
    session = signed_in.session
    with serving.store.read(session.user.scope) as reading:
        camera = reading.cameras.get(CameraId(camera_id))
        site = reading.sites.get(camera.site)
    require(session, Right.OPEN_CLEAR, "see clear pictures")
    given = serving.views.clear_pictures.give(signed_in, camera, site, sent.reason)
    return schemas.ClearViewGiven(
        grant=given.signed, name=given.grant.name, ends_at=given.grant.ends_at
    )


@router.post(
    "/cameras/{camera_id}/whep",
    status_code=201,
    response_class=Response,
    openapi_extra=text_body(SDP),
    responses={
        201: {
            "description": "The answer; the view is at `Location`",
            "content": {SDP: {"schema": {"type": "string"}}},
            "headers": {
                "Location": {"description": "Of the view", "schema": {"type": "string"}},
                "ETag": {"description": "Of its ICE session", "schema": {"type": "string"}},
                "Link": {
                    "description": 'STUN and TURN servers, `rel="ice-server"`',
                    "schema": {"type": "string"},
                },
            },
        },
        **problems(*REVIEWS, 413, 415, 503),
    },
)
async def open_view(
    camera: InScope,
    request: Request,
    signed_in: SignedWithToken,
    serving: Serving,
    grant: Annotated[str | None, Header(alias=GRANT, max_length=2048)] = None,
) -> Response:
    """H.264 for one viewer. The server ends it by closing the peer connection (DTLS close_notify):
    within 3 s when the camera is lost, within 5 s when the session ends."""
    offer = await read_text(request, SDP, MOST_OFFER)
    if grant is not None:
        require(signed_in.session, Right.OPEN_CLEAR, "see clear pictures")
    view, answer = await serving.views.open(signed_in, camera, offer, grant)
    made = Response(answer, 201, media_type=SDP)
    made.headers["Location"] = f"{request.url.path}/{view.id}"
    made.headers["ETag"] = view.etag
    made.headers["Accept-Patch"] = FRAGMENT
    for server in serving.settings.ice_servers:
        for url in server.urls:
            made.headers.append("Link", server.link(url))
    return made


@router.patch(
    "/cameras/{camera_id}/whep/{view_id}",
    status_code=204,
    response_class=Response,
    openapi_extra=text_body(FRAGMENT),
    responses=problems(*REVIEWS, 412, 413, 415),
)
async def trickle_to_view(
    view_id: str,
    camera: InScope,
    request: Request,
    signed_in: SignedWithToken,
    serving: Serving,
    if_match: Annotated[str | None, Header(max_length=256)] = None,
) -> Response:
    """More candidates of the viewer's. ICE is not restarted: open another view."""
    fragment = await read_text(request, FRAGMENT, MOST_OFFER)
    await serving.views.trickle(signed_in, camera, view_id, fragment, if_match)
    return Response(status_code=204)


@router.delete(
    "/cameras/{camera_id}/whep/{view_id}",
    status_code=204,
    response_class=Response,
    responses=problems(*REVIEWS),
)
async def close_view(
    view_id: str, camera: InScope, signed_in: SignedWithToken, serving: Serving
) -> Response:
    """By the session that opened it."""
    await serving.views.close(signed_in, camera, view_id)
    return Response(status_code=204)
