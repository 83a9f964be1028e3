"""Live views of a worker's cameras: who watches what, and the source behind each.

All who watch a camera share one source: it begins with the first of them and ends with the last.
A clear picture has a source of its own, since one person's name stands over it. What runs WebRTC
is made when somebody looks at any picture of a camera, so that a view opens at once afterwards, or
when the first view is opened: a worker that nobody looks at does not pay for it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from ingest.live_encoder import EncodedPicture
from ingest.rtc import LoopEnded, OfferRefused
from record.cameras import CameraState, CameraStatus
from record.clock import Clock
from record.grants import ClearGrant, GrantKey, GrantRefused
from record.ids import CameraId
from record.messages import (
    Ask,
    AskLiveClose,
    AskLiveKeep,
    AskLiveOpen,
    AskLiveTrickle,
    LiveClosed,
    LiveKept,
    LiveOpened,
    LiveTrickled,
)
from wardwatch.worker_answers import Answer, Answerer, CannotAnswer
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_clear import Clear
from wardwatch.worker_parts import WorkerHost, WorkerPart
from wardwatch.worker_veil import Veiled
from wardwatch.worker_view import ViewSource

MOST_VIEWS = 128
"""Of one worker: at 11 ms of CPU a second each they take more than a core."""
KEPT_S = 5.0
"""A view that the API has not named for so long ends: nobody watches over its session any more."""
REMEMBERED = 1024
"""Ended views whose reason can still be told."""
GONE = frozenset({CameraState.OFFLINE, CameraState.DISABLED})

_log = structlog.get_logger()


class ViewServer(Protocol):
    """`ingest.live_server.LiveServer`, as far as it is needed here."""

    def open(
        self, view: str, feed: str, offer: str, *, kept_s: float, ends_in_s: float | None
    ) -> str: ...
    def trickle(self, view: str, fragment: str) -> int: ...
    def keep(self, views: frozenset[str], for_s: float) -> None: ...
    def end(self, view: str, reason: str) -> None: ...
    def end_feed(self, feed: str, reason: str) -> None: ...
    def publish(self, feed: str, picture: EncodedPicture) -> None: ...
    def stop(self) -> None: ...


NewServer = Callable[[Callable[[str], None], Callable[[str, str], None]], ViewServer]
"""Makes the server from what is to be called for keyframes and for ended views."""


class LiveViews(WorkerPart):
    def __init__(self, new_server: NewServer, grants: GrantKey, clock: Clock) -> None:
        self._new_server = new_server
        self._grants = grants
        self._clock = clock
        self._lock = threading.RLock()
        self._making = threading.Lock()
        self._server: ViewServer | None = None
        self._made = False
        self._host: WorkerHost | None = None
        self._feed_of: dict[str, str] = {}
        self._sources: dict[str, ViewSource] = {}
        self._by_camera: Mapping[CameraId, tuple[ViewSource, ...]] = {}
        self._ended: OrderedDict[str, str] = OrderedDict()

    def quick(self) -> Mapping[type[Ask], Answerer]:
        return {AskLiveKeep: self._keep, AskLiveClose: self._close}

    def slow(self) -> Mapping[type[Ask], Answerer]:
        return {AskLiveOpen: self._open, AskLiveTrickle: self._trickle}

    @property
    def sources(self) -> Mapping[str, ViewSource]:
        """What is encoded at this moment, by feed."""
        return dict(self._sources)

    # Told by the worker

    def start(self, host: WorkerHost) -> None:
        self._host = host

    def on_cameras(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        for feed, source in self.sources.items():
            known = cameras.get(source.camera.settings.camera.id)
            if known is not source.camera or not known.settings.camera.enabled:
                self._end_feed(feed, "camera_removed")

    def on_frame(self, camera: WatchedCamera) -> None:
        if not self._made and camera.watched:
            self._made = True
            threading.Thread(target=self._made_server, name="live-server", daemon=True).start()
        for source in self._by_camera.get(camera.settings.camera.id, ()):
            source.wake()

    def on_status(self, status: CameraStatus) -> None:
        if status.state in GONE:
            for feed, source in self.sources.items():
                if source.camera.settings.camera.id == status.camera:
                    self._end_feed(feed, "camera_lost")

    def stop(self) -> None:
        with self._lock:
            sources, server = list(self._sources.values()), self._server
        for source in sources:
            source.tell_to_stop()
        if server is not None:
            server.stop()
        for source in sources:
            source.join(0.1)

    # Asked by the API

    def _open(self, asked: AskLiveOpen) -> Answer:
        camera = self._camera(asked.camera)
        grant = self._granted(asked, camera)
        if camera.live_frame is None:
            raise CannotAnswer("no_picture", "no picture of this camera is younger than 5 s")
        feed = asked.view if grant is not None else asked.camera
        server = self._made_server()
        self._join(asked.view, feed, camera, grant)
        opened = False
        try:
            answer = self._negotiate(server, asked, feed, grant)
            opened = True
        finally:
            if not opened:
                server.end(asked.view, "refused")
                self._leave(asked.view, "refused")
        return LiveOpened(view=asked.view, answer=answer), b""

    def _negotiate(
        self, server: ViewServer, asked: AskLiveOpen, feed: str, grant: ClearGrant | None
    ) -> str:
        ends_in_s = None
        if grant is not None:
            ends_in_s = (grant.ends_at - self._clock.now()).total_seconds()
        try:
            answer = server.open(asked.view, feed, asked.offer, kept_s=KEPT_S, ends_in_s=ends_in_s)
        except OfferRefused as error:
            raise CannotAnswer(error.reason, str(error), "offer") from None
        except (TimeoutError, LoopEnded):
            raise CannotAnswer("busy", "the view could not be opened in time") from None
        source = self._sources.get(feed)
        if source is None or source.over:
            raise CannotAnswer("no_picture", "the camera was lost meanwhile")
        return answer

    def _trickle(self, asked: AskLiveTrickle) -> Answer:
        if self._server is None or asked.view not in self._feed_of:
            raise CannotAnswer("no_such_view", "the view has ended")
        try:
            return LiveTrickled(taken=self._server.trickle(asked.view, asked.fragment)), b""
        except OfferRefused as error:
            raise CannotAnswer(error.reason, str(error), "fragment") from None
        except (TimeoutError, LoopEnded, LookupError):
            raise CannotAnswer("no_such_view", "the view has ended") from None

    def _close(self, asked: AskLiveClose) -> Answer:
        if self._server is not None:
            self._server.end(asked.view, asked.reason)
        return LiveClosed(), b""

    def _keep(self, asked: AskLiveKeep) -> Answer:
        with self._lock:
            ended = {
                view: self._ended.get(view, "unknown")
                for view in asked.views
                if view not in self._feed_of
            }
        if self._server is not None:
            self._server.keep(frozenset(asked.views), KEPT_S)
        return LiveKept(ended=ended), b""

    def _camera(self, name: str) -> WatchedCamera:
        camera = None if self._host is None else self._host.cameras.get(CameraId(name))
        if camera is None:
            raise CannotAnswer("no_such_camera", "this camera is not read here")
        return camera

    def _granted(self, asked: AskLiveOpen, camera: WatchedCamera) -> ClearGrant | None:
        if asked.grant is None:
            return None
        name = camera.settings.camera.id
        try:
            return self._grants.check(
                asked.grant, view=asked.view, camera=name, at=self._clock.now()
            )
        except GrantRefused as refused:
            _log.warning("clear view refused", camera=name, reason=refused.reason)
            raise CannotAnswer(
                f"grant_{refused.reason}", "the grant does not open this", "grant"
            ) from None

    # Who watches what

    def _made_server(self) -> ViewServer:
        with self._making:
            if self._server is None:
                self._server = self._new_server(self._on_keyframe, self._leave)
            return self._server

    def _join(self, view: str, feed: str, camera: WatchedCamera, grant: ClearGrant | None) -> None:
        with self._lock:
            if view in self._feed_of or view in self._ended:
                raise CannotAnswer("view_used", "a view is opened once")
            if len(self._feed_of) >= MOST_VIEWS:
                raise CannotAnswer("too_many_views", f"{MOST_VIEWS} views are open here")
            self._feed_of[view] = feed
            source = self._sources.get(feed)
            if source is None or source.over:
                drawing = Veiled() if grant is None else Clear(grant.name, grant.zone)
                self._begin(feed, camera, drawing)

    def _begin(self, feed: str, camera: WatchedCamera, drawing: Veiled | Clear) -> None:
        source = ViewSource(
            camera,
            drawing,
            self._clock,
            lambda picture: self._publish(feed, picture),
            lambda reason: self._end_feed(feed, reason),
        )
        source.start()
        self._sources[feed] = source
        self._sort_by_camera()
        if self._host is not None:
            self._host.wake()
        _log.info("view source begins", camera=camera.settings.camera.id, feed=feed)

    def _publish(self, feed: str, picture: EncodedPicture) -> None:
        if self._server is not None:
            self._server.publish(feed, picture)

    def _end_feed(self, feed: str, reason: str) -> None:
        if self._server is not None:
            self._server.end_feed(feed, reason)

    def _on_keyframe(self, feed: str) -> None:
        source = self._sources.get(feed)
        if source is not None:
            source.want_idr()

    def _leave(self, view: str, reason: str) -> None:
        """A view has ended; the last one of a feed takes its source with it. Never waits."""
        with self._lock:
            feed = self._feed_of.pop(view, None)
            if feed is None:
                return
            self._ended[view] = reason
            if len(self._ended) > REMEMBERED:
                self._ended.popitem(last=False)
            if feed not in self._feed_of.values() and (source := self._sources.pop(feed, None)):
                source.tell_to_stop()
                self._sort_by_camera()
                _log.info("view source ends", feed=feed, reason=reason, encoded=source.encoded)

    def _sort_by_camera(self) -> None:
        sources = list(self._sources.values())
        names = {source.camera.settings.camera.id for source in sources}
        self._by_camera = {
            name: tuple(s for s in sources if s.camera.settings.camera.id == name) for name in names
        }
