"""Publish tokens and pairing codes as JSON. Each secret is answered once, when it is made."""

from pydantic import Field

from api.schemas.base import Answer, Moment, Sent, Text
from api.schemas.live import IceServer
from record.publishing import PublishToken as DomainToken


class PublishTokenMade(Answer):
    """The only answer that ever holds the token."""

    token: str
    path: str = Field(description="Where to publish: POST an SDP offer there (WHIP, RFC 9725)")


class PublishToken(Answer):
    """Whether anybody may publish into the camera, and since when."""

    made_at: Moment | None = Field(description="null: there is no token")
    by_name: str | None = Field(description="null: made at the command line, or there is none")

    @classmethod
    def of(cls, token: DomainToken | None, by_name: str | None) -> "PublishToken":
        return cls(made_at=None if token is None else token.made_at, by_name=by_name)


class PairingMade(Answer):
    """The only answer that ever holds the code."""

    code: str
    path: str = Field(description="The page that takes it, with the code in the fragment")
    expires_at: Moment


class PairingCode(Sent):
    code: Text = Field(min_length=1, max_length=64)


class Paired(Answer):
    """A fresh token for the camera of a code; whoever published into it before no longer may."""

    token: str
    path: str = Field(description="Where to publish: POST an SDP offer there (WHIP, RFC 9725)")
    camera: str
    camera_name: str
    site_name: str
    ice_servers: list[IceServer] = Field(
        description="For `RTCPeerConnection`; told again at `GET …/publisher-ice-servers`"
    )
