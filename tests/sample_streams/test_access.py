"""Credentials: both schemes, and what must not pass."""

import base64
import hashlib

import pytest

from sample_streams import Credentials
from sample_streams.rtsp.access import REALM, admits, challenge
from sample_streams.rtsp.messages import Request

DIGEST = Credentials("installer", "s3:cret")
BASIC = Credentials("installer", "s3:cret", "basic")
NONCE = "abcdef"


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def request(authorization: str) -> Request:
    return Request("DESCRIBE", "rtsp://x/gate", {"authorization": authorization})


def digest(user: str = "installer", secret: str = DIGEST.password, nonce: str = NONCE) -> str:
    response = md5(f"{md5(f'{user}:{REALM}:{secret}')}:{nonce}:{md5('DESCRIBE:rtsp://x/gate')}")
    return (
        f'Digest username="{user}", realm="{REALM}", nonce="{nonce}", '
        f'uri="rtsp://x/gate", response="{response}"'
    )


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_the_right_password_is_let_in() -> None:
    assert admits(DIGEST, NONCE, request(digest()))
    assert admits(BASIC, NONCE, request(basic("installer:s3:cret")))


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Digest",
        digest(secret="guess"),
        digest(user="admin"),
        digest(nonce="replayed"),
        basic("installer:s3:cret"),
    ],
)
def test_digest_lets_nothing_else_in(authorization: str) -> None:
    assert not admits(DIGEST, NONCE, request(authorization))


@pytest.mark.parametrize("authorization", ["", "Basic", "Basic !!", basic("a:b"), digest()])
def test_basic_lets_nothing_else_in(authorization: str) -> None:
    assert not admits(BASIC, NONCE, request(authorization))


def test_the_challenge_names_the_scheme_and_the_password_stays_out_of_sight() -> None:
    assert challenge(DIGEST, NONCE).startswith("Digest ")
    assert challenge(BASIC, NONCE).startswith("Basic ")
    assert "s3" not in repr(DIGEST)
