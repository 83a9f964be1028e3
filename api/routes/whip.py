"""WebRTC in: a camera that publishes to us, by WHIP (RFC 9725).

Who publishes is known by the camera's bearer token and by nothing else; there is no session, and
no cookie is looked at. An answer holds what the worker answered.
"""

from typing import Annotated, Any, NoReturn

from fastapi import APIRouter, Depends, Header, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from api import schemas
from api.description import problems
from api.errors import (
    BodyTooLarge,
    EtagMismatch,
    EtagMissing,
    PublisherAlive,
    WorkerRefused,
    WorkerUnavailable,
)
from api.paths import whip_path
from api.services import Serving
from record.cameras import CameraReason
from record.errors import Invalid, NotInScope
from record.messages import (
    Ask,
    EndPublish,
    OfferPublish,
    PatchPublish,
    PublishAnswered,
    PublishPatched,
    Reply,
)
from record.messages.publishing import MOST_SDP
from record.publishing import PublishToken

router = APIRouter(tags=["publishing"])

SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
ASK_S = 8.0
"""Longer than a worker takes to gather its candidates."""

_OFFER: dict[str, Any] = {
    "requestBody": {"required": True, "content": {SDP: {"schema": {"type": "string"}}}},
}
_PATCH: dict[str, Any] = {
    "requestBody": {"required": True, "content": {FRAGMENT: {"schema": {"type": "string"}}}},
}


def _text(name: str, about: str) -> dict[str, Any]:
    return {name: {"description": about, "schema": {"type": "string"}}}


_BEARER = HTTPBearer(
    scheme_name="PublishToken", auto_error=False, description="Of the camera; see `publish-token`"
)


def _publisher(
    camera_id: str,
    serving: Serving,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None,
) -> PublishToken:
    return serving.publishing.publisher(camera_id, None if given is None else given.credentials)


Publisher = Annotated[PublishToken, Depends(_publisher)]


@router.post(
    "/cameras/{camera_id}/whip",
    status_code=201,
    response_class=Response,
    openapi_extra=_OFFER,
    responses={
        201: {
            "description": "The answer; the publication is at `Location`",
            "content": {SDP: {"schema": {"type": "string"}}},
            "headers": {
                **_text("Location", "For PATCH and DELETE"),
                **_text("ETag", "Of the ICE session, for `If-Match`"),
                **_text("Link", 'STUN and TURN servers, `rel="ice-server"`'),
            },
        },
        **problems(401, 406, 409, 413, 415, 422, 429),
    },
)
async def publish_picture(request: Request, publisher: Publisher, serving: Serving) -> Response:
    """One video, H.264 or VP8, under the camera's token. Sound is not taken in."""
    _check_type(request, SDP)
    _check_accept(request)
    serving.publishing.count_offer(publisher.camera)
    offer = await _body(request)
    answered = await _ask(
        serving,
        OfferPublish(camera=publisher.camera, token=publisher.id, offer=offer),
        publisher,
    )
    if not isinstance(answered, PublishAnswered):
        raise TypeError(f"{type(answered).__name__} is no answer to an offer")
    made = Response(
        answered.answer,
        201,
        {
            "Location": f"{whip_path(publisher.camera)}/{answered.session}",
            "ETag": answered.etag,
            "Accept-Patch": FRAGMENT,
        },
        SDP,
    )
    for server in serving.settings.ice_servers:
        for url in server.urls:
            made.headers.append("Link", server.link(url))
    return made


@router.patch(
    "/cameras/{camera_id}/whip/{publication_id}",
    status_code=204,
    response_class=Response,
    openapi_extra=_PATCH,
    responses={
        200: {
            "description": "ICE was restarted: our new side",
            "content": {FRAGMENT: {"schema": {"type": "string"}}},
            "headers": _text("ETag", "Of the new ICE session"),
        },
        204: {"description": "The candidates were taken"},
        **problems(401, 404, 412, 413, 415, 422, 428),
    },
)
async def patch_publication(
    publication_id: str,
    request: Request,
    publisher: Publisher,
    serving: Serving,
    if_match: Annotated[str | None, Header(max_length=256)] = None,
) -> Response:
    """More candidates, or an ICE restart (`If-Match: *`) with a new user fragment and password."""
    _check_type(request, FRAGMENT)
    asked = PatchPublish(
        camera=publisher.camera,
        session=publication_id[:64],
        if_match=if_match,
        fragment=await _body(request),
    )
    patched = await _ask(serving, asked, publisher)
    if not isinstance(patched, PublishPatched):
        raise TypeError(f"{type(patched).__name__} is no answer to a fragment")
    if patched.answer is None or patched.etag is None:
        return Response(status_code=204)
    return Response(patched.answer, 200, {"ETag": patched.etag}, FRAGMENT)


