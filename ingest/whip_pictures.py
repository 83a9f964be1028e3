"""RTP packets to coded pictures, whatever order they come in (RFC 6184, RFC 7741). Pure.

aiortc's jitter buffer gives a picture when the next one begins: at 10 frames a second every frame
is 100 ms old by then. Here the marker bit ends a picture (RFC 3550 §5.1, RFC 6184 §5.1), the next
time stamp only where a sender sets none. What is missing is asked for and waited for briefly; then
what can no longer be decoded is dropped up to the next keyframe, and one is asked for.
"""

from collections import deque
from dataclasses import dataclass, field

from ingest.nal_units import H264, begins_anew

REORDER_S = 0.25
"""How long a gap is waited for: a retransmission takes one round trip."""
MOST_WAITING = 512
"""Packets behind a gap; a keyframe of 640x360 is about 40."""
MOST_LATE = 100
"""Packets in a row that lie behind; after so many it is the sender who counts anew."""
MOST_PARTS = 2_048
"""Packets of one picture; one that never ends is none."""
_SEQUENCES, _TIMESTAMPS = 1 << 16, 1 << 32


@dataclass(frozen=True, slots=True)
class Piece:
    """One RTP packet of the video, its payload already out of its packetisation."""

    sequence: int
    """16 bits, as on the wire."""
    timestamp: int
    """32 bits, 90 kHz."""
    marker: bool
    data: bytes
    """H.264: a part of an Annex B byte stream; VP8: a part of a frame. Empty: padding."""
    begins: bool = True
    """It is no continuation of something that an earlier packet began."""


@dataclass(frozen=True, slots=True)
class CodedPicture:
    data: bytes
    ticks: int
    """Its time stamp, counted on beyond 32 bits."""
    keyframe: bool


@dataclass(slots=True)
class _Gap:
    since: float
    """Monotonic seconds at which the first packet behind it came."""


