"""Cameras that do as a script says, and pictures that cost nothing: no FFmpeg, no waiting."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from ingest import (
    CodedPacket,
    PacketTap,
    StreamCounts,
    StreamFailed,
    StreamInfo,
    StreamOptions,
)
from record.cameras import CameraReason, CameraUrl
from record.clock import Clock
from record.frames import Drawable, Frame, TimeSource
from record.ids import CameraId
from tests.fakes.pictures import FakePicture


class AdvancingClock(Clock, Protocol):
    def advance(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Frames:
    """So many frames, `every_s` apart by the fake clock; `age_s` old when they arrive."""

    count: int
    every_s: float = 0.1
    age_s: float = 0.0
    picture: Callable[[int], Drawable] = lambda _number: FakePicture()


@dataclass(frozen=True, slots=True)
class Fails:
    reason: CameraReason


@dataclass(frozen=True, slots=True)
class Refuses:
    """The camera does not even open."""

    reason: CameraReason


@dataclass(frozen=True, slots=True)
class ClockAhead:
    """From here on the camera's clock is so far ahead; None: it is right again."""

    by: timedelta | None


@dataclass(frozen=True, slots=True)
class Calls:
    """The test does something at this point."""

    what: Callable[[], None]


class Hangs:
    """Nothing comes until the stream is closed by the test's end."""


Step = Frames | Fails | ClockAhead | Calls | Hangs
Connection = Refuses | Iterable[Step]


class FakeStream:
    """With a tap, each frame is told first, as an H.264 keyframe of no picture at all."""

    def __init__(
        self,
        camera: CameraId,
        steps: Iterable[Step],
        opener: "FakeOpener",
        tap: PacketTap | None = None,
    ) -> None:
        self._tap = tap
        self.info = StreamInfo(64, 36, "fake", None)
        self.counts = StreamCounts()
        self.clock_offset: timedelta | None = None
        self.closed = False
        self._camera = camera
        self._opener = opener
        self._frames = self._play(steps)

    def read(self) -> Frame:
        frame = next(self._frames, None)
        if frame is None:
            raise StreamFailed(CameraReason.ENDED, "the script is over")
        return frame

    def close(self) -> None:
        self.closed = True

    def _play(self, steps: Iterable[Step]) -> Iterator[Frame]:
        clock, number = self._opener.clock, 0
        for step in steps:
            match step:
                case Frames():
                    for _ in range(step.count):
                        self._opener.pass_time(step.every_s)
                        self.counts = StreamCounts(number + 1, number + 1, 0)
                        at = clock.now() - timedelta(seconds=step.age_s)
                        if self._tap is not None:
                            coded = f"coded {number}".encode()
                            pts_s = number * step.every_s
                            self._tap.on_packet(CodedPacket(coded, pts_s, at, True, "h264", b""))
                        yield Frame(
                            self._camera,
                            number,
                            at,
                            TimeSource.ARRIVAL,
                            number * step.every_s,
                            clock.monotonic(),
                            step.picture(number),
                        )
                        number += 1
                case Fails():
                    raise StreamFailed(step.reason, "as the script says")
                case ClockAhead():
                    self.clock_offset = step.by
                case Calls():
                    step.what()
                case Hangs():
                    self._opener.released.wait(10)
                    return


@dataclass
class FakeOpener:
    """Gives each camera its connections one after the other; the last one is given again and
    again."""

    clock: Clock
    scripts: dict[str, list[Connection]]
    pass_time: Callable[[float], None] = lambda _: None
    """How a stream waits for its next frame: `FakeClock.advance`, or sleeping."""
    opened: list[tuple[CameraId, CameraUrl]] = field(default_factory=list)
    options: list[StreamOptions] = field(default_factory=list)
    streams: list[FakeStream] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def open(
        self, camera: CameraId, url: CameraUrl, *, options: StreamOptions = StreamOptions()
    ) -> FakeStream:
        script = self.scripts[camera]
        connection = script.pop(0) if len(script) > 1 else script[0]
        self.opened.append((camera, url))
        self.options.append(options)
        if isinstance(connection, Refuses):
            raise StreamFailed(connection.reason, "as the script says")
        stream = FakeStream(camera, connection, self, options.packets)
        self.streams.append(stream)
        return stream
