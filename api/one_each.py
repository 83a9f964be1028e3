"""One thing at a time for each person: what keeps a worker busy for seconds."""

from collections.abc import Generator
from contextlib import contextmanager

from api.errors import StillBusy
from record.ids import UserId


class OneEach:
    """On the event loop only. Holds no more than there are requests under way."""

    def __init__(self) -> None:
        self._busy: set[UserId] = set()

    def __len__(self) -> int:
        return len(self._busy)

    @contextmanager
    def held(self, user: UserId) -> Generator[None, None, None]:
        """Raises `StillBusy` while the last one of this person is under way."""
        if user in self._busy:
            raise StillBusy
        self._busy.add(user)
        try:
            yield
        finally:
            self._busy.discard(user)
