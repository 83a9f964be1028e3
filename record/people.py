"""Who: users, their roles and what each role may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from record.ids import SessionId, UserId
from record.places import Scope


class Role(StrEnum):
    SUPERVISOR = "supervisor"
    AUTHORITY = "authority"
    INSTALLER = "installer"
    ADMIN = "admin"


class Right(StrEnum):
    WATCH = "watch"
    """See the wall of one's scope: its cameras and their pictures."""
    REVIEW = "review"
    """Read what happened in one's scope, and under which orders: breaches, observations, counts."""
    ANSWER = "answer"
    """Acknowledge, resolve, dismiss and comment a breach."""
    OPEN_CLEAR = "open_clear"
    """See a camera's picture clear, with a reason, for a quarter of an hour, and be logged."""
    ORDER = "order"
    """Draft and issue orders."""
    INSTALL = "install"
    """Add and change cameras, lines, areas and rules."""
    ADMINISTER = "administer"
    """Units, sites, users and tokens."""


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.SUPERVISOR: frozenset({Right.WATCH, Right.REVIEW, Right.ANSWER, Right.OPEN_CLEAR}),
    Role.AUTHORITY: frozenset({Right.WATCH, Right.REVIEW, Right.ANSWER, Right.ORDER}),
    Role.INSTALLER: frozenset({Right.WATCH, Right.INSTALL}),
    Role.ADMIN: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class User:
    id: UserId
    username: str
    name: str
    """What colleagues read: "Minh", "Trưởng ca Lan"."""
    role: Role
    scope: Scope
    language: str = "vi"
    disabled: bool = False

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]


@dataclass(frozen=True, slots=True)
class Session:
    id: SessionId
    user: User
    opened_at: datetime
    expires_at: datetime
