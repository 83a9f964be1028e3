"""Whole pictures from the pieces of an H.264 or H.265 stream, before the next one begins. Pure.

FFmpeg's parser sees that a picture is over when the next one begins: at 10 frames a second every
frame is 100 ms old before it is decoded. The mark that says so earlier, in the RTP header, FFmpeg
keeps to itself. But with its parser switched off it hands over the payload of each RTP packet as a
piece (RFC 6184 §5.6 to §5.8, RFC 7798 §4.4, with a start code where a NAL unit begins), and from
those the end can be foreseen:

* A NAL unit is over with the first fragment that is not as long as a fragment can be: senders cut
  a unit into equal fragments and a rest.
* A picture is over when it has as many slices as each of the ten before it, keyframes among them.

Both are confirmed or not by what comes next. Waiting for slices that do not come ends with the next
picture, as with the parser. Whatever goes on after its supposed end costs that picture, and the
trust: from then on this stream's pictures are over when the next begins.

The next picture begins with the next time stamp, or, for cameras that forget theirs, with a slice
that says it is a picture's first.
"""

from dataclasses import dataclass

from ingest.nal_units import H264, START_CODE, NalCodec

TRUSTED_AFTER = 10
"""Pictures with the same number of slices; at 10 frames a second it takes one second."""
MOST_BYTES = 16 * 1024 * 1024
"""Of one picture: thirty times the largest keyframe a 4K camera sends at its best quality."""
_FIRST_LESS = 3
"""A first fragment: the start code stands for the byte of fragment header."""
_ALONE_LESS = 4
"""A unit that is a packet of its own: only the start code is added."""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture, with whatever parameter sets and messages came before it."""

    data: bytes
    pts: int | None


class AccessUnits:
    """Takes pieces in their order; gives each picture as soon as it seems over."""

    def __init__(self, codec: NalCodec = H264) -> None:
        self._codec = codec
        self._next_less = -codec.header_bytes - 1
        """A later fragment comes without its fragment header."""
        self._pieces: list[bytes] = []
        self._size = 0
        self._pts: int | None = None
        self._slices: list[bool] = []
        """The slices of this picture, so far: whether each is of a keyframe."""
        self._given = False
        """Whether this picture was given already."""
        self._expected = 0
        """Slices of the last picture, and of the `_steady` before it."""
        self._steady = 0
        self._kinds: set[bool] = set()
        """What slices they had: a keyframe may well have more than other pictures."""
        self._longest = 0
        """Bytes of payload in the longest RTP packet seen."""
        self._open: bytes | None = None
        """The piece that began the NAL unit under way."""
        self._open_pieces = 0
        self.misjudged = False
        """Something went on after its supposed end; if that was a picture that had been given, it
        is damaged, and so are all up to the next keyframe."""

    def add(self, piece: bytes, pts: int | None) -> list[AccessUnit]:
        """The pictures that this piece completes, or that its coming shows to be complete."""
        complete = self._next_picture(pts) if self._begins_another(piece, pts) else []
        if piece.startswith(START_CODE):
            self._begin(piece)
        elif self._open is not None:
            self._go_on(piece)
        else:
            self._go_on_after_the_end(piece)
        if self._foresees and self._unit_seems_over(piece):
            self._end_unit()
            if len(self._slices) == self._expected and not self._given:
                complete += self._give()
        return complete

    def flush(self) -> list[AccessUnit]:
        """The sender has ended the stream."""
        return self._next_picture(None)

    def _begins_another(self, piece: bytes, pts: int | None) -> bool:
        if pts != self._pts or self._size > MOST_BYTES:
            return True
        return bool(self._slices) and piece.startswith(START_CODE) and self._is_first(piece)

    def _is_first(self, piece: bytes) -> bool:
        """Whether a picture's first slice begins in this piece: the first bit after the header is
        `first_mb_in_slice` 0 (H.264 §7.3.3) or `first_slice_segment_in_pic_flag` (H.265 §7.3.6.1).
        """
        at = 0
        while at >= 0:
            first, after = at + len(START_CODE), at + len(START_CODE) + self._codec.header_bytes
            if after < len(piece) and self._codec.kind(piece[first]) in self._codec.slices:
                return bool(piece[after] & 0x80)
            at = piece.find(START_CODE, first)
        return False

    @property
    def _foresees(self) -> bool:
        return self._steady >= TRUSTED_AFTER and len(self._kinds) > 1 and not self.misjudged

    def _learn(self, slices: tuple[bool, ...]) -> None:
        if len(slices) == self._expected:
            self._steady += 1
        else:
            self._expected, self._steady = len(slices), 0
            self._kinds.clear()
        self._kinds.update(slices)

    def _next_picture(self, pts: int | None) -> list[AccessUnit]:
        self._end_unit()
        if self._slices:
            self._learn(tuple(self._slices))
        # What followed a picture that was given, such as parameter sets, goes with the next one.
        complete = [] if self._given else self._give()
        self._pts, self._slices, self._given = pts, [], False
        return complete

    def _give(self) -> list[AccessUnit]:
        if not self._pieces:
            return []
        unit = AccessUnit(b"".join(self._pieces), self._pts)
        self._pieces.clear()
        self._size = 0
        self._given = True
        return [unit]

    def _begin(self, piece: bytes) -> None:
        self._end_unit()
        slices = self._slices_in(piece)
        if slices and self._given:
            self.misjudged = True
            return
        self._slices += slices
        self._keep(piece)
        self._open, self._open_pieces = piece, 1

    def _go_on(self, piece: bytes) -> None:
        if self._open_pieces == 1 and self._open is not None:
            self._longest = max(self._longest, len(self._open) - _FIRST_LESS)
        self._longest = max(self._longest, len(piece) - self._next_less)
        self._keep(piece)
        self._open_pieces += 1

    def _go_on_after_the_end(self, piece: bytes) -> None:
        if self._given:
            self.misjudged = True
        elif self._pieces:
            # Not given yet: nothing is lost but the trust.
            self.misjudged = True
            self._keep(piece)
        # Else the middle of a unit that began before we came.

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)

    def _end_unit(self) -> None:
        """The unit under way is over, for all that is known."""
        if self._open is not None and self._open_pieces == 1 and not _several(self._open):
            self._longest = max(self._longest, len(self._open) - _ALONE_LESS)
        self._open = None

    def _unit_seems_over(self, piece: bytes) -> bool:
        if self._open is None:
            return False
        if self._open_pieces > 1:
            return len(piece) - self._next_less < self._longest
        return _several(piece) or len(piece) - _FIRST_LESS < self._longest

    def _slices_in(self, piece: bytes) -> list[bool]:
        """The slices that begin in this piece: whether each is of a keyframe."""
        codec, kinds, at = self._codec, list[int](), 0
        while at >= 0 and at + len(START_CODE) < len(piece):
            kinds.append(codec.kind(piece[at + len(START_CODE)]))
            at = piece.find(START_CODE, at + len(START_CODE))
        return [kind in codec.entries for kind in kinds if kind in codec.slices]


def _several(piece: bytes) -> bool:
    """Units that shared one packet (STAP-A): all of them are complete."""
    return piece.find(START_CODE, len(START_CODE)) >= 0
