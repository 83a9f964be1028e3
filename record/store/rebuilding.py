"""Making the projections anew from the log."""

from record.chain import Sealed
from record.envelope import data_of
from record.ids import Position
from record.store.log import EventLog
from record.store.projecting import empty, project
from record.store.transaction import Recording

BATCH = 1000


class Projections:
    """Breaches, observations, occupancy and camera state, as they follow from the log."""

    def __init__(self, tx: Recording) -> None:
        self._tx = tx
        self._log = EventLog(tx)

    def rebuild(self) -> int:
        """Empty them and replay every event, in this one transaction; how many were replayed.

        Readers go on with what was there until it commits; writers wait.
        """
        self._tx.flush()
        empty(self._tx.connection)
        position, replayed = Position(0), 0
        while events := self._log.after(position, BATCH):
            project(self._tx.connection, [Sealed(event, data_of(event), ()) for event in events])
            position, replayed = events[-1].position, replayed + len(events)
        return replayed
