"""A camera in: streams and files to frames, with deadlines, reconnection and capture time."""

from ingest.av_opener import AvOpener
from ingest.dialling import CheckedOpener
from ingest.probe import Prober, StreamSeen
from ingest.reader import CameraReader, ReaderCounts, ReaderListener
from ingest.rtsp_look import SignIn
from ingest.streams import (
    CodedPacket,
    Opener,
    PacketTap,
    Stream,
    StreamCounts,
    StreamEnded,
    StreamFailed,
    StreamInfo,
    StreamOptions,
)
from ingest.whip import Publishers, PublishRefused, WhipOpener

__all__ = [
    "AvOpener",
    "CameraReader",
    "CheckedOpener",
    "CodedPacket",
    "Opener",
    "PacketTap",
    "Prober",
    "PublishRefused",
    "Publishers",
    "ReaderCounts",
    "ReaderListener",
    "SignIn",
    "Stream",
    "StreamCounts",
    "StreamEnded",
    "StreamFailed",
    "StreamInfo",
    "StreamOptions",
    "StreamSeen",
    "WhipOpener",
]
