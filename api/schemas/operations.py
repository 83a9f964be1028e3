"""Liveness and readiness."""

from typing import Literal

from api.schemas.base import Answer


class Health(Answer):
    status: Literal["ok"]


class Readiness(Answer):
    status: Literal["ready", "not_ready"]
    store: bool
    tail: bool
    workers: int
