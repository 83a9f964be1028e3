"""Writing a table of cameras into the record, row by row or all or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from record.errors import Invalid, OutsideTheTree, RecordError
from record.ids import SiteId, UnitId, new_id
from record.places import DEFAULT_TIMEZONE, EVERYTHING, Site
from record.store import Store, Writing
from wardwatch.import_table import Refused, Row


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row."""

    number: int
    site: str
    camera: str
    id: str | None
    """Of the camera that was added, or would be; None: refused."""
    column: str = ""
    reason: str = ""
    made_site: bool = False

    @property
    def refused(self) -> bool:
        return self.id is None


@dataclass(frozen=True, slots=True)
class Imported:
    outcomes: tuple[Outcome, ...]
    written: bool
    """Whether anything stands in the record: neither after a dry run, nor where one row was refused
    and all or nothing was asked for."""

    @property
    def refused(self) -> int:
        return sum(outcome.refused for outcome in self.outcomes)


class _Undo(Exception):
    """Rolls a transaction back; nothing has gone wrong."""


def write_table(
    store: Store,
    rows: Sequence[Row | Refused],
    *,
    all_or_nothing: bool = False,
    dry_run: bool = False,
) -> Imported:
    """Raises what the store raises when it is out of reach; never for what a row says."""
    taken = _Taken()
    if not all_or_nothing and not dry_run:
        each = tuple(_alone(store, row, taken) for row in rows)
        return Imported(each, written=any(not one.refused for one in each))
    outcomes: list[Outcome] = []
    try:
        with store.write(EVERYTHING) as record:
            known = _Known()
            outcomes += [
                _outcome(row, lambda one: _add(record, one, known, taken), taken) for row in rows
            ]
            _undo_if(dry_run or any(outcome.refused for outcome in outcomes))
    except _Undo:
        return Imported(tuple(outcomes), written=False)
    return Imported(tuple(outcomes), written=bool(outcomes))


def _undo_if(unwanted: bool) -> None:
    if unwanted:
        raise _Undo


def _alone(store: Store, row: Row | Refused, taken: "_Taken") -> Outcome:
    """In a transaction of its own: a row that is refused leaves no site behind either."""

    def add(one: Row) -> tuple[Outcome, SiteId]:
        with store.write(EVERYTHING) as record:
            return _add(record, one, _Known(), taken)

    return _outcome(row, add, taken)


def _outcome(
    row: Row | Refused, add: Callable[[Row], tuple[Outcome, SiteId]], taken: "_Taken"
) -> Outcome:
    if isinstance(row, Refused):
        return Outcome(row.number, row.site, row.name, None, row.column, row.reason)
    name = row.camera.name
    try:
        added, site = add(row)
    except Invalid as refused:
        return Outcome(row.number, row.site, name, None, refused.field, refused.reason)
    except RecordError as refused:
        return Outcome(row.number, row.site, name, None, "row", str(refused))
    taken.take(row, site)
    return added


@dataclass(slots=True)
class _Taken:
    """What the rows that went in have taken, by their numbers. One that was refused takes nothing:
    the next with its name or address is the first."""

    names: dict[tuple[SiteId, str], int] = field(default_factory=dict)
    urls: dict[str, int] = field(default_factory=dict)

    def check_url(self, row: Row) -> None:
        """Raises `Invalid`."""
        first = self.urls.get(row.camera.url.address)
        if first is not None and not row.camera.publishes:
            raise Invalid("url", f"is that of row {first} already")

    def check_name(self, row: Row, site: SiteId) -> None:
        """Raises `Invalid`."""
        first = self.names.get((site, row.camera.name.casefold()))
        if first is not None:
            raise Invalid("camera", f"stands in row {first} already, at the same site")

    def take(self, row: Row, site: SiteId) -> None:
        self.names[site, row.camera.name.casefold()] = row.number
        self.urls[row.camera.url.address] = row.number


@dataclass(slots=True)
class _Known:
    """Names at each site, read once a transaction."""

    names: dict[SiteId, set[str]] = field(default_factory=dict)
    sites: list[Site] | None = None

    def at(self, record: Writing, site: SiteId) -> set[str]:
        if site not in self.names:
            listed = record.cameras.list(site)
            self.names[site] = {camera.name.casefold() for camera in listed}
        return self.names[site]

    def all_sites(self, record: Writing) -> list[Site]:
        if self.sites is None:
            self.sites = list(record.sites.list())
        return self.sites


def _add(record: Writing, row: Row, known: _Known, taken: _Taken) -> tuple[Outcome, SiteId]:
    # The address first: a row that is refused has then made no site.
    taken.check_url(row)
    site, made = _site(record, row, known)
    taken.check_name(row, site)
    names = known.at(record, site)
    name = row.camera.name.casefold()
    if name in names:
        raise Invalid("camera", "is there already, at this site")
    camera = record.cameras.add(replace(row.camera, site=site))
    names.add(name)
    return Outcome(row.number, row.site, camera.name, camera.id, made_site=made), site


def _site(record: Writing, row: Row, known: _Known) -> tuple[SiteId, bool]:
    """By id, else by name; one that is not there is made where its unit is named."""
    sites = known.all_sites(record)
    named = [
        site.id
        for site in sites
        if site.id == row.site
        or (site.name.casefold() == row.site.casefold() and row.unit in ("", site.unit))
    ]
    if len(named) == 1:
        return named[0], False
    if named:
        raise Invalid("site", f"is the name of {len(named)} sites; name the unit, or give its id")
    if not row.unit:
        raise Invalid("site", "is the name or id of none; with the column unit it would be made")
    site = Site(SiteId(new_id()), UnitId(row.unit), row.site, DEFAULT_TIMEZONE)
    try:
        record.sites.add(site)
    except OutsideTheTree:
        raise
    except Invalid as refused:
        raise Invalid("site", refused.reason) from None
    sites.append(site)
    return site.id, True
