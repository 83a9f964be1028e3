"""Users, what they may see, and their sessions. Password hashes and tokens never enter events."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from record.errors import Duplicate, NotInScope
from record.events import EventType, Json, NewEvent
from record.ids import SessionId, SiteId, UnitId, UserId, new_id
from record.moments import cut, stamp
from record.naming import check_user, same_to_the_eye
from record.people import Role, Session, User
from record.places import Scope
from record.store.reach import Reach
from record.store.rows import SessionRow, SiteRow, UserRow, UserSiteRow, UserUnitRow
from record.store.transaction import Recording, Transaction


class Users:
    """A user is in scope when everything they may see is."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._reach = Reach(tx)

    def get(self, user: UserId) -> User:
        """Raises `NotInScope`."""
        known = self._load([user])
        if not known or not self._may_see(known[0]):
            raise NotInScope("user", user)
        return known[0]

    def by_username(self, username: str) -> User | None:
        found = self._tx.row(select(UserRow.id).where(UserRow.username == username))
        if found is None:
            return None
        user = self._load([UserId(found)])[0]
        return user if self._may_see(user) else None

    def list(self) -> tuple[User, ...]:
        """Those in scope, by user name."""
        ids = self._tx.rows(select(UserRow.id))
        users = [user for user in self._load(ids) if self._may_see(user)]
        return tuple(sorted(users, key=lambda user: user.username))

    def password_hash(self, user: UserId) -> str | None:
        """None for a user who is not there or is out of scope."""
        known = self._load([user])
        if not known or not self._may_see(known[0]):
            return None
        return self._tx.row(select(UserRow.password_hash).where(UserRow.id == user))

    def _may_see(self, user: User) -> bool:
        scope = self._tx.scope
        if scope.everything:
            return True
        seen = user.scope
        if seen.everything or not (seen.units or seen.sites):
            return False
        return all(self._reach.holds_unit(unit) for unit in seen.units) and all(
            site in scope.sites or self._holds_site(site) for site in seen.sites
        )

    def _holds_site(self, site: SiteId) -> bool:
        unit = self._tx.row(select(SiteRow.unit).where(SiteRow.id == site))
        return unit is not None and self._reach.holds_unit(UnitId(unit))

    def _load(self, ids: Sequence[str]) -> Sequence[User]:
        return load_users(self._tx, ids)


class WritableUsers(Users):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def add(self, user: User, password_hash: str) -> User:
        """Raises `Duplicate` for a user name that is taken in whatever case, `Invalid` for what is
        no name, `NotInScope` for a scope wider than the writer's own."""
        tx = self._recording
        self._check_names(user)
        self._check_scope(user)
        tx.insert(UserRow, {"id": user.id, "password_hash": password_hash, **_columns(user)})
        self._keep_scope(user)
        self._append(user, "added", password=True)
        return self.get(user.id)

    def change(self, user: User, password_hash: str | None = None) -> User:
        """New settings, and a new password where one is given. Raises as `add`."""
        tx = self._recording
        known = self.get(user.id)
        if (known.username, known.name) != (user.username, user.name):
            self._check_names(user)  # an older program was less strict: what stands, stands
        self._check_scope(user)
        values = _columns(user)
        if password_hash is not None:
            values["password_hash"] = password_hash
        tx.execute(update(UserRow).where(UserRow.id == user.id).values(**values))
        tx.execute(delete(UserUnitRow).where(UserUnitRow.user == user.id))
        tx.execute(delete(UserSiteRow).where(UserSiteRow.user == user.id))
        self._keep_scope(user)
        self._append(user, "changed", password=password_hash is not None)
        return self.get(user.id)

    def set_password(self, user: UserId, password_hash: str) -> None:
        """Raises `NotInScope`."""
        self.change(self.get(user), password_hash)

    def _check_names(self, user: User) -> None:
        check_user(user)
        own = same_to_the_eye(user.username)
        others = self._tx.rows(select(UserRow.username).where(UserRow.id != user.id))
        if any(same_to_the_eye(other) == own for other in others):
            raise Duplicate("username", user.username)

    def _check_scope(self, user: User) -> None:
        if user.scope.everything and not self._tx.scope.everything:
            raise NotInScope("user", user.id)
        for unit in user.scope.units:
            self._reach.check_unit(unit)
        for site in user.scope.sites:
            self._reach.site(site)

    def _keep_scope(self, user: User) -> None:
        tx = self._recording
        tx.insert(
            UserUnitRow, *({"user": user.id, "unit": unit} for unit in sorted(user.scope.units))
        )
        tx.insert(
            UserSiteRow, *({"user": user.id, "site": site} for site in sorted(user.scope.sites))
        )

    def _append(self, user: User, what: str, *, password: bool) -> None:
        tx = self._recording
        data: dict[str, Json] = {
            "user": user.id,
            "what": what,
            "role": user.role.value,
            "language": user.language,
            "disabled": user.disabled,
            "everything": user.scope.everything,
            "units": [*sorted(user.scope.units)],
            "sites": [*sorted(user.scope.sites)],
            "password_changed": password,
            "by": tx.by,
        }
        texts = {"username": user.username, "name": user.name}
        tx.append(NewEvent(EventType.USER_CHANGED, tx.now, user.id, data=data, texts=texts))


