"""Two wards of one province, each with a site, cameras, an order, people and a breach."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher

from record.cameras import Area, Camera, CameraState, CameraStatus, CameraUrl, Line, Point, Rule
from record.episodes import Episodes
from record.events import NewEvent
from record.evidence import Evidence, EvidenceKind, Moment
from record.ids import (
    AreaId,
    BreachId,
    CameraId,
    EvidenceId,
    LineId,
    OrderId,
    RuleId,
    SiteId,
    TrackId,
    UnitId,
    UserId,
    new_id,
)
from record.orders import Order, OrderInForce, OrderKind, RuleKind
from record.people import Role, User
from record.places import EVERYTHING, Scope, Site, Unit, UnitKind
from record.sightings import Direction, Footstep, Raised, Why
from record.store import Store, Writing

PASSWORD = "correct horse battery staple"
SECRET = "hunter2-camera"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Checked in a millisecond, since a hash says itself how dear it is; those of the product, which
take 0.2 s of CPU, are what test_sign_in.py is about."""

PROVINCE = UnitId("79")
NATION = UnitId("vn")


@dataclass(frozen=True, slots=True)
class Ward:
    """What belongs to one ward; the other one may know none of it."""

    unit: UnitId
    site: SiteId
    camera: CameraId
    other_camera: CameraId
    order: OrderId
    breach: BreachId
    evidence: EvidenceId
    """A snapshot of it."""
    people: dict[Role, str]
    """User names."""


@dataclass(frozen=True, slots=True)
class World:
    store: Store
    north: Ward
    south: Ward
    admin: str

    def raise_breach(self, ward: Ward, persons: int = 1) -> BreachId:
        """Another one, at this moment."""
        with self.store.write(EVERYTHING) as writing:
            return _raise(writing, ward.camera, ward.order, persons)


def build_world(store: Store) -> World:
    with store.write(EVERYTHING) as writing:
        writing.units.add(Unit(NATION, None, UnitKind.NATION, "Việt Nam"))
        writing.units.add(Unit(PROVINCE, NATION, UnitKind.PROVINCE, "Thành phố Hồ Chí Minh"))
        north = _ward(writing, "north", "Phường Bắc")
        south = _ward(writing, "south", "Phường Nam")
        admin = User(UserId(new_id()), "admin", "Quản trị", Role.ADMIN, Scope.of_unit(NATION))
        writing.users.add(admin, PASSWORD_HASH)
    return World(store, north, south, "admin")


def _ward(writing: Writing, code: str, name: str) -> Ward:
    unit = UnitId(f"unit-{code}")
    site = SiteId(f"site-{code}")
    writing.units.add(Unit(unit, PROVINCE, UnitKind.WARD, name))
    writing.sites.add(Site(site, unit, f"Khu cách ly {name}"))
    order = _order(writing, unit, code)
    camera = writing.cameras.add(_camera(f"camera-{code}", site)).id
    other = writing.cameras.add(_camera(f"other-{code}", site)).id
    status = CameraStatus(camera, CameraState.ONLINE, None, datetime.now(UTC), 640, 360)
    writing.cameras.set_status(status)
    people = {}
    for role in (Role.SUPERVISOR, Role.AUTHORITY, Role.INSTALLER):
        username = f"{role.value}.{code}"
        user = User(UserId(new_id()), username, f"{role.value} {name}", role, Scope.of_unit(unit))
        writing.users.add(user, PASSWORD_HASH)
        people[role] = username
    breach = _raise(writing, camera, order.id, 1)
    evidence = keep(writing, camera, site, breach, EvidenceId(f"evidence-{code}"))
    return Ward(unit, site, camera, other, order.id, breach, evidence, people)


def _order(writing: Writing, unit: UnitId, code: str) -> Order:
    now = datetime.now(UTC)
    return writing.orders.issue(
        Order(
            id=OrderId(f"order-{code}"),
            version=1,
            number=f"12/QĐ-UBND-{code}",
            kind=OrderKind.ISOLATION,
            issuer="Ủy ban nhân dân",
            legal_basis="Luật Phòng bệnh",
            unit=unit,
            site=None,
            begins_at=now - timedelta(days=1),
            ends_at=now + timedelta(days=14),
            arms=frozenset({RuleKind.EXIT, RuleKind.GATHERING}),
        )
    )


def _camera(name: str, site: SiteId) -> Camera:
    corners = (Point(0.1, 0.4), Point(0.9, 0.4), Point(0.9, 0.9), Point(0.1, 0.9))
    return Camera(
        id=CameraId(name),
        site=site,
        name=f"Cổng {name}",
        url=CameraUrl.parse(f"rtsp://viewer:{SECRET}@10.0.0.7:554/stream?token={SECRET}"),
        lines=(Line(LineId("gate"), Point(0.75, 1.0), Point(0.75, 0.45), "Cổng chính"),),
        areas=(Area(AreaId("yard"), corners, "Sân", counts=True),),
        rules=(Rule(RuleId("r1"), RuleKind.EXIT, line=LineId("gate")),),
    )


def _raise(writing: Writing, camera: CameraId, order: OrderId, persons: int) -> BreachId:
    now = datetime.now(UTC)
    known = writing.cameras.get(camera)
    held = writing.orders.get(order)
    armed = OrderInForce(
        held.id, held.version, held.number, held.begins_at, held.ends_at, held.arms, depth=2
    )
    path = tuple(
        Footstep(now - timedelta(seconds=2 - step), Point(0.70 + step * 0.05, 0.7))
        for step in range(3)
    )
    rule = Rule(RuleId(new_id()), RuleKind.EXIT, line=LineId("gate"))
    raised = Raised(
        rule=rule,
        at=now,
        began_at=now,
        decided_at=now,
        persons=persons,
        orders=(armed,),
        why=Why(TrackId(7), path, 0.83, "0" * 64, Direction.OUTWARD),
    )
    unit = writing.sites.get(known.site).unit
    (opened,) = Episodes(known, unit, {}, new_id).follow([raised])
    assert isinstance(opened, NewEvent)
    writing.events.append(opened)
    return BreachId(opened.subject)


def keep(
    writing: Writing,
    camera: CameraId,
    site: SiteId,
    breach: BreachId,
    evidence: EvidenceId,
    kind: EvidenceKind = EvidenceKind.SNAPSHOT,
) -> EvidenceId:
    """Evidence in the record; its file is another matter."""
    now = datetime.now(UTC)
    clip = kind is EvidenceKind.CLIP
    writing.evidence.add(
        Evidence(
            id=evidence,
            kind=kind,
            camera=camera,
            site=site,
            begins_at=now - timedelta(seconds=11 if clip else 0),
            ends_at=now,
            media="video/mp4" if clip else "image/jpeg",
            codec="hevc" if clip else "mjpeg",
            width=640,
            height=360,
            part=1,
            gap_ms=0,
            bytes=1000,
            sealed_bytes=1100,
            sha256="0a" * 32,
            sealed_sha256="0b" * 32,
            moments=(Moment(breach, 11_000 if clip else 0),),
        )
    )
    return evidence
