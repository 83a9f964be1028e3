"""Listening to a camera's own events: a thread that fetches them and hands them on.

It never holds anybody up and never ends anything: a camera whose events cannot be had is watched
as before, and asked again later.
"""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import structlog

from ingest.onvif import OnvifFailed, OnvifNotice, notice_of
from record.cameras import CameraReason
from record.clock import Clock
from record.ids import CameraId

LASTS_S = 60.0
"""Of a subscription; renewed at half of it."""
WAIT_S = 5.0
"""How long a device keeps a question open while nothing happens."""
MOST_EVENTS = 64
"""In one answer."""
AGAIN_S = (5.0, 300.0)
REFUSED_S = 900.0
"""After a wrong password: a camera that locks an account out must not be kept locked by us."""

_log = structlog.get_logger()

OnNotice = Callable[[OnvifNotice], None]
"""Called in the listening thread; must be quick and must not raise."""


class Source(Protocol):
    """A subscription, as `ingest.onvif_client.PullPoint` is one. Raises `OnvifFailed`."""

    def pull(self, wait_s: float, most: int) -> list[tuple[str, dict[str, str]]]: ...
    def renew(self, lasts_s: float) -> None: ...
    def end(self) -> None: ...


class Connection(Protocol):
    """A device, as `ingest.onvif_client.OnvifClient` is one. Raises `OnvifFailed`."""

    def subscribe(self, lasts_s: float) -> Source: ...
    def cut(self) -> None: ...
    def close(self) -> None: ...


class OnvifEvents:
    """`connect` reaches the device, and raises `OnvifFailed`."""

    def __init__(
        self,
        camera: CameraId,
        connect: Callable[[], Connection],
        on_notice: OnNotice,
        clock: Clock,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._camera = camera
        self._connect = connect
        self._on_notice = on_notice
        self._clock = clock
        self._uniform = uniform
        self._stop = threading.Event()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name=f"onvif-{camera}", daemon=True)
        self.heard = 0
        """Events handed on."""
        self.reason: CameraReason | None = None
        """Why nothing is heard at the moment."""

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 0.5) -> bool:
        """Also while the device is waited for; False: the thread has not ended yet."""
        self._stop.set()
        connection = self._connection
        if connection is not None:
            connection.cut()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            began = self._clock.monotonic()
            try:
                self._listen()
            except OnvifFailed as failed:
                self.reason = failed.reason
            except Exception:  # noqa: BLE001 - the top of a thread: the camera itself is watched on
                _log.exception("onvif events failed", camera=self._camera)
                self.reason = CameraReason.CORRUPT
            if self._stop.is_set():
                return
            lasted_s = self._clock.monotonic() - began
            failures = 1 if lasted_s > 2 * LASTS_S else failures + 1
            again_s = pause_s(self.reason, failures, self._uniform)
            _log.info("onvif events lost", camera=self._camera, reason=self.reason, again_s=again_s)
            self._stop.wait(again_s)

    def _listen(self) -> None:
        connection = self._connection = self._connect()
        try:
            source = connection.subscribe(LASTS_S)
            try:
                self._fetch(source)
            finally:
                with suppress(OnvifFailed):
                    if not self._stop.is_set():
                        source.end()
        finally:
            self._connection = None
            connection.close()

    def _fetch(self, source: Source) -> None:
        renew_at = self._clock.monotonic() + LASTS_S / 2
        while not self._stop.is_set():
            events = source.pull(WAIT_S, MOST_EVENTS)
            self.reason = None
            for topic, items in events[:MOST_EVENTS]:
                notice = notice_of(self._camera, topic, items, self._clock.now())
                if notice is not None:
                    self.heard += 1
                    self._on_notice(notice)
            if self._clock.monotonic() >= renew_at:
                source.renew(LASTS_S)
                renew_at = self._clock.monotonic() + LASTS_S / 2
            # A device that answers at once with nothing, again and again, is not let spin.
            self._stop.wait(0.0 if events else 0.2)


def pause_s(
    reason: CameraReason | None, failures: int, uniform: Callable[[float, float], float]
) -> float:
    """How long to leave a device alone after so many failures in a row, with jitter."""
    if reason is CameraReason.AUTH_FAILED:
        return REFUSED_S
    shortest, longest = AGAIN_S
    return round(uniform(shortest, min(longest, shortest * 2.0 ** min(failures, 10))), 1)
