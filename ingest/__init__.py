"""A camera in: streams and files to frames, with deadlines, reconnection and capture time."""

from ingest.av_opener import AvOpener
from ingest.clips import ClipForm, ClipImpossible, ClipSource, ClipWriter, read_clip
from ingest.cut_clips import cut_clip
from ingest.dialling import CheckedOpener
from ingest.hardware import Hardware, HwDecode, unusable_because
from ingest.probe import Prober, StreamSeen
from ingest.reader import CameraReader, ReaderCounts, ReaderListener
from ingest.renditions import RenditionWriter
from ingest.ring import KeptPacket, PacketRing, RingBounds, segments
from ingest.rtsp_look import SignIn
from ingest.streams import (
    CodedPacket,
    Opener,
    PacketTap,
    Patience,
    Secrecy,
    Stream,
    StreamCounts,
    StreamEnded,
    StreamFailed,
    StreamInfo,
    StreamOptions,
)
from ingest.tls import CameraTls
from ingest.whip import Publishers, PublishRefused, WhipOpener

__all__ = [
    "AvOpener",
    "CameraReader",
    "CameraTls",
    "CheckedOpener",
    "ClipForm",
    "ClipImpossible",
    "ClipSource",
    "ClipWriter",
    "CodedPacket",
    "Hardware",
    "HwDecode",
    "KeptPacket",
    "Opener",
    "PacketRing",
    "PacketTap",
    "Patience",
    "Prober",
    "PublishRefused",
    "Publishers",
    "ReaderCounts",
    "ReaderListener",
    "RenditionWriter",
    "RingBounds",
    "Secrecy",
    "SignIn",
    "Stream",
    "StreamCounts",
    "StreamEnded",
    "StreamFailed",
    "StreamInfo",
    "StreamOptions",
    "StreamSeen",
    "WhipOpener",
    "cut_clip",
    "read_clip",
    "segments",
    "unusable_because",
]
