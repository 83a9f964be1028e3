"""What ONVIF tells of a camera, as values, and the choices made from it: pure, and without weight.

`onvif_client` asks a device, `onvif_discovery` finds it, `onvif_events` listens to it; those load
zeep (31 MB) and are imported when the first device is asked, not before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from record.cameras import CameraReason, CameraUrl
from record.errors import Invalid
from record.ids import CameraId

DEVICE_PATH = "/onvif/device_service"
"""ONVIF Core specification, 5.1: where every device answers first."""
PORTS = (80, 8000, 2020, 8080, 888)
"""Most makes; Reolink; TP-Link; older recorders; Foscam."""
MOST_PROFILES = 8
_DETECTOR_PIXELS = 1280 * 720
_LEAST_WIDTH = 320
_CODECS = frozenset({"H264", "H265", "JPEG"})


class OnvifFailed(Exception):
    """A device did not do what was asked. `detail` is for a person and free of secrets."""

    def __init__(self, reason: CameraReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Profile:
    """A stream as the device describes it; 0 and None: it does not say."""

    token: str
    name: str
    codec: str
    """As ONVIF writes it: `H264`, `H265`, `JPEG`; another word is kept."""
    width: int
    height: int
    frames_per_s: float | None
    kbit_per_s: int | None
    url: CameraUrl | None
    """Where it is played; without credentials."""

    @property
    def pixels(self) -> int:
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class OnvifDevice:
    manufacturer: str
    model: str
    firmware: str
    clock_ahead: timedelta | None
    """How far the device's clock is ahead of ours; None: it does not tell."""
    profiles: tuple[Profile, ...] = ()

    @property
    def main(self) -> Profile | None:
        """The largest that can be played."""
        return max(_playable(self.profiles), key=lambda profile: profile.pixels, default=None)

    @property
    def sub(self) -> Profile | None:
        """Smaller than the main one and enough for the detector: the largest such up to 1280x720,
        H.264 before others, for it costs least to decode."""
        main = self.main
        fit = [
            profile
            for profile in _playable(self.profiles)
            if main is not None
            and profile.pixels < main.pixels
            and profile.pixels <= _DETECTOR_PIXELS
            and profile.width >= _LEAST_WIDTH
        ]
        return max(fit, key=lambda one: (one.codec == "H264", one.pixels), default=None)


@dataclass(frozen=True, slots=True)
class Announced:
    """A device by its own account."""

    address: str
    """Where its answer came from."""
    service: str
    """Its device service, at an address that may be dialled."""
    name: str = ""
    hardware: str = ""
    location: str = ""


class NoticeKind(StrEnum):
    """What a camera's own analytics tell of: a second witness, never the only one."""

    MOTION = "motion"
    TAMPER = "tamper"
    """Something is done to the camera; the camera does not say what."""
    COVERED = "covered"
    BLINDED = "blinded"
    DEFOCUSED = "defocused"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class OnvifNotice:
    """One event of a camera's own."""

    camera: CameraId
    kind: NoticeKind
    state: bool
    """It has begun, or (False) it is over."""
    at: datetime
    """By our clock: when it came."""


_TOPICS: tuple[tuple[str, NoticeKind], ...] = (
    ("videosource/imagetoodark", NoticeKind.COVERED),
    ("videosource/imagetoobright", NoticeKind.BLINDED),
    ("videosource/imagetooblurry", NoticeKind.DEFOCUSED),
    ("videosource/globalscenechange", NoticeKind.MOVED),
    ("videosource/motionalarm", NoticeKind.MOTION),
    ("ruleengine/cellmotiondetector/motion", NoticeKind.MOTION),
    ("ruleengine/motionregiondetector/motion", NoticeKind.MOTION),
    ("ruleengine/tamperdetector/tamper", NoticeKind.TAMPER),
    ("videoanalytics/motion", NoticeKind.MOTION),
    ("videosource/tampering", NoticeKind.TAMPER),
    ("device/triggers/tampering", NoticeKind.TAMPER),
)
"""Parts of a topic in small letters (ONVIF Imaging Service, clause 8; Analytics Service, annex A;
the last three as Axis, Dahua and older Hanwha name theirs)."""
_TRUE = frozenset({"true", "1"})
_STATES = frozenset({"state", "ismotion", "istamper", "active", "value"})


def notice_of(
    camera: CameraId, topic: str, items: dict[str, str], at: datetime
) -> OnvifNotice | None:
    """From a notification's topic and its simple items; None: it tells of nothing that we ask."""
    plain = "/".join(part.rpartition(":")[2] for part in topic.strip().lower().split("/"))
    kind = next((kind for part, kind in _TOPICS if part in plain), None)
    said = next((value for name, value in items.items() if name.lower() in _STATES), None)
    if kind is None or said is None:
        return None
    return OnvifNotice(camera, kind, said.strip().lower() in _TRUE, at)


def stream_url(uri: str, host: str) -> CameraUrl | None:
    """A stream URI that a device gave, at the host where the device was reached: behind address
    translation it names one that nobody else knows. Credentials in it are left out."""
    try:
        url = CameraUrl.parse(uri)
        parts = urlsplit(url.address)
        port = parts.port
    except (Invalid, ValueError):
        return None
    if parts.scheme not in {"rtsp", "rtsps"}:
        return None
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port is None else f"{shown}:{port}"
    return CameraUrl(urlunsplit((parts.scheme, netloc, parts.path, parts.query, "")))


def _playable(profiles: tuple[Profile, ...]) -> list[Profile]:
    return [one for one in profiles if one.url is not None and one.codec in _CODECS]
