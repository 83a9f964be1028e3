"""Ids: each kind is a type of its own, so that a camera's id cannot be passed for a site's.

All are strings outside and inside. What wardwatch makes itself is a UUIDv7 (RFC 9562 §5.7), so
that ids sort by the moment they were made; units carry the code their state gave them.
"""

import secrets
import time
import uuid
from typing import NewType

UnitId = NewType("UnitId", str)
SiteId = NewType("SiteId", str)
CameraId = NewType("CameraId", str)
LineId = NewType("LineId", str)
AreaId = NewType("AreaId", str)
RuleId = NewType("RuleId", str)
MaskId = NewType("MaskId", str)
OrderId = NewType("OrderId", str)
BreachId = NewType("BreachId", str)
EvidenceId = NewType("EvidenceId", str)
UserId = NewType("UserId", str)
SessionId = NewType("SessionId", str)
TokenId = NewType("TokenId", str)
EventId = NewType("EventId", str)
NodeId = NewType("NodeId", str)
TrackId = NewType("TrackId", int)

Position = NewType("Position", int)
"""Place of an event in one store: strictly growing in commit order, never reused."""


def new_id() -> str:
    """A fresh UUIDv7 as text: 48 bits of Unix milliseconds, then randomness (RFC 9562 §5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | secrets.randbits(12) << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))
