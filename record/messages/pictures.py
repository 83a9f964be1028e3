"""Stills: asked for by the API, made by the worker, unreadable where people are."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from record.cameras import CameraReason, CameraState
from record.messages.base import Ask, Reply


class AskPicture(Ask):
    """API → worker: the newest picture of a camera, unreadable where people are."""

    type: Literal["ask_picture"] = "ask_picture"
    camera: str
    width: int = Field(default=640, ge=64, le=1920)


class PictureSent(Reply):
    """Worker → API: the answer, with a JPEG as body."""

    type: Literal["picture"] = "picture"
    camera: str
    captured_at: datetime
    width: int
    height: int
    unlooked: bool = False
    """It is hidden whole: nobody has looked for people in it yet."""


class PictureMissing(Reply):
    """Worker → API: no picture younger than 5 s; an old one is never sent as if it were live."""

    type: Literal["picture_missing"] = "picture_missing"
    camera: str
    state: CameraState
    reason: CameraReason | None = None
    last_at: datetime | None = None
