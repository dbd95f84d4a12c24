"""Storage: everything that knows TinyDB."""

from mockflow.store.keeper import Keeper
from mockflow.store.order import Order
from mockflow.store.reading import read_tables
from mockflow.store.release import let_go
from mockflow.store.storage import Line
from mockflow.store.store import Snapshot, Store, open_file, open_memory, snapshot_of
from mockflow.store.table import Record, RecordTable

__all__ = [
    "Keeper",
    "Line",
    "Order",
    "Record",
    "RecordTable",
    "Snapshot",
    "Store",
    "let_go",
    "open_file",
    "open_memory",
    "read_tables",
    "snapshot_of",
]
