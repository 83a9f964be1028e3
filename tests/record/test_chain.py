"""The chain and the envelope: pure, so no store."""

import hashlib
import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.canonical import NotCanonical
from record.chain import GENESIS, Head, Sealed, seal, text_hash
from record.envelope import base_of, data_of, served, with_position, without_hash
from record.events import EventType, Json, NewEvent
from record.ids import EventId, NodeId, Position, SiteId, UnitId, new_id
from record.moments import parse, stamp
from tests.record.test_canonical import objects
from tests.record.world import NOW

NODE = NodeId("node")
HEAD = Head.fresh(NODE)

moments = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.timezones(),
)
payloads = objects.filter(lambda value: "texts" not in value)
facts = st.builds(
    NewEvent,
    type=st.sampled_from(EventType),
    time=moments,
    subject=st.text(min_size=1, max_size=20),
    site=st.none() | st.just(SiteId("site")),
    unit=st.just(UnitId("unit")),
    data=payloads,
    texts=st.dictionaries(
        st.sampled_from(["note", "text", "name"]),
        st.text(max_size=30),
        max_size=2,
    ),
)


def sealed(head: Head, new: NewEvent) -> tuple[Head, Sealed]:
    salts = {name: bytes(range(32)) for name in new.texts}
    return seal(head, new, event_id=EventId(new_id()), recorded_at=NOW, salts=salts)


@settings(max_examples=40)
@given(st.lists(facts, max_size=4))
def test_each_event_holds_the_hash_of_the_one_before(news: list[NewEvent]) -> None:
    head, before = HEAD, GENESIS
    for number, new in enumerate(news, start=1):
        head, made = sealed(head, new)
        body = json.loads(made.event.body)
        assert hashlib.sha256(made.event.body).hexdigest() == made.event.hash == head.hash
        assert (body["chain"], body["epoch"], body["seq"]) == (NODE, 1, number)
        assert body["prevhash"] == before
        assert made.event.position == 2**32 + number == head.position
        before = made.event.hash


@settings(max_examples=50)
@given(facts)
def test_the_envelope_is_a_cloudevent(new: NewEvent) -> None:
    _, made = sealed(HEAD, new)
    body = json.loads(made.event.body)
    assert body["specversion"] == "1.0"
    assert body["type"] == "wardwatch." + new.type
    assert body["source"] == (new.site or new.unit)
    assert body["subject"] == new.subject
    assert body["datacontenttype"] == "application/json"
    assert body["recordedat"] == "2026-11-24T03:12:00.000Z"
    assert all(name.isascii() and name.isalnum() and name.islower() for name in body)
    assert abs(parse(body["time"]) - new.time) < timedelta(milliseconds=1)


@settings(max_examples=50)
@given(facts)
def test_no_text_stands_in_the_bytes(new: NewEvent) -> None:
    _, made = sealed(HEAD, new)
    hashes = json.loads(made.event.body)["data"].get("texts", {})
    expected = {name: text_hash(bytes(range(32)), text) for name, text in new.texts.items()}
    assert hashes == expected
    assert {text.name: text.text for text in made.texts} == new.texts


@settings(max_examples=50)
@given(facts)
def test_serving_copies_the_bytes(new: NewEvent) -> None:
    _, made = sealed(HEAD, new)
    out = served(made.event)
    assert without_hash(out) == made.event.body
    assert json.loads(out) == json.loads(made.event.body) | {"hash": made.event.hash}
    polled = json.loads(with_position(made.event))
    assert polled == json.loads(out) | {"position": made.event.position}
    assert data_of(made.event) == made.data


def test_salt_comes_first_and_is_hashed() -> None:
    salt = bytes(32)
    assert text_hash(salt, "gọi") == hashlib.sha256(salt + "gọi".encode()).hexdigest()
    assert text_hash(salt, "gọi") != text_hash(bytes([1]) * 32, "gọi")


def test_the_camera_is_read_from_the_payload() -> None:
    new = NewEvent(EventType.BREACH_UPDATED, NOW, "b", data={"camera": "gate"})
    assert sealed(HEAD, new)[1].event.camera == "gate"


def test_texts_are_made_not_given() -> None:
    data: dict[str, Json] = {"texts": {"note": "plain"}}
    with pytest.raises(NotCanonical):
        sealed(HEAD, NewEvent(EventType.BREACH_COMMENTED, NOW, "b", data=data))


@given(moments)
def test_stamps_are_cut_to_the_millisecond_never_rounded_up(at: datetime) -> None:
    text = stamp(at)
    assert text.endswith("Z")
    assert len(text) == len("2026-11-24T03:12:00.000Z")
    assert timedelta(0) <= at - parse(text) < timedelta(milliseconds=1)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        stamp(datetime(2026, 11, 24))  # noqa: DTZ001 - what is refused
    with pytest.raises(ValueError, match="time zone"):
        parse("2026-11-24T03:12:00.000")


def test_stamps_are_utc_wherever_they_come_from() -> None:
    hanoi = timezone(timedelta(hours=7))
    assert stamp(datetime(2026, 11, 24, 10, 12, tzinfo=hanoi)) == "2026-11-24T03:12:00.000Z"


def test_an_epoch_begins_at_its_multiple_of_two_to_the_32() -> None:
    head = Head.fresh(NODE, epoch=3)
    assert head.position == 3 * 2**32
    head, _ = sealed(head, NewEvent(EventType.NODE_RESTORED, NOW, NODE))
    assert head.position == 3 * 2**32 + 1
    assert base_of(head.position) == 3 * 2**32
    assert base_of(Position(3 * 2**32)) == 3 * 2**32
