"""Live views over WebRTC (WHEP): who has which open, and when they end.

The worker negotiates and sends; this side decides who may, and for how long. Each second it names
its views to the worker of each camera, which answers those that have ended; what it does not name
the worker closes. A view belongs to the session that opened it, and ends with it.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from anyio.to_thread import run_sync

from api.clear_pictures import ClearPictures, Given
from api.errors import (
    EtagMismatch,
    PictureUnavailable,
    TooManyViewers,
    WorkerRefused,
    WorkerUnavailable,
)
from api.session_watch import SessionWatch
from api.sessions import SignedIn
from api.worker_link import WorkerLink
from record.cameras import CameraReason, CameraState
from record.clock import Clock
from record.errors import Invalid, NotInScope, RecordError
from record.etags import named
from record.ids import CameraId, new_id
from record.messages import (
    AskLiveClose,
    AskLiveKeep,
    AskLiveOpen,
    AskLiveTrickle,
    LiveKept,
    LiveOpened,
)

OPEN_S = 7.0
"""More than a worker takes to gather its candidates where a STUN server is silent."""
EVERY_S = 1.0
LOST_AFTER = 4
"""Rounds in which the worker of a view does not answer, until it is given up: it has died, and its
viewers with it."""

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class OpenView:
    id: str
    camera: CameraId
    signed_in: SignedIn
    opened_at: datetime
    clear: Given | None = None
    unheard: int = 0
    end: "asyncio.Future[None] | None" = None
    """Done when its session ends."""
    watching: "asyncio.Task[None] | None" = None

    @property
    def etag(self) -> str:
        """One ICE session a view: it is never restarted."""
        return f'"{self.id}"'


@dataclass(frozen=True, slots=True)
class Limits:
    a_session: int = 16
    """As many as a wall shows live."""
    a_node: int = 128


@dataclass(slots=True)
class LiveViews:
    workers: WorkerLink
    sessions: SessionWatch
    clock: Clock
    clear_pictures: ClearPictures
    limits: Limits = field(default_factory=Limits)
    _views: dict[str, OpenView] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self._views)

    async def open(
        self, signed_in: SignedIn, camera: CameraId, offer: str, grant: str | None
    ) -> tuple[OpenView, str]:
        """The view and the worker's answer (SDP).

        Raises `TooManyViewers`, `NotAllowed` for a grant that is none, `Invalid` for an offer that
        is none, `PictureUnavailable` and `WorkerUnavailable`.
        """
        self._refuse_more(signed_in)
        given = None
        if grant is not None:
            given = self.clear_pictures.use(signed_in, camera, grant)
        name = new_id() if given is None else given.grant.view
        view = self._views[name] = OpenView(name, camera, signed_in, self.clock.now(), given)
        try:
            if given is not None:
                await run_sync(self.clear_pictures.opened, given)
            answer = await self._ask(view, offer)
        except BaseException:
            await self._ended(view, "refused")
            raise
        view.end = self.sessions.add(signed_in)
        view.watching = asyncio.create_task(self._until_session_ends(view, view.end))
        return view, answer

    async def trickle(
        self, signed_in: SignedIn, camera: CameraId, name: str, fragment: str, if_match: str | None
    ) -> None:
        """Raises `NotInScope`, `EtagMismatch`, `Invalid`."""
        view = self._own(signed_in, camera, name)
        if if_match is not None and not named(if_match, view.etag):
            raise EtagMismatch
        question = AskLiveTrickle(view=view.id, fragment=fragment)
        try:
            await self.workers.ask(question, camera=camera)
        except WorkerRefused as refused:
            if refused.reason == "no_such_view":
                raise NotInScope("view", name) from None
            raise Invalid("body", refused.detail) from None

    async def close(self, signed_in: SignedIn, camera: CameraId, name: str) -> None:
        """Raises `NotInScope` for a view of somebody else."""
        await self._close(self._own(signed_in, camera, name), "left")

    async def run(self) -> None:
        """Keep views alive, and notice those that have ended, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            by_camera: dict[CameraId, list[OpenView]] = {}
            for view in self._views.values():
                if view.end is not None:
                    by_camera.setdefault(view.camera, []).append(view)
            # At once: a worker that hangs must not let the views of the others run out.
            await asyncio.gather(*(self._keep(*one) for one in by_camera.items()))

    async def end_all(self) -> None:
        for view in list(self._views.values()):
            await self._close(view, "api_stopped")

    def _refuse_more(self, signed_in: SignedIn) -> None:
        mine = Counter(view.signed_in.token_hash for view in self._views.values())
        if mine[signed_in.token_hash] >= self.limits.a_session:
            raise TooManyViewers(self.limits.a_session)
        if len(self._views) >= self.limits.a_node:
            raise TooManyViewers(self.limits.a_node)

    async def _ask(self, view: OpenView, offer: str) -> str:
        signed = None if view.clear is None else view.clear.signed
        question = AskLiveOpen(camera=view.camera, view=view.id, offer=offer, grant=signed)
        try:
            reply, _ = await self.workers.ask(question, camera=view.camera, timeout_s=OPEN_S)
        except WorkerRefused as refused:
            raise _as_ours(refused, self.limits) from None
        if not isinstance(reply, LiveOpened):
            raise TypeError(f"{type(reply).__name__} is no answer to an offer")
        return reply.answer

    def _own(self, signed_in: SignedIn, camera: CameraId, name: str) -> OpenView:
        view = self._views.get(name)
        if view is None or view.camera != camera or view.end is None:
            raise NotInScope("view", name)
        if view.signed_in.token_hash != signed_in.token_hash:
            raise NotInScope("view", name)
        return view

    async def _keep(self, camera: CameraId, views: list[OpenView]) -> None:
        try:
            question = AskLiveKeep(views=tuple(view.id for view in views))
            reply, _ = await self.workers.ask(question, camera=camera)
        except (WorkerUnavailable, WorkerRefused):
            for view in views:
                view.unheard += 1
                if view.unheard >= LOST_AFTER:
                    await self._ended(view, "worker_lost")
            return
        for view in views:
            view.unheard = 0
            if isinstance(reply, LiveKept) and (reason := reply.ended.get(view.id)):
                await self._ended(view, reason)

    async def _until_session_ends(self, view: OpenView, end: "asyncio.Future[None]") -> None:
        await end
        await self._close(view, "session_ended")

    async def _close(self, view: OpenView, reason: str) -> None:
        try:
            await self.workers.ask(AskLiveClose(view=view.id, reason=reason), camera=view.camera)
        except (WorkerUnavailable, WorkerRefused):
            log.warning("a view could not be closed; its worker ends it itself", reason=reason)
        await self._ended(view, reason)

    async def _ended(self, view: OpenView, reason: str) -> None:
        """Once: forget it, and record the end of a clear picture."""
        if self._views.pop(view.id, None) is None:
            return
        if view.end is not None:
            self.sessions.remove(view.signed_in, view.end)
        watching = view.watching
        if watching is not None and watching is not asyncio.current_task():
            watching.cancel()
        if view.clear is not None:
            try:
                now = self.clock.now()
                await run_sync(self.clear_pictures.closed, view.clear, reason, now)
            except RecordError as error:
                log.error("the end of a clear view is not recorded", error=str(error))


def _as_ours(refused: WorkerRefused, limits: Limits) -> Exception:
    match refused.reason:
        case "no_picture" | "no_such_camera":
            return PictureUnavailable(CameraState.OFFLINE, None, None)
        case "too_many_views":
            return TooManyViewers(limits.a_node)
        case "malformed" | "no_common_codec":
            return Invalid("body", refused.detail)
        case "busy" | "failed":
            return WorkerUnavailable(CameraReason.STALLED)
        case _:
            return refused
