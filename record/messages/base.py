"""What every message has: a version, and the length of what follows it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_BODY = 8 * 1024 * 1024


class MessageBase(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    v: Literal[1] = 1
    body: int = Field(default=0, ge=0, le=MAX_BODY)
    """Bytes that follow the JSON on the wire."""


class Ask(MessageBase):
    """API → worker: a question. `request` is the asker's number for it, on this connection."""

    request: int = 0


class Reply(MessageBase):
    """Worker → API: the answer to the question with the same `request`."""

    request: int = 0


class Refused(Reply):
    """Worker → API: there is no answer of the kind that was asked for, and why."""

    type: Literal["refused"] = "refused"
    reason: str
    """A stable word in snake case, such as `no_such_camera`, `busy` or `failed`."""
    detail: str = ""
    """One sentence for a person, free of secrets."""
    field: str | None = None
    """The field of the question that is at fault."""
