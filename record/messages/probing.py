"""A camera looked at for a few seconds, and what was found: see docs/cameras.md, "Probe"."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from record.cameras import CameraReason, Transport
from record.messages.base import Ask, Reply

PROBE_S = 20.0
"""Longest time that a probe takes, both streams and the device together."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AskProbe(Ask):
    """API → worker: look at an address, or at a camera that this worker knows."""

    type: Literal["ask_probe"] = "ask_probe"
    camera: str | None = None
    """Its addresses, with the passwords that are kept; None: those that follow."""
    url: str = Field(default="", repr=False)
    """With its password, as is `sub_url`."""
    sub_url: str = Field(default="", repr=False)
    transport: Transport = Transport.TCP
    person_height: float | None = Field(default=None, gt=0, le=1)
    """Of a person at the far line, as a fraction of the frame; None: as seen."""


class ProbedStream(_Part):
    """One stream. Null: not known, because it was not said or not reached."""

    stream: Literal["main", "sub"]
    reachable: bool = Field(description="Something answers at that address")
    reason: CameraReason | None = Field(description="Why it cannot be watched; null: it can")
    detail: str
    sign_in: Literal["open", "basic", "digest", "refused", "unknown"]
    encrypted: bool = Field(description="The line itself: RTSPS")
    server: str | None = Field(description="The camera's own words for its software")
    transport: Transport | None
    codec: str | None
    width: int | None
    height: int | None
    frames_per_s: float | None = Field(description="Measured")
    announced_frames_per_s: float | None
    keyframe_s: float | None = Field(description="Longest time between two; null: not two came")
    kbit_per_s: float | None
    first_picture_s: float | None = Field(description="From dialling to a picture")
    loss: float | None = Field(description="Share 0..1 of what came broken or not at all")
    clock: Literal["agrees", "skewed", "unknown"]
    clock_ahead_s: float | None = Field(description="Of the camera's clock, where it is skewed")
    audio: str | None = Field(description="Codec of its sound; null: none, or not known")
    tracks_known: bool = Field(description="The camera listed its tracks, so `audio` is sure")
    seconds: float = Field(description="How long pictures were read")


class ProbedDevice(_Part):
    """What the camera says of itself by ONVIF."""

    manufacturer: str
    model: str
    firmware: str
    clock_ahead_s: float | None
    main: str | None = Field(description="Address of its main stream, without credentials")
    sub: str | None = Field(description="Of the sub-stream that suits the detector")


class ProbedPeople(_Part):
    """Whether people are large enough in the picture (IEC 62676-4)."""

    seen: int = Field(description="People in the picture at that moment")
    height: float = Field(description="Fraction of the frame: as stated, or the smallest seen")
    stated: bool
    px: float = Field(description="In the main stream")
    px_per_m: float
    iec: Literal["none", "detect", "observe", "recognise", "identify"]
    detector_px: float = Field(description="Rows of the detector's input")
    reach: Literal["sure", "sometimes", "never"] = Field(
        description="Whether the detector finds somebody of that size"
    )


class Matter(StrEnum):
    """What a probe may find to say of a camera that can be watched."""

    GOOD = "good"
    TOO_SMALL = "too_small"
    """People that far away are never found."""
    SMALL = "small"
    """They are missed at times."""
    LOSS = "loss"
    SLOW = "slow"
    RARE_KEYFRAMES = "rare_keyframes"
    NO_SUB_STREAM = "no_sub_stream"
    """Its one stream is heavier than what the detector needs."""
    BARE_PASSWORD = "bare_password"  # noqa: S105  # a word, no password
    """It travels readable."""


class Verdict(_Part):
    """One sentence, with the mend in it."""

    grade: Literal["good", "usable", "unusable"]
    word: Matter | CameraReason = Field(description="Why it cannot be watched, or what is not best")
    sentence: str


class ProbeReport(_Part):
    main: ProbedStream
    sub: ProbedStream | None
    device: ProbedDevice | None = Field(description="null: it does not speak ONVIF, or not to us")
    people: ProbedPeople | None = Field(description="null: nobody seen and no height stated")
    maker: str | None
    verdict: Verdict
    matters: tuple[Verdict, ...] = Field(
        description="All that is not as it should be, the verdict's matter first"
    )


class ProbeDone(Reply):
    """Worker → API: what was found, with an unreadable JPEG as body where there was a picture."""

    type: Literal["probe_done"] = "probe_done"
    report: ProbeReport
