"""Bodies as JSON. Their names are the names of the OpenAPI's schemas, so they are the client's.

Routes write `schemas.Breach`, which keeps them apart from the domain's `Breach`.
"""

from api.schemas.base import FieldError, Moment, Problem, Text
from api.schemas.breaches import (
    Breach,
    BreachByHand,
    BreachPage,
    Comment,
    Dismissal,
    HistoryStep,
    OrderRef,
    Resolution,
    Why,
)
from api.schemas.cameras import (
    AreaCount,
    Camera,
    CameraChange,
    CameraNow,
    CameraPage,
    CameraToAdd,
    WallCamera,
)
from api.schemas.drawing import (
    Area,
    AreaDrawing,
    Line,
    LineDrawing,
    Mask,
    MaskDrawing,
    Rule,
    RuleSetting,
)
from api.schemas.live import ClearViewAsked, ClearViewGiven, IceServer, IceServers
from api.schemas.operations import Health, Readiness
from api.schemas.orders import Order, OrderPage, OrderToIssue
from api.schemas.places import (
    Credentials,
    Me,
    OccupancySeries,
    OccupancyStep,
    Site,
    SitePage,
    Spread,
    Unit,
    UnitPage,
)
from api.schemas.probing import CallForCameras, CameraProbe, CameraToProbe, FoundCameras
from api.schemas.publishing import (
    Paired,
    PairingCode,
    PairingMade,
    PublishToken,
    PublishTokenMade,
)
from api.schemas.stream import STREAMED, EventPage, ListedEvent, LoggedEvent, OccupancyNow
from api.schemas.wall import DetectorNow, Figures, Wall, WallObservation, WallOrder

__all__ = [
    "STREAMED",
    "Area",
    "AreaCount",
    "AreaDrawing",
    "Breach",
    "BreachByHand",
    "BreachPage",
    "CallForCameras",
    "Camera",
    "CameraChange",
    "CameraNow",
    "CameraPage",
    "CameraProbe",
    "CameraToAdd",
    "CameraToProbe",
    "ClearViewAsked",
    "ClearViewGiven",
    "Comment",
    "Credentials",
    "DetectorNow",
    "Dismissal",
    "EventPage",
    "FieldError",
    "Figures",
    "FoundCameras",
    "Health",
    "HistoryStep",
    "IceServer",
    "IceServers",
    "Line",
    "LineDrawing",
    "ListedEvent",
    "LoggedEvent",
    "Mask",
    "MaskDrawing",
    "Me",
    "Moment",
    "OccupancyNow",
    "OccupancySeries",
    "OccupancyStep",
    "Order",
    "OrderPage",
    "OrderRef",
    "OrderToIssue",
    "Paired",
    "PairingCode",
    "PairingMade",
    "Problem",
    "PublishToken",
    "PublishTokenMade",
    "Readiness",
    "Resolution",
    "Rule",
    "RuleSetting",
    "Site",
    "SitePage",
    "Spread",
    "Text",
    "Unit",
    "UnitPage",
    "Wall",
    "WallCamera",
    "WallObservation",
    "WallOrder",
    "Why",
]