@router.delete(
    "/cameras/{camera_id}/whip/{publication_id}",
    status_code=204,
    responses=problems(401, 404),
)
async def end_publication(publication_id: str, publisher: Publisher, serving: Serving) -> Response:
    """Its entity-tag is not looked at (RFC 9725 §4.3.1)."""
    await _ask(serving, EndPublish(camera=publisher.camera, session=publication_id[:64]), publisher)
    return Response(status_code=204)


@router.get("/cameras/{camera_id}/whip", status_code=204, responses=problems(401))
def read_whip(_publisher: Publisher) -> Response:
    """There is nothing to be read, and that is no error (RFC 9725 §4.1)."""
    return Response(status_code=204)


@router.get("/cameras/{camera_id}/whip/{publication_id}", status_code=204, responses=problems(401))
def read_publication(publication_id: str, _publisher: Publisher) -> Response:  # noqa: ARG001
    """There is nothing to be read, and that is no error (RFC 9725 §4.1)."""
    return Response(status_code=204)


@router.get("/cameras/{camera_id}/publisher-ice-servers", responses=problems(401))
def list_publisher_ice_servers(_publisher: Publisher, serving: Serving) -> schemas.IceServers:
    """As `/ice-servers`, for who has the camera's token and no session."""
    return schemas.IceServers.of(serving.settings.ice_servers)


@router.options("/cameras/{camera_id}/whip", include_in_schema=False)
def tell_what_is_taken() -> Response:
    """No page of another origin is let in: no CORS header is among these."""
    return Response(headers={"Accept-Post": SDP, "Allow": "GET, OPTIONS, POST"})


@router.options("/cameras/{camera_id}/whip/{publication_id}", include_in_schema=False)
def tell_what_is_patched() -> Response:
    return Response(headers={"Accept-Patch": FRAGMENT, "Allow": "DELETE, GET, OPTIONS, PATCH"})


def _check_type(request: Request, wanted: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        accepted = "Accept-Post" if wanted == SDP else "Accept-Patch"
        raise HTTPException(415, headers={accepted: wanted})


def _check_accept(request: Request) -> None:
    ranges = [one.partition(";") for one in request.headers.get("accept", "*/*").split(",")]
    wanted = {one.strip().lower() for one, _, rest in ranges if "q=0" not in rest.split(";")}
    if not wanted & {SDP, "application/*", "*/*", ""}:
        raise HTTPException(406)


async def _body(request: Request) -> str:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_SDP:
            raise BodyTooLarge(MOST_SDP)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Invalid("body", "is not UTF-8") from None
    # Also because what crosses to the worker as JSON must not grow sixfold on the way.
    if any(ord(letter) < 32 and letter not in "\r\n" for letter in text):
        raise Invalid("body", "holds a control character")
    return text


async def _ask(serving: Serving, question: Ask, publisher: PublishToken) -> Reply:
    try:
        reply, _ = await serving.workers.ask(question, camera=publisher.camera, timeout_s=ASK_S)
    except WorkerRefused as refused:
        _refuse(refused)
    return reply


def _refuse(refused: WorkerRefused) -> NoReturn:
    match refused.reason:
        case "publisher_alive":
            raise PublisherAlive from None
        case "no_such_session":
            raise NotInScope("publication", "") from None
        case "etag_missing":
            raise EtagMissing from None
        case "etag_mismatch":
            raise EtagMismatch from None
        case "sdp":
            raise Invalid(refused.field or "body", refused.detail) from None
        case _:
            raise WorkerUnavailable(CameraReason.STALLED) from None
