"""Cameras that answer a call into the local network (WS-Discovery, as ONVIF uses it)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from record.messages.base import Ask, Reply

DISCOVER_S = 4.0
"""How long answers are waited for."""


class AskDiscover(Ask):
    """API → worker: call."""

    type: Literal["ask_discover"] = "ask_discover"
    interface: str | None = None
    """Name of a network interface, or an address of this machine; None: where the system's default
    route for multicast leads."""


class FoundDevice(BaseModel):
    """One camera or recorder, by its own account: nothing of it was checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    address: str = Field(description="IP address that it answered from")
    service: str = Field(description="Address of its ONVIF device service")
    name: str
    hardware: str
    location: str


class DiscoverDone(Reply):
    """Worker → API: who answered, by address."""

    type: Literal["discover_done"] = "discover_done"
    devices: tuple[FoundDevice, ...]
