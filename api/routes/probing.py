"""Looking at a camera before it is added, and calling for those that are there. The API dials
nothing: it asks a worker."""

from fastapi import APIRouter

from api import schemas
from api.description import WRITES, problems
from api.routes.cameras import parsed_address
from api.services import Serving, Signed, require
from record.ids import CameraId
from record.messages import (
    DISCOVER_S,
    PROBE_S,
    AskDiscover,
    AskProbe,
    DiscoverDone,
    ProbeDone,
)
from record.people import Right

router = APIRouter(tags=["cameras"])

GRACE_S = 2.0
"""On top of the worker's own deadline, for what lies in between."""


@router.post("/cameras/probe", responses=problems(*WRITES, 429))
async def probe_camera(
    sent: schemas.CameraToProbe, session: Signed, serving: Serving
) -> schemas.CameraProbe:
    """Takes up to 20 s. Answers 200 also for a camera that cannot be reached: the verdict says so.
    One at a time for each person."""
    if sent.camera is not None:
        with serving.store.read(session.user.scope) as reading:
            reading.cameras.get(CameraId(sent.camera))
    require(session, Right.INSTALL, "probe cameras")
    sent.check()
    if sent.url is not None:
        parsed_address(sent.url, "url")
    if sent.sub_url:
        parsed_address(sent.sub_url, "sub_url")
    ask = AskProbe(
        camera=sent.camera,
        url=sent.url or "",
        sub_url=sent.sub_url,
        transport=sent.transport,
        person_height=sent.person_height,
    )
    with serving.probes.held(session.user.id):
        reply, jpeg = await serving.workers.ask(
            ask, camera=sent.camera, timeout_s=PROBE_S + GRACE_S
        )
    if not isinstance(reply, ProbeDone):
        raise TypeError(f"{type(reply).__name__} is no answer to a probe")
    return schemas.CameraProbe.of(reply.report, jpeg)


@router.post("/cameras/discover", responses=problems(*WRITES, 429))
async def discover_cameras(
    sent: schemas.CallForCameras, session: Signed, serving: Serving
) -> schemas.FoundCameras:
    """Calls into the node's network (WS-Discovery) and waits four seconds for answers. What is
    said of each is by its own account."""
    require(session, Right.INSTALL, "look for cameras")
    with serving.probes.held(session.user.id):
        reply, _ = await serving.workers.ask(
            AskDiscover(interface=sent.interface), timeout_s=DISCOVER_S + GRACE_S
        )
    if not isinstance(reply, DiscoverDone):
        raise TypeError(f"{type(reply).__name__} is no answer to a call")
    return schemas.FoundCameras(items=list(reply.devices))
