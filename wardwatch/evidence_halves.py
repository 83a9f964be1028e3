"""A clip whose writing broke off, by a kill or for want of room: what of it can be played is kept.

What is half is read into memory and its file given up before the shorter one is written, so that a
full disk has room for it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from ingest import cut_clip
from record.evidence import Evidence, Loss, Moment
from record.evidence_files import EvidenceFiles, SealedWriter

SLACK = timedelta(seconds=1)
"""A moment so close to what a clip holds is in it: pictures of some cameras lie so far apart."""


def mended(
    files: EvidenceFiles, left_by: str, who: str, noted: Evidence, cut: Loss
) -> tuple[Evidence, SealedWriter]:
    """The shorter clip, sealed in the name of `who` and to be kept. `noted`: what the record was to
    be told of what `left_by` has left half written.

    Raises `ClipImpossible` when nothing of it can be played, `CannotOpen`, `KeyUnusable`,
    FileNotFoundError, OSError.
    """
    plain, length_s = cut_clip(files.half(noted.id, left_by))
    file = files.writer(noted.id, who)  # where `left_by` is `who`, in place of the half
    try:
        file.write(plain)
        written = file.end()
    except BaseException:
        file.close()
        raise
    length = timedelta(seconds=length_s)
    clip = replace(
        noted,
        moments=_held(noted.moments, length),
        ends_at=noted.begins_at + length,
        bytes=written.bytes,
        sealed_bytes=written.sealed_bytes,
        sha256=written.sha256,
        sealed_sha256=written.sealed_sha256,
        cut=cut,
    )
    return clip, file


def _held(moments: Sequence[Moment], length: timedelta) -> tuple[Moment, ...]:
    """Those that the clip holds, or the one that began it: what came before is all there is."""
    most_ms = (length + SLACK) / timedelta(milliseconds=1)
    return tuple(one for one in moments if one.offset_ms <= most_ms) or tuple(moments[:1])
