"""The application, put together on one page."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from datetime import timedelta
from functools import partial
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from api import problems
from api.built_ui import BuiltUi, Pages, read_assets
from api.clear_pictures import ClearPictures
from api.description import TAGS, TITLE, describe
from api.hardening import BodyLimit, SecurityHeaders
from api.live import LiveViewers
from api.live_views import Limits, LiveViews
from api.metrics import Measured, Metrics, PartsCollector
from api.one_each import OneEach
from api.paths import V1
from api.publishing import PublishDesk
from api.routes import (
    breaches,
    cameras,
    events,
    evidence,
    live,
    operations,
    orders,
    pictures,
    places,
    probing,
    publishing,
    session,
    wall,
    watching,
    whip,
)
from api.services import Services, refuse_stray_body, refuse_unknown_query
from api.session_watch import SessionWatch
from api.sessions import OriginCheck, SessionGate
from api.settings import ApiSettings
from api.sign_in import SignIn
from api.streams import Streams
from api.worker_link import WorkerLink
from record.clock import Clock
from record.store import Store

REQUESTS_AT_ONCE = 10
"""On threads. With three catching up and two signing in they share the store's 15 connections."""


def create_app(settings: ApiSettings, store: Store, clock: Clock, workers: WorkerLink) -> FastAPI:
    """Everything over HTTP; starts nothing before its lifespan begins."""
    sign_in = SignIn(store, clock, timedelta(hours=settings.session_hours))
    sessions = SessionWatch(clock, sign_in.find)
    streams = Streams(settings, store, clock, workers, sessions)
    viewers = LiveViewers(settings.live_viewers)
    metrics = Metrics()
    metrics.watch(PartsCollector(streams, workers, viewers))

    app = bare_app(
        middleware=[  # outermost first
            Middleware(Measured, metrics=metrics),
            Middleware(SecurityHeaders),
            Middleware(BodyLimit),
            Middleware(OriginCheck),
            Middleware(SessionGate, find=sign_in.find),
        ],
        lifespan=_lifespan,
    )
    app.state.services = Services(
        settings=settings,
        store=store,
        clock=clock,
        workers=workers,
        sign_in=sign_in,
        publishing=PublishDesk(store, clock),
        streams=streams,
        viewers=viewers,
        views=LiveViews(
            workers,
            sessions,
            clock,
            ClearPictures(store, clock, settings.grants),
            Limits(settings.views_a_session, settings.views_a_node),
        ),
        metrics=metrics,
        probes=OneEach(),
    )
    if settings.ui_dir is not None:
        ui = BuiltUi(read_assets(settings.ui_dir))
        app.router.routes.append(Pages(ui, app.router.routes))
    return app


def bare_app(**parts: Any) -> FastAPI:
    """All routes and their description, with nothing behind them."""
    app = FastAPI(
        title=TITLE,
        version="1",
        openapi_tags=TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        **parts,
    )
    resources = (
        session,
        events,
        wall,
        breaches,
        evidence,
        places,
        orders,
        cameras,
        publishing,
        pictures,
        live,
        probing,
        watching,
    )
    v1 = APIRouter(
        prefix=V1, dependencies=[Depends(refuse_unknown_query), Depends(refuse_stray_body)]
    )
    for resource in resources:
        v1.include_router(resource.router)
    app.include_router(v1)
    # Its bodies are no JSON.
    app.include_router(whip.router, prefix=V1, dependencies=[Depends(refuse_unknown_query)])
    app.include_router(operations.router)
    problems.install(app)
    for address in ("/openapi.json", f"{V1}/openapi.json"):
        app.add_api_route(address, operations.read_description, include_in_schema=False)
    app.openapi = partial(_described, app)  # type: ignore[method-assign]
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """Made when somebody asks first: it takes a quarter of a second."""
    if app.openapi_schema is None:
        app.openapi_schema = describe(app)
    return app.openapi_schema


def _operation_id(route: APIRoute) -> str:
    """`list_breaches` is `listBreaches` to the generated client."""
    first, *others = route.name.split("_")
    return first + "".join(word.capitalize() for word in others)


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
    services: Services = app.state.services
    current_default_thread_limiter().total_tokens = REQUESTS_AT_ONCE
    await services.streams.start()
    keeping = asyncio.create_task(services.views.run())
    try:
        yield
    finally:
        keeping.cancel()
        await services.views.end_all()
        await services.streams.stop()


def end_streams(app: FastAPI) -> None:
    """End all streams at once, so that a server that waits for its requests can stop."""
    services: Services = app.state.services
    services.streams.end()
