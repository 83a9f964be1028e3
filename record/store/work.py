"""The two units of work: a snapshot to read, a transaction to write."""

from record.store.breaches import Breaches, WritableBreaches
from record.store.cameras import Cameras, WritableCameras
from record.store.counting import OccupancySeries, WritableOccupancy
from record.store.evidence import EvidenceKept, WritableEvidence
from record.store.findings import Findings
from record.store.log import EventLog, WritableLog
from record.store.orders import Orders, WritableOrders
from record.store.publishing import Publishing, WritablePublishing
from record.store.rebuilding import Projections
from record.store.transaction import Recording, Transaction
from record.store.units import Sites, Units, WritableSites, WritableUnits
from record.store.users import Sessions, Users, WritableSessions, WritableUsers
from record.store.watching import Watching, WritableWatching


class Reading:
    """Everything as it stood at one moment, as far as a scope reaches."""

    units: Units
    sites: Sites
    orders: Orders
    cameras: Cameras
    publishing: Publishing
    breaches: Breaches
    users: Users
    sessions: Sessions
    occupancy: OccupancySeries
    evidence: EvidenceKept
    watching: Watching
    events: EventLog

    def __init__(self, tx: Transaction) -> None:
        self.units = Units(tx)
        self.sites = Sites(tx)
        self.orders = Orders(tx)
        self.cameras = Cameras(tx)
        self.publishing = Publishing(tx)
        self.breaches = Breaches(tx)
        self.users = Users(tx)
        self.sessions = Sessions(tx)
        self.occupancy = OccupancySeries(tx)
        self.evidence = EvidenceKept(tx)
        self.watching = Watching(tx)
        self.events = EventLog(tx)


class Writing(Reading):
    """One transaction: events and projections are committed together or not at all.

    It reads like a snapshot, what it has written itself among it.
    """

    units: WritableUnits
    sites: WritableSites
    orders: WritableOrders
    cameras: WritableCameras
    publishing: WritablePublishing
    breaches: WritableBreaches
    users: WritableUsers
    sessions: WritableSessions
    occupancy: WritableOccupancy
    evidence: WritableEvidence
    watching: WritableWatching
    events: WritableLog
    findings: Findings
    projections: Projections

    def __init__(self, tx: Recording) -> None:  # its own repositories instead of the snapshot's
        self.units = WritableUnits(tx)
        self.sites = WritableSites(tx)
        self.orders = WritableOrders(tx)
        self.cameras = WritableCameras(tx)
        self.publishing = WritablePublishing(tx)
        self.breaches = WritableBreaches(tx)
        self.users = WritableUsers(tx)
        self.sessions = WritableSessions(tx)
        self.occupancy = WritableOccupancy(tx)
        self.evidence = WritableEvidence(tx)
        self.watching = WritableWatching(tx)
        self.events = WritableLog(tx)
        self.findings = Findings(tx)
        self.projections = Projections(tx)
