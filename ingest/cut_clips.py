"""What of a clip can be played whose writing was cut short: by a kill, or by the power."""

import io
from contextlib import suppress

import av
import av.error

from ingest.clips import ClipImpossible

_WEBM = b"\x1a\x45\xdf\xa3"


def cut_clip(plain: bytes) -> tuple[bytes, float]:
    """Its beginning up to its last whole fragment, and how long that is in seconds, from the first
    picture shown to the last. `plain`: what `ClipWriter` wrote, cut off anywhere.

    Raises `ClipImpossible` when nothing can be played.
    """
    whole = plain if plain.startswith(_WEBM) else plain[: _fragments_end(plain)]
    times: list[float] = []
    try:
        with av.open(io.BytesIO(whole), "r") as film, suppress(av.error.FFmpegError):
            times.extend(
                float(packet.pts * packet.time_base)
                for packet in film.demux(video=0)
                if packet.size and packet.pts is not None and packet.time_base is not None
            )
    except (av.error.FFmpegError, IndexError) as error:
        raise ClipImpossible("what there is of the clip cannot be read") from error
    if not times:
        raise ClipImpossible("nothing of the clip can be played")
    return whole, max(times) - min(times)


def _fragments_end(mp4: bytes) -> int:
    """Behind the last whole `mdat` (ISO/IEC 14496-12 §4.2); 0: there is none."""
    at = end = 0
    while at + 16 <= len(mp4):
        size, kind = int.from_bytes(mp4[at : at + 4], "big"), mp4[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(mp4[at + 8 : at + 16], "big")
        if size < 8 or at + size > len(mp4):
            break
        at += size
        end = at if kind == b"mdat" else end
    return end
