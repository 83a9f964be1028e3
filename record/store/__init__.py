"""The store of the record: an append-only log with projections, on SQLite or PostgreSQL."""

from record.store.migrating import current_revision, upgrade
from record.store.secrets import SecretsReport, seal_left_open
from record.store.store import Store
from record.store.tail import Tail
from record.store.verifying import ChainReport, verify_chain
from record.store.work import Reading, Writing

__all__ = [
    "ChainReport",
    "Reading",
    "SecretsReport",
    "Store",
    "Tail",
    "Writing",
    "current_revision",
    "seal_left_open",
    "upgrade",
    "verify_chain",
]
