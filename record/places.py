"""Where: administrative units, a tree of any depth, and the sites in them."""

from dataclasses import dataclass
from enum import StrEnum

from record.ids import SiteId, UnitId

DEFAULT_TIMEZONE = "Asia/Ho_Chi_Minh"


class UnitKind(StrEnum):
    """Vietnam has two levels below the nation since July 2025; other states have more."""

    NATION = "nation"
    PROVINCE = "province"
    DISTRICT = "district"
    WARD = "ward"


@dataclass(frozen=True, slots=True)
class Unit:
    id: UnitId
    parent: UnitId | None
    kind: UnitKind
    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """An isolation area: what a supervisor on duty watches."""

    id: SiteId
    unit: UnitId
    name: str
    timezone: str = DEFAULT_TIMEZONE
    """IANA name; schedules and pages of this site are in its local time."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may see: whole units with all below them, or single sites, or everything.

    Every repository is constructed with one, so that an unscoped query cannot be written.
    An empty scope sees nothing.
    """

    units: frozenset[UnitId] = frozenset()
    sites: frozenset[SiteId] = frozenset()
    everything: bool = False

    @classmethod
    def of_unit(cls, unit: UnitId) -> "Scope":
        return cls(units=frozenset({unit}))

    @classmethod
    def of_site(cls, site: SiteId) -> "Scope":
        return cls(sites=frozenset({site}))


EVERYTHING = Scope(everything=True)
"""For the node's own processes and for the command line on the machine itself."""
