"""A camera whose stream is broken at one layer, by a seed: the same seed, the same stream."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from sample_streams.rtsp.clip import Clip, load_clip
from sample_streams.rtsp.packing import PACKERS
from sample_streams.rtsp.rtp import CLOCK_HZ, interleaved, packet
from sample_streams.rtsp.sdp import description
from tests.fakes.rtsp import Talk

CORPUS = Path(__file__).parents[1] / "corpus"
CODECS = ("h264", "h265", "mjpeg")
ROUNDS = 3
"""How often the clip of a dozen pictures is played: damage shows in what refers to it."""
_SSRC = 0xF022
_JPEG_TYPE, _OTHER_TYPE = 26, 96


class Layer(StrEnum):
    """Where it is broken; the layers below it are whole."""

    BITSTREAM = "bitstream"
    PACKETS = "packets"
    FRAMING = "framing"
    ANSWERS = "answers"


@cache
def clip(codec: str) -> Clip:
    return load_clip(CORPUS / f"{codec}.mp4")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to four changes: bits, bytes, runs cut out, repeated, or of noise."""
    broken = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        if not broken:
            return bytes(broken)
        at = chance.randrange(len(broken))
        run = chance.randint(1, max(1, min(64, len(broken) - at)))
        match chance.randrange(6):
            case 0:
                broken[at] ^= 1 << chance.randrange(8)
            case 1:
                broken[at] = chance.choice((0x00, 0x01, 0x7F, 0x80, 0xFF))
            case 2:
                del broken[at : at + run]
            case 3:
                broken[at:at] = broken[at : at + run]
            case 4:
                broken[at : at + run] = chance.randbytes(run)
            case _:
                del broken[at:]
    return bytes(broken)


@dataclass(frozen=True, slots=True)
class Broken:
    """A `Behaviour` of `FakeRtspServer`; plays as fast as it is read, then hangs up."""

    seed: int

    @property
    def codec(self) -> str:
        return CODECS[self.seed % len(CODECS)]

    @property
    def layer(self) -> Layer:
        return tuple(Layer)[self.seed // len(CODECS) % len(Layer)]

    def __call__(self, talk: Talk) -> None:
        chance = random.Random(self.seed)
        sdp = description("broken", clip(self.codec))
        while (method := self._answer(talk, sdp, chance)) != "PLAY":
            if method == "TEARDOWN":
                return
        for number in range(ROUNDS * len(clip(self.codec).frames)):
            talk.connection.sendall(self._picture(number, chance))

    def _answer(self, talk: Talk, sdp: str, chance: random.Random) -> str:
        try:
            method, number = talk.request()
        except IndexError:
            raise ConnectionResetError("what was asked is broken, too") from None
        head, body = "Session: 1\r\n", ""
        if method == "DESCRIBE":
            head, body = "Content-Type: application/sdp\r\n", sdp
        elif method == "SETUP":
            head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        answer = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{head}{length}\r\n{body}".encode()
        if self.layer is Layer.ANSWERS and chance.random() < 0.5:
            answer = mutated(answer, chance)
        talk.connection.sendall(answer)
        return method

    def _picture(self, number: int, chance: random.Random) -> bytes:
        whole = clip(self.codec)
        frame = whole.frames[number % len(whole.frames)]
        units: Sequence[bytes] = (*whole.sets, *frame.nal_units) if frame.key else frame.nal_units
        pack = PACKERS[self.codec]
        if self.layer is Layer.BITSTREAM and self.codec != "mjpeg":
            units = [mutated(one, chance) if chance.random() < 0.3 else one for one in units]
            units = [unit for unit in units if len(unit) > 2]
        payloads = pack(units)
        if self.layer is Layer.BITSTREAM and self.codec == "mjpeg":
            # A broken picture has no tables that could be packed; what is packed is broken.
            payloads = tuple(
                type(one)(mutated(one.data, chance), one.last) if chance.random() < 0.3 else one
                for one in payloads
            )
        kind = _JPEG_TYPE if self.codec == "mjpeg" else _OTHER_TYPE
        sent = b""
        for at, payload in enumerate(payloads):
            timestamp = 90_000 + number * CLOCK_HZ // 10
            made = packet(payload, sequence=100 * number + at, timestamp=timestamp, ssrc=_SSRC)
            made = made[:1] + bytes([made[1] & 0x80 | kind]) + made[2:]
            if self.layer is Layer.PACKETS and chance.random() < 0.2:
                made = mutated(made, chance)[:65_000]
            framed = interleaved(0, made)
            if self.layer is Layer.FRAMING and chance.random() < 0.1:
                framed = mutated(framed, chance)
            sent += framed
        return sent
