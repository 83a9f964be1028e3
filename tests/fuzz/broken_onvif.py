"""An ONVIF device whose answers are broken by a seed: in their XML, or in the HTTP around it."""

import random
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler
from typing import Self

from tests.fakes.onvif import FakeDevice
from tests.fakes.onvif_makes import AXIS, DAHUA, HIKVISION, TAPO, Make
from tests.fuzz.broken import mutated

MAKES = (HIKVISION, DAHUA, AXIS, TAPO)


class OnvifLayer(StrEnum):
    BYTES = "bytes"
    """Of the XML, so that it is none any more as a rule."""
    VALUES = "values"
    """Texts and attributes; the XML is well-formed."""
    HTTP = "http"


HOSTILE = (
    "", "0", "-1", "99999999999999999999", "NaN", "1e309", "true", "\u202e", "A" * 5000, "%00",
    "http://[::1", "http://127.0.0.2:1/", "file:///etc/passwd", "rtsp://u:p@h:99999/", "//", "P1Y",
    "2026-13-45T99:99:99Z", "-P99999999D", "&lt;&gt;",
)  # fmt: skip


def with_other_values(xml: str, chance: random.Random) -> str:
    """One to three texts between tags replaced by what nobody expects there."""
    pieces = xml.split(">")
    texts = [at for at, piece in enumerate(pieces) if piece and not piece.startswith("<")]
    for at in chance.sample(texts, min(len(texts), chance.randint(1, 3))):
        text, tag = pieces[at].split("<", 1) if "<" in pieces[at] else (pieces[at], "")
        pieces[at] = f"{chance.choice(HOSTILE)}<{tag}" if tag else text
    return ">".join(pieces)


@dataclass
class BrokenDevice(FakeDevice):
    """`BrokenDevice.of(seed)`."""

    seed: int = 0
    chance: random.Random = field(default_factory=random.Random)

    @classmethod
    def of(cls, seed: int) -> Self:
        make: Make = MAKES[seed % len(MAKES)]
        return cls(make, auth="none", seed=seed, chance=random.Random(seed))

    @property
    def layer(self) -> OnvifLayer:
        return tuple(OnvifLayer)[self.seed // len(MAKES) % len(OnvifLayer)]

    def _say(
        self, handler: BaseHTTPRequestHandler, status: int, body: bytes, challenge: str = ""
    ) -> None:
        if self.chance.random() < 0.5:
            super()._say(handler, status, body, challenge)
            return
        handler.close_connection = True
        try:
            if self.layer is OnvifLayer.BYTES:
                super()._say(handler, status, mutated(body, self.chance), challenge)
            elif self.layer is OnvifLayer.VALUES:
                broken = with_other_values(body.decode(), self.chance).encode()
                super()._say(handler, status, broken, challenge)
            else:
                head = (
                    f"HTTP/1.1 {status} OK\r\nContent-Type: application/soap+xml\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n"
                )
                handler.wfile.write(mutated(head.encode(), self.chance) + body)
        except OSError:
            return  # they hung up
