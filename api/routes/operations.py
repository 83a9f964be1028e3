"""Liveness, readiness, figures and the description: without a session."""

import hmac
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Request, Response

from api import schemas
from api.description import problems
from api.errors import TokenRefused
from api.metrics import CONTENT_TYPE
from api.services import Serving
from record.errors import RecordError
from record.places import EVERYTHING

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def read_health() -> schemas.Health:
    """The process answers."""
    return schemas.Health(status="ok")


@router.get("/readyz", responses={503: {"model": schemas.Readiness, "description": "Not ready"}})
def read_readiness(serving: Serving, response: Response) -> schemas.Readiness:
    """The record answers and the log is being followed."""
    try:
        with serving.store.read(EVERYTHING) as reading:
            reading.events.last()
        store = True
    except RecordError:
        store = False
    tailer = serving.streams.tailer
    tail = tailer is not None and tailer.alive
    ready = store and tail
    response.status_code = 200 if ready else 503
    return schemas.Readiness(
        status="ready" if ready else "not_ready",
        store=store,
        tail=tail,
        workers=len(serving.workers.workers()),
    )


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **problems(401),
    },
)
def read_metrics(
    serving: Serving,
    authorization: Annotated[str, Header(description="`Bearer` and the token")] = "",
) -> Response:
    """Figures for Prometheus; outside the demo with the token from the settings."""
    if not serving.settings.demo and not _bears(authorization, serving.settings.metrics_token):
        raise TokenRefused
    return Response(serving.metrics.page(), media_type=CONTENT_TYPE)


def _bears(authorization: str, token: str | None) -> bool:
    return token is not None and hmac.compare_digest(
        authorization.encode(), f"Bearer {token}".encode()
    )


def read_description(request: Request) -> Response:
    return Response(orjson.dumps(request.app.openapi()), media_type="application/json")
