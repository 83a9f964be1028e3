"""What can go wrong in HTTP itself, beside the record's own errors.

ApiError
├── OriginRefused       an unsafe request that a page of another site made
├── TooManyTries        sign-in, for one name or from one address
├── BodyTooLarge        more bytes than any of our bodies has
├── VersionMoved        the camera was changed since the caller read it
├── PictureUnavailable  no picture young enough to be shown as live
├── TooManyViewers      of live pictures at once
├── StillBusy           with the last thing of this kind that the same person asked for
├── WorkerUnavailable   nobody who reads cameras answers
├── WorkerRefused       who reads the cameras cannot do what was asked, and says why
├── EvidenceMissing     the record knows of it, the disk has lost it
├── EvidenceLost        nothing of it could be kept
├── RangeOutside        bytes that a file does not have
├── TokenRefused        `/metrics` without its token
├── PublisherRefused    a publisher without its camera's token
├── PublisherAlive      the camera is being published already
├── EtagMissing         a publisher does not say which ICE session it means
├── EtagMismatch        it means one that does not stand any more
└── Unexpected          a fault of ours; `id` finds it in the log
"""

from dataclasses import dataclass
from datetime import datetime

from record.cameras import CameraReason, CameraState
from record.evidence import Loss


class ApiError(Exception):
    """Root of the family; `str()` is one sentence fit for a person and free of secrets."""


class OriginRefused(ApiError):
    def __str__(self) -> str:
        return "This request comes from a page of another site"


@dataclass(slots=True, eq=False)
class TooManyTries(ApiError):
    retry_after: int
    """Seconds."""

    def __str__(self) -> str:
        return f"Too many tries to sign in; the next one counts in {self.retry_after} s"


@dataclass(slots=True, eq=False)
class BodyTooLarge(ApiError):
    limit: int

    def __str__(self) -> str:
        return f"The body is over {self.limit} bytes"


@dataclass(slots=True, eq=False)
class VersionMoved(ApiError):
    sent: int
    found: int

    def __str__(self) -> str:
        return f"Made from version {self.sent}; it is at version {self.found} by now"


@dataclass(slots=True, eq=False)
class PictureUnavailable(ApiError):
    state: CameraState
    reason: CameraReason | None
    last_at: datetime | None

    def __str__(self) -> str:
        return "No picture of this camera is younger than 5 s"


@dataclass(slots=True, eq=False)
class TooManyViewers(ApiError):
    limit: int
    retry_after: int = 10

    def __str__(self) -> str:
        # Of this person's, or of the node's: views either way, not people.
        return f"{self.limit} live views are open already; close one"


@dataclass(slots=True, eq=False)
class StillBusy(ApiError):
    retry_after: int = 5

    def __str__(self) -> str:
        return "The last one that you asked for is still under way"


@dataclass(slots=True, eq=False)
class WorkerUnavailable(ApiError):
    reason: CameraReason
    """`worker_lost`, or `stalled`: it is there and does not answer."""

    def __str__(self) -> str:
        if self.reason is CameraReason.WORKER_LOST:
            return "The process that reads the cameras is gone; it is being started again"
        return "The process that reads the cameras has not answered in time; ask again"


@dataclass(slots=True, eq=False)
class WorkerRefused(ApiError):
    reason: str
    """A stable word, as the worker gave it."""
    detail: str
    field: str | None = None

    def __str__(self) -> str:
        return self.detail or f"Refused: {self.reason}"


@dataclass(slots=True, eq=False)
class EvidenceMissing(ApiError):
    id: str

    def __str__(self) -> str:
        return "The file of this evidence is not on the disk of this node"


@dataclass(slots=True, eq=False)
class EvidenceLost(ApiError):
    id: str
    loss: Loss

    def __str__(self) -> str:
        return "Nothing of this evidence could be kept"


@dataclass(slots=True, eq=False)
class RangeOutside(ApiError):
    size: int

    def __str__(self) -> str:
        return f"It has {self.size} bytes"


class TokenRefused(ApiError):
    def __str__(self) -> str:
        return "This needs the token from the settings, as `Authorization: Bearer`"


class PublisherRefused(ApiError):
    def __str__(self) -> str:
        return "This needs the camera's token, as `Authorization: Bearer`; it may have been renewed"


@dataclass(slots=True, eq=False)
class PublisherAlive(ApiError):
    retry_after: int = 2
    """Seconds; so long after its last picture a publisher may be replaced."""

    def __str__(self) -> str:
        return "This camera's picture is being published by somebody else"


class EtagMissing(ApiError):
    def __str__(self) -> str:
        return "Say with If-Match which ICE session is meant"


class EtagMismatch(ApiError):
    def __str__(self) -> str:
        return "That ICE session does not stand any more"


@dataclass(slots=True, eq=False)
class Unexpected(ApiError):
    id: str

    def __str__(self) -> str:
        return "Something went wrong here; the log tells more under this id"
