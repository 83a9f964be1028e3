"""Cameras as JSON, with what is drawn over their pictures. Credentials go in and never out."""

import re
from datetime import datetime
from typing import Annotated
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import Field

from api.schemas.base import Answer, Flag, Id, Moment, Said, Sent, Spot, Text, Whole, spot
from api.schemas.drawing import (
    Area,
    AreaDrawings,
    Line,
    LineDrawings,
    Mask,
    MaskDrawings,
    Rule,
    RuleSettings,
)
from record.cameras import Camera as DomainCamera
from record.cameras import CameraReason, CameraState, CameraUrl, Transport
from record.messages import CameraHealth as Measured

_SECRET_IN_PATH = re.compile(r"(?i)[=:@&;%]|pass|pwd|psw|token|secret|user|auth")
"""In a path that was percent-decoded once."""


def shown_address(url: CameraUrl) -> str:
    """The address as an installer may read it.

    User and password are left out, and so is what cheap cameras carry them in as well: the query
    (`?password=…`) and a path that may hold some (`/user=admin_password=…`, `/admin:pw/…`).
    """
    parts = urlsplit(url.address)
    query = "…" if parts.query else ""
    path = "/…" if _SECRET_IN_PATH.search(unquote(parts.path)) else parts.path
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


class CameraNow(Answer):
    """What is known of a camera's connection at this moment."""

    state: CameraState
    reason: CameraReason | None
    since: Moment | None
    frame_at: Moment | None = Field(description="Capture time of the newest frame")
    width: int | None
    height: int | None


class CameraHealth(Answer):
    """What its worker measures; null where it cannot be told yet. Rates are over ten seconds."""

    frame_age_ms: int | None
    received_per_s: float | None = Field(description="Packets")
    decoded_per_s: float | None = Field(description="Pictures")
    looked_per_s: float | None = Field(description="Pictures that the detector saw")
    kbit_per_s: float | None
    clock_ahead_ms: int | None = Field(description="While the camera's clock is over 2 s off")
    dropped: dict[str, int] = Field(description="Pictures not looked at, by cause")
    reconnects: int

    @classmethod
    def of(cls, heard: Measured) -> "CameraHealth":
        return cls(
            frame_age_ms=heard.frame_age_ms,
            received_per_s=heard.received_per_s,
            decoded_per_s=heard.decoded_per_s,
            looked_per_s=heard.looked_per_s,
            kbit_per_s=heard.kbit_per_s,
            clock_ahead_ms=heard.clock_ahead_ms,
            dropped=heard.dropped,
            reconnects=heard.reconnects,
        )


class Camera(CameraNow):
    id: str
    site: str
    name: str
    short_name: str
    address: str | None = Field(
        description="Without credentials; null for those who do not install cameras"
    )
    sub_address: str | None = Field(
        description="Of the sub-stream; null when it has none, and for those who do not install"
    )
    has_credentials: bool
    has_sub_stream: bool
    publishes: bool = Field(description="It is not dialled: it comes to us by WHIP")
    transport: Transport
    main_evidence: bool = Field(description="Clips are cut from the main stream, read beside")
    enabled: bool
    version: int
    lines: list[Line]
    areas: list[Area]
    rules: list[Rule]
    masks: list[Mask]
    masks_in_force: bool | None = Field(
        default=None,
        description="After a change of the masks: true when every picture asked for from now on is "
        "drawn with them, false when no worker has said so within two seconds; otherwise null",
    )
    health: CameraHealth | None = Field(description="null while no worker tells")

    @classmethod
    def of(
        cls,
        camera: DomainCamera,
        now: CameraNow,
        heard: Measured | None,
        *,
        with_address: bool,
    ) -> "Camera":
        return cls(
            id=camera.id,
            site=camera.site,
            name=camera.name,
            short_name=camera.short_name or camera.name,
            address=shown_address(camera.url) if with_address else None,
            sub_address=shown_address(camera.sub_url)
            if with_address and camera.sub_url is not None
            else None,
            has_credentials=camera.url.username is not None,
            has_sub_stream=camera.sub_url is not None,
            publishes=camera.publishes,
            transport=camera.transport,
            main_evidence=camera.main_evidence,
            enabled=camera.enabled,
            version=camera.version,
            lines=[Line.of(line) for line in camera.lines],
            areas=[Area.of(area) for area in camera.areas],
            rules=[Rule.of(rule) for rule in camera.rules],
            masks=[Mask.of(mask) for mask in camera.masks],
            state=now.state,
            reason=now.reason,
            since=now.since,
            frame_at=now.frame_at,
            width=now.width,
            height=now.height,
            health=None if heard is None else CameraHealth.of(heard),
        )


class CameraPage(Answer):
    items: list[Camera]
    next: str | None


SaidName = Annotated[Said, Field(max_length=120)]
Address = Annotated[Text, Field(min_length=1, max_length=2048)]
SubAddress = Annotated[
    Text,
    Field(
        max_length=2048,
        description="Sub-stream, for the detector; empty: it has none. Without credentials and at "
        "the host of `url`, it is read with those of `url`",
    ),
]
ShortName = Annotated[Text, Field(max_length=14)]


class CameraToAdd(Sent):
    site: Id
    name: SaidName
    short_name: ShortName = ""
    url: Address
    sub_url: SubAddress = ""
    transport: Transport = Transport.TCP
    main_evidence: Flag = False
    enabled: Flag = True
    lines: LineDrawings = ()
    areas: AreaDrawings = ()
    rules: RuleSettings = ()
    masks: MaskDrawings = ()


class CameraChange(Sent):
    """What is left out stays as it is; lines, areas, rules and masks are replaced whole."""

    version: Whole | None = Field(
        default=None, description="The version this change was made from; another one answers 409"
    )
    name: SaidName | None = None
    short_name: ShortName | None = None
    url: Address | None = None
    sub_url: SubAddress | None = None
    transport: Transport | None = None
    main_evidence: Flag | None = None
    enabled: Flag | None = None
    lines: LineDrawings | None = None
    areas: AreaDrawings | None = None
    rules: RuleSettings | None = None
    masks: MaskDrawings | None = None


class AreaCount(Answer):
    id: str
    name: str
    persons: int | None
    polygon: list[Spot]
    counts: bool = Field(description="Counts towards the site's visible figure")


class WallLine(Answer):
    id: str
    name: str
    a: Spot
    b: Spot


class WallCamera(CameraNow):
    id: str
    name: str
    short_name: str
    persons: int | None = Field(description="null: unknown, or counted more than 5 s ago")
    counts_at: Moment | None
    areas: list[AreaCount]
    lines: list[WallLine]

    @classmethod
    def of(
        cls,
        camera: DomainCamera,
        now: CameraNow,
        *,
        persons: int | None,
        counts_at: datetime | None,
        areas: dict[str, int] | None,
    ) -> "WallCamera":
        return cls(
            id=camera.id,
            name=camera.name,
            short_name=camera.short_name or camera.name,
            state=now.state,
            reason=now.reason,
            since=now.since,
            frame_at=now.frame_at,
            width=now.width,
            height=now.height,
            persons=persons,
            counts_at=counts_at,
            areas=[
                AreaCount(
                    id=area.id,
                    name=area.name,
                    persons=None if areas is None else areas.get(area.id, 0),
                    polygon=[spot(corner) for corner in area.polygon],
                    counts=area.counts,
                )
                for area in camera.areas
            ],
            lines=[
                WallLine(id=line.id, name=line.name, a=spot(line.a), b=spot(line.b))
                for line in camera.lines
            ],
        )
