"""A small country for the store's tests: one nation, two provinces, three wards, four sites."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from record.cameras import Area, Camera, CameraUrl, Line, Point, Rule
from record.ids import (
    AreaId,
    BreachId,
    CameraId,
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
from record.sightings import Direction, Ended, Finding, Footstep, Grew, Raised, Why
from record.store import Store

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
S = timedelta(seconds=1)

NATION, DA_NANG, HUE = UnitId("vn"), UnitId("vn-48"), UnitId("vn-46")
HOA_KHANH, LIEN_CHIEU, PHU_HOI = UnitId("48-hk"), UnitId("48-lc"), UnitId("46-ph")
DORMITORY, GYM, SCHOOL, HOTEL = SiteId("dorm"), SiteId("gym"), SiteId("school"), SiteId("hotel")

UNITS = (
    Unit(NATION, None, UnitKind.NATION, "Việt Nam"),
    Unit(DA_NANG, NATION, UnitKind.PROVINCE, "Đà Nẵng"),
    Unit(HUE, NATION, UnitKind.PROVINCE, "Huế"),
    Unit(HOA_KHANH, DA_NANG, UnitKind.WARD, "Hòa Khánh"),
    Unit(LIEN_CHIEU, DA_NANG, UnitKind.WARD, "Liên Chiểu"),
    Unit(PHU_HOI, HUE, UnitKind.WARD, "Phú Hội"),
)
SITES = (
    Site(DORMITORY, HOA_KHANH, "KTX Hòa Khánh"),
    Site(GYM, HOA_KHANH, "Nhà thi đấu"),
    Site(SCHOOL, LIEN_CHIEU, "Trường Liên Chiểu"),
    Site(HOTEL, PHU_HOI, "Khách sạn Phú Hội"),
)
EXIT = Rule(RuleId("exit"), RuleKind.EXIT, line=LineId("gate"))
CROWD = Rule(RuleId("crowd"), RuleKind.GATHERING, area=AreaId("yard"), persons=3, seconds=5)


def camera_at(site: SiteId, name: str = "Cổng") -> Camera:
    return Camera(
        id=CameraId(f"cam-{site}"),
        site=site,
        name=name,
        url=CameraUrl.parse(f"rtsp://admin:s3cret@10.0.0.9/{site}?token=tok3n"),
        lines=(Line(LineId("gate"), Point(0.75, 1.0), Point(0.75, 0.45), "Vạch cổng"),),
        areas=(
            Area(
                AreaId("yard"),
                (Point(0.1, 0.4), Point(0.9, 0.4), Point(0.9, 0.95), Point(0.1, 0.95)),
                "Sân",
            ),
        ),
        rules=(EXIT, CROWD),
    )


def order_for(
    unit: UnitId | None = None,
    site: SiteId | None = None,
    *,
    begins_at: datetime = NOW - timedelta(days=1),
    ends_at: datetime = NOW + timedelta(days=3650),
    number: str = "12/QĐ-UBND",
) -> Order:
    return Order(
        id=OrderId(new_id()),
        version=1,
        number=number,
        kind=OrderKind.ISOLATION,
        issuer="UBND phường",
        legal_basis="Luật Phòng, chống bệnh truyền nhiễm",
        unit=unit,
        site=site,
        begins_at=begins_at,
        ends_at=ends_at,
        arms=frozenset({RuleKind.EXIT, RuleKind.GATHERING}),
    )


def user_named(username: str, scope: Scope, name: str = "", role: Role = Role.SUPERVISOR) -> User:
    return User(UserId(new_id()), username, name or username.title(), role, scope)


WHY = Why(
    TrackId(7),
    (Footstep(NOW - S, Point(0.7, 0.9)), Footstep(NOW, Point(0.8, 0.9))),
    0.87,
    "ab" * 32,
    Direction.OUTWARD,
)


def raised(
    rule: Rule,
    orders: tuple[OrderInForce, ...],
    at: datetime = NOW,
    *,
    began_at: datetime | None = None,
    persons: int = 1,
) -> Raised:
    return Raised(rule, at, began_at or at, at + 0.2 * S, persons, orders, WHY)


def grew(rule: Rule, at: datetime, persons: int) -> Grew:
    return Grew(rule, at, at + 0.2 * S, persons, WHY)


def ended(rule: Rule, at: datetime) -> Ended:
    return Ended(rule, at, at + 0.2 * S)


@dataclass(frozen=True, slots=True)
class World:
    store: Store
    cameras: dict[SiteId, Camera]
    minh: User
    """Supervisor of the ward Hòa Khánh."""
    lan: User
    """Supervisor of the ward Liên Chiểu."""
    gate: User
    """Supervisor of one site, the gym in Hòa Khánh."""

    def armed(self, site: SiteId) -> tuple[OrderInForce, ...]:
        with self.store.read(EVERYTHING) as reading:
            return reading.orders.in_force(site)

    def find(self, site: SiteId, *findings: Finding) -> list[BreachId]:
        """Record findings of the site's camera; ids of the breaches they opened."""
        camera = self.cameras[site]
        with self.store.write(EVERYTHING) as writing:
            events = writing.findings.record(camera, findings, NOW)
        return [BreachId(event.subject) for event in events if event.type == "breach.opened"]

    def breach(self, site: SiteId, at: datetime = NOW, rule: Rule = EXIT) -> BreachId:
        """One breach, opened and ended."""
        (opened,) = self.find(site, raised(rule, self.armed(site), at), ended(rule, at + 3 * S))
        return opened


def furnish(store: Store) -> World:
    """Units, sites, a camera each, orders for both provinces, three supervisors."""
    minh = user_named("minh", Scope.of_unit(HOA_KHANH), "Minh")
    lan = user_named("lan", Scope.of_unit(LIEN_CHIEU), "Trưởng ca Lan")
    gate = user_named("gate", Scope.of_site(GYM), "Trực cổng")
    with store.write(EVERYTHING) as writing:
        for unit in UNITS:
            writing.units.add(unit)
        for site in SITES:
            writing.sites.add(site)
        cameras = {site.id: writing.cameras.add(camera_at(site.id)) for site in SITES}
        writing.orders.issue(order_for(unit=DA_NANG))
        writing.orders.issue(order_for(unit=HUE, number="9/QĐ-UBND"))
        for user in (minh, lan, gate):
            writing.users.add(user, "hash-of-" + user.username)
    return World(store, cameras, minh, lan, gate)


def with_rules(camera: Camera, *rules: Rule) -> Camera:
    return replace(camera, rules=rules)
