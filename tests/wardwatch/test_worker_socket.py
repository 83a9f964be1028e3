"""The worker's socket: what it answers, and whom it drops."""

import os
import socket
import stat
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from record.cameras import CameraState
from record.clock import SystemClock
from record.messages import (
    AskPicture,
    AskUpdates,
    Counts,
    Health,
    PictureMissing,
    PictureSent,
    encode,
)
from tests.fakes.clock import EPOCH
from tests.wardwatch.workers import Client, await_true
from wardwatch.worker_answers import Answer, Answers
from wardwatch.worker_socket import MOST_CLIENTS, MOST_UNREAD, WorkerSocket, is_ours

JPEG = b"\xff\xd8" + bytes(60_000) + b"\xff\xd9"


def picture(asked: AskPicture) -> Answer:
    if asked.camera == "gone":
        missing = PictureMissing(
            request=asked.request, camera=asked.camera, state=CameraState.OFFLINE
        )
        return missing, b""
    sent = PictureSent(
        request=asked.request, camera=asked.camera, captured_at=EPOCH, width=640, height=360
    )
    return sent, JPEG


def health() -> Health:
    return Health(worker="worker-1", at=EPOCH, detector="ready")


def answers() -> Answers:
    return Answers({AskPicture: picture}, {})


@pytest.fixture
def served() -> Iterator[WorkerSocket]:
    with tempfile.TemporaryDirectory(prefix="ww") as folder:
        made = WorkerSocket(
            Path(folder) / "run" / "worker-1.sock", answers(), health, SystemClock()
        )
        made.start()
        yield made
        made.stop()


@pytest.fixture
def client(served: WorkerSocket) -> Iterator[Client]:
    with Client(served.path) as made:
        yield made


def counts(camera: str, persons: int = 1) -> Counts:
    return Counts(camera=camera, at=EPOCH, persons=persons)


def test_a_picture_is_answered_with_its_bytes(client: Client) -> None:
    client.say(AskPicture(request=7, camera="gate"))
    message, body = client.hear(PictureSent)
    assert isinstance(message, PictureSent)
    assert (message.request, message.captured_at, body) == (7, EPOCH, JPEG)


def test_a_picture_that_is_not_there_says_why(client: Client) -> None:
    client.say(AskPicture(request=8, camera="gone"))
    message, _ = client.hear(PictureMissing)
    assert isinstance(message, PictureMissing)
    assert message.state is CameraState.OFFLINE


def test_updates_come_to_those_who_ask(served: WorkerSocket, client: Client) -> None:
    with Client(served.path) as silent:
        client.say(AskUpdates())
        client.hear(Health)
        served.tell(counts("gate"))
        assert client.hear(Counts)[0] == counts("gate")
        client.hear(Health)  # once a second
        silent.say(AskPicture(request=1, camera="gone"))
        silent.hear(PictureMissing)
        silent.connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            silent.hear(Counts)


def test_health_is_told_at_once_when_something_changed(
    served: WorkerSocket, client: Client
) -> None:
    client.say(AskUpdates())
    client.hear(Health)
    client.hear(Health)  # the next one is a second away
    client.connection.settimeout(0.5)
    served.tell_health()
    client.hear(Health)


def test_questions_in_one_breath_are_all_answered(client: Client) -> None:
    asked = [AskPicture(request=number, camera="gate") for number in range(30)]
    client.connection.sendall(b"".join(encode(one) for one in asked))
    answers = [client.hear(PictureSent)[0] for _ in asked]
    assert [getattr(answer, "request", None) for answer in answers] == list(range(30))


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n" + bytes(100_000),
        struct.pack(">I", 5) + b"hello",
        struct.pack(">I", 2**31),
        encode(health()),  # not for a client to say
        struct.pack(">I", 60) + b'{"type":"ask_picture","v":2,"request":1,"camera":"gate"}    ',
    ],
)
def test_another_language_is_cut_off_and_nobody_else_is(
    served: WorkerSocket, client: Client, garbage: bytes
) -> None:
    with Client(served.path) as stranger:
        stranger.connection.sendall(garbage)
        with pytest.raises((EOFError, ConnectionResetError)):
            stranger.hear(Health)
    assert served.dropped == 1
    client.say(AskPicture(request=1, camera="gate"))
    client.hear(PictureSent)


def test_a_client_that_does_not_read_is_cut_off_and_costs_bounded_memory(
    served: WorkerSocket, client: Client
) -> None:
    with Client(served.path) as slow:
        slow.connection.settimeout(0.5)
        asked = encode(AskPicture(request=1, camera="gate"))
        with pytest.raises(OSError):  # noqa: PT011 - broken pipe, reset or time-out
            ask_without_end(slow, asked)
        await_true(lambda: served.dropped == 1)
    assert served.unsent_bytes <= MOST_UNREAD
    client.say(AskPicture(request=2, camera="gate"))
    client.hear(PictureSent)


def ask_without_end(slow: Client, asked: bytes) -> None:
    for _ in range(10_000):
        slow.connection.sendall(asked)


def test_too_many_clients_are_turned_away(served: WorkerSocket) -> None:
    clients = [Client(served.path) for _ in range(MOST_CLIENTS)]
    for one in clients:
        one.say(AskPicture(request=1, camera="gone"))
        one.hear(PictureMissing)
    with Client(served.path) as late, pytest.raises((EOFError, OSError)):
        late.hear(Health)
    for one in clients:
        one.connection.close()


def test_only_we_may_come_in(served: WorkerSocket) -> None:
    assert stat.S_IMODE(served.path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(served.path.stat().st_mode) == 0o600
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        assert is_ours(ours, os.getuid())
        assert not is_ours(ours, os.getuid() + 1)


def test_a_socket_left_behind_is_replaced_and_ours_is_taken_away() -> None:
    with tempfile.TemporaryDirectory(prefix="ww") as folder:
        path = Path(folder) / "worker-1.sock"
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
        made = WorkerSocket(path, answers(), health, SystemClock())
        made.start()
        with Client(path) as client:
            client.say(AskPicture(request=1, camera="gate"))
            client.hear(PictureSent)
            began = time.monotonic()
            made.stop()
            assert time.monotonic() - began < 0.5
            with pytest.raises((EOFError, OSError)):
                client.hear(Health)
        assert not path.exists()


def test_telling_never_waits_and_forgets_the_oldest(served: WorkerSocket) -> None:
    began = time.monotonic()
    for number in range(20_000):
        served.tell(counts("gate", number))
    assert time.monotonic() - began < 2
