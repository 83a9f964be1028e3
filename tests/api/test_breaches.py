"""A breach's life over HTTP, its history as JSON and as a table."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.breach_table import harmless, prefers_csv
from record.events import EventType
from record.ids import Position
from record.places import EVERYTHING
from record.store import Store
from tests.api.conftest import Serve, Shared
from tests.api.world import build_world

NOTE = "Người đàn ông áo xanh, đã quay lại"


@pytest.fixture
def client(shared: Shared) -> Iterator[httpx.Client]:
    with shared.api.client("supervisor.north") as found:
        yield found


@pytest.fixture
def breach(shared: Shared) -> str:
    return shared.world.raise_breach(shared.world.north)


def history(body: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    return [(step["type"].rsplit(".", 1)[1], step["by"], step["text"]) for step in body["history"]]


def test_a_breach_says_what_a_supervisor_must_know(client: httpx.Client, breach: str) -> None:
    body = client.get(f"/breaches/{breach}").json()
    assert body["kind"] == "exit"
    assert body["priority"] == "high"
    assert body["state"] == "open"
    assert (body["site_name"], body["unit_name"]) == ("Khu cách ly Phường Bắc", "Phường Bắc")
    assert (body["line"], body["line_name"]) == ("gate", "Cổng chính")
    assert body["order_number"] == "12/QĐ-UBND-north"
    assert [order["number"] for order in body["orders"]] == ["12/QĐ-UBND-north"]
    assert body["why"]["direction"] == "outward"
    assert body["why"]["path"][0]["x"] == pytest.approx(0.70)
    assert history(body) == [("opened", None, None)]
    assert body["escalates_at"] is body["escalated_at"] is body["escalated_to"] is None
    assert body["evidence"] == []


def test_acknowledged_then_resolved_with_names_and_times(client: httpx.Client, breach: str) -> None:
    body = client.post(f"/breaches/{breach}/acknowledge").json()
    assert body["state"] == "acknowledged"
    assert body["acknowledged_by"] == "supervisor.north"
    assert body["acknowledged_by_name"] == "supervisor Phường Bắc"
    body = client.post(f"/breaches/{breach}/comments", json={"text": "Đang ra xem"}).json()
    sent = {"outcome": "returned", "note": NOTE}
    body = client.post(f"/breaches/{breach}/resolve", json=sent).json()
    assert (body["state"], body["reason"]) == ("resolved", "returned")
    assert body["resolved_by"] == "supervisor.north"
    assert body["closed_at"] == body["resolved_at"]
    assert history(body) == [
        ("opened", None, None),
        ("acknowledged", "supervisor.north", None),
        ("commented", "supervisor.north", "Đang ra xem"),
        ("resolved", "supervisor.north", NOTE),
    ]
    assert body == client.get(f"/breaches/{breach}").json()


def test_dismissed_with_a_reason_without_being_acknowledged(
    client: httpx.Client, breach: str
) -> None:
    body = client.post(f"/breaches/{breach}/dismiss", json={"reason": "staff"}).json()
    assert (body["state"], body["reason"], body["acknowledged_by"]) == ("dismissed", "staff", None)


def test_a_second_one_is_told_who_was_first(
    shared: Shared, client: httpx.Client, breach: str
) -> None:
    first = client.post(f"/breaches/{breach}/acknowledge").json()
    with shared.api.client("authority.north") as second:
        answer = second.post(f"/breaches/{breach}/acknowledge")
    problem = answer.json()
    assert answer.status_code == 409
    assert problem["type"] == "urn:wardwatch:problem:already-acknowledged"
    assert (problem["by"], problem["by_name"]) == ("supervisor.north", "supervisor Phường Bắc")
    assert problem["at"] == first["acknowledged_at"]
    assert client.get(f"/breaches/{breach}").json() == first


def test_what_is_closed_stays_closed(client: httpx.Client, breach: str) -> None:
    client.post(f"/breaches/{breach}/dismiss", json={"reason": "test"})
    again = client.post(f"/breaches/{breach}/resolve", json={"outcome": "left"})
    late = client.post(f"/breaches/{breach}/acknowledge")
    assert (again.status_code, late.status_code) == (409, 409)
    for problem in (again.json(), late.json()):
        assert problem["state"] == "dismissed"
        assert (problem["by"], problem["by_name"]) == ("supervisor.north", "supervisor Phường Bắc")


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        ("resolve", {}, "outcome"),
        ("resolve", {"outcome": "gone"}, "outcome"),
        ("dismiss", {"note": "x"}, "reason"),
        ("dismiss", {"reason": ""}, "reason"),
        ("comments", {"text": ""}, "text"),
        ("comments", {"text": " \t\n"}, "text"),
        ("acknowledge", {"bogus": "1"}, "bogus"),
        ("comments", {"text": "a\x00b"}, "text"),
        ("comments", {"text": "x" * 4001}, "text"),
    ],
)
def test_what_is_missing_is_named(
    client: httpx.Client, breach: str, path: str, sent: dict[str, str], field: str
) -> None:
    answer = client.post(f"/breaches/{breach}/{path}", json=sent)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert len(client.get(f"/breaches/{breach}").json()["history"]) == 1


def by_hand(**more: object) -> dict[str, object]:
    return {"kind": "exit", "site": "site-north", "note": NOTE, **more}


def test_by_hand_under_the_order_in_force(client: httpx.Client) -> None:
    seen = datetime.now(UTC) - timedelta(minutes=3)
    answer = client.post("/breaches", json=by_hand(at=seen.isoformat(), persons=2))
    body = answer.json()
    assert answer.status_code == 201
    assert (body["camera"], body["rule"], body["why"]) == (None, None, None)
    assert (body["persons"], body["order"]) == (2, "order-north")
    assert body["opened_at"][:19] == seen.isoformat()[:19]
    assert history(body) == [("opened", "supervisor.north", NOTE)]
    assert client.get("/breaches").json()["items"]
    assert client.post(f"/breaches/{body['id']}/acknowledge").status_code == 200


def test_by_hand_before_any_order_stands_without_one(client: httpx.Client) -> None:
    seen = datetime.now(UTC) - timedelta(days=3)
    body = client.post("/breaches", json=by_hand(at=seen.isoformat())).json()
    assert (body["order"], body["orders"]) == (None, [])


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"at": "2999-01-01T00:00:00Z"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"at": "0001-01-01T00:00:00Z"}, "at"),
        ({"at": (datetime.now(UTC) - timedelta(days=7, minutes=1)).isoformat()}, "at"),
        ({"persons": True}, "persons"),
        ({"persons": "2"}, "persons"),
        ({"persons": 2.0}, "persons"),
        ({"note": " \n"}, "note"),
        ({"unit": "unit-south"}, "unit"),
        ({"persons": 0}, "persons"),
        ({"note": ""}, "note"),
        ({"camera": "camera-north"}, "camera"),
    ],
)
def test_by_hand_what_is_wrong_is_named(
    client: httpx.Client, more: dict[str, object], field: str
) -> None:
    answer = client.post("/breaches", json=by_hand(**more))
    if more.get("unit"):
        assert answer.status_code in {404, 422}
    else:
        assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_history_is_paged_without_gap_or_repetition(store: Store, serve: Serve) -> None:
    world = build_world(store)
    made = [world.raise_breach(world.north) for _ in range(7)]
    with serve(store) as api, api.client("supervisor.north") as client:
        seen: list[str] = []
        query: dict[str, str] = {"limit": "3"}
        while True:
            page = client.get("/breaches", params=query).json()
            seen += [item["id"] for item in page["items"]]
            assert all(item["history"] == [] for item in page["items"])
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
    assert seen == [*reversed(made), world.north.breach]


def test_filters_narrow_and_come_together(store: Store, serve: Serve) -> None:
    world = build_world(store)
    acknowledged = world.raise_breach(world.north)
    with serve(store) as api, api.client("supervisor.north") as client:
        client.post(f"/breaches/{acknowledged}/acknowledge")

        def found(query: str) -> set[str]:
            return {item["id"] for item in client.get(f"/breaches?{query}").json()["items"]}

        both = {acknowledged, world.north.breach}
        assert found("state=acknowledged") == {acknowledged}
        assert found("state=open&state=acknowledged") == both
        assert found("kind=gathering") == set()
        assert found("unit=unit-north&site=site-north&camera=camera-north&kind=exit") == both
        assert found("from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z") == set()
        opened = client.get(f"/breaches/{acknowledged}").json()["opened_at"]
        assert found(f"to={opened}") == {world.north.breach}


def test_as_a_table(store: Store, serve: Serve) -> None:
    """All of them whatever the page size, with a BOM, and the export is on record."""
    world = build_world(store)
    for _ in range(3):
        world.raise_breach(world.north)
    with serve(store) as api, api.client("supervisor.north") as client:
        answer = client.get("/breaches?limit=2", headers={"accept": "text/csv"})
        listed = client.get("/breaches").json()["items"]
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == [item["id"] for item in listed]
    assert rows[0]["opened_at"] == listed[0]["opened_at"]
    assert rows[0]["site_name"] == "Khu cách ly Phường Bắc"
    with store.read(EVERYTHING) as reading:
        made = reading.events.after(Position(0), 1000, types=[EventType.EXPORT_MADE])
    assert len(made) == 1


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+84 912", "'+84 912"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("Cổng =1", "Cổng =1"),
        (None, ""),
        ("", ""),
        (7, "7"),
        (True, "True"),
    ],
)
def test_no_cell_is_a_formula(cell: object, shown: str) -> None:
    assert harmless(cell) == shown


@pytest.mark.parametrize(
    ("accept", "csv_wanted"),
    [
        ("text/csv", True),
        ("*/*", False),
        ("application/json", False),
        ("text/csv;q=0.9, application/json;q=0.5", True),
        ("text/csv;q=0.5, application/json", False),
        ("TEXT/CSV", True),
        ("text/csv;q=zero", False),
        ("", False),
    ],
)
def test_a_table_is_given_to_who_prefers_one(accept: str, *, csv_wanted: bool) -> None:
    assert prefers_csv(accept) is csv_wanted
