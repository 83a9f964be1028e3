"""The event stream against a real server: nothing lost, nothing doubled, nothing out of scope."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from api import ApiSettings
from record.places import EVERYTHING, Scope
from record.store import Store
from tests.api.conftest import Running, Serve, Shared
from tests.api.sse import Event, StreamReader, collect, open_reader, request_for, until
from tests.api.streaming import append, cookie_of, logged
from tests.api.world import World, build_world


@pytest.fixture
def world(shared: Shared) -> World:
    return shared.world


@pytest.fixture
def api(shared: Shared) -> Running:
    return shared.api


@pytest.fixture
def alone(sqlite_store: Store, serve: Serve) -> Iterator[tuple[World, Running]]:
    """For tests that change what others rely on."""
    world = build_world(sqlite_store)
    with serve(sqlite_store) as api:
        yield world, api


def test_after_0_tells_everything_in_scope_from_the_beginning(world: World, api: Running) -> None:
    with api.client("supervisor.north") as client:
        listed = client.get("/events", params={"after": 0, "limit": 1000}).json()
        wanted = [item["position"] for item in listed["items"]]
        request = request_for("?after=0", cookie_of(client))
        events = asyncio.run(
            collect(api.port, request, lambda found: len(logged(found)) >= len(wanted))
        )
    assert len(wanted) > 5
    assert [event.id for event in logged(events)] == wanted


def test_streamed_and_listed_events_are_the_same_but_for_position(
    world: World, api: Running
) -> None:
    with api.client("supervisor.north") as client:
        items = client.get("/events", params={"after": 0}).json()["items"]
        request = request_for("?after=0", cookie_of(client))
        events = asyncio.run(
            collect(api.port, request, lambda found: len(logged(found)) >= len(items))
        )
    for item, event in zip(items, logged(events), strict=True):
        assert event.id == item.pop("position")
        assert event.name == item["type"]
        assert event.json() == item


def test_without_a_cursor_a_stream_begins_now(world: World, api: Running) -> None:
    async def run(cookie: str) -> tuple[list[Event], list[int]]:
        events: list[Event] = []
        reader = await open_reader(api.port, request_for("", cookie), events.append)
        await until(lambda: len(events) > 0)
        new = await asyncio.to_thread(append, world.store, world.north, 3)
        await until(lambda: len(logged(events)) >= 3)
        reader.drop()
        return events, new

    with api.client("supervisor.north") as client:
        events, new = asyncio.run(run(cookie_of(client)))
    assert events[0].name == "tick"
    assert [event.id for event in logged(events)] == new


def test_the_header_beats_the_query(world: World, api: Running) -> None:
    first, second, third = append(world.store, world.north, 3)
    with api.client("supervisor.north") as client:
        request = request_for("?after=0", cookie_of(client), last_event_id=second)
        events = asyncio.run(collect(api.port, request, lambda found: len(logged(found)) >= 1))
    assert first < second
    assert [event.id for event in logged(events)] == [third]


@pytest.mark.parametrize("text", ["7", "99999999999999999", "-1", "nonsense", "9" * 60])
def test_an_id_never_issued_is_answered_with_a_reset(world: World, api: Running, text: str) -> None:
    async def run(cookie: str) -> tuple[list[Event], list[int]]:
        events: list[Event] = []
        request = request_for("", cookie).removesuffix(b"\r\n")
        request += f"Last-Event-ID: {text}\r\n\r\n".encode()
        reader = await open_reader(api.port, request, events.append)
        await until(lambda: len(events) > 0)
        new = await asyncio.to_thread(append, world.store, world.north)
        await until(lambda: len(logged(events)) >= 1)
        reader.drop()
        return events, new

    with api.client("supervisor.north") as client:
        events, new = asyncio.run(run(cookie_of(client)))
    assert events[0].name == "reset"
    assert events[0].json() == {"position": events[0].id}
    assert [event.id for event in logged(events)] == new


def test_ticks_carry_the_position_so_that_a_filtered_reader_advances(
    world: World, api: Running
) -> None:
    async def run(cookie: str) -> tuple[list[Event], list[int]]:
        events: list[Event] = []
        path = "?types=breach.opened"
        reader = await open_reader(api.port, request_for(path, cookie), events.append)
        await until(lambda: len(events) > 0)
        new = await asyncio.to_thread(append, world.store, world.north)
        await until(lambda: any(event.id == new[0] for event in events))
        reader.drop()
        return events, new

    with api.client("supervisor.north") as client:
        events, new = asyncio.run(run(cookie_of(client)))
    assert {event.name for event in events} == {"tick"}
    ticks = [event.json() for event in events if event.id == new[0]]
    assert ticks[0]["position"] == new[0]
    assert str(ticks[0]["now"]).endswith("Z")


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("?after=0&types=camera.degraded", "supervisor.north"),
        ("?after=0&unit=unit-north", "admin"),
        ("?after=0&site=site-north&types=wardwatch.camera.degraded,breach.opened", "admin"),
        ("?after=0&camera=camera-north", "supervisor.north"),
        ("?after=0&unit=79", "admin"),
        ("?after=0", "installer.south"),
    ],
)
def test_a_filter_gives_the_same_from_history_and_live(
    world: World, api: Running, path: str, who: str
) -> None:
    """A reader that was there all along, one that comes later, and a poller see the same."""

    async def live(cookie: str, start: int) -> list[Event]:
        events: list[Event] = []
        path_now = path.replace("after=0", f"after={start}")
        reader = await open_reader(api.port, request_for(path_now, cookie), events.append)
        await until(lambda: reader.status is not None)
        for ward in (world.north, world.south, world.north):
            await asyncio.to_thread(append, world.store, ward, 2)
            await asyncio.to_thread(world.raise_breach, ward)
        last = (await asyncio.to_thread(append, world.store, world.south))[0]
        await until(lambda: any((event.id or 0) >= last for event in events))
        reader.drop()
        return events

    with api.client(who) as client:
        start = client.get("/events").json()["next"]
        cookie = cookie_of(client)
        seen = [event.id for event in logged(asyncio.run(live(cookie, start)))]
        query = path.replace("after=0", f"after={start}")
        polled = client.get(f"/events{query}&limit=1000").json()
        later = asyncio.run(
            collect(
                api.port,
                request_for(query, cookie),
                lambda found: len(logged(found)) >= len(polled["items"]),
            )
        )
    wanted = [item["position"] for item in polled["items"]]
    assert seen == wanted
    assert [event.id for event in logged(later)] == wanted


def test_nothing_of_another_ward_is_heard(world: World, api: Running) -> None:
    async def run(cookie: str) -> list[Event]:
        events: list[Event] = []
        reader = await open_reader(api.port, request_for("?after=0", cookie), events.append)
        await until(lambda: len(logged(events)) > 0)
        await asyncio.to_thread(append, world.store, world.south, 5)
        (last,) = await asyncio.to_thread(append, world.store, world.north)
        await until(lambda: any(event.id == last for event in events))
        reader.drop()
        return events

    with api.client("supervisor.north") as client:
        events = logged(asyncio.run(run(cookie_of(client))))
    assert len(events) > 3
    assert not [event for event in events if b"south" in event.data]


def test_an_order_of_the_nation_is_news_in_every_ward(world: World, api: Running) -> None:
    body = {
        "number": "1/QĐ-TTg",
        "kind": "lockdown",
        "issuer": "Thủ tướng",
        "unit": "vn",
        "from": "2026-11-24T00:00:00Z",
        "to": "2027-11-24T00:00:00Z",
        "arms": ["entry"],
    }

    async def run(cookie: str, issue: Callable[[], object]) -> list[Event]:
        events: list[Event] = []
        reader = await open_reader(api.port, request_for("", cookie), events.append)
        await until(lambda: len(events) > 0)
        await asyncio.to_thread(issue)
        await until(lambda: len(logged(events)) > 0)
        reader.drop()
        return logged(events)

    with api.client("supervisor.north") as north, api.client("admin") as admin:
        events = asyncio.run(run(cookie_of(north), lambda: admin.post("/orders", json=body)))
    assert [event.name for event in events] == ["wardwatch.order.issued"]


def test_roles_hear_what_is_meant_for_them(world: World, api: Running) -> None:
    """Breaches are no installer's business, sign-ins nobody's but the administrator's."""
    with api.client("installer.north") as client:
        request = request_for("?after=0", cookie_of(client))
        heard = asyncio.run(
            collect(api.port, request, lambda found: any(e.name == "tick" for e in found), 3)
        )
    names = {event.name for event in logged(heard)}
    assert "wardwatch.camera.added" in names
    assert not {name for name in names if "breach" in name or "session" in name}


