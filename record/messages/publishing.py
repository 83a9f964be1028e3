"""Publishers (WHIP): the API passes on what they ask over HTTP, once their token was checked."""

from typing import Literal

from pydantic import Field

from record.messages.base import Ask, Reply

MOST_SDP = 30_000
"""Bytes of a description or a fragment; escaped for JSON it still fits a message's header."""


class OfferPublish(Ask):
    """API → worker: somebody with the camera's token offers its picture."""

    type: Literal["offer_publish"] = "offer_publish"
    camera: str
    token: str
    """The token's id; never the token."""
    offer: str = Field(max_length=MOST_SDP)


class PublishAnswered(Reply):
    """Worker → API: how to send it."""

    type: Literal["publish_answered"] = "publish_answered"
    session: str
    etag: str
    answer: str


class PatchPublish(Ask):
    """API → worker: candidates, or an ICE restart."""

    type: Literal["patch_publish"] = "patch_publish"
    camera: str
    session: str
    if_match: str | None = Field(default=None, max_length=256)
    fragment: str = Field(max_length=MOST_SDP)


class PublishPatched(Reply):
    """Worker → API: both None when candidates were taken; else the restarted session."""

    type: Literal["publish_patched"] = "publish_patched"
    etag: str | None = None
    answer: str | None = None


class EndPublish(Ask):
    """API → worker: the publisher goes, or its token does."""

    type: Literal["end_publish"] = "end_publish"
    camera: str
    session: str | None = None
    """None: whichever there is."""
    why: str = "the publisher has ended it"


class PublishEnded(Reply):
    """Worker → API: it has ended, or there was none."""

    type: Literal["publish_ended"] = "publish_ended"
