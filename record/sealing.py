"""Sealing what must not lie open on a disk: camera addresses, evidence. AES-256-GCM.

A sealed value says which key opens it and belongs to one *context* (whose secret it is): put in
another's place it does not open. What is long is sealed in chunks that can be written and read as
they come; none can be altered, left out, doubled, moved or cut off without being noticed (the
STREAM construction: Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and
its Nonce-Reuse Misuse-Resistance", CRYPTO 2015).

    value    1 | key id (8) | nonce (12) | ciphertext and tag (n + 16)
    stream   2 | key id (8) | salt (16)  | chunk …    each: ciphertext and tag (CHUNK + 16, the last
                                                      shorter or equal)

A value's nonce is random: NIST SP 800-38D §8.3 allows 2^32 under one key. Each stream has a key of
its own, derived from its salt (HKDF, RFC 5869); its nonces count the chunks and mark the last.
"""

import base64
import binascii
import hashlib
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from record.errors import CannotOpen, KeyUnusable

KEY_BYTES = 32
CHUNK = 64 * 1024
"""Bytes of plain text in every chunk of a stream but the last, which has 0 to `CHUNK`."""

_VALUE, _STREAM = b"\x01", b"\x02"
_ID, _NONCE, _SALT, _TAG = 8, 12, 16, 16
_MARK = "wardwatch-key-1"
"""Begins every line of a key file, so that another file named by mistake is no key."""
_MOST_CHUNKS = 2**32
_HEAD = 1 + _ID
STREAM_HEAD = _HEAD + _SALT
"""Bytes before a stream's first chunk."""
SEALED_CHUNK = CHUNK + _TAG
"""Bytes that a chunk takes, the last one excepted."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The key that seals, and former ones that still open what they sealed."""

    secret: bytes = field(repr=False)
    former: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if any(len(one) != KEY_BYTES for one in (self.secret, *self.former)):
            raise ValueError(f"a key has {KEY_BYTES} bytes")

    @property
    def id(self) -> str:
        """Names the key without giving anything of it away."""
        return key_id(self.secret).hex()

    @classmethod
    def new(cls) -> "SealingKey":
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def from_text(cls, text: str, *, source: str = "the key") -> "SealingKey":
        """What a key file or a setting holds: a line for each key, the one that seals first.

        Raises `KeyUnusable`, which names `source` and repeats nothing of the text.
        """
        keys = []
        for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
            mark, _, coded = line.partition(" ")
            try:
                key = base64.b64decode(coded.strip(), validate=True)
            except (binascii.Error, ValueError):
                key = b""
            if mark != _MARK or len(key) != KEY_BYTES:
                raise KeyUnusable(source, f"line {number} is not a wardwatch key")
            keys.append(key)
        if not keys:
            raise KeyUnusable(source, "is empty")
        return cls(keys[0], tuple(keys[1:]))

    def to_text(self) -> str:
        lines = (f"{_MARK} {base64.b64encode(key).decode()}" for key in (self.secret, *self.former))
        return "\n".join(lines) + "\n"

    @classmethod
    def load(cls, path: Path) -> "SealingKey":
        """Raises `KeyUnusable`: absent, unreadable, readable by others, or no key."""
        try:
            with path.open(encoding="ascii", errors="replace") as file:
                mode = os.fstat(file.fileno()).st_mode
                if stat.S_IMODE(mode) & 0o077:
                    raise KeyUnusable(str(path), "may be read by others: chmod 600 it")
                text = file.read(64 * 1024)
        except OSError as error:
            raise KeyUnusable(str(path), (error.strerror or "cannot be read").lower()) from error
        return cls.from_text(text, source=str(path))

    @classmethod
    def load_or_create(cls, path: Path) -> "SealingKey":
        """The key at `path`, made (0600, its folder 0700) when nothing is there.

        Whole or not at all, also when several processes come at once: they get the same one.
        Raises `KeyUnusable`; what is there and is no key is never overwritten.
        """
        if not path.exists():
            try:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with suppress(FileExistsError):
                    _write(path, cls.new().to_text(), replace=False)
            except OSError as error:
                reason = f"cannot be made: {(error.strerror or 'no reason given').lower()}"
                raise KeyUnusable(str(path), reason) from error
        return cls.load(path)

    def save(self, path: Path) -> None:
        """Put this in place of the key at `path`, whole or not at all. Raises `KeyUnusable`."""
        try:
            _write(path, self.to_text(), replace=True)
        except OSError as error:
            reason = f"cannot be written: {(error.strerror or 'no reason given').lower()}"
            raise KeyUnusable(str(path), reason) from error

    def renewed(self) -> "SealingKey":
        """A new key seals; this one and its former ones still open."""
        return SealingKey(secrets.token_bytes(KEY_BYTES), (self.secret, *self.former))

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """`context` says whose secret it is; nobody who opens it may name another."""
        head, nonce = _VALUE + key_id(self.secret), secrets.token_bytes(_NONCE)
        return head + nonce + AESGCM(self.secret).encrypt(nonce, plain, head + context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What `seal` took in. Raises `CannotOpen`."""
        key = self._key_of(sealed, _VALUE)
        nonce, body = sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :]
        if len(body) < _TAG:
            raise CannotOpen(CannotOpen.DAMAGED)
        try:
            return AESGCM(key).decrypt(nonce, body, sealed[:_HEAD] + context)
        except InvalidTag:
            raise CannotOpen(CannotOpen.DAMAGED) from None

    def stream_sealer(self, context: bytes) -> "StreamSealer":
        """For what is written as it comes, whatever its length."""
        head = _STREAM + key_id(self.secret) + secrets.token_bytes(_SALT)
        return StreamSealer(AESGCM(_stream_key(self.secret, head)), head, context)

    def chunk_opener(self, head: bytes, context: bytes) -> "ChunkOpener":
        """For chunks of a stream in any order; `head`: its first `STREAM_HEAD` bytes. Raises
        `CannotOpen`."""
        key = self._key_of(head, _STREAM)
        if len(head) != STREAM_HEAD:
            raise CannotOpen(CannotOpen.TRUNCATED)
        return ChunkOpener(AESGCM(_stream_key(key, head)), context)

    def opens(self, sealed: bytes) -> bool:
        """Whether one of these keys sealed it; what is inside may still be damaged."""
        return any(sealed[1:_HEAD] == key_id(key) for key in (self.secret, *self.former))

    def _key_of(self, sealed: bytes, kind: bytes) -> bytes:
        if sealed[:1] != kind:
            raise CannotOpen(CannotOpen.NOT_SEALED)
        if len(sealed) < _HEAD:
            raise CannotOpen(CannotOpen.TRUNCATED)
        for key in (self.secret, *self.former):
            if sealed[1:_HEAD] == key_id(key):
                return key
        raise CannotOpen(CannotOpen.ANOTHER_KEY)


class StreamSealer:
    """Seals a stream that comes in pieces; holds a chunk at most. Made by a key."""

    def __init__(self, cipher: AESGCM, head: bytes, context: bytes) -> None:
        self._cipher = cipher
        self._context = context
        self._held = bytearray()
        self._number = 0
        self._head = head

    def add(self, plain: bytes) -> bytes:
        """What can be written now; the stream's head goes before its first chunk."""
        self._held += plain
        sealed, self._head = bytearray(self._head), b""
        while len(self._held) > CHUNK:
            sealed += self._chunk(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return bytes(sealed)

    def finish(self) -> bytes:
        """The last chunk; without it the stream does not open as a whole."""
        head, self._head = self._head, b""
        return head + self._chunk(bytes(self._held), last=True)

    def _chunk(self, plain: bytes, *, last: bool) -> bytes:
        number, self._number = self._number, self._number + 1
        return self._cipher.encrypt(_nonce(number, last=last), plain, self._context)


class ChunkOpener:
    """Opens single chunks of a stream. Made by a key."""

    def __init__(self, cipher: AESGCM, context: bytes) -> None:
        self._cipher = cipher
        self._context = context

    def open(self, number: int, chunk: bytes, *, last: bool) -> bytes:
        """`last`: whether it ends the stream. Raises `CannotOpen`."""
        if len(chunk) < _TAG:
            raise CannotOpen(CannotOpen.TRUNCATED)
        return _opened(self._cipher, number, chunk, self._context, last=last)


def key_id(key: bytes) -> bytes:
    """8 bytes that name `key`: of a digest, so that they say nothing of the key itself."""
    return hashlib.sha256(b"wardwatch key id\0" + key).digest()[:_ID]


def _stream_key(key: bytes, head: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=head[_HEAD:], info=b"wardwatch stream\0" + head).derive(
        key
    )


def _nonce(number: int, *, last: bool) -> bytes:
    """Of a chunk: unique under a stream's own key, and another one for the last."""
    if number >= _MOST_CHUNKS:
        raise ValueError("a stream has at most 2^32 chunks")
    return bytes(7) + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _opened(cipher: AESGCM, number: int, chunk: bytes, context: bytes, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last=last), chunk, context)
    except InvalidTag:
        pass
    if last:
        # A whole chunk that is not the last of its stream: the rest was cut off, or is yet to come.
        with suppress(InvalidTag):
            cipher.decrypt(_nonce(number, last=False), chunk, context)
            raise CannotOpen(CannotOpen.TRUNCATED)
    raise CannotOpen(CannotOpen.DAMAGED)


def _write(path: Path, text: str, *, replace: bool) -> None:
    """0600, whole or not at all, there after a power cut; `FileExistsError` unless `replace`."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            path.hardlink_to(beside)  # unlike a renaming this overwrites nothing
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
