"""A camera that speaks RTSP over TCP and misbehaves in one chosen way: silent, stalling, wrong of
clock, cutting the line, or answering nonsense. Whatever works, `sample_streams` serves."""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sample_streams.rtsp.clip import Clip
from sample_streams.rtsp.rtp import (
    Payload,
    interleaved,
    packet,
    payloads,
    sender_report,
)

Say = Callable[[bytes], None]
Behaviour = Callable[["Talk"], None]

_SSRC = 0x5EED


@dataclass(slots=True)
class Talk:
    """One connection, from the camera's side."""

    connection: socket.socket
    stopped: threading.Event
    asked: str = ""
    """The whole of the last request."""

    def request(self) -> tuple[str, str]:
        """Method and CSeq of the next request; OSError when the other side has left."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.connection.recv(1)
            if not byte:
                raise ConnectionResetError
            head += byte
        self.asked = head.decode(errors="replace")
        lines = self.asked.split("\r\n")
        numbers = [line.split(":")[1].strip() for line in lines if line.lower().startswith("cseq")]
        return lines[0].split(" ")[0], numbers[0]

    def answer(self, number: str, status: str = "200 OK", head: str = "", body: str = "") -> None:
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        text = f"RTSP/1.0 {status}\r\nCSeq: {number}\r\n{head}{length}\r\n{body}"
        self.connection.sendall(text.encode())

    def wait(self, seconds: float = 30.0) -> None:
        """Say nothing, keep the line open."""
        self.stopped.wait(seconds)


class FakeRtspServer:
    """Each connection is handled by `behaves` in a thread of its own."""

    def __init__(self, behaves: Behaviour) -> None:
        self._behaves = behaves
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept)
        self.connections = 0

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._listening.getsockname()[1]}/camera"

    def __enter__(self) -> Self:
        self._listening.settimeout(0.05)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join()
        for connection in self._connections:
            connection.close()
        for thread in self._threads:
            thread.join(5)
        self._listening.close()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                continue
            self.connections += 1
            connection.settimeout(10)
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._behaves(Talk(connection, self._stopped))
        except OSError:
            return  # they left
        finally:
            connection.close()


def says_nothing(talk: Talk) -> None:
    talk.wait()


def hangs_up(talk: Talk) -> None:
    talk.request()


def speaks_http(talk: Talk) -> None:
    talk.connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    talk.wait(0.5)


def refuses(status: str, head: str = "") -> Behaviour:
    """Every DESCRIBE is answered with `status`."""

    def behave(talk: Talk) -> None:
        while True:
            method, number = talk.request()
            talk.answer(number, "200 OK" if method == "OPTIONS" else status, head)

    return behave


def describes(sdp: str) -> Behaviour:
    """Answers DESCRIBE with that SDP, and everything else politely."""

    def behave(talk: Talk) -> None:
        while True:
            method, number = talk.request()
            if method == "DESCRIBE":
                talk.answer(number, head="Content-Type: application/sdp\r\n", body=sdp)
            else:
                talk.answer(number, head="Session: 1\r\n")

    return behave


SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=fake\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"
    "a=control:track1\r\n"
)
"""Without parameter sets: they come in the stream, as from many a cheap camera."""
H265 = SDP.replace("H264", "H265").replace("a=fmtp:96 packetization-mode=1\r\n", "")
SOUND_ONLY = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=fake\r\nt=0 0\r\n"
    "m=audio 0 RTP/AVP 0\r\na=control:track1\r\n"
)


@dataclass(frozen=True, slots=True)
class Plays:
    """Plays a clip: `frames` of it at `every_s`, then `then` (hang, or return to cut the line)."""

    clip: Clip
    """With the same NAL units for every codec; see `h265_payloads` for another than H.264."""
    frames: int
    every_s: float = 0.1
    clock_ahead_s: float | None = None
    """Of sender reports; None: none are sent."""
    then: Behaviour = says_nothing
    mangle: Callable[[int, bytes], bytes] = lambda _, data: data
    """What becomes of the n-th frame's packets on their way."""
    sdp: str = SDP
    pack: Callable[[tuple[bytes, ...]], tuple[Payload, ...]] = payloads

    def __call__(self, talk: Talk) -> None:
        while self._answer(talk) != "PLAY":
            pass
        for number in range(self.frames):
            talk.connection.sendall(self.mangle(number, self._frame(number)))
            if talk.stopped.wait(self.every_s):
                return
        self.then(talk)

    def _answer(self, talk: Talk) -> str:
        method, number = talk.request()
        head, body = "Session: 1\r\n", ""
        if method == "DESCRIBE":
            head, body = "Content-Type: application/sdp\r\n", self.sdp
        elif method == "SETUP":
            head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        talk.answer(number, head=head, body=body)
        return method

    def _frame(self, number: int) -> bytes:
        coded = self.clip.frames[number % len(self.clip.frames)]
        sets = (self.clip.sps, self.clip.pps) if coded.key else ()
        timestamp = 90_000 + round(number * self.every_s * 90_000)
        data = b"".join(
            interleaved(
                0, packet(payload, sequence=100 * number + at, timestamp=timestamp, ssrc=_SSRC)
            )
            for at, payload in enumerate(self.pack((*sets, *coded.nal_units)))
        )
        if self.clock_ahead_s is None:
            return data
        report = sender_report(
            ssrc=_SSRC,
            wall_s=time.time() + self.clock_ahead_s,
            timestamp=timestamp,
            packets=number,
            octets=number,
            name="fake",
        )
        return interleaved(1, report) + data
