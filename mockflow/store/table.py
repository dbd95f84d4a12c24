"""A TinyDB table whose records are reached by id and by owner, and whose changes can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tinydb.storages import Storage
from tinydb.table import Document, Table

from mockflow.errors import StorageFailed
from mockflow.store.order import Order
from mockflow.store.pieces import Pieces, SortedPieces, by_hash, by_number, sorted_gently


class Record(Document):
    """One stored record. Never changed in place: a change puts a new one in its stead, so that whoever still holds
    the old one (a snapshot, the start state) keeps what it saw."""

    rendered: Any = None
    """What the domain has made of it to show, once it has."""


IndexKey = Callable[[Record], Iterable[Any]]
"""Tells under which keys a record is to be found."""

Listed = Pieces[int, Record]
"""Records by number, which is in order of creation."""

_Indexes = dict[str, Pieces[Any, Listed]]
_Orders = dict[str, Pieces[Any, SortedPieces]]

_NONE = SortedPieces()


class Readable:
    """Records that are found by their id and by their indexes: those of a table, now or as they were."""

    by_id: Pieces[str, Record]
    indexes: _Indexes
    stamp: object
    """The same object means that nothing has changed; states and their tables share it."""

    def find(self, record_id: str | None) -> Record | None:
        """The record with this id."""
        return None if record_id is None else self.by_id.get(record_id)

    def fetch(self, record_id: str) -> Record:
        """The record with this id, which is known to exist."""
        return self.by_id[record_id]

    def having(self, index: str, key: Any) -> list[Record]:
        """The records that an index lists under a key, in order of creation."""
        return list(self.each(index, key))

    def each(self, index: str, key: Any) -> Iterator[Record]:
        """The same, one by one."""
        found = self.indexes[index].get(key)
        return iter(()) if found is None else found.in_order()

    def keys(self, index: str) -> Collection[Any]:
        """The keys under which an index lists records."""
        return self.indexes[index]


@dataclass(frozen=True, eq=False)
class TableState(Readable):
    """What a table held at one moment: iterates over its records, in order of creation. Shared, never changed."""

    by_id: Pieces[str, Record]
    by_number: Listed
    indexes: _Indexes
    orders: _Orders
    last_doc_id: int
    stamp: object

    def __iter__(self) -> Iterator[Record]:
        return self.by_number.in_order()

    def __len__(self) -> int:
        return len(self.by_number)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TableState) and _numbered(self) == _numbered(other)

    __hash__ = None  # type: ignore[assignment]  # compared by content, like a list


def _numbered(state: TableState) -> list[tuple[int, Record]]:
    return [(record.doc_id, record) for record in state]


class RecordTable(Readable, Table):
    """TinyDB's `Table` over documents held in memory.

    Documents are numbered by TinyDB's own ids, which grow in order of creation; each also has the `id` the API
    shows. `on_change(table, before, after)` is told of every change, before it takes effect. `orders` names, for
    some of the indexes, the field by which the records under a key are ordered.
    """

    def __init__(
        self,
        storage: Storage,
        name: str,
        *,
        indexes: Mapping[str, IndexKey],
        orders: Mapping[str, str],
        on_change: Callable[[RecordTable, Record | None, Record | None], None],
    ) -> None:
        super().__init__(storage, name, cache_size=0)
        self.by_id: Pieces[str, Record] = Pieces(by_hash)
        self._by_number: Listed = Pieces(by_number)
        self.indexes: _Indexes = {}
        self._orders: _Orders = {}
        self._index_keys = dict(indexes)
        self._ordered_by = dict(orders)
        self.stamp = object()
        self._on_change = on_change
        self.load([])

    # -- what the domain uses

    def in_order(self, index: str, key: Any) -> list[Record]:
        """The records that an index lists under a key, by its field of order, then by creation."""
        found, order = self.indexes[index].get(key), self._orders[index].get(key)
        return [] if found is None or order is None else found.many([number for _, number in order])

    def order(self, index: str, key: Any, *, without: Record | None = None) -> Order:
        """The order of the records that an index lists under a key; one of them can be left out."""
        return Order(self._orders[index].get(key) or _NONE, None if without is None else without.doc_id)

    def tally(self, index: str, key: Any) -> int:
        """How many records an index lists under a key."""
        return len(self.indexes[index].get(key) or ())

    def add(self, record: Mapping[str, Any]) -> Record:
        """Store a new record, which has an `id` of its own."""
        document = Record(record, self._last_doc_id + 1)
        self.apply(None, document)
        return document

    def change(self, record: Record, **fields: Any) -> Record:
        """Put a record with other values for some fields in the place of one."""
        document = Record({**record, **fields}, record.doc_id)
        self.apply(record, document)
        return document

    def drop(self, record: Record) -> None:
        """Remove a record."""
        self.apply(record, None)

    # -- what transactions and snapshots use

    def apply(self, before: Record | None, after: Record | None, *, silently: bool = False) -> None:
        """Put `after` in the place of `before`; None stands for "not there"."""
        if not silently:
            self._on_change(self, before, after)
        self.stamp = object()
        if self._shared:
            self._unshare()
        if before is not None and after is not None and before["id"] == after["id"]:
            self.by_id[after["id"]] = self._by_number[after.doc_id] = after
            self._relist(before, after)
            return
        if before is not None:
            self._unlist(before)
            del self.by_id[before["id"]], self._by_number[before.doc_id]
        if after is not None:
            self.by_id[after["id"]] = self._by_number[after.doc_id] = after
            self._list(after)

    def undo(self, before: Record | None, after: Record | None) -> None:
        """Take back what `apply(before, after)` did; changes are taken back in reverse order."""
        self.apply(after, before, silently=True)
        if before is None:
            self._last_doc_id -= 1

    def records(self) -> tuple[Record, ...]:
        """All records, in order of creation."""
        return tuple(self._by_number.in_order())

    def load(self, records: Iterable[Record]) -> None:
        """Hold exactly these records."""
        held = list(records)
        self.by_id = Pieces.of(by_hash, ((record["id"], record) for record in held))
        self._by_number = Pieces.of(by_number, ((record.doc_id, record) for record in held))
        self._last_doc_id = max((record.doc_id for record in held), default=0)
        indexes = {name: _indexed(held, keys) for name, keys in self._index_keys.items()}
        self.indexes = {name: _listed(index) for name, index in indexes.items()}
        self._orders = {name: _ordered(indexes[name], field) for name, field in self._ordered_by.items()}
        self.stamp = object()
        self._own_lists: dict[str, set[Any]] = {name: set(index) for name, index in indexes.items()}
        self._shared = False

    def close(self) -> None:
        """Let go of all records; there are no changes any more."""
        self.load([])
        self._on_change = _closed

    def state(self) -> TableState:
        """What is held now. Costs the same whatever that is: the next change copies what it touches."""
        self._shared = True
        return TableState(self.by_id, self._by_number, self.indexes, self._orders, self._last_doc_id, self.stamp)

    def restore(self, state: TableState) -> None:
        """Hold what was held then; as cheap as `state`."""
        self.by_id, self._by_number = state.by_id, state.by_number
        self.indexes, self._orders = state.indexes, state.orders
        self._last_doc_id, self.stamp = state.last_doc_id, state.stamp
        self._shared = True

    def _unshare(self) -> None:
        """Let go of what a state shares with this table: all but the lists inside the indexes, which wait for
        their own first change."""
        self.by_id, self._by_number = self.by_id.copy(), self._by_number.copy()
        self.indexes = {name: index.copy() for name, index in self.indexes.items()}
        self._orders = {name: orders.copy() for name, orders in self._orders.items()}
        self._own_lists = {name: set() for name in self._index_keys}
        self._shared = False

    def _own_list(self, name: str, key: Any) -> Listed:
        """The list of an index under a key, and its order, to be changed."""
        index = self.indexes[name]
        listed = index.get(key)
        if listed is not None and key in self._own_lists[name]:
            return listed
        listed = index[key] = Pieces(by_number) if listed is None else listed.copy()
        if name in self._orders:
            order = self._orders[name].get(key)
            self._orders[name][key] = SortedPieces() if order is None else order.copy()
        self._own_lists[name].add(key)
        return listed

    def _list(self, record: Record) -> None:
        self._last_doc_id = max(self._last_doc_id, record.doc_id)
        for name, keys in self._index_keys.items():
            for key in keys(record):
                self._list_under(name, key, record)

    def _list_under(self, name: str, key: Any, record: Record) -> None:
        self._own_list(name, key)[record.doc_id] = record
        if name in self._ordered_by:
            self._orders[name][key].add((record[self._ordered_by[name]], record.doc_id))

    def _unlist(self, record: Record) -> None:
        for name, keys in self._index_keys.items():
            for key in keys(record):
                self._unlist_under(name, key, record)

    def _unlist_under(self, name: str, key: Any, record: Record) -> None:
        listed = self._own_list(name, key)
        del listed[record.doc_id]
        if name in self._ordered_by:
            self._orders[name][key].remove((record[self._ordered_by[name]], record.doc_id))
        if not listed:
            del self.indexes[name][key]
            self._own_lists[name].discard(key)
            if name in self._orders:
                del self._orders[name][key]

    def _relist(self, before: Record, after: Record) -> None:
        """As `_unlist` and `_list`, but what an index need not notice costs little."""
        for name, keys in self._index_keys.items():
            old, new = keys(before), keys(after)
            field = self._ordered_by.get(name)
            if old == new and (field is None or before[field] == after[field]):
                for key in new:
                    self._own_list(name, key)[after.doc_id] = after
            else:
                for key in old:
                    self._unlist_under(name, key, before)
                for key in new:
                    self._list_under(name, key, after)

    # -- TinyDB's own interface, on top of the same records

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records())

    def __len__(self) -> int:
        return len(self._by_number)

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return {str(record.doc_id): record for record in self.records()}

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        before = {record.doc_id: record for record in self.records()}
        after: dict[int, Mapping[str, Any]] = {doc_id: dict(record) for doc_id, record in before.items()}
        updater(after)
        for doc_id in before.keys() - after.keys():
            self.apply(before[doc_id], None)
        for doc_id, fields in after.items():
            if doc_id not in before or before[doc_id] != fields:
                self.apply(before.get(doc_id), Record(fields, doc_id))


def _closed(*_: object) -> None:
    raise StorageFailed("This data is closed; nothing was changed.")


def _indexed(records: list[Record], keys: IndexKey) -> dict[Any, list[Record]]:
    index: dict[Any, list[Record]] = {}
    for record in records:
        for key in keys(record):
            found = index.get(key)
            if found is None:
                index[key] = [record]
            else:
                found.append(record)
    return index


def _listed(index: Mapping[Any, list[Record]]) -> Pieces[Any, Listed]:
    listed = (
        (key, Pieces.of(by_number, ((record.doc_id, record) for record in records)))
        for key, records in index.items()
    )
    return Pieces.of(by_hash, listed)


def _ordered(index: Mapping[Any, list[Record]], field: str) -> Pieces[Any, SortedPieces]:
    made: Pieces[Any, SortedPieces] = Pieces(by_hash)
    for key, records in index.items():
        made[key] = SortedPieces(sorted_gently([(record[field], record.doc_id) for record in records]))
    return made
