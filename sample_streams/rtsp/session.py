"""One RTSP connection: reads requests, answers them, and plays one camera at most."""

import asyncio
import contextlib
import secrets
from collections.abc import Mapping

from sample_streams.rtsp.access import Credentials, admits, challenge
from sample_streams.rtsp.live import LiveCamera
from sample_streams.rtsp.messages import (
    BadRequest,
    Request,
    answer,
    client_ports,
    interleaved_channels,
    parse_request,
)
from sample_streams.rtsp.quirks import Quirks
from sample_streams.rtsp.sdp import TRACK, description, payload_type
from sample_streams.rtsp.viewer import Viewer
from sample_streams.rtsp.wires import Datagrams, Interleaved, Nowhere, Wire

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
        self._wire: Wire | None = None
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
        elif request.session != self._id or self._wire is None:
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
        self._answer(200, request, headers, description(camera.name, camera.clip, camera.quirks))

    def _set_up(self, request: Request) -> None:
        camera = self._cameras.get(request.camera)
        if camera is None:
            self._answer(404, request)
            return
        if self._viewer is not None:
            self._answer(455, request)
            return
        asked = request.headers.get("transport", "")
        wire, agreed = self._wire_for(asked, camera.quirks)
        if wire is None:
            self._answer(461, request)
            return
        if request.track == TRACK:
            if self._wire is not None:
                self._wire.close()
            self._camera, self._wire = camera, wire
        else:
            wire.close()
        headers = {"Transport": agreed, "Session": f"{self._id};timeout={IDLE_S:.0f}"}
        self._answer(200, request, headers)

    def _wire_for(self, asked: str, quirks: Quirks) -> tuple[Wire | None, str]:
        """What carries the media that were asked for so, and the Transport header to answer."""
        ports = client_ports(asked)
        if ports is not None and quirks.udp != "refuses":
            here, there = (self._writer.get_extra_info(of) for of in ("sockname", "peername"))
            try:
                datagrams = Datagrams.bind(here[0])
            except OSError:
                return None, ""
            datagrams.aim(there[0], ports, loses=quirks.udp_loses)
            agreed = (
                f"RTP/AVP;unicast;client_port={ports[0]}-{ports[1]};"
                f"server_port={datagrams.ports[0]}-{datagrams.ports[1]}"
            )
            if quirks.udp == "serves":
                return datagrams, agreed
            datagrams.close()
            return Nowhere(), agreed
        channels = interleaved_channels(asked)
        if channels is None or not quirks.tcp:
            return None, ""
        agreed = f"RTP/AVP/TCP;unicast;interleaved={channels[0]}-{channels[1]}"
        return Interleaved(self._writer.transport, channels), agreed

    def _play(self, request: Request) -> None:
        camera, wire = self._camera, self._wire
        if camera is None or wire is None or self._viewer is not None:
            self._answer(455, request)
            return
        viewer = Viewer(wire, camera.name, payload_type(camera.clip.codec))
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
        if self._wire is not None:
            self._wire.close()

    def _answer(
        self,
        status: int,
        request: Request,
        headers: Mapping[str, str] | None = None,
        body: str = "",
    ) -> None:
        self._writer.write(answer(status, request, headers, body))
