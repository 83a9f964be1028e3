"""Decoding on a graphics card, where the node has one and the settings ask for it.

Falling back to software is never silent: it is logged, and counted per connection.
"""

import threading
import time
from enum import StrEnum

import av
import av.error
import structlog
from av.codec.hwaccel import HWAccel, hwdevices_available

TRY_AGAIN_S = 600.0
"""A card that could not be opened is asked again this much later; asking costs 0.1 s."""

_log = structlog.get_logger()


class HwDecode(StrEnum):
    NONE = "none"
    VAAPI = "vaapi"
    """Intel and AMD, on Linux."""
    CUDA = "cuda"
    """NVIDIA."""


def unusable_because(kind: HwDecode) -> str | None:
    """Why `kind` cannot be used here; None when it can. Never raises."""
    if kind is HwDecode.NONE:
        return "hardware decoding is off"
    if kind.value not in hwdevices_available():
        return f"this build of FFmpeg has no {kind.value}"
    try:
        HWAccel(device_type=kind.value).create(av.Codec("h264", "r"))
    except (av.error.FFmpegError, NotImplementedError, OSError) as error:
        return f"no {kind.value} device can be opened ({type(error).__name__})"
    return None


class Hardware:
    """What the settings ask for, kept for all cameras of a process. Any thread."""

    def __init__(self, kind: HwDecode = HwDecode.NONE) -> None:
        self.kind = kind
        self._lock = threading.Lock()
        self._reason: str | None = None
        self._asked_at = float("-inf")

    @property
    def wanted(self) -> bool:
        return self.kind is not HwDecode.NONE

    def accelerator(self) -> HWAccel | None:
        """For one more stream; None: decode in software. A codec that the card cannot decode falls
        back by itself."""
        if not self.wanted or self._unusable() is not None:
            return None
        return HWAccel(device_type=self.kind.value, allow_software_fallback=True)

    def _unusable(self) -> str | None:
        with self._lock:
            now = time.monotonic()
            if now - self._asked_at >= TRY_AGAIN_S:
                self._asked_at, self._reason = now, unusable_because(self.kind)
                if self._reason is not None:
                    _log.warning("decoding in software", wanted=self.kind, reason=self._reason)
            return self._reason
