"""A viewer by WHEP that is no browser: for measuring, and for tests."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from ingest.rtc import RtcLoop, RtcSettings
from ingest.rtc_peer import new_peer, only_on

CALL_S = 10.0

Result = TypeVar("Result")


class RtcViewer:
    """`offer()`, then `take(answer)`; `on_frame` is called on the loop's thread with each frame."""

    def __init__(
        self,
        loop: RtcLoop,
        settings: RtcSettings,
        on_frame: Callable[[VideoFrame], None],
        *,
        kind: str = "video",
    ) -> None:
        self.ended = False
        """The track is over: the other end closed it."""
        self._loop = loop
        self._settings = settings
        self._on_frame = on_frame
        self._kind = kind
        self._loop.start()
        self.peer: RTCPeerConnection = self.run(self._make())
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> str:
        return str(self.peer.connectionState)

    def offer(self) -> str:
        return self.run(self._offer())

    def take(self, answer: str) -> None:
        self.run(self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer")))

    def close(self) -> None:
        if self._loop.running:
            self.run(self.peer.close())

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        return self._loop.run(coroutine, CALL_S)

    async def _make(self) -> RTCPeerConnection:
        peer = new_peer(self._settings)
        peer.on("track", self._on_track)
        return peer

    async def _offer(self) -> str:
        self.peer.addTransceiver(self._kind, direction="recvonly")
        offer = await self.peer.createOffer()
        only_on(self.peer, self._settings)
        await self.peer.setLocalDescription(offer)
        return str(self.peer.localDescription.sdp)

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._task = asyncio.get_running_loop().create_task(self._watch(track))

    async def _watch(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self._on_frame(frame)
        except MediaStreamError:
            self.ended = True
