"""A camera in: streams and files to frames, with deadlines, reconnection and capture time."""

from ingest.av_opener import AvOpener
from ingest.reader import CameraReader, ReaderCounts, ReaderListener
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
    "CameraReader",
    "Opener",
    "ReaderCounts",
    "ReaderListener",
    "Stream",
    "StreamCounts",
    "StreamEnded",
    "StreamFailed",
    "StreamInfo",
]
