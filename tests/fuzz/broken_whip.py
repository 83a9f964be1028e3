"""Offers and fragments of a WHIP publisher, broken by a seed: in their bytes, or line by line."""

import random

from tests.fuzz.broken import mutated

OFFER = """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=msid-semantic: WMS
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:EsAw
a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y
a=ice-options:trickle
a=fingerprint:sha-256 DIGEST
a=setup:actpass
a=mid:0
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=sendonly
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 H264/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=ssrc:1001 cname:x
a=candidate:1 1 udp 2122194687 127.0.0.1 61764 typ host generation 0
a=end-of-candidates
""".replace("DIGEST", ":".join(["DA"] * 32))
FRAGMENT = """a=ice-ufrag:EsAw
a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y
m=video 9 UDP/TLS/RTP/SAVPF 96
a=mid:0
a=candidate:2 1 udp 2122194687 127.0.0.1 61765 typ host generation 0
a=end-of-candidates
"""

HOSTILE = (
    "", "m=video 9 UDP/TLS/RTP/SAVPF 96", "m=audio 0 RTP/AVP 0", "a=rtpmap:96 H264/0",
    "a=candidate:1 1 udp 1 fe80::1%eth0 1 typ host", "a=candidate:1 1 tcp 1 127.0.0.1 9 typ host",
    "a=candidate:1 1 udp 4294967295 255.255.255.255 65535 typ host", "a=mid:" + "9" * 300,
    "a=fingerprint:sha-1 00", "a=setup:holdconn", "a=ice-pwd:short", "a=ice-ufrag:é",
    "a=fmtp:96 ;=;",
    "a=extmap:255 urn:x", "a=group:BUNDLE 0 0 1", "a=rtpmap:96 VP8/90000", "a=ssrc:-1 x", "\x00",
    "a=candidate:" + "1 " * 200, "a=fmtp:96 profile-level-id=zzzzzz", "a=ice-lite", "v=1",
)  # fmt: skip


def broken(text: str, chance: random.Random) -> str:
    """Lines left out, doubled, swapped or replaced; or single bytes."""
    if chance.random() < 0.4:
        return mutated(text.replace("\n", "\r\n").encode(), chance).decode("utf-8", "replace")
    lines = text.splitlines()
    for _ in range(chance.randint(0, 4)):
        at = chance.randrange(len(lines))
        match chance.randrange(5):
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = mutated(lines[at].encode(), chance).decode("utf-8", "replace")
            case _:
                lines.insert(at, chance.choice(HOSTILE))
    return "\r\n".join([*lines, ""])
