"""The sample server: recorded scenes as looping RTSP cameras on this machine."""

import asyncio
import contextlib
import math
import secrets
import ssl
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sample_streams.rtsp.access import Credentials
from sample_streams.rtsp.clip import Clip, load_clip
from sample_streams.rtsp.live import LiveCamera, SendLog, Timeline
from sample_streams.rtsp.quirks import Quirks
from sample_streams.rtsp.session import MAX_HEAD_BYTES, Session
from sample_streams.scenes import scene_video

MAX_CONNECTIONS = 256
"""More than this and something is wrong; each is turned away without a word, as cameras do."""
STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class SampleCamera:
    """What to play: many cameras can show one scene, each from a moment of its own."""

    name: str
    """The path of its URL."""
    source: str | Path | Clip
    """Name of a recorded scene, or a clip: H.264, H.265 or JPEG."""
    offset_s: float = 0.0
    """Where in the scene the camera begins."""
    rest_s: float = 0.0
    """How long it shows the scene's first second or two, over and over, between two rounds: the
    recorded scenes begin empty."""
    quirks: Quirks = Quirks()

    @property
    def video(self) -> Path | Clip:
        return scene_video(self.source) if isinstance(self.source, str) else self.source


class SampleServer:
    """Plays cameras from a thread of its own until it is closed.

    >>> with SampleServer([SampleCamera("gate", "gate")]) as server:
    ...     server.url("gate")
    'rtsp://127.0.0.1:43210/gate'

    Raises on entry: `UnknownScene`, `ClipUnusable`, OSError when the port is taken.
    `on_sent` is called in the server's thread for every frame and must be quick. With
    `begin_when_watched` each camera's time begins with its first viewer; with `tls` it speaks
    RTSPS.
    """

    def __init__(
        self,
        cameras: Sequence[SampleCamera],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        credentials: Credentials | None = None,
        on_sent: SendLog | None = None,
        begin_when_watched: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        names = [camera.name for camera in cameras]
        if len(set(names)) != len(names):
            raise ValueError("two sample cameras have the same name")
        self._wanted = tuple(cameras)
        self._host = host
        self._port = port
        self._credentials = credentials
        self._on_sent = on_sent
        self._tls = tls
        self._waits = begin_when_watched
        self._cameras: dict[str, LiveCamera] = {}
        self._sessions: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        clips = self._load()
        ready: Future[int] = Future()
        thread = threading.Thread(target=self._run, args=(clips, ready), name="sample-cameras")
        thread.start()
        try:
            self._port = ready.result()
        except OSError:
            thread.join()
            raise
        self._thread = thread
        return self

    def _load(self) -> list[Clip]:
        """One clip for each camera; those that show the same one share it."""
        read: dict[Path, Clip] = {}
        clips = []
        for camera in self._wanted:
            video = camera.video
            if isinstance(video, Path):
                video = read[video] = read.get(video) or load_clip(video)
            clips.append(video)
        return clips

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every connection and the thread. Safe to call twice."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # it ended by itself meanwhile
                self._loop.call_soon_threadsafe(self._stopping.set)
        thread.join(STOP_S)

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def port(self) -> int:
        return self._port

    def url(self, name: str) -> str:
        """Address of a camera, without credentials."""
        scheme = "rtsp" if self._tls is None else "rtsps"
        return f"{scheme}://{self._host}:{self._port}/{name}"

    def viewers(self, name: str) -> int:
        """How many connections play this camera now."""
        return self._cameras[name].viewers

    def _run(self, clips: list[Clip], ready: "Future[int]") -> None:
        try:
            asyncio.run(self._serve(clips, ready))
        finally:
            if not ready.done():
                ready.set_exception(OSError("the sample server could not start"))

    async def _serve(self, clips: list[Clip], ready: "Future[int]") -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        try:
            listener = await asyncio.start_server(
                self._welcome, self._host, self._port, limit=MAX_HEAD_BYTES, ssl=self._tls
            )
        except OSError as error:
            ready.set_exception(error)
            return
        self._cameras.update(self._live_cameras(clips))
        playing = [asyncio.create_task(camera.run()) for camera in self._cameras.values()]
        ready.set_result(listener.sockets[0].getsockname()[1])
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            # A camera never ends by itself: when one does, the server ends with its error.
            done, _ = await asyncio.wait([stopping, *playing], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            listener.close()
            tasks = [stopping, *playing, *self._sessions]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await listener.wait_closed()

    def _live_cameras(self, clips: list[Clip]) -> dict[str, LiveCamera]:
        now = time.monotonic()
        live = {}
        for at, (wanted, clip) in enumerate(zip(self._wanted, clips, strict=True)):
            # Cameras do not tick together: spread them over one frame's interval.
            phase_s = float(at / len(self._wanted) / clip.frames_per_s)
            first = round(wanted.offset_s * clip.frames_per_s) % len(clip.frames)
            # As if it had begun with the keyframe before: the first viewer need not wait for one.
            past = clip.since_keyframe(first)
            idle = clip.first_group
            timeline = Timeline(
                frames_per_s=clip.frames_per_s,
                length=len(clip.frames),
                offset=first - past,
                began=now + phase_s - float(past / clip.frames_per_s),
                rtp_base=secrets.randbits(31) + 1,
                idle=idle,
                rest=math.ceil(wanted.rest_s * clip.frames_per_s / idle) * idle,
            )
            live[wanted.name] = LiveCamera(
                wanted.name,
                clip,
                timeline,
                past,
                self._on_sent,
                waits=self._waits,
                quirks=wanted.quirks,
            )
        return live

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._sessions) >= MAX_CONNECTIONS:
            writer.close()
            return
        self._sessions.add(task)
        try:
            await Session(self._cameras, self._credentials, reader, writer).run()
        except asyncio.CancelledError:
            pass  # the server stops; the streams of Python 3.11 would log it as an error
        finally:
            self._sessions.discard(task)