def test_a_type_that_does_not_exist_is_refused(api: Running) -> None:
    with api.client("supervisor.north") as client:
        answer = client.get("/events/stream?types=breach.opend")
    assert answer.status_code == 422
    assert answer.json()["field"] == "types"


def ended_within(
    api: Running, cookie: str, act: Callable[[], object], seconds: float
) -> StreamReader:
    async def run() -> StreamReader:
        events: list[Event] = []
        reader = await open_reader(api.port, request_for("", cookie), events.append)
        await until(lambda: len(events) > 0)
        await asyncio.to_thread(act)
        await asyncio.wait_for(reader.closed, seconds)
        return reader

    return asyncio.run(run())


def test_signing_out_ends_the_stream(alone: tuple[World, Running]) -> None:
    _, api = alone
    with api.client("supervisor.north") as client:
        reader = ended_within(api, cookie_of(client), lambda: client.delete("/session"), 5)
    assert reader.ended_properly


def test_a_change_of_scope_ends_the_stream(alone: tuple[World, Running]) -> None:
    world, api = alone

    def move() -> None:
        with world.store.write(EVERYTHING) as writing:
            user = writing.users.by_username("supervisor.north")
            assert user is not None
            writing.users.change(replace(user, scope=Scope.of_unit(world.south.unit)))

    with api.client("supervisor.north") as client:
        reader = ended_within(api, cookie_of(client), move, 5)
    assert reader.ended_properly


