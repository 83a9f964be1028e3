"""Whole pictures from the pieces of an H.264 stream, without waiting for the next picture. Pure.

FFmpeg's parser sees that a picture is over when the next one begins: at 10 frames a second every
frame is 100 ms old before it is decoded. The mark that says so earlier, in the RTP header, FFmpeg
keeps to itself. But with its parser switched off it hands over the payload of each RTP packet as a
piece (RFC 6184 §5.6 to §5.8, with a start code where a NAL unit begins), and from those the end can
be told:

* A NAL unit is over with the first fragment that is not as long as a fragment can be: senders cut
  a unit into equal fragments and a rest.
* A picture is over when it has as many slices as the picture before.

Both are guesses that the next piece confirms or not. Too few slices cost nothing: the decoder
(in its "chunks" mode) gives the picture when its last row is done, whenever that is. Waiting for
slices that do not come ends with the next picture, as with the parser. A unit that goes on after
its supposed end costs one picture and the trust: from then on its end is where the next begins.
"""

from dataclasses import dataclass

START_CODE = b"\x00\x00\x00\x01"
_SLICES = frozenset({1, 5})
"""NAL unit types that hold picture data: of a non-IDR and of an IDR picture (H.264 table 7-1)."""
_FIRST_LESS = 3
"""A first fragment: four bytes of start code and one of NAL header stand for two of FU-A header."""
_NEXT_LESS = -2
"""A later one comes without its two bytes of FU-A header."""
_ALONE_LESS = 4
"""A unit that is a packet of its own: only the start code is added."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Bytes to be decoded now."""

    data: bytes
    pts: int | None
    whole: bool
    """As far as is known this is one picture, neither less nor more."""


class AccessUnits:
    """Takes pieces in their order; gives units as soon as they seem over."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._pts: int | None = None
        self._slices = 0
        self._given = False
        """Whether a part of this picture was given away already."""
        self._expected: int | None = None
        self._longest = 0
        """Bytes of payload in the longest RTP packet seen."""
        self._open: bytes | None = None
        """The piece that began the NAL unit under way."""
        self._open_pieces = 0
        self._patient = False
        self.misjudged = 0
        """NAL units that went on after their supposed end."""

    def add(self, piece: bytes, pts: int | None) -> list[Unit]:
        units = []
        if pts != self._pts:
            units = self._next_picture(pts)
        if piece.startswith(START_CODE):
            self._begin(piece)
        elif self._open is None:
            # The rest of a unit that was taken for complete, or the middle of a lost one.
            self.misjudged += 1
            self._patient = True
            return units
        else:
            self._go_on(piece)
        if not self._patient and self._seems_over(piece):
            self._end_unit()
            if self._expected is not None and self._slices >= self._expected:
                units += self._give(whole=not self._given and self._slices == self._expected)
        return units

    def flush(self) -> list[Unit]:
        """The sender has ended the stream."""
        return self._next_picture(None)

    def _next_picture(self, pts: int | None) -> list[Unit]:
        self._end_unit()
        if self._slices:
            self._expected = self._slices
        units = self._give(whole=not self._given)
        self._pts, self._slices, self._given = pts, 0, False
        return units

    def _give(self, *, whole: bool) -> list[Unit]:
        if not self._pieces:
            return []
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._given = True
        return [Unit(data, self._pts, whole)]

    def _begin(self, piece: bytes) -> None:
        self._end_unit()
        self._slices += _slices_in(piece)
        self._pieces.append(piece)
        self._open, self._open_pieces = piece, 1

    def _go_on(self, piece: bytes) -> None:
        if self._open_pieces == 1 and self._open is not None:
            self._longest = max(self._longest, len(self._open) - _FIRST_LESS)
        self._longest = max(self._longest, len(piece) - _NEXT_LESS)
        self._pieces.append(piece)
        self._open_pieces += 1

    def _end_unit(self) -> None:
        """The unit under way is over, for all that is known."""
        if self._open is not None and self._open_pieces == 1 and not _several(self._open):
            self._longest = max(self._longest, len(self._open) - _ALONE_LESS)
        self._open = None

    def _seems_over(self, piece: bytes) -> bool:
        if self._open_pieces > 1:
            return len(piece) - _NEXT_LESS < self._longest
        return _several(piece) or len(piece) - _FIRST_LESS < self._longest


def _several(piece: bytes) -> bool:
    """Units that shared one packet (STAP-A): all of them are complete."""
    return piece.find(START_CODE, len(START_CODE)) >= 0


def _slices_in(piece: bytes) -> int:
    count, at = 0, 0
    while at >= 0 and at + len(START_CODE) < len(piece):
        count += piece[at + len(START_CODE)] & 0x1F in _SLICES
        at = piece.find(START_CODE, at + len(START_CODE))
    return count
