"""Cameras that publish to us (WHIP, RFC 9725): who publishes at the moment, and reading them.

A camera has one publisher. Another is refused while the first one's pictures come, and takes its
place once none has come for two seconds: a phone that comes back after a lost connection is not
kept out by what is left of it. Nothing here imports aiortc: `make` does, with the first offer.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from ingest.deadline import current_guard
from ingest.rtc import LoopEnded, RtcLoop
from ingest.streams import Opener, Stream, StreamFailed, StreamOptions
from ingest.whip_sdp import Fragment, Offer, SdpRefused, parse_fragment, parse_offer
from record.cameras import WHIP, CameraReason, CameraUrl
from record.clock import Clock
from record.ids import CameraId, TokenId

if TYPE_CHECKING:
    from ingest.whip_session import Publication
    from ingest.whip_stream import WhipStream

ANSWER_S = 6.0
"""Gathering asks servers for three at most."""
STOP_S = 1.0
WAIT_S = 0.1

_log = structlog.get_logger()
Result = TypeVar("Result")


class PublishRefused(Exception):
    """`reason`: `publisher_alive`, `no_such_session`, `etag_missing`, `etag_mismatch`, `sdp`
    (then with `field`), `unavailable`."""

    def __init__(self, reason: str, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.field = field


@dataclass(frozen=True, slots=True)
class Published:
    session: str
    etag: str
    answer: str


@dataclass(frozen=True, slots=True)
class Patched:
    """`etag` and `answer` None: candidates were taken, nothing else changed."""

    etag: str | None = None
    answer: str | None = None


Make = Callable[[CameraId, TokenId, Offer], "Publication"]


class Publishers:
    """Any thread."""

    def __init__(self, loop: RtcLoop, make: Make, clock: Clock) -> None:
        self._loop = loop
        self._make = make
        self._clock = clock
        self._of: dict[CameraId, Publication] = {}
        self._changed = threading.Condition()
        self._ending: set[asyncio.Task[None]] = set()

    def offer(self, camera: CameraId, token: TokenId, sdp: str) -> Published:
        """Raises `PublishRefused`."""
        try:
            offer = parse_offer(sdp)
        except SdpRefused as refused:
            raise PublishRefused("sdp", refused.reason, refused.field) from None
        self._loop.start()
        return self._run(self._offer(camera, token, offer))

    def patch(self, camera: CameraId, session: str, if_match: str | None, fragment: str) -> Patched:
        """Raises `PublishRefused`."""
        publication = self._session(camera, session)
        if if_match is None:
            raise PublishRefused("etag_missing", "say with If-Match which ICE session is meant")
        try:
            parsed = parse_fragment(fragment)
        except SdpRefused as refused:
            raise PublishRefused("sdp", refused.reason, refused.field) from None
        return self._run(_patch(publication, parsed, if_match))

    def end(self, camera: CameraId, session: str | None, why: str) -> None:
        """`session` None: whichever there is. Raises `PublishRefused` for a session that is not
        there."""
        if session is not None:
            self._session(camera, session)
        publication = self._of.get(camera)
        if publication is not None:
            self._run(self._end(publication, why))

    def keep_only(self, allowed: Callable[[CameraId, TokenId], bool], why: str) -> None:
        """End, soon, all whose camera or token is not allowed any more."""
        for camera, publication in list(self._of.items()):
            if not allowed(camera, publication.token):
                self._loop.call(self._end_soon, publication, why)

    def current(self, camera: CameraId) -> "Publication | None":
        """Who publishes, or is about to."""
        publication = self._of.get(camera)
        return None if publication is None or publication.ended else publication

    def wait(self, timeout_s: float) -> None:
        """Until somebody comes, at most so long."""
        with self._changed:
            self._changed.wait(timeout_s)

    def stop(self) -> None:
        """Within a second; the loop is its owner's to stop."""
        everybody = list(self._of.values())
        if everybody and self._loop.running:
            try:
                self._loop.run(self._end_all(everybody), STOP_S)
            except (TimeoutError, LoopEnded):
                _log.warning("publications are still ending", count=len(everybody))

    def _session(self, camera: CameraId, session: str) -> "Publication":
        publication = self._of.get(camera)
        if publication is None or publication.id != session or publication.ended:
            raise PublishRefused("no_such_session", "this publication has ended, or never was")
        return publication

    def _run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        try:
            return self._loop.run(coroutine, ANSWER_S)
        except TimeoutError:
            raise PublishRefused("unavailable", f"no answer within {ANSWER_S:g} s") from None
        except (LoopEnded, ConnectionError):
            raise PublishRefused("unavailable", "the worker is stopping") from None

    # On the loop

    async def _offer(self, camera: CameraId, token: TokenId, offer: Offer) -> Published:
        before = self._of.get(camera)
        if before is not None and before.alive:
            raise PublishRefused("publisher_alive", "this camera's picture is being published")
        # Taken before the first wait, so that there are never two.
        publication = self._of[camera] = self._make(camera, token, offer)
        if before is not None:
            self._end_soon(before, "another publisher has taken its place")
        try:
            answer = await publication.begin()
        except BaseException:
            self._end_soon(publication, "its offer could not be answered")
            raise
        with self._changed:
            self._changed.notify_all()
        return Published(publication.id, publication.etag, answer)

    async def _end(self, publication: "Publication", why: str) -> None:
        await publication.end(why)
        if self._of.get(publication.camera) is publication:
            del self._of[publication.camera]

    async def _end_all(self, publications: "list[Publication]") -> None:
        await asyncio.gather(*(self._end(one, "the worker is stopping") for one in publications))

    def _end_soon(self, publication: "Publication", why: str) -> None:
        task = asyncio.ensure_future(self._end(publication, why))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _patch(publication: "Publication", fragment: Fragment, if_match: str) -> Patched:
    if not publication.matches(if_match):
        raise PublishRefused("etag_mismatch", "that ICE session does not stand any more")
    answer = await publication.patch(fragment)
    return Patched() if answer is None else Patched(publication.etag, answer)


Read = Callable[[CameraId, "Publication", StreamOptions], "WhipStream"]


class WhipOpener:
    """Waits for a camera's publisher where the address is `whip:`; hands on everything else.

    That nobody publishes is said once, and then waited out, so that a publisher who comes is seen
    at once and not after a back-off.
    """

    def __init__(self, inner: Opener, publishers: Publishers, read: Read) -> None:
        self._inner = inner
        self._publishers = publishers
        self._read = read
        self._said: set[CameraId] = set()

    def open(
        self, camera: CameraId, url: CameraUrl, *, options: StreamOptions = StreamOptions()
    ) -> Stream:
        if url.address != WHIP:
            return self._inner.open(camera, url, options=options)
        while True:
            publication = self._publishers.current(camera)
            if publication is not None and publication.alive:
                self._said.discard(camera)
                return self._read(camera, publication, options)
            guard = current_guard()
            if publication is None and camera not in self._said:
                self._said.add(camera)
                raise StreamFailed(CameraReason.NO_PUBLISHER, "nobody publishes its picture")
            if guard is None or guard.stopped:
                raise StreamFailed(CameraReason.NO_PUBLISHER, "nobody publishes its picture")
            self._publishers.wait(WAIT_S)
