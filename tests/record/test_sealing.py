"""What is sealed opens with its key, for its purpose and as a whole, or it says what is wrong."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.errors import CannotOpen, KeyUnusable
from record.sealing import CHUNK, SEALED_CHUNK, STREAM_HEAD, SealingKey

KEY = SealingKey(bytes(range(32)))
TAG = 16
HEAD = 25
"""Of a stream: version, key id, salt."""
PASSWORD = b"canary-7f3a"


def refused(sealed: bytes, context: bytes = b"camera:gate", key: SealingKey = KEY) -> str:
    with pytest.raises(CannotOpen) as caught:
        key.open(sealed, context)
    return caught.value.reason


def refused_stream(sealed: bytes, context: bytes = b"clip", key: SealingKey = KEY) -> str:
    with pytest.raises(CannotOpen) as caught:
        opened_stream(sealed, context, key)
    return caught.value.reason


def sealed_stream(*pieces: bytes, context: bytes = b"clip") -> bytes:
    sealer = KEY.stream_sealer(context)
    return b"".join([*(sealer.add(piece) for piece in pieces), sealer.finish()])


def opened_stream(sealed: bytes, context: bytes = b"clip", key: SealingKey = KEY) -> bytes:
    """All chunks in their order, as a file is read from its beginning to its end."""
    opener = key.chunk_opener(sealed[:STREAM_HEAD], context)
    chunks = cut(sealed[STREAM_HEAD:], [SEALED_CHUNK]) or [b""]
    last = len(chunks) - 1
    return b"".join(
        opener.open(number, chunk, last=number == last) for number, chunk in enumerate(chunks)
    )


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    """`data` in pieces of these sizes, over and over."""
    pieces, at, turn = [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        pieces.append(data[at : at + size])
        at, turn = at + size, turn + 1
    return pieces


def plain(length: int) -> bytes:
    return (bytes(range(251)) * (length // 251 + 1))[:length]


# Values ---------------------------------------------------------------------------------------


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_a_value_opens_for_its_context(value: bytes, context: bytes) -> None:
    sealed = KEY.seal(value, context)
    assert KEY.open(sealed, context) == value


@given(st.binary(min_size=4, max_size=100), st.data())
def test_no_changed_bit_goes_unnoticed(value: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(value, b"camera:gate"))
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8
    assert refused(bytes(sealed)) in {
        CannotOpen.DAMAGED,
        CannotOpen.ANOTHER_KEY,
        CannotOpen.NOT_SEALED,
    }


@given(st.binary(max_size=50), st.data())
def test_no_shortened_value_opens(value: bytes, data: st.DataObject) -> None:
    sealed = KEY.seal(value, b"camera:gate")
    refused(sealed[: data.draw(st.integers(0, len(sealed) - 1))])


def test_the_same_value_is_never_sealed_to_the_same_bytes() -> None:
    assert len({KEY.seal(PASSWORD, b"") for _ in range(200)}) == 200


def test_another_camera_s_secret_does_not_open_in_its_place() -> None:
    assert refused(KEY.seal(PASSWORD, b"camera:yard")) == CannotOpen.DAMAGED


def test_another_key_is_told_apart_from_damage() -> None:
    assert refused(SealingKey.new().seal(PASSWORD, b"camera:gate")) == CannotOpen.ANOTHER_KEY


def test_a_former_key_opens_and_no_longer_seals() -> None:
    old = KEY.seal(PASSWORD, b"camera:gate")
    renewed = KEY.renewed()
    assert renewed.open(old, b"camera:gate") == PASSWORD
    new = renewed.seal(PASSWORD, b"camera:gate")
    assert renewed.opens(new)
    assert not KEY.opens(new)
    assert refused(new) == CannotOpen.ANOTHER_KEY
    assert refused(old, key=SealingKey(renewed.secret)) == CannotOpen.ANOTHER_KEY


def test_nothing_of_key_or_secret_is_in_a_repr_or_an_error() -> None:
    told = repr(KEY) + repr(KEY.renewed())
    for sealed in (PASSWORD, KEY.seal(PASSWORD, b"yard"), SealingKey.new().seal(PASSWORD, b"")):
        with pytest.raises(CannotOpen) as caught:
            KEY.open(sealed, b"gate")
        told += f"{caught.value} {caught.value!r} {caught.value.__cause__}"
    for word in (KEY.secret.hex(), repr(KEY.secret), PASSWORD.decode(), KEY.to_text().split()[1]):
        assert word not in told


# Streams --------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([0, 1, 300, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7]),
    st.lists(st.integers(1, 100_000), min_size=1, max_size=4),
)
def test_a_stream_opens_however_it_was_cut(length: int, wrote: list[int]) -> None:
    whole = plain(length)
    sealed = sealed_stream(*cut(whole, [one + 999 for one in wrote]))
    assert len(sealed) == HEAD + length + TAG * max(1, -(-length // CHUNK))
    assert opened_stream(sealed) == whole


def test_a_chunk_is_opened_alone_and_only_in_its_place() -> None:
    sealed = sealed_stream(plain(3 * CHUNK))
    opener = KEY.chunk_opener(sealed[:STREAM_HEAD], b"clip")
    middle = sealed[STREAM_HEAD + SEALED_CHUNK :][:SEALED_CHUNK]
    assert opener.open(1, middle, last=False) == plain(3 * CHUNK)[CHUNK : 2 * CHUNK]
    with pytest.raises(CannotOpen):
        opener.open(0, middle, last=False)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 3 * CHUNK + 60))
def test_a_stream_that_was_cut_off_anywhere_says_so(length: int) -> None:
    sealed = sealed_stream(plain(3 * CHUNK + 10))
    assert refused_stream(sealed[:length]) in {
        CannotOpen.TRUNCATED,
        CannotOpen.DAMAGED,
        CannotOpen.NOT_SEALED,
    }


def test_a_stream_that_ends_between_two_chunks_says_that_its_end_is_missing() -> None:
    sealed = sealed_stream(plain(3 * CHUNK))
    for chunks in (0, 1, 2):
        assert refused_stream(sealed[: HEAD + chunks * (CHUNK + TAG)]) == CannotOpen.TRUNCATED


@pytest.mark.parametrize("order", [[1, 0, 2], [0, 2, 1], [0, 0, 1, 2], [0, 2], [1, 2], [2]])
def test_chunks_that_were_moved_doubled_or_left_out_are_noticed(order: list[int]) -> None:
    sealed = sealed_stream(plain(2 * CHUNK + 5))
    chunks = cut(sealed[HEAD:], [CHUNK + TAG])
    forged = sealed[:HEAD] + b"".join(chunks[one] for one in order)
    assert refused_stream(forged) == CannotOpen.DAMAGED


def test_chunks_of_two_streams_do_not_mix() -> None:
    first = sealed_stream(plain(2 * CHUNK))
    second = sealed_stream(plain(2 * CHUNK))
    middle = HEAD + CHUNK + TAG
    assert refused_stream(first[:middle] + second[middle:]) == CannotOpen.DAMAGED
    assert refused_stream(first, b"another clip") == CannotOpen.DAMAGED
    assert refused_stream(first, key=SealingKey.new()) == CannotOpen.ANOTHER_KEY
    assert refused_stream(first + b"x") == CannotOpen.DAMAGED


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_no_changed_bit_of_a_stream_goes_unnoticed(data: st.DataObject) -> None:
    sealed = bytearray(sealed_stream(plain(CHUNK + 99)))
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8
    refused_stream(bytes(sealed))


# Key files ------------------------------------------------------------------------------------


def test_a_key_is_made_once_and_is_nobody_else_s_to_read(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "secrets.key"
    made = SealingKey.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert SealingKey.load_or_create(path) == made
    assert SealingKey.from_text(path.read_text()) == made
    assert [one.name for one in path.parent.iterdir()] == ["secrets.key"]


def test_many_who_come_at_once_get_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: SealingKey.load_or_create(path), range(24)))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secrets.key"
    SealingKey.load_or_create(path)
    path.chmod(mode)
    with pytest.raises(KeyUnusable, match="others"):
        SealingKey.load_or_create(path)


@pytest.mark.parametrize(
    "text",
    ["", "\n", "hunter2", "wardwatch-key-1", "wardwatch-key-1 aGVsbG8=", "wardwatch-key-2 x", "é"],
)
def test_what_is_no_key_is_refused_left_alone_and_not_repeated(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyUnusable) as caught:
        SealingKey.load_or_create(path)
    assert path.read_text() == text
    assert not text.strip() or text.strip() not in str(caught.value)


def test_an_absent_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="no such file"):
        SealingKey.load(tmp_path / "none")
    with pytest.raises(KeyUnusable, match="cannot be made"):
        SealingKey.load_or_create(Path(os.devnull) / "keys" / "secrets.key")


def test_a_renewed_key_takes_the_place_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    old = SealingKey.load_or_create(path)
    old.renewed().save(path)
    again = SealingKey.load(path)
    assert again.former == (old.secret,)
    assert again.id != old.id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
