"""A camera looked at whole: both streams, the device behind them, the people in the picture.

Runs in a worker for the API, or in the command line's own process; `worker_probe` and `cli` wrap
it. Ends by its deadline whatever the camera does.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import cv2

from detect import CameraWatch, CloseLook, Detector, Look
from detect.pixels import person_size
from ingest import Prober, SignIn, StreamSeen
from record.cameras import Camera, CameraReason, CameraUrl, Mask, Transport
from record.clock import Clock
from record.frames import Frame
from record.ids import SiteId
from record.messages import (
    PROBE_S,
    ProbedDevice,
    ProbedPeople,
    ProbedStream,
    ProbeReport,
)
from wardwatch.makers import maker_of
from wardwatch.probe_verdict import Found, matters, verdict
from wardwatch.worker_veil import Veiled

DEVICE_S = 8.0
"""For all that the device is asked, together."""
SNAPSHOT_WIDTH = 640
JPEG_QUALITY = 80
DETECTOR_INPUT = (192, 320)
"""(height, width) of what the detector is shown; detect/nanodet.py."""


AskDevice = Callable[[CameraUrl, threading.Event], ProbedDevice | None]
"""Asks whatever stands at the host of the address about itself; None: it does not answer."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look at."""

    url: CameraUrl
    sub_url: CameraUrl | None = None
    transport: Transport = Transport.TCP
    person_height: float | None = None
    """Fraction of the frame, of somebody at the far line; None: as seen."""
    masks: tuple[Mask, ...] = ()


@dataclass(frozen=True, slots=True)
class Probed:
    report: ProbeReport
    jpeg: bytes | None
    """Unreadable where people are, and whole without a detector."""


@dataclass(frozen=True, slots=True)
class Probing:
    """`look` may be called from several threads."""

    prober: Prober
    detector: Detector | None
    device: AskDevice
    clock: Clock
    deadline_s: float = PROBE_S

    def look(self, wanted: Wanted, stop: threading.Event | None = None) -> Probed:
        """Never raises for what a camera does. `stop` ends it early."""
        stop = stop or threading.Event()
        with self._deadline(stop), ThreadPoolExecutor(2, "probe") as pool:
            main = self._stream(wanted.url, wanted, stop)
            if main.reason is CameraReason.AUTH_FAILED and _same_password(wanted):
                # Tried once. Many cameras lock an account out after five wrong passwords.
                sub = wanted.sub_url and replace(main, url=wanted.sub_url)
                return self._made(wanted, main, sub or None, None)
            device = pool.submit(self.device, wanted.url, stop)
            asked = wanted.sub_url and pool.submit(self._stream, wanted.sub_url, wanted, stop)
            return self._made(wanted, main, asked.result() if asked else None, device.result())

    def _stream(self, url: CameraUrl, wanted: Wanted, stop: threading.Event) -> StreamSeen:
        return self.prober.probe(url, transport=wanted.transport, stop=stop)

    @contextmanager
    def _deadline(self, stop: threading.Event) -> Iterator[None]:
        timer = threading.Timer(self.deadline_s - 1.0, stop.set)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _made(
        self,
        wanted: Wanted,
        main: StreamSeen,
        sub: StreamSeen | None,
        device: ProbedDevice | None,
    ) -> Probed:
        look = self._look(main.frames)
        people = _people(wanted, main, sub, look)
        main_probed = probed_stream(main, "main")
        sub_probed = None if sub is None else probed_stream(sub, "sub")
        found = Found(main_probed, sub_probed, device, people)
        report = ProbeReport(
            main=main_probed,
            sub=sub_probed,
            device=device,
            people=people,
            maker=maker_of(None if device is None else device.manufacturer, main.look.server),
            verdict=verdict(found),
            matters=matters(found),
        )
        return Probed(report, _snapshot(main.frames, look, wanted.masks))

    def _look(self, frames: Sequence[Frame]) -> Look | None:
        """The newest look at these frames, as a watched camera is looked at; None without a
        detector, and when it fails."""
        if self.detector is None or not frames:
            return None
        watch = CameraWatch(_stranger(frames[-1]), (), self.detector.model_sha256)
        look: Look | None = None
        try:
            for frame in frames:
                look = watch.look(frame, self.detector.detect(frame.picture))
            close = CloseLook(frames[-1])
            while not close.over:
                close.take(self.detector.detect(close.piece()))
        except (RuntimeError, ValueError, cv2.error):
            return None  # then nobody is found, and the whole picture is hidden
        return None if look is None else replace(look, judged=close.judged)


def _same_password(wanted: Wanted) -> bool:
    sub = wanted.sub_url
    if sub is None:
        return True
    return (sub.username, sub.password) == (wanted.url.username, wanted.url.password)


def _stranger(frame: Frame) -> Camera:
    return Camera(frame.camera, SiteId("none"), "probe", CameraUrl("rtsp://none/"))


def probed_stream(seen: StreamSeen, which: Literal["main", "sub"]) -> ProbedStream:
    """What was measured, rounded to what is meant."""
    ahead = seen.clock_ahead_s
    rates = seen.rates
    return ProbedStream(
        stream=which,
        reachable=seen.connected,
        reason=seen.reason,
        detail=seen.detail,
        sign_in=_sign_in(seen).value,
        encrypted=seen.encrypted,
        server=seen.look.server,
        transport=seen.transport,
        codec=seen.codec,
        width=seen.width,
        height=seen.height,
        frames_per_s=_rounded(rates.frames_per_s, 1),
        announced_frames_per_s=_rounded(seen.announced_frames_per_s, 1),
        keyframe_s=_rounded(rates.keyframe_s, 1),
        kbit_per_s=_rounded(rates.kbit_per_s, 0),
        first_picture_s=_rounded(seen.first_picture_s, 2),
        loss=_rounded(seen.loss, 4),
        clock="skewed" if ahead is not None else "agrees" if seen.clock_known else "unknown",
        clock_ahead_s=_rounded(ahead, 1),
        audio=seen.look.audio,
        tracks_known=bool(seen.look.tracks),
        seconds=round(seen.seconds, 1),
    )


def _sign_in(seen: StreamSeen) -> SignIn:
    return SignIn.REFUSED if seen.reason is CameraReason.AUTH_FAILED else seen.look.sign_in


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _people(
    wanted: Wanted, main: StreamSeen, sub: StreamSeen | None, look: Look | None
) -> ProbedPeople | None:
    """Of the smallest person seen, or of somebody as tall as was stated."""
    watched = main if sub is None or sub.width is None else sub
    if main.width is None or main.height is None or not watched.width or not watched.height:
        return None
    tracks = () if look is None else look.tracks
    heights = [track.box.height for track in tracks]
    height = wanted.person_height or min(heights, default=None)
    if height is None:
        return None
    size = person_size(
        height, (main.width, main.height), (watched.width, watched.height), DETECTOR_INPUT
    )
    return ProbedPeople(
        seen=len(heights),
        height=round(height, 3),
        stated=wanted.person_height is not None,
        px=round(size.px, 1),
        px_per_m=round(size.px_per_m, 1),
        iec=size.iec.value,
        detector_px=round(size.detector_px, 1),
        reach=size.reach.value,
    )


def _snapshot(frames: Sequence[Frame], look: Look | None, masks: Sequence[Mask]) -> bytes | None:
    if not frames:
        return None
    veiled = Veiled()
    width = min(SNAPSHOT_WIDTH, frames[-1].picture.width)
    # In order: what moves between them is hidden as well.
    pixels = [veiled.of(frame, look, masks, width) for frame in frames][-1]
    whole, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return jpeg.tobytes() if whole else None
