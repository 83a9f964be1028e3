import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select, update

from record.cameras import CameraUrl
from record.envelope import data_of
from record.errors import Invalid, NotInScope, PairingRefused
from record.events import EventType, StoredEvent
from record.ids import CameraId, Position
from record.places import EVERYTHING, Scope
from record.publishing import (
    PublishToken,
    new_pairing_code,
    new_publish_token,
    secret_hash,
)
from record.store import Store
from record.store.engines import normalize
from record.store.rows import PairingRow, PublishTokenRow
from tests.record.world import GYM, HOTEL, World, camera_at

PHONE = CameraId("phone")
TOKEN, CODE = secret_hash("token"), secret_hash("code")


@pytest.fixture
def phone(world: World) -> World:
    """The world, with a camera that publishes."""
    with world.store.write(EVERYTHING) as writing:
        camera = replace(camera_at(GYM), id=PHONE, url=CameraUrl.parse("whip:"))
        writing.cameras.add(camera)
    return world


def changes(store: Store) -> list[StoredEvent]:
    with store.read(EVERYTHING) as reading:
        return list(reading.events.after(Position(0), 1000, types={EventType.TOKEN_CHANGED}))


def found(store: Store, key: bytes) -> PublishToken | None:
    with store.read(EVERYTHING) as reading:
        known = reading.publishing.find(key)
    return None if known is None else known[0]


def test_a_token_is_found_by_its_hash_and_by_nothing_else(phone: World) -> None:
    with phone.store.write(EVERYTHING, phone.minh.id) as writing:
        made = writing.publishing.set_token(PHONE, TOKEN)
    assert (made.camera, made.by) == (PHONE, phone.minh.id)
    assert found(phone.store, TOKEN) == made
    assert found(phone.store, secret_hash("another")) is None


def test_rotation_makes_the_old_token_worthless(phone: World) -> None:
    with phone.store.write(EVERYTHING) as writing:
        first = writing.publishing.set_token(PHONE, TOKEN)
        second = writing.publishing.set_token(PHONE, secret_hash("next"))
    assert found(phone.store, TOKEN) is None
    assert found(phone.store, secret_hash("next")) == second
    what = [(data_of(one)["what"], data_of(one)["token"]) for one in changes(phone.store)]
    assert what == [("created", first.id), ("rotated", second.id)]


def test_revoking_twice_is_revoking_once(phone: World) -> None:
    with phone.store.write(EVERYTHING) as writing:
        writing.publishing.set_token(PHONE, TOKEN)
        writing.publishing.revoke(PHONE)
        writing.publishing.revoke(PHONE)
        assert writing.publishing.token(PHONE) is None
    assert found(phone.store, TOKEN) is None
    assert [data_of(one)["what"] for one in changes(phone.store)] == ["created", "revoked"]


def test_no_secret_and_no_hash_of_one_enters_an_event(phone: World) -> None:
    token, code = new_publish_token(), new_pairing_code()
    with phone.store.write(EVERYTHING) as writing:
        writing.publishing.pair(PHONE, secret_hash(code))
        writing.publishing.redeem(secret_hash(code), secret_hash(token))
    bodies = b"".join(one.body for one in changes(phone.store))
    for secret in (token, code):
        assert secret.encode() not in bodies
        assert secret_hash(secret).hex().encode() not in bodies


def test_a_camera_that_is_dialled_has_no_token(phone: World) -> None:
    with pytest.raises(Invalid) as refused, phone.store.write(EVERYTHING) as writing:
        writing.publishing.set_token(camera_at(GYM).id, TOKEN)
    assert refused.value.field == "camera"
    with pytest.raises(Invalid), phone.store.write(EVERYTHING) as writing:
        writing.publishing.pair(camera_at(GYM).id, CODE)


@pytest.mark.parametrize("changed", [{"enabled": False}, {"url": "rtsp://10.0.0.9/x"}])
def test_a_camera_that_no_longer_publishes_lets_nobody_in(
    phone: World, changed: dict[str, object]
) -> None:
    with phone.store.write(EVERYTHING) as writing:
        writing.publishing.set_token(PHONE, TOKEN)
        camera = writing.cameras.get(PHONE)
        if "url" in changed:
            changed = {"url": CameraUrl.parse(str(changed["url"]))}
        writing.cameras.change(replace(camera, **changed))  # type: ignore[arg-type]
    assert found(phone.store, TOKEN) is None


