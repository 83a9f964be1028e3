"""A worker that sees what a test tells it to see, over a real local socket.

Speaks `record/messages.py` as `wardwatch`'s own worker does; one thread, which ends with `stop`.
"""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from record.cameras import CameraReason, CameraState
from record.messages import (
    Ask,
    AskDiscover,
    AskInForce,
    AskPicture,
    AskProbe,
    AskUpdates,
    CameraHealth,
    Counts,
    Decoder,
    DiscoverDone,
    Health,
    InForce,
    Message,
    PictureMissing,
    PictureSent,
    ProbeDone,
    Reply,
    encode,
)
from tests.fakes.probes import DEVICE, REPORT

JPEG = b"\xff\xd8\xff\xe0" + b"a picture of nobody" * 40 + b"\xff\xd9"


@dataclass(slots=True, eq=False)
class _Client:
    connection: socket.socket
    decoder: Decoder = field(default_factory=Decoder)
    wants_updates: bool = False


class FakeWorker:
    """`cameras` maps each camera to its health; put another one in to change it.

    Pictures are `jpeg`, captured now, for cameras that are online. `mute` True: takes questions
    and never answers.
    """

    def __init__(
        self,
        run_dir: Path,
        cameras: dict[str, CameraHealth],
        *,
        name: str = "worker-0",
        health_s: float = 0.2,
    ) -> None:
        self.cameras = cameras
        self.jpeg = JPEG
        self.unlooked = False
        self.mute = False
        self.detector: Literal["ready", "missing", "failed"] = "ready"
        self.detector_detail = ""
        self.lacks: tuple[CameraReason, ...] = ()
        self.asked: list[AskPicture] = []
        self.answers: dict[type[Ask], Callable[[Any], Reply]] = {
            AskInForce: lambda asked: InForce(camera=asked.camera, holds=True)
        }
        """What is answered to other questions, by their type; nothing to one that is not here."""
        self.questions: list[Ask] = []
        """Those, in their order."""
        self.probes: list[AskProbe] = []
        self.probe_s = 0.0
        """How long a probe takes; nothing else is answered meanwhile."""
        self._name = name
        self._health_s = health_s
        self.run_dir = run_dir
        self._path = run_dir / f"{name}.sock"
        self._path.unlink(missing_ok=True)
        self._clients: dict[int, _Client] = {}
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self._path))
        self._listening.listen()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def tell(self, counts: Counts) -> None:
        self._to_all(counts)

    def say(self, raw: bytes) -> None:
        """Bytes as they are, also such as no worker would send."""
        with self._lock:
            for client in self._clients.values():
                client.connection.sendall(raw)

    def stop(self, *, leave_socket: bool = False) -> None:
        """`leave_socket`: as after kill -9, when the file stays and nobody listens."""
        self._stopping.set()
        self._thread.join(5)
        for client in list(self._clients.values()):
            client.connection.close()
        self._listening.close()
        self._selector.close()
        if not leave_socket:
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        due = 0.0
        while not self._stopping.is_set():
            for key, _ in self._selector.select(min(self._health_s, 0.2)):
                if key.fileobj is self._listening:
                    self._welcome()
                else:
                    self._hear(self._clients[key.fd])
            if time.monotonic() >= due:
                due = time.monotonic() + self._health_s
                self._to_all(self._health())

    def _welcome(self) -> None:
        connection, _ = self._listening.accept()
        with self._lock:
            self._clients[connection.fileno()] = _Client(connection)
        self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, client: _Client) -> None:
        try:
            data = client.connection.recv(65536)
            for message, _ in client.decoder.feed(data):
                self._take(client, message)
        except OSError:  # it went away before the answer came
            data = b""
        if not data:
            self._selector.unregister(client.connection)
            with self._lock:
                del self._clients[client.connection.fileno()]
            client.connection.close()

    def _take(self, client: _Client, message: Message) -> None:
        match message:
            case AskUpdates():
                client.wants_updates = True
                client.connection.sendall(encode(self._health()))
            case AskPicture():
                self.asked.append(message)
                if not self.mute:
                    client.connection.sendall(self._answer(message))
            case AskProbe():
                self.probes.append(message)
                time.sleep(self.probe_s)
                done = ProbeDone(request=message.request, report=REPORT)
                client.connection.sendall(encode(done, self.jpeg))
            case AskDiscover():
                found = DiscoverDone(request=message.request, devices=(DEVICE,))
                client.connection.sendall(encode(found))
            case Ask():
                self.questions.append(message)
                answerer = self.answers.get(type(message))
                if answerer is not None:
                    reply: Any = answerer(message)
                    numbered = reply.model_copy(update={"request": message.request})
                    client.connection.sendall(encode(numbered))
            case _:
                raise AssertionError(f"an API says {message.type} to a worker")

    def _answer(self, asked: AskPicture) -> bytes:
        health = self.cameras.get(asked.camera)
        if health is None or health.state is not CameraState.ONLINE:
            missing = PictureMissing(
                request=asked.request,
                camera=asked.camera,
                state=health.state if health else CameraState.OFFLINE,
                reason=health.reason if health else CameraReason.NOT_FOUND,
                last_at=health.frame_at if health else None,
            )
            return encode(missing)
        sent = PictureSent(
            request=asked.request,
            camera=asked.camera,
            captured_at=datetime.now(UTC),
            width=asked.width,
            height=asked.width * 9 // 16,
            unlooked=self.unlooked,
        )
        return encode(sent, self.jpeg)

    def _health(self) -> Health:
        return Health(
            worker=self._name,
            at=datetime.now(UTC),
            detector=self.detector,
            detector_detail=self.detector_detail,
            cameras=tuple(self.cameras.values()),
            lacks=self.lacks,
        )

    def _to_all(self, message: Message) -> None:
        data = encode(message)
        with self._lock:
            for client in self._clients.values():
                if client.wants_updates:
                    with contextlib.suppress(OSError):  # noticed when it is read from
                        client.connection.sendall(data)
