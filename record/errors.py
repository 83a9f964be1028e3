"""What can go wrong with the record, as a small family that carries facts and no HTTP codes.

RecordError
├── NotInScope            nothing of that id for this reader: absent and forbidden look alike
├── Invalid               refused at the edge: which field, and why
│   └── OutsideTheTree    a unit or site that is not where it is said to be
├── Conflict              the thing has moved on since the caller looked
│   ├── AlreadyAcknowledged   somebody was first
│   ├── AlreadyClosed         resolved or dismissed
│   └── Duplicate             the name is taken
├── NotAllowed            the role does not carry this right
├── SignInRefused         user name or password wrong, or too many tries
├── NotSignedIn           no session, or one that has ended
├── StoreUnavailable      the database did not answer in time, or is damaged
└── SchemaOutdated        the database is of another version; `wardwatch db upgrade` mends it
"""

from dataclasses import dataclass
from datetime import datetime


class RecordError(Exception):
    """Root of the family; `str()` is one sentence fit for a person and free of secrets."""


@dataclass(slots=True, eq=False)
class NotInScope(RecordError):
    kind: str
    id: str

    def __str__(self) -> str:
        return f"No {self.kind} {self.id!r} here"


@dataclass(slots=True, eq=False)
class Invalid(RecordError):
    """`field` is a dotted path as the caller wrote it, such as `areas.0.polygon`."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


class OutsideTheTree(Invalid):
    pass


class Conflict(RecordError):
    pass


@dataclass(slots=True, eq=False)
class AlreadyAcknowledged(Conflict):
    by: str
    by_name: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.by_name} acknowledged it first, at {self.at.isoformat()}"


@dataclass(slots=True, eq=False)
class AlreadyClosed(Conflict):
    state: str
    by: str
    at: datetime
    by_name: str = ""

    def __str__(self) -> str:
        return f"Already {self.state} by {self.by_name or self.by} at {self.at.isoformat()}"


@dataclass(slots=True, eq=False)
class Duplicate(Conflict):
    field: str
    value: str

    def __str__(self) -> str:
        return f"{self.field} {self.value!r} is taken"


@dataclass(slots=True, eq=False)
class NotAllowed(RecordError):
    action: str

    def __str__(self) -> str:
        return f"This role may not {self.action}"


class SignInRefused(RecordError):
    def __str__(self) -> str:
        return "User name or password is wrong"


class NotSignedIn(RecordError):
    def __str__(self) -> str:
        return "Nobody is signed in"


@dataclass(slots=True, eq=False)
class StoreUnavailable(RecordError):
    reason: str = "The database did not answer in time"

    def __str__(self) -> str:
        return self.reason


@dataclass(slots=True, eq=False)
class SchemaOutdated(RecordError):
    found: str | None
    expected: str

    def __str__(self) -> str:
        return (
            f"The database is at {self.found or 'no version'}, this program needs {self.expected}: "
            "run `wardwatch db upgrade`"
        )
