"""A viewer by WHEP on a loop of its own, on loopback, that keeps what it has seen."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network

from av import VideoFrame

from ingest.rtc import RtcLoop, RtcSettings
from ingest.rtc_viewer import RtcViewer

LOOPBACK = RtcSettings(networks=(ip_network("127.0.0.0/8"),))


@dataclass(slots=True)
class Seen:
    frame: VideoFrame
    at: float


class WhepViewer(RtcViewer):
    def __init__(self, kind: str = "video") -> None:
        self.seen: list[Seen] = []
        self._own_loop = RtcLoop("whep-viewer")
        super().__init__(self._own_loop, LOOPBACK, self._see, kind=kind)

    def ask_for_keyframe(self, ssrc: int) -> None:
        """By PLI (RFC 4585 §6.3.1)."""
        self.run(self.peer.getReceivers()[0]._send_rtcp_pli(ssrc))

    def go_deaf(self) -> None:
        """Vanish as a machine does whose line was cut: nothing is sent any more, not even a bye."""
        self.run(self._silence())

    def wait_for(self, condition: Callable[["WhepViewer"], bool], within_s: float = 5.0) -> bool:
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if condition(self):
                return True
            time.sleep(0.01)
        return condition(self)

    def close(self) -> None:
        super().close()
        self._own_loop.stop()

    def _see(self, frame: VideoFrame) -> None:
        self.seen.append(Seen(frame, time.monotonic()))

    async def _silence(self) -> None:
        async def nothing(data: bytes) -> None:
            return

        transport = self.peer.getReceivers()[0].transport.transport
        transport._send = nothing
        for protocol in transport._connection._protocols:
            protocol.transport.close()
