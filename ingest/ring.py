"""The last seconds of a camera as it sent them: a bounded ring of coded pictures.

What is kept always begins at a keyframe, so that whatever is cut out of it can be decoded. Whole
groups of pictures are dropped from the front, never single ones. A *segment* is a run that one
decoder can follow: a new one begins after a break of the connection and when the codec or its
parameters (and with them the picture's size) change; each begins at a keyframe too.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.streams import CodedPacket

_BACKWARDS_S = 1.0
"""Presentation times may go back within a group of pictures (B-frames), by less than this."""
_LEAP_S = 5.0
"""A step ahead that is larger is a leap of the camera's clock, unless time itself has passed."""


@dataclass(frozen=True, slots=True)
class RingBounds:
    """What is held at most. Where a group of pictures alone is larger, nothing of it is held."""

    keep_s: float = 16.0
    """Of the past, in any case, as long as the two below allow it: ten seconds before an event,
    four until it is decided (somebody who crosses a line slowly), and two in which its clip is
    begun."""
    most_s: float = 45.0
    """Cameras that save bits send a keyframe every 20 s or more."""
    most_bytes: int = 8 * 1024 * 1024
    """Sixteen seconds of 4 Mbit/s, which a main stream has."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptPacket:
    number: int
    """Grows by one with each picture kept; a hole in a row of them is a loss."""
    segment: int
    time_s: float
    """Media time within its segment: the camera's own steps, without its leaps and its gaps in
    time stamps; from any origin."""
    at: datetime
    """Capture time, else the time of arrival."""
    kept: float
    """Monotonic seconds at which it was kept."""
    packet: CodedPacket

    @property
    def size(self) -> int:
        return len(self.packet.data)


@dataclass(slots=True)
class _Timeline:
    """Media time of one segment: the camera's steps where they can be believed."""

    pts_s: float
    at: datetime
    time_s: float = 0.0

    def step(self, packet: CodedPacket, at: datetime) -> float:
        step_s = packet.pts_s - self.pts_s
        passed_s = (at - self.at).total_seconds()
        leap = step_s > _LEAP_S and step_s > 2 * passed_s
        if step_s == 0 or step_s < -_BACKWARDS_S or leap:
            step_s = min(max(passed_s, 0.001), 60.0)
        self.pts_s, self.at = packet.pts_s, at
        self.time_s += step_s
        return self.time_s


class PacketRing:
    """`add` from the camera's thread, the rest from any."""

    def __init__(
        self,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        bounds: RingBounds = RingBounds(),
    ) -> None:
        self._now = now
        self._monotonic = monotonic
        self._bounds = bounds
        self._lock = threading.Lock()
        self._kept: deque[KeptPacket] = deque()
        self._keyframes: deque[KeptPacket] = deque()
        """Those of `_kept` that are keyframes."""
        self._bytes = 0
        self._number = 0
        self._segment = 0
        self._form: tuple[str, bytes] | None = None
        """Codec and parameters of the segment; None: the next keyframe begins one."""
        self._timeline: _Timeline | None = None
        self.waited = 0
        """Pictures not kept because no keyframe had come to begin with."""
        self.overlong = 0
        """Groups of pictures dropped because they alone are over the bounds."""

    @property
    def bytes(self) -> int:
        return self._bytes

    @property
    def span_s(self) -> float:
        """Seconds of arrival between the oldest and the newest that is held."""
        with self._lock:
            return self._kept[-1].kept - self._kept[0].kept if self._kept else 0.0

    def add(self, packet: CodedPacket) -> None:
        with self._lock:
            if not self._follows(packet):
                self.waited += 1
                return
            at = packet.captured_at or self._now()
            kept = self._keep(packet, at)
            self._kept.append(kept)
            self._bytes += kept.size
            if packet.keyframe:
                self._keyframes.append(kept)
            self._bound(kept)

    def interrupt(self) -> None:
        """The connection is lost: what comes next belongs to another one."""
        with self._lock:
            self._form = None

    def cut(self, at: datetime) -> tuple[KeptPacket, ...]:
        """From the last keyframe captured at `at` or before, else from the first one held."""
        with self._lock:
            begin = next((one for one in reversed(self._keyframes) if one.at <= at), None)
            first = 0 if begin is None else begin.number
            return tuple(one for one in self._kept if one.number >= first)

    def after(self, number: int) -> tuple[KeptPacket, ...]:
        """What has come since the one of that number; begins with a later one than the next where
        some were dropped meanwhile, and then with a keyframe."""
        with self._lock:
            return tuple(one for one in self._kept if one.number > number)

    def _follows(self, packet: CodedPacket) -> bool:
        """Whether it can be decoded after what is held; begins a segment where it must."""
        form = (packet.codec, packet.extradata)
        if self._form is not None and (form == self._form or not packet.keyframe):
            # Parameters that change in the middle of a group are those of the next one.
            return packet.codec == self._form[0]
        if not packet.keyframe:
            return False
        self._form, self._timeline = form, None
        self._segment += 1
        return True

    def _keep(self, packet: CodedPacket, at: datetime) -> KeptPacket:
        if self._timeline is None:
            self._timeline = _Timeline(packet.pts_s, at)
            time_s = 0.0
        else:
            time_s = self._timeline.step(packet, at)
        self._number += 1
        return KeptPacket(self._number, self._segment, time_s, at, self._monotonic(), packet)

    def _bound(self, newest: KeptPacket) -> None:
        bounds = self._bounds
        while self._kept and (
            self._bytes > bounds.most_bytes
            or newest.kept - self._kept[0].kept > bounds.most_s
            or (len(self._keyframes) > 1 and newest.kept - self._keyframes[1].kept > bounds.keep_s)
        ):
            self._drop_group()

    def _drop_group(self) -> None:
        """The oldest keyframe, and all up to the next one."""
        self._keyframes.popleft()
        until = self._keyframes[0].number if self._keyframes else None
        while self._kept and (until is None or self._kept[0].number < until):
            self._bytes -= self._kept.popleft().size
        if until is None:
            # What follows refers to what is gone.
            self._form = None
            self.overlong += 1


def segments(packets: Iterable[KeptPacket]) -> list[list[KeptPacket]]:
    """Apart by segment, and wherever some in between were lost."""
    runs: list[list[KeptPacket]] = []
    last: KeptPacket | None = None
    for one in packets:
        if last is None or one.segment != last.segment or one.number != last.number + 1:
            runs.append([])
        runs[-1].append(one)
        last = one
    return runs


def gap(before: KeptPacket, after: KeptPacket) -> timedelta:
    """What is missing between the last picture of one segment and the first of the next."""
    return max(after.at - before.at, timedelta())
