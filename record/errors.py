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
├── PairingRefused        a pairing code that is wrong, used or over
├── NotSignedIn           no session, or one that has ended
├── StoreUnavailable      the database did not answer in time, or is damaged
├── SchemaOutdated        the database is of another version; `wardwatch db upgrade` mends it
├── CannotOpen            what was sealed does not open: another key, damaged, cut off
└── KeyUnusable           the file with the key is absent, no key, or readable by others
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


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


class PairingRefused(RecordError):
    def __str__(self) -> str:
        return "This code is wrong, was used already, or is over; ask for a new one"


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


@dataclass(slots=True, eq=False)
class CannotOpen(RecordError):
    """`reason` is one of those below. What was sealed, and the key, are in no error."""

    NOT_SEALED: ClassVar[str] = "not_sealed"
    ANOTHER_KEY: ClassVar[str] = "another_key"
    DAMAGED: ClassVar[str] = "damaged"
    """Altered, or sealed for something else than what it is opened for."""
    TRUNCATED: ClassVar[str] = "truncated"

    reason: str

    def __str__(self) -> str:
        return _CANNOT_OPEN[self.reason]


_CANNOT_OPEN = {
    CannotOpen.NOT_SEALED: "It is not sealed in a way this program knows",
    CannotOpen.ANOTHER_KEY: "It was sealed with another key: put the former key file back",
    CannotOpen.DAMAGED: "It was damaged, or sealed for something else",
    CannotOpen.TRUNCATED: "Its end is missing",
}


@dataclass(slots=True, eq=False)
class KeyUnusable(RecordError):
    """`source` is where the key was looked for: a path, of which the sentence gives the name only
    (this goes out to browsers, too)."""

    source: str
    reason: str

    def __str__(self) -> str:
        return f"No usable key, {self.source.rpartition('/')[2]} {self.reason}; see `doctor`"
