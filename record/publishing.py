"""Who may publish into a camera: one bearer token a camera, and codes that are traded for it.

Both are random texts of which only a SHA-256 is ever kept. A code is short-lived and works once:
it can be photographed off a screen, the token it is traded for cannot.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from record.ids import CameraId, TokenId, UserId

PAIRING_LASTS = timedelta(minutes=5)
TOKEN_PREFIX = "wwp_"  # noqa: S105 - marks what it is, for scanners that look for leaked secrets
_TOKEN_BYTES = 32
_CODE_BYTES = 16


@dataclass(frozen=True, slots=True)
class PublishToken:
    """What is known of a camera's token; the token itself nobody knows but the publisher."""

    id: TokenId
    camera: CameraId
    made_at: datetime
    by: UserId | None
    """None: made at the command line."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """A code that may be traded for a token until `expires_at`."""

    camera: CameraId
    expires_at: datetime


def new_publish_token() -> str:
    """256 bits, fit for an `Authorization` header (RFC 6750 §2.1)."""
    return TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def new_pairing_code() -> str:
    """128 bits, fit for the fragment of an address."""
    return secrets.token_urlsafe(_CODE_BYTES)


def secret_hash(secret: str) -> bytes:
    """SHA-256: enough for 128 random bits; passwords take more (`record.passwords`)."""
    return hashlib.sha256(secret.encode()).digest()
