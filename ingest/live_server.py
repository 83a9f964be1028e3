"""Views of this node to whoever watches: encodes nothing, hands each picture to all of its viewers.

A *feed* is one picture's way out (a watched camera, or one person's clear picture) and is named by
its maker; a *view* is one viewer of it, with an id of its own. Everything here runs on the
`RtcLoop`; the public methods are called from other threads.
"""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import structlog
from aiortc import RTCPeerConnection, RTCRtpSender, RTCRtpTransceiver
from aiortc.codecs.h264 import H264Encoder
from av.packet import Packet

from ingest.live_encoder import CLOCK, EncodedPicture
from ingest.live_viewer import PackedPicture, SilentTrack, Viewer, ViewerCounts
from ingest.rtc import OfferRefused, RtcLoop, RtcSettings
from ingest.rtc_peer import (
    Gathering,
    add_candidates,
    answer,
    credentials_of,
    new_peer,
    take_offer,
)

OPEN_S = 6.0
CLOSE_S = 1.0
CONNECT_S = 10.0
"""From the answer to a connection; who has not managed by then is let go."""
SILENT_S = 8.0
"""Without any RTCP from a viewer it is gone: its machine slept, its line was cut, or the tab was
killed. aiortc itself notices after 30 s."""
ROUND_S = 0.5
H264 = ("video/h264", "video/rtx")
_TICK = Fraction(1, CLOCK)

_log = structlog.get_logger()


class NoSuchView(LookupError):
    """It has ended, or never was."""


@dataclass(slots=True, eq=False)
class _View:
    id: str
    feed: str
    peer: RTCPeerConnection
    viewer: Viewer
    offered_by: str | None
    """User fragment of the peer's ICE."""
    begun_at: float
    kept_until: float
    ends_at: float
    connected: bool = False

    def over(self, now: float, silent_s: float, connect_s: float) -> str | None:
        """Why it is to end now; None: it goes on."""
        if now >= self.ends_at:
            return "time_limit"
        if now >= self.kept_until:
            return "not_kept"
        if not self.connected:
            return "never_connected" if now - self.begun_at > connect_s else None
        return "vanished" if now - self.viewer.heard_at > silent_s else None


@dataclass(slots=True)
class _Feed:
    views: dict[str, _View] = field(default_factory=dict)


