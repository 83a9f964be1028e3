"""The worker's end of its local socket: answers on request, counts and health as they come.

One thread, one selector. A client that does not read what it asked for is dropped once it is
`MOST_UNREAD` behind, one that speaks another language at once; neither slows anybody else down.
"""

import contextlib
import os
import selectors
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from record.clock import Clock
from record.messages import (
    Ask,
    AskUpdates,
    Counts,
    Decoder,
    Health,
    Message,
    MessageRefused,
    encode,
)
from wardwatch.worker_answers import Answers

HEALTH_S = 1.0
MOST_CLIENTS = 16
MOST_UNREAD = 4 * 1024 * 1024
"""Bytes: about a hundred pictures."""
MOST_COUNTS = 1000
"""Counts not yet passed on; the oldest go first, they are of the past anyway."""
_CHUNK = 64 * 1024
_PEER = struct.Struct("3i")

_log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class _Client:
    connection: socket.socket
    decoder: Decoder = field(default_factory=Decoder)
    unsent: bytearray = field(default_factory=bytearray)
    wants_updates: bool = False


class WorkerSocket:
    """Listens on `path`, in a folder that is ours alone.

    `answers` are given to questions; `health()` is asked once a second, in this thread; `beat()`
    is called in every round of it.
    """

    def __init__(
        self,
        path: Path,
        answers: Answers,
        health: Callable[[], Health],
        clock: Clock,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._path = path
        self._answers = answers
        self._health = health
        self._clock = clock
        self._beat = beat
        self._counts: deque[Counts] = deque(maxlen=MOST_COUNTS)
        self._replies: deque[tuple[_Client, bytes]] = deque()
        self._clients: dict[int, _Client] = {}
        self._health_due = clock.monotonic()
        self._stopping = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._woken, self._waker = socket.socketpair()
        self._listening = _listen(path)
        self._inode = path.stat().st_ino
        self._thread = threading.Thread(target=self._run, name="worker-socket", daemon=True)
        self.dropped = 0
        """Clients cut off, for being slow or for speaking another language."""

    def start(self) -> None:
        for ours in (self._woken, self._waker, self._listening):
            ours.setblocking(False)
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread.start()

    @property
    def path(self) -> Path:
        return self._path

    @property
    def unsent_bytes(self) -> int:
        """Held for all clients together."""
        return sum(len(client.unsent) for client in list(self._clients.values()))

    def tell(self, counts: Counts) -> None:
        """Pass on to all who asked for updates. Any thread; never waits."""
        self._counts.append(counts)
        self._wake()

    def tell_health(self) -> None:
        """Ask for health now and pass it on: something has changed that others are about to read
        in the record, and what they heard before is older. Any thread; never waits."""
        self._health_due = float("-inf")
        self._wake()

    def stop(self, within_s: float = 1.0) -> None:
        self._stopping.set()
        self._wake()
        self._thread.join(within_s)
        self._answers.stop()
        with contextlib.suppress(FileNotFoundError):
            if self._path.stat().st_ino == self._inode:  # else a successor has put its own there
                self._path.unlink()

    def _wake(self) -> None:
        try:
            self._waker.send(b"\0")
        except OSError:
            return  # it is awake already, or gone

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._beat()
                try:
                    self._turn()
                except Exception:  # noqa: BLE001 - the top of a thread: a defect in one answer
                    _log.exception("worker socket: an answer failed")
                    self._stopping.wait(0.05)
        finally:
            for client in list(self._clients.values()):
                self._close(client)
            self._selector.close()
            for ours in (self._listening, self._woken, self._waker):
                ours.close()

    def _turn(self) -> None:
        """Wait for something to do, at most until health is due, and do it."""
        left = max(0.0, self._health_due - self._clock.monotonic())
        for key, ready in self._selector.select(left):
            self._serve(key.fileobj, ready)
        self._pass_on_counts()
        self._pass_on_replies()
        if self._clock.monotonic() >= self._health_due:
            self._health_due = self._clock.monotonic() + HEALTH_S
            self._send_to_all(self._health())

    def _serve(self, ready_on: object, ready: int) -> None:
        if ready_on is self._listening:
            self._welcome()
        elif ready_on is self._woken:
            self._woken.recv(_CHUNK)
        elif isinstance(ready_on, socket.socket):
            client = self._clients.get(ready_on.fileno())
            if client is not None and ready & selectors.EVENT_WRITE:
                self._flush(client)
            if client is not None and ready & selectors.EVENT_READ:
                self._hear(client)

    def _welcome(self) -> None:
        try:
            connection, _ = self._listening.accept()
        except OSError:
            return
        if len(self._clients) >= MOST_CLIENTS or not is_ours(connection, os.getuid()):
            _log.warning("worker socket refused a client", clients=len(self._clients))
            self.dropped += 1
            connection.close()
            return
        connection.setblocking(False)
        self._clients[connection.fileno()] = _Client(connection)
        self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, client: _Client) -> None:
        try:
            data = client.connection.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close(client)
            return
        try:
            for message, _ in client.decoder.feed(data):
                self._answer(client, message)
        except MessageRefused as error:
            _log.warning("worker socket heard another language", error=str(error))
            self._drop(client)

    def _answer(self, client: _Client, message: Message) -> None:
        match message:
            case AskUpdates():
                client.wants_updates = True
                self._send(client, encode(self._health()))
            case Ask() if self._answers.knows(message):
                self._answers.answer(message, lambda reply: self._reply(client, reply))
            case _:
                raise MessageRefused(f"{message.type} is nothing to say to a worker")

    def _reply(self, client: _Client, data: bytes) -> None:
        """Any thread."""
        self._replies.append((client, data))
        self._wake()

    def _pass_on_replies(self) -> None:
        while self._replies:
            self._send(*self._replies.popleft())

    def _pass_on_counts(self) -> None:
        while self._counts:
            self._send_to_all(self._counts.popleft())

    def _send_to_all(self, message: Message) -> None:
        data = encode(message)
        for client in list(self._clients.values()):
            if client.wants_updates:
                self._send(client, data)

    def _send(self, client: _Client, data: bytes) -> None:
        if client.connection.fileno() < 0:
            return
        if len(client.unsent) + len(data) > MOST_UNREAD:
            _log.warning("worker socket dropped a slow client", unread=len(client.unsent))
            self._drop(client)
            return
        client.unsent += data
        self._flush(client)

    def _flush(self, client: _Client) -> None:
        try:
            while client.unsent:
                sent = client.connection.send(client.unsent)
                del client.unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._close(client)
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.unsent else 0)
        self._selector.modify(client.connection, wanted)

    def _drop(self, client: _Client) -> None:
        self.dropped += 1
        self._close(client)

    def _close(self, client: _Client) -> None:
        if self._clients.pop(client.connection.fileno(), None) is not None:
            self._selector.unregister(client.connection)
            client.connection.close()


def is_ours(connection: socket.socket, our_uid: int) -> bool:
    """Whether the process at the other end runs as that user (unix(7), `SO_PEERCRED`)."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    _, uid, _ = _PEER.unpack(raw)
    return bool(uid == our_uid)


def _listen(path: Path) -> socket.socket:
    """A socket that the folder's permissions hide from everybody else from its first moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    # A predecessor that was killed has left its socket behind; nobody can be listening on it.
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    path.chmod(0o600)
    listening.listen(MOST_CLIENTS)
    return listening
