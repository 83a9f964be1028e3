"""A viewer by WHEP that is not a browser: aiortc, on a loop of its own, on loopback."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, TypeVar

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from ingest.rtc import RtcLoop, RtcSettings
from ingest.rtc_peer import new_peer, only_on

Result = TypeVar("Result")
LOOPBACK = RtcSettings(networks=(ip_network("127.0.0.0/8"),))


@dataclass(slots=True)
class Seen:
    frame: VideoFrame
    at: float


class WhepViewer:
    """`offer()`, then `take(answer)`; frames come in `seen` as they are decoded."""

    def __init__(self, kind: str = "video") -> None:
        self.seen: list[Seen] = []
        self.ended = False
        self.states: list[str] = []
        self._kind = kind
        self._loop = RtcLoop("whep-viewer")
        self._loop.start()
        self._peer: RTCPeerConnection = self._run(self._make())
        self._task: asyncio.Task[None] | None = None

    def offer(self) -> str:
        return self._run(self._offer())

    def take(self, answer: str) -> None:
        self._run(self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer")))

    @property
    def state(self) -> str:
        return self._peer.connectionState

    def ask_for_keyframe(self, ssrc: int) -> None:
        """By PLI (RFC 4585 §6.3.1)."""
        self._run(self._peer.getReceivers()[0]._send_rtcp_pli(ssrc))

    def go_deaf(self) -> None:
        """Vanish as a machine does whose line was cut: nothing is sent any more, not even a bye."""
        self._run(self._silence())

    def wait_for(self, condition: Callable[["WhepViewer"], bool], within_s: float = 5.0) -> bool:
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if condition(self):
                return True
            time.sleep(0.01)
        return condition(self)

    def close(self) -> None:
        if self._loop.running:
            self._run(self._peer.close())
            self._loop.stop()

    def _run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        return self._loop.run(coroutine, 10)

    async def _make(self) -> RTCPeerConnection:
        peer = new_peer(LOOPBACK)
        peer.on("track", self._on_track)
        peer.on("connectionstatechange", lambda: self.states.append(peer.connectionState))
        return peer

    async def _offer(self) -> str:
        self._peer.addTransceiver(self._kind, direction="recvonly")
        offer = await self._peer.createOffer()
        only_on(self._peer, LOOPBACK)
        await self._peer.setLocalDescription(offer)
        return str(self._peer.localDescription.sdp)

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._task = asyncio.get_running_loop().create_task(self._watch(track))

    async def _watch(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self.seen.append(Seen(frame, time.monotonic()))
        except MediaStreamError:
            self.ended = True

    async def _silence(self) -> None:
        async def nothing(data: bytes) -> None:
            return

        transport = self._peer.getReceivers()[0].transport.transport
        transport._send = nothing
        for protocol in transport._connection._protocols:
            protocol.transport.close()
