"""Sites with what their units are called."""

from collections.abc import Iterable

from api import schemas
from record.places import Site
from record.store import Reading


def sites_with_units(reading: Reading, sites: Iterable[Site]) -> list[schemas.Site]:
    """Whoever sees one site only does not see its unit; the unit's code stands for it then."""
    names = {unit.id: unit.name for unit in reading.units.list()}
    return [schemas.Site.of(site, names.get(site.unit, site.unit)) for site in sites]
