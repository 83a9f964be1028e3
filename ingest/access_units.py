"""Whole pictures from the pieces of an H.264 stream, without waiting for the next picture. Pure.

FFmpeg's parser sees that a picture is over when the next one begins: at 10 frames a second every
frame is 100 ms old before it is decoded. The mark that says so earlier, in the RTP header, FFmpeg
keeps to itself. But with its parser switched off it hands over the payload of each RTP packet as a
piece (RFC 6184 §5.6 to §5.8, with a start code where a NAL unit begins), and from those the end can
be foreseen:

* A NAL unit is over with the first fragment that is not as long as a fragment can be: senders cut
  a unit into equal fragments and a rest.
* A picture is over when it has as many slices as each of the ten before it, keyframes among them.

Both are confirmed or not by what comes next. Waiting for slices that do not come ends with the next
picture, as with the parser. Whatever goes on after its supposed end costs that picture, and the
trust: from then on this stream's pictures are over when the next begins.
"""

from dataclasses import dataclass

START_CODE = b"\x00\x00\x00\x01"
TRUSTED_AFTER = 10
"""Pictures with the same number of slices; at 10 frames a second it takes one second."""
_SLICES = frozenset({1, 5})
"""NAL unit types that hold picture data: of a non-IDR and of an IDR picture (H.264 table 7-1)."""
_FIRST_LESS = 3
"""A first fragment: four bytes of start code and one of NAL header stand for two of FU-A header."""
_NEXT_LESS = -2
"""A later one comes without its two bytes of FU-A header."""
_ALONE_LESS = 4
"""A unit that is a packet of its own: only the start code is added."""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture, with whatever parameter sets and messages came before it."""

    data: bytes
    pts: int | None


class AccessUnits:
    """Takes pieces in their order; gives each picture as soon as it seems over."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._pts: int | None = None
        self._slices: list[int] = []
        """NAL unit types of the slices of this picture, so far."""
        self._given = False
        """Whether this picture was given already."""
        self._expected = 0
        """Slices of the last picture, and of the `_steady` before it."""
        self._steady = 0
        self._kinds: set[int] = set()
        """NAL unit types of all their slices: a keyframe may well have more than other pictures."""
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
        complete = self._next_picture(pts) if pts != self._pts else []
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

    @property
    def _foresees(self) -> bool:
        return self._steady >= TRUSTED_AFTER and self._kinds == _SLICES and not self.misjudged

    def _learn(self, slices: tuple[int, ...]) -> None:
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
        self._given = True
        return [unit]

    def _begin(self, piece: bytes) -> None:
        self._end_unit()
        slices = _slices_in(piece)
        if slices and self._given:
            self.misjudged = True
            return
        self._slices += slices
        self._pieces.append(piece)
        self._open, self._open_pieces = piece, 1

    def _go_on(self, piece: bytes) -> None:
        if self._open_pieces == 1 and self._open is not None:
            self._longest = max(self._longest, len(self._open) - _FIRST_LESS)
        self._longest = max(self._longest, len(piece) - _NEXT_LESS)
        self._pieces.append(piece)
        self._open_pieces += 1

    def _go_on_after_the_end(self, piece: bytes) -> None:
        if self._given:
            self.misjudged = True
        elif self._pieces:
            # Not given yet: nothing is lost but the trust.
            self.misjudged = True
            self._pieces.append(piece)
        # Else the middle of a unit that began before we came.

    def _end_unit(self) -> None:
        """The unit under way is over, for all that is known."""
        if self._open is not None and self._open_pieces == 1 and not _several(self._open):
            self._longest = max(self._longest, len(self._open) - _ALONE_LESS)
        self._open = None

    def _unit_seems_over(self, piece: bytes) -> bool:
        if self._open is None:
            return False
        if self._open_pieces > 1:
            return len(piece) - _NEXT_LESS < self._longest
        return _several(piece) or len(piece) - _FIRST_LESS < self._longest


def _several(piece: bytes) -> bool:
    """Units that shared one packet (STAP-A): all of them are complete."""
    return piece.find(START_CODE, len(START_CODE)) >= 0


def _slices_in(piece: bytes) -> list[int]:
    """NAL unit types of the slices that begin in this piece."""
    kinds, at = [], 0
    while at >= 0 and at + len(START_CODE) < len(piece):
        kinds.append(piece[at + len(START_CODE)] & 0x1F)
        at = piece.find(START_CODE, at + len(START_CODE))
    return [kind for kind in kinds if kind in _SLICES]
