"""What a worker tells unasked: live counts, and how it and its cameras fare."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from record.cameras import CameraReason, CameraState
from record.frames import TimeSource
from record.messages.base import MessageBase


class AskUpdates(MessageBase):
    """API → worker: from now on send `Counts` and `Health` as they come."""

    type: Literal["ask_updates"] = "ask_updates"


class Counts(MessageBase):
    """Worker → API: people in view of one camera; on change, at most two a second."""

    type: Literal["counts"] = "counts"
    camera: str
    at: datetime
    persons: int | None
    areas: dict[str, int] = Field(default_factory=dict)


class CameraHealth(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    camera: str
    state: CameraState
    reason: CameraReason | None = None
    since: datetime | None = None
    recorded: int | None = None
    """Position of the newest event of its state that the worker knows of. Who finds a newer one in
    the record has heard this before that was written."""
    frame_at: datetime | None = None
    """Capture time of the newest frame."""
    time_source: TimeSource | None = None
    width: int | None = None
    height: int | None = None
    received: int = 0
    decoded: int = 0
    looked: int = 0
    dropped: dict[str, int] = Field(default_factory=dict)
    """Frames not looked at, by cause: `newer` (a newer one was there), `corrupt`, `late`."""
    reconnects: int = 0
    in_software: int = 0
    """Connections that were to be decoded in hardware, and are not."""
    frame_age_ms: int | None = None
    """Of the newest frame, when this was said."""
    received_per_s: float | None = None
    """Packets, and below pictures decoded and looked at, over the last ten seconds; None: not
    connected for two seconds yet."""
    decoded_per_s: float | None = None
    looked_per_s: float | None = None
    kbit_per_s: float | None = None
    """Of coded pictures."""
    clock_ahead_ms: int | None = None
    """How far the camera's clock is ahead of ours, while that is over the trusted 2 s."""


class StageTiming(BaseModel):
    """How long one stage took lately, between a frame's capture and its findings' commit."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    of: Literal["looks", "findings"]
    """Every look, or those that found something, which alone go on to the store."""
    stage: Literal["arrive", "decode", "wait", "detect", "decide", "store", "whole"]
    """`arrive`: capture to packet read; `wait`: decoded to its turn at the detector; `decide`:
    tracker, lines, areas and rules; `whole`: capture to the end of the last stage."""
    count: int
    p50_ms: float
    p95_ms: float
    max_ms: float


class Health(MessageBase):
    """Worker → API, once a second: every camera of this worker and its detector."""

    type: Literal["health"] = "health"
    worker: str
    at: datetime
    detector: Literal["ready", "missing", "failed"]
    detector_detail: str = ""
    model: str = ""
    cameras: tuple[CameraHealth, ...] = ()
    stages: tuple[StageTiming, ...] = ()
    """Of the last few hundred looks, and of as many with findings."""
    events_waiting: int = 0
    """Found and not yet in the store."""
    lacks: tuple[CameraReason, ...] = ()
    """What every camera of this worker suffers from, whatever else a single one does."""