class LiveServer:
    """`on_keyframe(feed)` and `on_ended(view, reason)` are called on the loop's thread and must be
    quick. Reasons: `left`, `vanished`, `never_connected`, `not_kept`, `time_limit`,
    `worker_stopped`, and whatever `end` was given."""

    def __init__(
        self,
        settings: RtcSettings,
        loop: RtcLoop,
        on_keyframe: Callable[[str], None],
        on_ended: Callable[[str, str], None],
        *,
        silent_s: float = SILENT_S,
        connect_s: float = CONNECT_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._loop = loop
        self._on_keyframe = on_keyframe
        self._on_ended = on_ended
        self._silent_s, self._connect_s = silent_s, connect_s
        self._now = now
        self._gathering = Gathering(now)
        self._packer = H264Encoder()
        self._feeds: dict[str, _Feed] = {}
        self._views: dict[str, _View] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._rounds: asyncio.Task[None] | None = None

    # Any thread but the loop's

    def open(
        self,
        view: str,
        feed: str,
        offer: str,
        *,
        kept_s: float = math.inf,
        ends_in_s: float | None = None,
    ) -> str:
        """The answer to a viewer's offer. Raises `OfferRefused`, `TimeoutError`, `LoopEnded`.

        The view ends when `keep` has not named it for `kept_s`, and in any case after `ends_in_s`.
        """
        self._loop.start()
        now = self._now()
        ends_at = math.inf if ends_in_s is None else now + ends_in_s
        return self._loop.run(self._open(view, feed, offer, now + kept_s, ends_at), OPEN_S)

    def keep(self, views: frozenset[str], for_s: float) -> None:
        """Let these go on for `for_s` more."""
        self._loop.call(self._keep, views, self._now() + for_s)

    def trickle(self, view: str, fragment: str) -> int:
        """Take the candidates of a fragment (RFC 8840). Raises `NoSuchView`, `OfferRefused`."""
        return self._loop.run(self._trickle(view, fragment), CLOSE_S)

    def end(self, view: str, reason: str) -> None:
        """Tell its viewer and free it, soon."""
        self._loop.call(self._end, view, reason)

    def end_feed(self, feed: str, reason: str) -> None:
        self._loop.call(self._end_feed, feed, reason)

    def publish(self, feed: str, picture: EncodedPicture) -> None:
        """To all viewers of the feed; never waits."""
        self._loop.call(self._give, feed, picture)

    def stop(self) -> None:
        """End all views, and tell their viewers."""
        if self._loop.running:
            self._loop.run(self._stop(), CLOSE_S)

    def viewers(self, feed: str) -> int:
        known = self._feeds.get(feed)
        return 0 if known is None else len(known.views)

    def counts(self, view: str) -> ViewerCounts | None:
        known = self._views.get(view)
        return None if known is None else known.viewer.counts

    # The loop's thread

    async def _open(
        self, name: str, feed: str, offer: str, kept_until: float, ends_at: float
    ) -> str:
        peer = new_peer(self._settings)
        try:
            transceiver = _sending(peer)
            await take_offer(peer, offer, self._settings)
            text = await answer(peer, self._settings, self._gathering)
            _refuse_unsent(transceiver)
        except BaseException:
            await peer.close()
            raise
        now = self._now
        viewer = Viewer(transceiver.sender, now, lambda: self._on_keyframe(feed))
        user = credentials_of(offer)[0]
        view = _View(name, feed, peer, viewer, user, now(), kept_until, ends_at)
        self._views[name] = view
        self._feeds.setdefault(feed, _Feed()).views[name] = view
        peer.on("connectionstatechange", lambda: self._state(view))
        if self._rounds is None:
            self._rounds = asyncio.get_running_loop().create_task(self._look_after())
        return text

    async def _trickle(self, name: str, fragment: str) -> int:
        view = self._views.get(name)
        if view is None:
            raise NoSuchView
        user, _ = credentials_of(fragment)
        if user is not None and user != view.offered_by:
            raise OfferRefused("ice_restart", "ICE is not restarted here; open another view")
        return await add_candidates(view.peer, fragment, self._settings)

    def _give(self, feed: str, picture: EncodedPicture) -> None:
        known = self._feeds.get(feed)
        if known is None:
            return
        connected = [view for view in known.views.values() if view.connected]
        if not connected:
            return
        packed = self._pack(picture)
        for view in connected:
            view.viewer.give(packed)

    def _pack(self, picture: EncodedPicture) -> PackedPicture:
        packet = Packet(picture.data)
        packet.pts, packet.time_base = picture.timestamp, _TICK
        payloads, timestamp = self._packer.pack(packet)
        return PackedPicture(tuple(payloads), timestamp, picture.keyframe)

    def _state(self, view: _View) -> None:
        state = view.peer.connectionState
        if state == "connected" and not view.connected:
            view.connected = True
            view.viewer.heard_at = self._now()
            self._on_keyframe(view.feed)
        elif state in {"failed", "closed"}:
            self._end(view.id, "left" if view.connected else "never_connected")

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(ROUND_S)
            now = self._now()
            for view in list(self._views.values()):
                reason = view.over(now, self._silent_s, self._connect_s)
                if reason is not None:
                    self._end(view.id, reason)

    def _keep(self, views: frozenset[str], until: float) -> None:
        for name in views & self._views.keys():
            self._views[name].kept_until = until

    def _end_feed(self, feed: str, reason: str) -> None:
        known = self._feeds.get(feed)
        for view in list(known.views.values()) if known is not None else ():
            self._end(view.id, reason)

    def _end(self, name: str, reason: str) -> None:
        view = self._views.pop(name, None)
        if view is None:
            return
        feed = self._feeds[view.feed]
        del feed.views[name]
        if not feed.views:
            del self._feeds[view.feed]
        closing = asyncio.get_running_loop().create_task(_close(view.peer))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        counts = view.viewer.counts
        _log.info("view ended", view=name, reason=reason, sent=counts.sent, dropped=counts.dropped)
        self._on_ended(name, reason)

    async def _stop(self) -> None:
        if self._rounds is not None:
            self._rounds.cancel()
        for name in list(self._views):
            self._end(name, "worker_stopped")
        if self._closing:
            await asyncio.wait(self._closing, timeout=CLOSE_S / 2)


def _sending(peer: RTCPeerConnection) -> RTCRtpTransceiver:
    """H.264 and its retransmissions only: left alone, aiortc answers VP8."""
    transceiver = peer.addTransceiver(SilentTrack(), direction="sendonly")
    offered = RTCRtpSender.getCapabilities("video").codecs
    # Constrained baseline first; it is what is sent.
    wanted = [codec for codec in offered if codec.mimeType.lower() in H264]
    wanted.sort(key=lambda codec: codec.parameters.get("profile-level-id") != "42e01f")
    transceiver.setCodecPreferences(wanted)
    return transceiver


def _refuse_unsent(transceiver: RTCRtpTransceiver) -> None:
    if transceiver.mid is None:
        raise OfferRefused("no_common_codec", "the offer asks for no video")
    if transceiver.currentDirection not in {"sendonly", "sendrecv"}:
        raise OfferRefused("malformed", "the offer does not want to receive video")


async def _close(peer: RTCPeerConnection) -> None:
    """RTCP BYE and DTLS close_notify tell the other end; then the sockets go."""
    try:
        await asyncio.wait_for(peer.close(), CLOSE_S)
    except (TimeoutError, ConnectionError):
        _log.warning("a view's connection did not close in time")
