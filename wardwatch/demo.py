"""The demo: sample cameras that speak real RTSP, one site watched under one order, three accounts.

Only in a store that the demo made itself, and only on loopback.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from record.cameras import Camera, CameraUrl, Rule
from record.drawing import check_camera
from record.errors import Invalid
from record.events import EventType, NewEvent
from record.ids import (
    CameraId,
    OrderId,
    RuleId,
    SiteId,
    UnitId,
    UserId,
    new_id,
)
from record.orders import Conditions, Order, OrderKind, RuleKind
from record.passwords import hash_password, made_up
from record.people import Role, User
from record.places import DEFAULT_TIMEZONE, EVERYTHING, Scope, Site, Unit, UnitKind
from record.store import Store
from sample_streams import scene_file
from wardwatch.demo_store import is_demo, is_empty
from wardwatch.scenes import Drawing, read_drawing
from wardwatch.supervisor import Child

PASSWORD_VARIABLE = "WARDWATCH_DEMO_PASSWORD"  # noqa: S105 - the variable's name


@dataclass(frozen=True, slots=True)
class SampleCamera:
    """One camera of the demo: a recorded scene, played in a loop."""

    path: str
    scene: str
    name: str
    ward: str
    short_name: str = ""
    offset_s: float = 0.0
    rest_s: float = 0.0
    """Of emptiness between two rounds: scenes of a minute would else repeat their breaches so
    often that the wall stood in a flood for ever."""
    rules: frozenset[RuleKind] = frozenset(RuleKind)
    """Which of the scene's rules about lines and areas the camera has."""


CAMERA_RULES = (
    Rule(RuleId("tampered"), RuleKind.CAMERA_TAMPERED),
    Rule(RuleId("offline"), RuleKind.CAMERA_OFFLINE, seconds=30),
)
"""About the camera itself: every camera of the demo has both, as one in the field should."""

NO_RULES: frozenset[RuleKind] = frozenset()

NATION = Unit(UnitId("VN"), None, UnitKind.NATION, "Việt Nam")
PROVINCE = Unit(UnitId("VN-DN"), NATION.id, UnitKind.PROVINCE, "Thành phố Đà Nẵng")
WARD = Unit(UnitId("VN-DN-hoa-khanh"), PROVINCE.id, UnitKind.WARD, "Phường Hòa Khánh")
NEXT_WARD = Unit(UnitId("VN-DN-lien-chieu"), PROVINCE.id, UnitKind.WARD, "Phường Liên Chiểu")

CAMERAS = (
    SampleCamera(
        path="gate",
        scene="gate",
        name="Cổng chính",
        ward=WARD.id,
        offset_s=4.0,  # the first one leaves seven seconds after the camera is opened
        rest_s=120.0,
        rules=frozenset({RuleKind.EXIT}),
    ),
    SampleCamera("courtyard", "real", "Lối đi bộ phía nam", WARD.id, "Lối đi bộ", rules=NO_RULES),
    SampleCamera(
        path="yard",
        scene="yard",
        name="Sân trong",
        ward=WARD.id,
        rest_s=240.0,
        rules=frozenset({RuleKind.GATHERING}),
    ),
    SampleCamera("corridor", "corridor", "Hành lang A1", WARD.id, rules=NO_RULES),
    SampleCamera(
        path="night",
        scene="night",
        name="Sân sau, hồng ngoại",
        ward=WARD.id,
        short_name="Sân sau",
        rest_s=60.0,
        rules=frozenset({RuleKind.ENTRY}),  # which the order does not arm: observations
    ),
    SampleCamera("trees", "distractors", "Bãi xe", WARD.id, rules=frozenset({RuleKind.EXIT})),
    SampleCamera(
        path="ground-floor",
        scene="corridor",
        name="Hành lang tầng trệt",
        ward=NEXT_WARD.id,
        short_name="Tầng trệt",
        rest_s=240.0,
        rules=frozenset({RuleKind.RESTRICTED}),
    ),
)

LINE_NAMES = {
    "gate": "Cổng ra",
    "road": "Lối đi",
    "cordon": "Dây chắn",
    "door": "Cửa ra",
}
AREA_NAMES = {"yard": "Sân", "ward": "Khu phòng"}


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    name: str
    role: Role
    scope: Scope


def password() -> str:
    """The one in `WARDWATCH_DEMO_PASSWORD`, else one made up now."""
    return os.environ.get(PASSWORD_VARIABLE) or made_up(13)


def accounts(site: SiteId) -> tuple[Account, ...]:
    return (
        Account("admin", "Quản trị", Role.ADMIN, EVERYTHING),
        Account("supervisor", "Minh", Role.SUPERVISOR, Scope.of_site(site)),
        Account("authority", "Hương", Role.AUTHORITY, Scope.of_unit(WARD.id)),
    )