def test_a_removed_camera_takes_its_token_and_codes_along(phone: World, store_url: str) -> None:
    with phone.store.write(EVERYTHING) as writing:
        writing.publishing.set_token(PHONE, TOKEN)
        writing.publishing.pair(PHONE, CODE)
        writing.cameras.remove(PHONE)
    engine = create_engine(normalize(store_url))
    with engine.begin() as connection:
        for table in (PublishTokenRow, PairingRow):
            assert connection.execute(select(table.camera)).all() == []
    engine.dispose()


def test_what_is_out_of_scope_is_not_there(phone: World) -> None:
    elsewhere = Scope.of_site(HOTEL)
    with phone.store.write(EVERYTHING) as writing:
        writing.publishing.set_token(PHONE, TOKEN)
    with phone.store.write(elsewhere) as writing:
        for refused in (
            lambda: writing.publishing.token(PHONE),
            lambda: writing.publishing.set_token(PHONE, CODE),
            lambda: writing.publishing.revoke(PHONE),
            lambda: writing.publishing.pair(PHONE, CODE),
        ):
            with pytest.raises(NotInScope):
                refused()
        assert writing.publishing.find(TOKEN) is None


def test_a_code_is_traded_once(phone: World) -> None:
    with phone.store.write(EVERYTHING, phone.minh.id) as writing:
        writing.publishing.pair(PHONE, CODE)
    with phone.store.write(EVERYTHING) as writing:
        token, camera = writing.publishing.redeem(CODE, TOKEN)
    assert (camera.id, token.by) == (PHONE, phone.minh.id)
    assert found(phone.store, TOKEN) == token
    with pytest.raises(PairingRefused), phone.store.write(EVERYTHING) as writing:
        writing.publishing.redeem(CODE, secret_hash("second"))
    assert found(phone.store, TOKEN) == token


def test_a_code_is_over_after_five_minutes(phone: World, store_url: str) -> None:
    with phone.store.write(EVERYTHING) as writing:
        pairing = writing.publishing.pair(PHONE, CODE)
    engine = create_engine(normalize(store_url))
    with engine.begin() as connection:  # as if it had been made five minutes ago
        past = pairing.expires_at - timedelta(minutes=5)
        connection.execute(update(PairingRow).values(expires_at=past))
    engine.dispose()
    with pytest.raises(PairingRefused), phone.store.write(EVERYTHING) as writing:
        writing.publishing.redeem(CODE, TOKEN)


def test_a_new_code_and_a_revocation_void_the_one_before(phone: World) -> None:
    with phone.store.write(EVERYTHING) as writing:
        writing.publishing.pair(PHONE, CODE)
        writing.publishing.pair(PHONE, secret_hash("newer"))
    with pytest.raises(PairingRefused), phone.store.write(EVERYTHING) as writing:
        writing.publishing.redeem(CODE, TOKEN)
    with phone.store.write(EVERYTHING) as writing:
        writing.publishing.revoke(PHONE)
    with pytest.raises(PairingRefused), phone.store.write(EVERYTHING) as writing:
        writing.publishing.redeem(secret_hash("newer"), TOKEN)


def test_of_many_who_trade_one_code_at_once_one_gets_a_token(phone: World) -> None:
    with phone.store.write(EVERYTHING) as writing:
        writing.publishing.pair(PHONE, CODE)
    tokens: list[bytes] = []
    refused: list[bytes] = []
    ready = threading.Barrier(8)

    def trade(number: int) -> None:
        mine = secret_hash(f"token {number}")
        ready.wait(10)
        try:
            with phone.store.write(EVERYTHING) as writing:
                writing.publishing.redeem(CODE, mine)
        except PairingRefused:
            refused.append(mine)
        else:
            tokens.append(mine)

    threads = [threading.Thread(target=trade, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(tokens), len(refused)) == (1, 7)
    assert found(phone.store, tokens[0]) is not None
    assert [data_of(one)["what"] for one in changes(phone.store)] == ["pairing", "paired"]
