"""Each filter of the history is a range of an index that ends with the page: the databases' own
plans say so. Ten million breaches are for the bench; what makes them bearable is here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, event

from record.breaches import BreachFilter, BreachState
from record.ids import CameraId
from record.orders import RuleKind
from record.paging import Place, encode_cursor
from record.places import EVERYTHING, Scope
from record.store.engines import normalize
from tests.record.world import DA_NANG, GYM, HOA_KHANH, LIEN_CHIEU, NOW, World

DAY = timedelta(days=1)
CURSOR = encode_cursor(Place(NOW, "id"))

FILTERS = {
    "nothing": BreachFilter(),
    "days": BreachFilter(since=NOW, until=NOW + DAY),
    "kind": BreachFilter(kind=RuleKind.GATHERING),
    "unit": BreachFilter(unit=HOA_KHANH),
    "unit and kind": BreachFilter(unit=DA_NANG, kind=RuleKind.GATHERING),
    "unit and days": BreachFilter(unit=DA_NANG, since=NOW, until=NOW + DAY),
    "site": BreachFilter(site=GYM),
    "site and kind": BreachFilter(site=GYM, kind=RuleKind.EXIT),
    "camera": BreachFilter(camera=CameraId("cam-gym")),
    "closed": BreachFilter(states=frozenset({BreachState.RESOLVED})),
    "waiting": BreachFilter(states=frozenset({BreachState.OPEN, BreachState.ACKNOWLEDGED})),
    "waiting in a unit": BreachFilter(unit=DA_NANG, states=frozenset({BreachState.OPEN})),
}
INDEXES = {
    "nothing": "ix_breaches_opened_at_id",
    "days": "ix_breaches_opened_at_id",
    "kind": "ix_breaches_kind_opened_at_id",
    "unit": "breach_units",
    "unit and kind": "ix_breach_units_ancestor_kind_opened_at_breach",
    "unit and days": "breach_units",
    "site": "ix_breaches_site_opened_at_id",
    "site and kind": "ix_breaches_site_kind_opened_at_id",
    "camera": "ix_breaches_camera_opened_at_id",
    "waiting": "ix_breaches_live",
    "waiting in a unit": "ix_breaches_live",
}
"""Where a reader of everything walks; what is not here may be served by one of two."""

SCOPES = {
    "everything": EVERYTHING,
    "a province": Scope.of_unit(DA_NANG),
    "two wards": Scope(units=frozenset({HOA_KHANH, LIEN_CHIEU})),
}


@contextmanager
def overheard(statements: list[tuple[str, object]]) -> Iterator[None]:
    """Everything that is asked of a database meanwhile, with its parameters."""

    def hear(_conn: object, _cursor: object, statement: str, given: object, *_: object) -> None:
        statements.append((statement, given))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def plan(url: str, statement: str, parameters: object) -> str:
    engine = create_engine(normalize(url))
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                explain = "EXPLAIN QUERY PLAN "
            else:
                explain = "EXPLAIN "
                # A table of three rows is quickest read whole and sorted. Where these are off and
                # a sort or a scan stands all the same, no index serves.
                for way in ("seqscan", "sort", "bitmapscan", "hashjoin", "mergejoin"):
                    connection.exec_driver_sql(f"SET enable_{way} = off")
            rows = connection.exec_driver_sql(explain + statement, parameters)  # type: ignore[arg-type]  # as overheard
            return "\n".join(str(row[-1]) for row in rows)
    finally:
        engine.dispose()


@pytest.mark.parametrize("scope", SCOPES)
def test_no_filter_reads_or_sorts_the_whole_history(
    world: World, store_url: str, scope: str
) -> None:
    for name, wanted in FILTERS.items():
        if scope == "two wards" and wanted.unit == DA_NANG:
            continue  # out of this scope
        asked: list[tuple[str, object]] = []
        with overheard(asked), world.store.read(SCOPES[scope]) as reading:
            reading.breaches.list(wanted, 50, CURSOR)
        pages = [one for one in asked if "LIMIT" in one[0] and "opened_at" in one[0]]
        assert len(pages) == 1
        told = plan(store_url, *pages[0])
        for line in told.splitlines():
            assert "Seq Scan on breach" not in line, told
            assert line not in ("SCAN breaches", "SCAN breach_units"), told
        # In an empty table PostgreSQL finds two indexes equally cheap and takes either.
        tie = name in {"site and kind", "unit and kind"} and store_url.startswith("postgresql")
        if scope == "everything" and not tie:
            assert INDEXES.get(name, "") in told, f"{name}: {told}"
        if "union" not in pages[0][0].lower():  # merging a few pages sorts a few pages
            assert "TEMP B-TREE" not in told, told
            assert "Sort" not in told, told
