"""Viewers of a node's live views, from outside: over HTTP and WebRTC, as anybody watches."""

import time
import urllib.request
from dataclasses import dataclass, field
from ipaddress import ip_network

from ingest.rtc import RtcLoop, RtcSettings
from ingest.rtc_viewer import RtcViewer
from wardwatch.bench.rig import Rig

LOOPBACK = RtcSettings(networks=(ip_network("127.0.0.0/8"),))
FIRST_FRAME_S = 10.0


class NoPicture(Exception):
    """A view was opened, and nothing was seen in it."""


@dataclass(slots=True, eq=False)
class Watching:
    """One viewer. `frames` are counted and let go."""

    opened_s: float = 0.0
    """From the POST to the first frame decoded."""
    frames: int = 0
    _first_at: float | None = field(default=None)
    _viewer: RtcViewer | None = None
    _location: str = ""

    def see(self, _frame: object) -> None:
        self.frames += 1
        if self._first_at is None:
            self._first_at = time.monotonic()

    def open(
        self, loop: RtcLoop, session: urllib.request.OpenerDirector, rig: Rig, camera: str
    ) -> None:
        """Raises `NoPicture`, and `urllib.error.HTTPError` for a refusal."""
        viewer = self._viewer = RtcViewer(loop, LOOPBACK, self.see)
        request = urllib.request.Request(  # noqa: S310 - our own http
            f"{rig.url}/api/v1/cameras/{camera}/whep",
            viewer.offer().encode(),
            {"Content-Type": "application/sdp"},
        )
        posted = time.monotonic()
        with session.open(request, timeout=15) as answer:
            self._location = rig.url + answer.headers["Location"]
            viewer.take(answer.read().decode())
        while self._first_at is None:
            if time.monotonic() - posted > FIRST_FRAME_S:
                raise NoPicture(camera)
            time.sleep(0.002)
        self.opened_s = self._first_at - posted

    def close(self, session: urllib.request.OpenerDirector) -> None:
        request = urllib.request.Request(self._location, method="DELETE")  # noqa: S310
        session.open(request, timeout=15).close()
        if self._viewer is not None:
            self._viewer.close()