def test_an_expired_session_ends_the_stream(sqlite_store: Store, serve: Serve) -> None:
    world = build_world(sqlite_store)
    short = ApiSettings(secure_cookie=False, session_hours=1.5 / 3600, tick_s=0.3)
    with serve(world.store, short) as api, api.client("supervisor.north") as client:
        reader = ended_within(api, cookie_of(client), lambda: None, 5)
    assert reader.ended_properly


def test_stopping_ends_streams_at_once(sqlite_store: Store, serve: Serve) -> None:
    world = build_world(sqlite_store)
    with serve(world.store) as api, api.client("supervisor.north") as client:
        assert api.server is not None
        assert api.thread is not None

        def stop() -> None:
            assert api.server is not None
            api.server.should_exit = True

        began = time.monotonic()
        reader = ended_within(api, cookie_of(client), stop, 5)
        api.thread.join(5)
        took = time.monotonic() - began
    assert reader.ended_properly
    assert took < 3


def test_a_reader_that_takes_nothing_is_cut_off_and_others_hear_all(
    alone: tuple[World, Running],
) -> None:
    """2 MB of events: the slow one loses its connection, not the others their events."""
    world, api = alone

    async def run(cookie: str) -> tuple[bool, list[Event], list[int]]:
        heard: list[Event] = []
        slow = await open_reader(api.port, request_for("", cookie), lambda _: None, paused=True)
        quick = await open_reader(api.port, request_for("", cookie), heard.append)
        await until(lambda: len(heard) > 0)
        await asyncio.sleep(0.3)
        positions: list[int] = []
        for _ in range(40):
            positions += await asyncio.to_thread(append, world.store, world.north, 200)
        await until(lambda: len(logged(heard)) >= len(positions), 30)
        assert slow.transport is not None
        slow.transport.resume_reading()
        await asyncio.wait_for(slow.closed, 5)
        quick.drop()
        return slow.ended_properly, logged(heard), positions

    with api.client("supervisor.north") as client:
        properly, heard, positions = asyncio.run(run(cookie_of(client)))
        figures = client.get(f"{api.url}/metrics").text
    assert not properly
    assert [event.id for event in heard] == positions
    assert "wardwatch_stream_cut_off_total 1.0" in figures
