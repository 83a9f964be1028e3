"""What crosses between the API and a worker over the worker's local socket: versioned types.

`base` has what all share, `wire` the bytes and the list of all; each topic has a module of its own.
"""

from record.messages.base import MAX_BODY, Ask, Refused, Reply
from record.messages.health import AskUpdates, CameraHealth, Counts, Health, StageTiming
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
    "MAX_BODY",
    "MAX_HEADER",
    "Ask",
    "AskLiveClose",
    "AskLiveKeep",
    "AskLiveOpen",
    "AskLiveTrickle",
    "AskPicture",
    "AskUpdates",
    "CameraHealth",
    "Counts",
    "Decoder",
    "EndPublish",
    "Health",
    "LiveClosed",
    "LiveKept",
    "LiveOpened",
    "LiveTrickled",
    "Message",
    "MessageRefused",
    "OfferPublish",
    "PatchPublish",
    "PictureMissing",
    "PictureSent",
    "PublishAnswered",
    "PublishEnded",
    "PublishPatched",
    "Refused",
    "Reply",
    "StageTiming",
    "encode",
]
