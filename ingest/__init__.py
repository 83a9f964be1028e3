"""A camera in: streams and files to frames, with deadlines, reconnection and capture time."""

from ingest.av_opener import AvOpener
from ingest.streams import (
    Opener,
    Stream,
    StreamCounts,
    StreamEnded,
    StreamFailed,
    StreamInfo,
)

__all__ = [
    "AvOpener",
    "Opener",
    "Stream",
    "StreamCounts",
    "StreamEnded",
    "StreamFailed",
    "StreamInfo",
]
