"""Passwords: argon2id, with the parameters of RFC 9106 §4 for little memory (64 MiB, 3 passes)."""

import secrets

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = argon2.PasswordHasher()

_NOBODYS = (
    "$argon2id$v=19$m=65536,t=3,p=4$d2FyZHdhdGNoLW5vYm9keQ"
    "$RVrNvzTPEhqRhxZzZ8k8Yo0dM1u4fV1qgF8aO0aWzHc"
)
"""Checked for names that do not exist, so that they take as long as those that do."""


_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""None is taken for another; and none that a command line takes for an option."""


def made_up(length: int = 17) -> str:
    """One that a person reads off and types in: 5.8 bits a letter."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def hash_password(password: str) -> str:
    """About 50 ms of CPU; the salt is drawn inside."""
    return _HASHER.hash(password)


def password_fits(password: str, stored: str | None) -> bool:
    """Whether it is the one; `stored` None (no such user) takes the same time and is False."""
    try:
        _HASHER.verify(stored or _NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
