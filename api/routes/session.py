"""Signing in and out, and who one is."""

from fastapi import APIRouter, Request, Response

from api import schemas
from api.description import SIGNED, problems
from api.names import sites_with_units
from api.services import Serving, Signed
from api.sessions import COOKIE

router = APIRouter(tags=["session"])


@router.post("/session", status_code=204, responses=problems(400, 401, 403, 413, 422, 429))
async def sign_in(credentials: schemas.Credentials, request: Request, serving: Serving) -> Response:
    """Sign in: the session comes as a cookie, for 12 hours."""
    address = request.client.host if request.client is not None else ""
    opened = await serving.sign_in.open(credentials.username, credentials.password, address)
    response = Response(status_code=204)
    response.set_cookie(
        COOKIE,
        opened.token,
        max_age=int(serving.settings.session_hours * 3600),
        path="/",
        httponly=True,
        samesite="strict",
        # The scheme is what the client spoke, also where a proxy of `trusted_proxies` ends TLS.
        secure=serving.settings.secure_cookie or request.url.scheme == "https",
    )
    return response


@router.delete("/session", status_code=204, responses=problems(401, 403))
def sign_out(session: Signed, serving: Serving) -> Response:
    """Sign out: the session ends for good, and its streams with it."""
    serving.sign_in.close(session)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


@router.get("/me", responses=problems(*SIGNED))
def read_me(session: Signed, serving: Serving) -> schemas.Me:
    """Who is signed in, what they may do, and which places they see."""
    with serving.store.read(session.user.scope) as reading:
        return schemas.Me.of(
            session.user,
            demo=serving.settings.demo,
            units=[schemas.Unit.of(unit) for unit in reading.units.list()],
            sites=sites_with_units(reading, reading.sites.list()),
        )
