"""What crosses between the API and a worker over the worker's local socket: versioned types.

`base` has what all share, `wire` the bytes and the list of all; each topic has a module of its own.
"""

from record.messages.base import MAX_BODY, Ask, Refused, Reply
from record.messages.discovering import DISCOVER_S, AskDiscover, DiscoverDone, FoundDevice
from record.messages.evidence import (
    AskEvidence,
    AskRendition,
    EvidenceNow,
    Gathered,
    RenditionMaking,
)
from record.messages.health import AskUpdates, CameraHealth, Counts, Health, StageTiming
from record.messages.in_force import IN_FORCE_S, AskInForce, InForce
from record.messages.live import (
    AskLiveClose,
    AskLiveKeep,
    AskLiveOpen,
    AskLiveTrickle,
    LiveClosed,
    LiveKept,
    LiveOpened,
    LiveTrickled,
)
from record.messages.pictures import AskPicture, PictureMissing, PictureSent
from record.messages.probing import (
    PROBE_S,
    AskProbe,
    Matter,
    ProbedDevice,
    ProbeDone,
    ProbedPeople,
    ProbedStream,
    ProbeReport,
    Verdict,
)
from record.messages.publishing import (
    EndPublish,
    OfferPublish,
    PatchPublish,
    PublishAnswered,
    PublishEnded,
    PublishPatched,
)
from record.messages.wire import MAX_HEADER, Decoder, Message, MessageRefused, encode

__all__ = [
    "DISCOVER_S",
    "IN_FORCE_S",
    "MAX_BODY",
    "MAX_HEADER",
    "PROBE_S",
    "Ask",
    "AskDiscover",
    "AskEvidence",
    "AskInForce",
    "AskLiveClose",
    "AskLiveKeep",
    "AskLiveOpen",
    "AskLiveTrickle",
    "AskPicture",
    "AskProbe",
    "AskRendition",
    "AskUpdates",
    "CameraHealth",
    "Counts",
    "Decoder",
    "DiscoverDone",
    "EndPublish",
    "EvidenceNow",
    "FoundDevice",
    "Gathered",
    "Health",
    "InForce",
    "LiveClosed",
    "LiveKept",
    "LiveOpened",
    "LiveTrickled",
    "Matter",
    "Message",
    "MessageRefused",
    "OfferPublish",
    "PatchPublish",
    "PictureMissing",
    "PictureSent",
    "ProbeDone",
    "ProbeReport",
    "ProbedDevice",
    "ProbedPeople",
    "ProbedStream",
    "PublishAnswered",
    "PublishEnded",
    "PublishPatched",
    "Refused",
    "RenditionMaking",
    "Reply",
    "StageTiming",
    "Verdict",
    "encode",
]