@dataclass(slots=True)
class Pictures:
    """`h264`: else VP8. Of one source; a new one begins with new `Pictures`."""

    h264: bool
    dropped: int = 0
    """Pictures thrown away because something of them, or of what they build on, was lost."""
    lost: int = 0
    """Packets that never came."""
    _next: int | None = None
    """Unwrapped number of the packet that goes on."""
    _waiting: dict[int, Piece] = field(default_factory=dict)
    _gap: _Gap | None = None
    _parts: list[bytes] = field(default_factory=list)
    _ticks: int = 0
    _dropped_ticks: int | None = None
    _began: bool = False
    """Whether anything of the picture under way was taken."""
    _headless: bool = False
    """Its beginning was lost."""
    _late: int = 0
    """Packets in a row that came too late."""
    _damaged: bool = True
    """Until a keyframe: also before the first."""

    @property
    def wants_keyframe(self) -> bool:
        return self._damaged

    @property
    def missing(self) -> list[int]:
        """16-bit numbers of packets to be asked for again, oldest first."""
        if self._next is None or not self._waiting:
            return []
        gaps = range(self._next, max(self._waiting))
        return [one % _SEQUENCES for one in gaps if one not in self._waiting]

    def add(self, piece: Piece, now: float) -> list[CodedPicture]:
        """The pictures that are whole by this packet. `now`: monotonic seconds."""
        number = self._unwrapped(piece.sequence)
        if self._next is None:
            self._next = number
        if number < self._next:
            self._late += 1
            if self._late < MOST_LATE:
                return []  # doubled, or late beyond hope
            self._begin_again(number)
        self._late = 0
        self._waiting[number] = piece
        whole = self._drain()
        whole += self._give_up(now)
        return whole

    def damage(self) -> None:
        """What came cannot be read, or was not decoded: nothing more up to a keyframe."""
        self._discard()
        self._damaged = True

    def _begin_again(self, number: int) -> None:
        """The sender counts anew."""
        self._waiting.clear()
        self._next, self._gap = number, None
        self.damage()

    def _unwrapped(self, sequence: int) -> int:
        """The number nearest to the one awaited (RFC 3550 appendix A.1)."""
        if self._next is None:
            return sequence + _SEQUENCES
        behind = (self._next - sequence) % _SEQUENCES
        return self._next - behind if behind < _SEQUENCES // 2 else self._next - behind + _SEQUENCES

    def _drain(self) -> list[CodedPicture]:
        whole: list[CodedPicture] = []
        while self._next is not None and (piece := self._waiting.pop(self._next, None)) is not None:
            self._next += 1
            whole += self._take(piece)
        return whole

    def _give_up(self, now: float) -> list[CodedPicture]:
        """Past a gap that was waited for long enough, or that too much waits behind."""
        if not self._waiting:
            self._gap = None
            return []
        self._gap = self._gap or _Gap(now)
        awaited = self._next or 0
        if now - self._gap.since < REORDER_S and max(self._waiting) - awaited < MOST_WAITING:
            return []
        first = min(self._waiting)
        self.lost += first - awaited
        self._next, self._gap = first, None
        self.damage()
        return self._drain()

    def _take(self, piece: Piece) -> list[CodedPicture]:
        whole: list[CodedPicture] = []
        ticks = self._unwrapped_ticks(piece.timestamp)
        if self._began and ticks != self._ticks:
            whole += self._end()  # no marker came
        self._ticks = ticks
        if piece.data:
            self._headless = self._headless or not (self._began or piece.begins)
            self._began = True
            self._parts.append(piece.data)
            if len(self._parts) > MOST_PARTS:
                self.damage()
        if piece.marker and self._began:
            whole += self._end()
        return whole

    def _unwrapped_ticks(self, timestamp: int) -> int:
        """The value nearest to the last one: time may step back where pictures are reordered."""
        ahead = (timestamp - self._ticks) % _TIMESTAMPS
        near = ahead if ahead < _TIMESTAMPS // 2 else ahead - _TIMESTAMPS
        return self._ticks + near

    def _end(self) -> list[CodedPicture]:
        data = b"".join(self._parts)
        headless = self._headless
        self._forget()
        keyframe = not headless and self._begins_anew(data)
        if keyframe:
            self._damaged = False
        if self._damaged:
            self._drop()
            return []
        return [CodedPicture(data, self._ticks, keyframe)]

    def _discard(self) -> None:
        if self._parts:
            self._drop()
        self._forget()

    def _drop(self) -> None:
        """Counts the picture under way, once, however many pieces are left of it."""
        self.dropped += self._ticks != self._dropped_ticks
        self._dropped_ticks = self._ticks

    def _forget(self) -> None:
        self._parts.clear()
        self._began = self._headless = False

    def _begins_anew(self, data: bytes) -> bool:
        # VP8: the lowest bit of the first byte is 0 in a keyframe (RFC 6386 §9.1).
        return begins_anew(data, H264) if self.h264 else bool(data) and not data[0] & 1


@dataclass(slots=True)
class PictureQueue:
    """Between the network and the decoder: bounded, and the newest wins.

    A picture cannot be left out by itself, for others build on it: when there are too many, all
    that wait are dropped, and what comes next, up to a keyframe. Nothing here locks.
    """

    most: int = 60
    """Pictures: two seconds at 30 frames a second."""
    most_bytes: int = 8 * 1024 * 1024
    dropped: int = 0
    wants_keyframe: bool = False
    _waiting: deque[tuple[CodedPicture, float]] = field(default_factory=deque)
    _bytes: int = 0

    def put(self, picture: CodedPicture, received: float) -> bool:
        """False: it was dropped. `received`: monotonic seconds."""
        if len(self._waiting) >= self.most or self._bytes + len(picture.data) > self.most_bytes:
            self.dropped += len(self._waiting)
            self._waiting.clear()
            self._bytes = 0
            self.wants_keyframe = True
        if self.wants_keyframe and not picture.keyframe:
            self.dropped += 1
            return False
        self.wants_keyframe = False
        self._waiting.append((picture, received))
        self._bytes += len(picture.data)
        return True

    def take(self) -> tuple[CodedPicture, float] | None:
        if not self._waiting:
            return None
        picture, received = self._waiting.popleft()
        self._bytes -= len(picture.data)
        return picture, received

    def __len__(self) -> int:
        return len(self._waiting)
