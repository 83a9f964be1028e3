"""Who may publish into a camera: its token, and pairing codes that a phone trades for one."""

from fastapi import APIRouter, Request, Response

from api import schemas
from api.description import READS, WRITES, problems
from api.paths import whip_path
from api.services import Serving, Signed, require
from record.ids import CameraId, UserId
from record.people import Right
from record.places import EVERYTHING
from record.publishing import new_pairing_code, new_publish_token, secret_hash

router = APIRouter(tags=["publishing"])


@router.get("/cameras/{camera_id}/publish-token", responses=problems(*READS, 403))
def read_publish_token(camera_id: str, session: Signed, serving: Serving) -> schemas.PublishToken:
    """Whether there is one; the token itself nobody can be told."""
    with serving.store.read(session.user.scope) as reading:
        token = reading.publishing.token(CameraId(camera_id))
        require(session, Right.INSTALL, "see who may publish")
    name = None if token is None or token.by is None else _name(token.by, serving)
    return schemas.PublishToken.of(token, name)


@router.post("/cameras/{camera_id}/publish-token", status_code=201, responses=problems(*WRITES))
def make_publish_token(
    camera_id: str, session: Signed, serving: Serving
) -> schemas.PublishTokenMade:
    """The first, or another: the last one is worth nothing then, and who published with it ends."""
    token = new_publish_token()
    with serving.store.write(session.user.scope, session.user.id) as writing:
        camera = writing.cameras.get(CameraId(camera_id))
        require(session, Right.INSTALL, "let somebody publish")
        writing.publishing.set_token(camera.id, secret_hash(token))
    return schemas.PublishTokenMade(token=token, path=whip_path(camera.id))


@router.delete("/cameras/{camera_id}/publish-token", status_code=204, responses=problems(*WRITES))
def revoke_publish_token(camera_id: str, session: Signed, serving: Serving) -> Response:
    """Nobody may publish any more; who does ends, and an open pairing code is void."""
    with serving.store.write(session.user.scope, session.user.id) as writing:
        camera = writing.cameras.get(CameraId(camera_id))
        require(session, Right.INSTALL, "end a publication")
        writing.publishing.revoke(camera.id)
    return Response(status_code=204)


@router.post("/cameras/{camera_id}/pairings", status_code=201, responses=problems(*WRITES))
def pair_camera(camera_id: str, session: Signed, serving: Serving) -> schemas.PairingMade:
    """A code for five minutes and one use, to be shown as a QR code. A new one voids the last."""
    code = new_pairing_code()
    with serving.store.write(session.user.scope, session.user.id) as writing:
        camera = writing.cameras.get(CameraId(camera_id))
        require(session, Right.INSTALL, "pair a phone")
        pairing = writing.publishing.pair(camera.id, secret_hash(code))
    return schemas.PairingMade(code=code, path=f"/publish#{code}", expires_at=pairing.expires_at)


@router.post("/pairings/redeem", responses=problems(400, 403, 413, 422, 429))
def redeem_pairing(sent: schemas.PairingCode, request: Request, serving: Serving) -> schemas.Paired:
    """Trade a pairing code for the camera's token, once. Needs no session: the code is all."""
    address = request.client.host if request.client is not None else ""
    token, camera = serving.publishing.redeem(sent.code, address)
    with serving.store.read(EVERYTHING) as reading:
        site = reading.sites.get(camera.site)
    return schemas.Paired(
        token=token,
        path=whip_path(camera.id),
        camera=camera.id,
        camera_name=camera.name,
        site_name=site.name,
        ice_servers=schemas.IceServers.of(serving.settings.ice_servers).ice_servers,
    )


def _name(user: UserId, serving: Serving) -> str | None:
    """Of a colleague who may have a wider scope than the reader: a name, and nothing else."""
    with serving.store.read(EVERYTHING) as reading:
        return next((one.name for one in reading.users.list() if one.id == user), None)