def sample_cameras(
    samples: Sequence[SampleCamera],
    port: int,
    send_log: Path | None = None,
    clips: Mapping[str, Path] = MappingProxyType({}),
) -> Child:
    """The process that plays `samples` on `port`; `send_log` takes when each frame left, `clips`
    are played instead of the scenes of those names."""
    words = ["-m", "sample_streams", "serve", "--port", str(port)]
    words += ["--die-with-parent", "--begin-when-watched"]
    for sample in samples:
        source = clips.get(sample.scene, sample.scene)
        times = f"+{sample.offset_s:g}~{sample.rest_s:g}"
        words += ["--camera", f"{sample.path}={source}:{times}"]
    if send_log is not None:
        words += ["--send-log", str(send_log)]
    return Child(name="sample-cameras", command=tuple(words))


def prepare(
    store: Store,
    rtsp: str,
    secret: str,
    now: datetime,
    samples: Sequence[SampleCamera] = CAMERAS,
) -> None:
    """Seed an empty store; in one that the demo made before, point the cameras at `rtsp` and
    set the accounts' password. Raises `Invalid` for a store that the demo did not make."""
    if is_empty(store):
        _seed(store, rtsp, secret, now, samples)
    elif is_demo(store):
        _renew(store, rtsp, secret)
    else:
        raise Invalid("database_url", "this store holds a real record; the demo makes its own")


def _seed(
    store: Store, rtsp: str, secret: str, now: datetime, samples: Sequence[SampleCamera]
) -> None:
    sites = {
        WARD.id: Site(SiteId(new_id()), WARD.id, "Khu cách ly KTX Hòa Khánh"),
        NEXT_WARD.id: Site(SiteId(new_id()), NEXT_WARD.id, "Khu cách ly Trạm y tế Liên Chiểu"),
    }
    with store.write(EVERYTHING) as record:
        record.events.append(
            NewEvent(EventType.NODE_STARTED, now, subject=store.node, data={"demo": True})
        )
        for unit in (NATION, PROVINCE, WARD, NEXT_WARD):
            record.units.add(unit)
        for site in sites.values():
            record.sites.add(site)
        record.orders.issue(_order(WARD.id, "12/QĐ-UBND", "UBND phường Hòa Khánh", now))
        record.orders.issue(_order(NEXT_WARD.id, "09/QĐ-UBND", "UBND phường Liên Chiểu", now))
        for sample in samples:
            site = sites[UnitId(sample.ward)]
            record.cameras.add(check_camera(camera_of(sample, site.id, rtsp)))
        hashed = hash_password(secret)
        for account in accounts(sites[WARD.id].id):
            record.users.add(_user(account), hashed)


def _renew(store: Store, rtsp: str, secret: str) -> None:
    paths = {sample.name: sample.path for sample in CAMERAS}
    hashed = hash_password(secret)
    with store.write(EVERYTHING) as record:
        for camera in record.cameras.list():
            if camera.name in paths:
                url = CameraUrl.parse(f"{rtsp}/{paths[camera.name]}")
                record.cameras.change(replace(camera, url=url))
        for user in record.users.list():
            record.users.set_password(user.id, hashed)


def _user(account: Account) -> User:
    return User(UserId(new_id()), account.username, account.name, account.role, scope=account.scope)


def _order(unit: UnitId, number: str, issuer: str, now: datetime) -> Order:
    here = now.astimezone(ZoneInfo(DEFAULT_TIMEZONE))
    today = here.replace(hour=0, minute=0, second=0, microsecond=0)
    return Order(
        id=OrderId(new_id()),
        version=1,
        number=number,
        kind=OrderKind.ISOLATION,
        issuer=issuer,
        legal_basis="Luật Phòng, chống bệnh truyền nhiễm số 03/2007/QH12, Điều 49",
        unit=unit,
        site=None,
        begins_at=today - timedelta(days=4),
        ends_at=today + timedelta(days=10),
        arms=frozenset({RuleKind.EXIT, RuleKind.RESTRICTED, RuleKind.GATHERING})
        | {rule.kind for rule in CAMERA_RULES},
        conditions=Conditions(must_not=("Không ra khỏi khu cách ly",)),
    )


def camera_of(sample: SampleCamera, site: SiteId, rtsp: str) -> Camera:
    """A camera that plays `sample` from `rtsp`, with the lines, areas and rules of its scene."""
    drawing = read_drawing(scene_file(sample.scene))
    return Camera(
        id=CameraId(new_id()),
        site=site,
        name=sample.name,
        short_name=sample.short_name,
        url=CameraUrl.parse(f"{rtsp}/{sample.path}"),
        lines=tuple(replace(line, name=LINE_NAMES.get(line.id, line.id)) for line in drawing.lines),
        areas=tuple(
            replace(area, name=AREA_NAMES.get(area.id, area.id), counts=True)
            for area in drawing.areas
        ),
        rules=(*_drawn_rules(sample, drawing), *CAMERA_RULES),
    )


def _drawn_rules(sample: SampleCamera, drawing: Drawing) -> Iterable[Rule]:
    about_cameras = {rule.kind for rule in CAMERA_RULES}
    return (
        rule
        for rule in drawing.rules
        if rule.kind in sample.rules and rule.kind not in about_cameras
    )
