"""Addresses that answers name, in one place each."""

from record.ids import CameraId

V1 = "/api/v1"


def whip_path(camera: CameraId) -> str:
    """Where a camera's picture is published."""
    return f"{V1}/cameras/{camera}/whip"
