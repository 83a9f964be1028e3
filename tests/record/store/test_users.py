import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, update

from record.envelope import data_of
from record.errors import Duplicate, Invalid, NotInScope
from record.events import EventType
from record.ids import Position, SessionId, UserId
from record.people import Role
from record.places import EVERYTHING, Scope
from record.store.engines import normalize
from record.store.rows import UserRow
from tests.record.world import DA_NANG, GYM, HOA_KHANH, HOTEL, NOW, World, user_named

HOUR = timedelta(hours=1)
TOKEN = hashlib.sha256(b"token").digest()


def test_a_user_reads_back_with_scope_and_password(world: World) -> None:
    with world.store.read(EVERYTHING) as reading:
        assert reading.users.get(world.gate.id) == world.gate
        assert reading.users.by_username("minh") == world.minh
        assert reading.users.by_username("nobody") is None
        assert reading.users.password_hash(world.minh.id) == "hash-of-minh"
        assert [user.username for user in reading.users.list()] == ["gate", "lan", "minh"]


def test_names_and_hashes_stand_outside_the_hashed_bytes(world: World) -> None:
    with world.store.read(EVERYTHING) as reading:
        events = reading.events.after(Position(0), 100, types={EventType.USER_CHANGED})
        texts = reading.events.texts(events)
    assert len(events) == 3
    assert {texts[event.position]["name"][1] for event in events} >= {"Minh", "Trưởng ca Lan"}
    for event in events:
        for word in ("minh", "Minh", "Lan", "hash-of"):
            assert word.encode() not in event.body


def test_changing_a_user_replaces_scope_and_password(world: World) -> None:
    changed = replace(world.minh, role=Role.AUTHORITY, scope=Scope.of_unit(DA_NANG), language="en")
    with world.store.write(EVERYTHING) as writing:
        assert writing.users.change(changed) == changed
        writing.users.set_password(changed.id, "another")
    with world.store.read(EVERYTHING) as reading:
        assert reading.users.get(changed.id) == changed
        assert reading.users.password_hash(changed.id) == "another"


@pytest.mark.parametrize("name", ["minh", "Minh", "MINH"])
def test_a_user_name_is_taken_once(world: World, name: str) -> None:
    with pytest.raises(Duplicate) as refused, world.store.write(EVERYTHING) as writing:
        writing.users.add(user_named(name, Scope.of_unit(DA_NANG)), "hash")
    assert (refused.value.field, refused.value.value) == ("username", name)
    with pytest.raises(Duplicate), world.store.write(EVERYTHING) as writing:
        writing.users.change(replace(world.lan, username=name))


def test_one_may_change_the_case_of_ones_own_name(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        assert writing.users.change(replace(world.minh, username="Minh")).username == "Minh"


@pytest.mark.parametrize(
    ("username", "name", "field"),
    [
        ("", "New", "username"),
        (" new", "New", "username"),
        ("new", "", "name"),
        ("new", "a\x00", "name"),
    ],
)
def test_a_user_has_names(world: World, username: str, name: str, field: str) -> None:
    odd = replace(user_named("new", Scope.of_site(GYM)), username=username, name=name)
    with pytest.raises(Invalid) as refused, world.store.write(EVERYTHING) as writing:
        writing.users.add(odd, "hash")
    assert refused.value.field == field
    with pytest.raises(Invalid), world.store.write(EVERYTHING) as writing:
        writing.users.change(replace(world.minh, username=username, name=name))


def test_whom_an_older_program_let_in_under_an_odd_name_still_gets_a_password(
    world: World, store_url: str
) -> None:
    engine = create_engine(normalize(store_url))
    with engine.begin() as connection:
        odd = update(UserRow).where(UserRow.id == world.lan.id).values(username="MINH", name="")
        connection.execute(odd)
    engine.dispose()
    with world.store.write(EVERYTHING) as writing:
        writing.users.set_password(world.minh.id, "another")
        writing.users.set_password(world.lan.id, "another")
        assert writing.users.password_hash(world.lan.id) == "another"


def test_nobody_gives_a_wider_scope_than_their_own(world: World) -> None:
    scopes = (EVERYTHING, Scope.of_unit(DA_NANG), Scope.of_site(HOTEL))
    for scope in scopes:
        with pytest.raises(NotInScope), world.store.write(Scope.of_unit(HOA_KHANH)) as writing:
            writing.users.add(user_named("new", scope), "hash")
    with world.store.write(Scope.of_unit(HOA_KHANH)) as writing:
        writing.users.add(user_named("new", Scope.of_site(GYM)), "hash")


def test_a_ward_sees_the_users_whose_whole_scope_it_holds(world: World) -> None:
    with world.store.read(Scope.of_unit(HOA_KHANH)) as reading:
        assert [user.username for user in reading.users.list()] == ["gate", "minh"]
        assert reading.users.by_username("lan") is None
        assert reading.users.password_hash(world.lan.id) is None
        with pytest.raises(NotInScope):
            reading.users.get(world.lan.id)


def test_a_session_lives_until_it_is_closed_or_over(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        session = writing.sessions.open(world.minh, TOKEN, NOW, NOW + HOUR)
    with world.store.read(EVERYTHING) as reading:
        assert reading.sessions.find(TOKEN, NOW) == session
        assert reading.sessions.find(TOKEN, NOW + HOUR) is None
        assert reading.sessions.find(hashlib.sha256(b"other").digest(), NOW) is None
    with world.store.write(EVERYTHING) as writing:
        writing.sessions.close(session.id, NOW)
        writing.sessions.close(session.id, NOW)
        assert writing.sessions.find(TOKEN, NOW) is None
    with pytest.raises(NotInScope), world.store.write(EVERYTHING) as writing:
        writing.sessions.close(SessionId("never"), NOW)


def test_a_session_follows_its_user(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        writing.sessions.open(world.minh, TOKEN, NOW, NOW + HOUR)
        writing.users.change(replace(world.minh, scope=Scope.of_site(GYM)))
        found = writing.sessions.find(TOKEN, NOW)
        assert found is not None
        assert found.user.scope == Scope.of_site(GYM)
        writing.users.change(replace(world.minh, disabled=True))
        assert writing.sessions.find(TOKEN, NOW) is None


def test_session_events_name_ids_and_neither_token_nor_typed_name(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        session = writing.sessions.open(world.minh, TOKEN, NOW, NOW + HOUR)
        writing.sessions.refused("minh", NOW)
        writing.sessions.refused("my-password-by-mistake", NOW)
        writing.sessions.close(session.id, NOW)
    kinds = {EventType.SESSION_OPENED, EventType.SESSION_REFUSED, EventType.SESSION_CLOSED}
    with world.store.read(EVERYTHING) as reading:
        events = reading.events.after(Position(0), 100, types=kinds)
        assert reading.events.texts(events) == {}
    users = [data_of(event)["user"] for event in events]
    assert users == [world.minh.id, world.minh.id, None, world.minh.id]
    log = b"".join(event.body for event in events)
    assert b"my-password" not in log
    assert TOKEN.hex().encode() not in log
    assert UserId("unknown") == events[2].subject
