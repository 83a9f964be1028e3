"""Live views: leave for a clear picture, and what helps WebRTC through."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from api.schemas.base import Answer, Moment, Said, Sent
from api.settings import IceServer as Told


class ClearViewAsked(Sent):
    reason: Annotated[Said, Field(max_length=500)] = Field(
        description="Why it has to be seen clear; kept in the record"
    )


class ClearViewGiven(Answer):
    grant: str = Field(
        description="For the header `Wardwatch-Grant` of `POST …/whep`, once, within 30 s"
    )
    name: str = Field(description="What is drawn over the picture")
    ends_at: Moment = Field(description="The view ends by itself then")


class IceServer(Answer):
    """As `RTCPeerConnection` takes it."""

    urls: list[str]
    username: str | None
    credential: str | None

    @classmethod
    def of(cls, told: Told) -> "IceServer":
        return cls(urls=list(told.urls), username=told.username, credential=told.credential)


class IceServers(Answer):
    ice_servers: list[IceServer]

    @classmethod
    def of(cls, told: Iterable[Told]) -> "IceServers":
        return cls(ice_servers=[IceServer.of(one) for one in told])
