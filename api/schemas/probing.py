"""Probes and discovery as JSON. What was found has one shape, on the workers' socket and here."""

from base64 import b64encode
from typing import Annotated

from pydantic import Field

from api.schemas.base import Answer, Fraction, Id, Sent, Text
from api.schemas.cameras import Address, SubAddress
from record.cameras import Transport
from record.errors import Invalid
from record.messages import FoundDevice, ProbeReport


class CameraToProbe(Sent):
    """Either an address or a camera that is there already; its password need not be sent again."""

    camera: Id | None = None
    url: Address | None = None
    sub_url: SubAddress = ""
    transport: Transport = Transport.TCP
    person_height: Annotated[Fraction, Field(gt=0, le=1)] | None = Field(
        default=None,
        description="Of a person at the far line, as a fraction of the frame; null: as seen",
    )

    def check(self) -> None:
        """Raises `Invalid`."""
        if (self.camera is None) == (self.url is None):
            raise Invalid("url", "is asked for, or a camera; and not both")
        if self.camera is not None and self.sub_url:
            raise Invalid("sub_url", "is that of the camera already")


class CameraProbe(ProbeReport):
    snapshot: str | None = Field(
        description="A JPEG as a `data:` address, unreadable where people are; hidden whole while "
        "there is no detector"
    )

    @classmethod
    def of(cls, report: ProbeReport, jpeg: bytes) -> "CameraProbe":
        data = f"data:image/jpeg;base64,{b64encode(jpeg).decode()}" if jpeg else None
        return cls(**dict(report), snapshot=data)


class CallForCameras(Sent):
    interface: Annotated[Text, Field(min_length=1, max_length=64)] | None = Field(
        default=None, description="Name of a network interface, or an address of the node"
    )


class FoundCameras(Answer):
    items: list[FoundDevice]
