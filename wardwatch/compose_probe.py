"""Wires what looks at cameras before and beside the watching: probes, calls, their own events.

A part of `compose`, with the same manners: rooms are imported when they are needed, and no zeep is
loaded before the first device is asked.
"""

import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from record.cameras import CameraUrl
from record.clock import Clock
from wardwatch.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detect import NanoDet
    from ingest import Opener
    from ingest.onvif_client import OnvifClient
    from ingest.onvif_events import OnNotice
    from record.messages import FoundDevice, ProbedDevice
    from wardwatch.probing import AskDevice, Probing
    from wardwatch.worker_detector import DetectorProblem
    from wardwatch.worker_parts import WorkerPart
    from wardwatch.worker_probe import Discover


def probe_part(
    settings: Settings,
    opener: "Opener",
    detector: "NanoDet | DetectorProblem",
    clock: Clock,
) -> "WorkerPart":
    from wardwatch.worker_probe import ProbePart

    return ProbePart(probing(settings, opener, detector, clock), discoverer(settings, clock))


def probing(
    settings: Settings,
    opener: "Opener",
    detector: "NanoDet | DetectorProblem",
    clock: Clock,
) -> "Probing":
    """Looks at cameras as a worker of these settings would."""
    from detect import NanoDet
    from ingest import CameraTls, Prober
    from wardwatch.probing import Probing

    return Probing(
        Prober(
            opener,
            settings.networks,
            clock,
            tls=CameraTls(settings.camera_tls == "verify", settings.camera_ca),
        ),
        detector if isinstance(detector, NanoDet) else None,
        device_asker(settings, clock),
        clock,
    )


def device_asker(settings: Settings, clock: Clock) -> "AskDevice":
    from wardwatch.probing import DEVICE_S

    def ask(url: CameraUrl, stop: threading.Event) -> "ProbedDevice | None":
        from wardwatch.devices import OnvifFailed, probed_device

        if stop.is_set() or urlsplit(url.address).hostname is None:
            return None
        try:
            client = onvif_client(settings, url, clock, budget_s=DEVICE_S)
            try:
                return probed_device(client.describe())
            finally:
                client.close()
        except OnvifFailed:
            return None

    return ask


def onvif_client(
    settings: Settings, url: CameraUrl, clock: Clock, budget_s: float | None = None
) -> "OnvifClient":
    """The device at the host of a camera's address, with its credentials. zeep comes with the
    first call: a worker none of whose cameras is asked does without its 31 MB."""
    from ingest.onvif_client import LISTEN_S, reach

    return reach(
        urlsplit(url.address).hostname or "",
        None if url.username is None else (url.username, url.password or ""),
        settings.networks,
        clock,
        call_s=LISTEN_S,
        budget_s=budget_s,
    )


def discoverer(settings: Settings, clock: Clock) -> "Discover":
    def call(interface: str | None) -> "tuple[FoundDevice, ...]":
        from ingest.onvif_discovery import discover
        from record.messages import DISCOVER_S
        from wardwatch.devices import found_device

        found = discover(settings.networks, clock, interface=interface, seconds=DISCOVER_S)
        return tuple(found_device(one) for one in found)

    return call


def onvif_parts(
    settings: Settings, clock: Clock, listeners: "Sequence[OnNotice]" = ()
) -> "tuple[WorkerPart, ...]":
    """None unless the settings ask for cameras' own events."""
    if not settings.onvif_events:
        return ()
    from wardwatch.worker_onvif import OnvifPart, log_notice

    told = (log_notice, *listeners)
    return (OnvifPart(lambda url: onvif_client(settings, url, clock), told, clock),)
