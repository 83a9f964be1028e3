"""One RTSP connection: reads requests, answers them, and plays one camera at most."""

import asyncio
import contextlib
import secrets
from collections.abc import Mapping

from sample_streams.rtsp.access import Credentials, admits, challenge
from sample_streams.rtsp.live import LiveCamera
from sample_streams.rtsp.messages import (
    TRACK,
    BadRequest,
    Request,
    answer,
    description,
    interleaved_channels,
    parse_request,
)
from sample_streams.rtsp.viewer import Viewer

MAX_HEAD_BYTES = 8_192
MAX_BODY_BYTES = 8_192
IDLE_S = 60.0
"""How long a connection may stay silent before it plays; told to clients as the time-out.

Once it plays, silence is its right: over TCP the transport itself says that somebody left.
"""
CLOSE_S = 1.0
"""How long the last answer may take to leave before the connection is cut."""
METHODS = (
    "OPTIONS",
    "DESCRIBE",
    "SETUP",
    "PLAY",
    "GET_PARAMETER",
    "SET_PARAMETER",
    "TEARDOWN",
)


class Session:
    def __init__(
        self,
        cameras: Mapping[str, LiveCamera],
        credentials: Credentials | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._cameras = cameras
        self._credentials = credentials
        self._reader = reader
        self._writer = writer
        self._nonce = secrets.token_hex(16)
        self._id = secrets.token_hex(8)
        self._camera: LiveCamera | None = None
        self._channels: tuple[int, int] | None = None
        self._viewer: Viewer | None = None

    async def run(self) -> None:
        """Serve the connection until either side ends it; closes it on the way out."""
        try:
            while not self._writer.is_closing():
                async with asyncio.timeout(None if self._viewer else IDLE_S):
                    request = await self._next_request()
                if not self._handle(request):
                    break
                await self._writer.drain()
        except BadRequest:
            self._writer.write(answer(400, None))
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass  # they left; a camera has nobody to tell
        finally:
            self._stop_playing()
            await self._close()

    async def _close(self) -> None:
        """Let what was written leave, but wait for nobody who does not read."""
        self._writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._writer.wait_closed()
        self._writer.transport.abort()

    async def _next_request(self) -> Request:
        """The next request, past the receiver reports that come in between."""
        while True:
            first = await self._reader.readexactly(1)
            if first != b"$":
                break
            _, high, low = await self._reader.readexactly(3)
            await self._reader.readexactly(high << 8 | low)
        try:
            head = first + await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError as error:
            raise BadRequest("the head is too long") from error
        request = parse_request(head)
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            raise BadRequest("the body is too long")
        await self._reader.readexactly(int(length))
        return request

    def _handle(self, request: Request) -> bool:
        """Answer one request. Returns False when the connection ends with it."""
        if request.method == "OPTIONS":
            self._answer(200, request, {"Public": ", ".join(METHODS)})
        elif self._credentials and not admits(self._credentials, self._nonce, request):
            asked = challenge(self._credentials, self._nonce)
            self._answer(401, request, {"WWW-Authenticate": asked})
        elif request.method == "DESCRIBE":
            self._describe(request)
        elif request.method == "SETUP":
            self._set_up(request)
        elif request.method not in METHODS:
            self._answer(501, request, {"Allow": ", ".join(METHODS)})
        elif request.session != self._id or self._channels is None:
            self._answer(454, request)
        elif request.method == "PLAY":
            self._play(request)
        else:
            self._answer(200, request, {"Session": self._id})
        return request.method != "TEARDOWN"

    def _describe(self, request: Request) -> None:
        camera = self._cameras.get(request.camera)
        if camera is None:
            self._answer(404, request)
            return
        headers = {
            "Content-Base": request.uri.rstrip("/") + "/",
            "Content-Type": "application/sdp",
        }
        self._answer(200, request, headers, description(camera.name, camera.clip))

    def _set_up(self, request: Request) -> None:
        camera = self._cameras.get(request.camera)
        channels = interleaved_channels(request.headers.get("transport", ""))
        if camera is None:
            self._answer(404, request)
        elif self._viewer is not None:
            self._answer(455, request)
        elif channels is None:
            self._answer(461, request)
        else:
            self._camera, self._channels = camera, channels
            headers = {
                "Transport": f"RTP/AVP/TCP;unicast;interleaved={channels[0]}-{channels[1]}",
                "Session": f"{self._id};timeout={IDLE_S:.0f}",
            }
            self._answer(200, request, headers)

    def _play(self, request: Request) -> None:
        camera, channels = self._camera, self._channels
        if camera is None or channels is None or self._viewer is not None:
            self._answer(455, request)
            return
        viewer = Viewer(self._writer.transport, channels, camera.name)
        start = camera.entry_point()
        track = f"{request.uri.rstrip('/')}/{TRACK}"
        headers = {
            "Session": self._id,
            # Together they put presentation times on the camera's own time line, so that a
            # frame has the same one on every connection.
            "Range": f"npt={camera.timeline.seconds(start):.3f}-",
            "RTP-Info": f"url={track};seq={viewer.sequence};"
            f"rtptime={camera.timeline.timestamp(start)}",
        }
        self._answer(200, request, headers)
        camera.join(viewer, start)
        self._viewer = viewer

    def _stop_playing(self) -> None:
        if self._viewer is not None and self._camera is not None:
            self._camera.leave(self._viewer)
            self._viewer.end()
            self._viewer = None

    def _answer(
        self,
        status: int,
        request: Request,
        headers: Mapping[str, str] | None = None,
        body: str = "",
    ) -> None:
        self._writer.write(answer(status, request, headers, body))