class Sessions:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def find(self, token_hash: bytes, at: datetime) -> Session | None:
        """The session of a token (SHA-256 of it) with its user as they are now; None when it is
        closed or over, or the user is disabled."""
        row = self._tx.row(
            select(SessionRow).where(
                SessionRow.token_hash == token_hash,
                SessionRow.closed_at.is_(None),
                SessionRow.expires_at > at,
            )
        )
        if row is None:
            return None
        user = load_users(self._tx, [row.user])[0]
        return None if user.disabled else _session(row, user)


class WritableSessions(Sessions):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def open(self, user: User, token_hash: bytes, at: datetime, expires_at: datetime) -> Session:
        tx = self._recording
        session = SessionId(new_id())
        tx.insert(
            SessionRow,
            {
                "id": session,
                "user": user.id,
                "token_hash": token_hash,
                "opened_at": at,
                "expires_at": expires_at,
                "closed_at": None,
            },
        )
        data: dict[str, Json] = {
            "session": session,
            "user": user.id,
            "expires_at": stamp(expires_at),
        }
        tx.append(NewEvent(EventType.SESSION_OPENED, at, user.id, data=data))
        return Session(session, user, cut(at), cut(expires_at))

    def close(self, session: SessionId, at: datetime) -> None:
        """Closing twice is closing once. Raises `NotInScope` for one that never was."""
        tx = self._recording
        row = tx.row(select(SessionRow).where(SessionRow.id == session))
        if row is None:
            raise NotInScope("session", session)
        if row.closed_at is not None:
            return
        tx.execute(update(SessionRow).where(SessionRow.id == session).values(closed_at=at))
        data: dict[str, Json] = {"session": session, "user": row.user}
        tx.append(NewEvent(EventType.SESSION_CLOSED, at, row.user, data=data))

    def refused(self, username: str, at: datetime) -> None:
        """Somebody was refused under this name. What was typed is not kept, not even beside the
        log: people type passwords into the wrong field. A name that exists is kept as its id."""
        tx = self._recording
        user = tx.row(select(UserRow.id).where(UserRow.username == username))
        data: dict[str, Json] = {"user": user}
        tx.append(NewEvent(EventType.SESSION_REFUSED, at, user or "unknown", data=data))


def load_users(tx: Transaction, ids: Sequence[str]) -> list[User]:
    rows = tx.rows(select(UserRow).where(UserRow.id.in_(ids)))
    units: dict[str, set[UnitId]] = defaultdict(set)
    sites: dict[str, set[SiteId]] = defaultdict(set)
    for row in tx.rows(select(UserUnitRow).where(UserUnitRow.user.in_(ids))):
        units[row.user].add(UnitId(row.unit))
    for place in tx.rows(select(UserSiteRow).where(UserSiteRow.user.in_(ids))):
        sites[place.user].add(SiteId(place.site))
    return [
        User(
            id=UserId(row.id),
            username=row.username,
            name=row.name,
            role=Role(row.role),
            scope=Scope(frozenset(units[row.id]), frozenset(sites[row.id]), row.everything),
            language=row.language,
            disabled=row.disabled,
        )
        for row in rows
    ]


def _columns(user: User) -> dict[str, object]:
    return {
        "username": user.username,
        "name": user.name,
        "role": user.role.value,
        "language": user.language,
        "disabled": user.disabled,
        "everything": user.scope.everything,
    }


def _session(row: SessionRow, user: User) -> Session:
    return Session(SessionId(row.id), user, row.opened_at, row.expires_at)
