"""ONVIF devices as probes and calls tell of them."""

from ingest.onvif import Announced, OnvifDevice, OnvifFailed, Profile
from record.messages import FoundDevice, ProbedDevice

__all__ = ["OnvifFailed", "found_device", "probed_device"]


def probed_device(device: OnvifDevice) -> ProbedDevice:
    ahead = device.clock_ahead
    return ProbedDevice(
        manufacturer=device.manufacturer,
        model=device.model,
        firmware=device.firmware,
        clock_ahead_s=None if ahead is None else round(ahead.total_seconds(), 1),
        main=_address(device.main),
        sub=_address(device.sub),
    )


def found_device(device: Announced) -> FoundDevice:
    return FoundDevice(
        address=device.address,
        service=device.service,
        name=device.name,
        hardware=device.hardware,
        location=device.location,
    )


def _address(profile: Profile | None) -> str | None:
    """To be entered as it is: what a device says its address is, without credentials."""
    return None if profile is None or profile.url is None else profile.url.address
