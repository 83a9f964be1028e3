"""Who is signed in, and the places they see."""

from typing import Annotated

from pydantic import Field

from api.schemas.base import Answer, Moment, Sent, Text
from record.occupancy import OccupancyMinute
from record.people import RIGHTS, Right, Role, User
from record.places import Site as DomainSite
from record.places import Unit as DomainUnit
from record.places import UnitKind


class Credentials(Sent):
    username: Annotated[Text, Field(min_length=1, max_length=64)]
    password: Annotated[Text, Field(min_length=1, max_length=1024)] = Field(repr=False)


class Unit(Answer):
    id: str
    parent: str | None
    kind: UnitKind
    name: str

    @classmethod
    def of(cls, unit: DomainUnit) -> "Unit":
        return cls(id=unit.id, parent=unit.parent, kind=unit.kind, name=unit.name)


class UnitPage(Answer):
    items: list[Unit]
    next: str | None


class Site(Answer):
    id: str
    name: str
    unit: str
    unit_name: str
    timezone: str

    @classmethod
    def of(cls, site: DomainSite, unit_name: str) -> "Site":
        return cls(
            id=site.id,
            name=site.name,
            unit=site.unit,
            unit_name=unit_name,
            timezone=site.timezone,
        )


class SitePage(Answer):
    items: list[Site]
    next: str | None


class Me(Answer):
    id: str
    username: str
    name: str
    role: Role
    language: str
    demo: bool
    rights: list[Right]
    units: list[Unit]
    sites: list[Site]

    @classmethod
    def of(cls, user: User, *, demo: bool, units: list[Unit], sites: list[Site]) -> "Me":
        return cls(
            id=user.id,
            username=user.username,
            name=user.name,
            role=user.role,
            language=user.language,
            demo=demo,
            rights=sorted(RIGHTS[user.role]),
            units=units,
            sites=sites,
        )


class Spread(Answer):
    """People at once within one step: the least, the most, and how many at its end."""

    least: int
    most: int
    last: int


class OccupancyStep(Answer):
    """One camera's view (`area` null) or one of its areas over one step."""

    camera: str
    area: str | None
    at: Moment = Field(description="When the step begins")
    people: Spread | None = Field(description="null: unknown, which is not zero")

    @classmethod
    def of(cls, minute: OccupancyMinute) -> "OccupancyStep":
        counts = minute.counts
        people = None
        if counts is not None:
            people = Spread(least=counts.least, most=counts.most, last=counts.last)
        return cls(camera=minute.camera, area=minute.area, at=minute.minute, people=people)


class OccupancySeries(Answer):
    site: str
    since: Moment
    until: Moment
    step: int = Field(description="Seconds")
    items: list[OccupancyStep]
