"""The store of one sandbox: tables, one lock, transactions, snapshots."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.storages import MemoryStorage
from tinydb.table import Table

from mockflow.errors import DataUnusable, InvalidInput, MockflowError
from mockflow.store import schema
from mockflow.store.checking import flaw, told
from mockflow.store.keeper import Keeper
from mockflow.store.lifting import lifted
from mockflow.store.release import let_go
from mockflow.store.saving import Tables, pieces
from mockflow.store.storage import JournaledJSONStorage, Line, whole_line
from mockflow.store.table import Record, RecordTable, TableState

Snapshot = Mapping[str, TableState]
"""All tables of a store at one moment. Taking one, and going back to it, copies no record."""


class _Numbered:
    """The records of a table with their numbers, as often as they are asked for."""

    def __init__(self, state: TableState) -> None:
        self._state = state

    def __iter__(self) -> Iterator[tuple[int, Record]]:
        return ((record.doc_id, record) for record in self._state)


def _numbered(snapshot: Snapshot) -> Tables:
    return {name: _Numbered(state) for name, state in snapshot.items()}


class _Database(TinyDB):
    table_class: type[Table] = RecordTable


class Store:
    """Tables over TinyDB. Everything happens inside `transaction()`, one thread at a time.

    The tables are attributes: `users`, `sessions`, `passcodes`, `outbox`, `avatars`, `workspaces`, `projects`,
    `sections`, `tags`, `tasks`, `meta`.
    """

    users: RecordTable
    sessions: RecordTable
    passcodes: RecordTable
    outbox: RecordTable
    avatars: RecordTable
    workspaces: RecordTable
    projects: RecordTable
    sections: RecordTable
    tags: RecordTable
    tasks: RecordTable
    meta: RecordTable

    def __init__(self, database: TinyDB, *, path: Path | None = None) -> None:
        """`path` is where the database keeps its file, or None for memory alone."""
        self.path = path
        self._database = database
        self._lock = threading.RLock()
        self._changes: list[tuple[RecordTable, Record | None, Record | None]] = []
        self._depth = 0
        self._tables: dict[str, RecordTable] = {}
        for name, table_schema in schema.TABLES.items():
            table = database.table(
                name, indexes=table_schema.indexes, orders=table_schema.orders, on_change=self._note
            )
            assert isinstance(table, RecordTable)  # noqa: S101 - tells mypy what table_class makes of it
            self._tables[name] = table
            setattr(self, name, table)
        storage = database.storage
        self.keeper = Keeper(storage, self._lock, self._all) if isinstance(storage, JournaledJSONStorage) else None
        """What keeps it in a file; None for memory alone."""
        self.existed = self._load()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; on leaving, write all changes as one, or take all of them back where anything raises.

        An inner transaction is part of the outer one. Errors that say so (`keeps_changes`) are raised after
        their changes were written. Raises `StorageFailed` where the file cannot be written.
        """
        with self._lock:
            self._depth += 1
            try:
                yield
            except BaseException as error:
                if not (isinstance(error, MockflowError) and error.keeps_changes):
                    self._take_back()
                raise
            finally:
                self._depth -= 1
                if not self._depth:
                    self._commit()

    def snapshot(self) -> Snapshot:
        """Everything that is stored."""
        with self._lock:
            return {name: table.state() for name, table in self._tables.items()}

    def line_of(self, snapshot: Snapshot) -> Line | None:
        """What the file is to be told when a snapshot is restored: to be made beforehand where that takes long, in
        any thread. None where there is no file."""
        return None if self.keeper is None else whole_line(_numbered(snapshot))

    def restore(self, snapshot: Snapshot, line: Line | None = None) -> None:
        """Hold what a snapshot holds, and nothing else; all or nothing. `line` is its `line_of`, if made."""
        with self._lock:
            before = self.snapshot()
            self._hold(snapshot)
            try:
                if self.keeper is not None:
                    self.keeper.keep_all(line)
            except BaseException:
                self._hold(before)
                raise
        let_go(before)

    def next_draw(self) -> str:
        """Names the next draw of the sandbox's generator: `42:0`, `42:1`, …; taken back with a failed request."""
        meta = self.meta.fetch("meta")
        self.meta.change(meta, draws=meta["draws"] + 1)
        return f"{meta['seed']}:{meta['draws']}"

    def document_pieces(self) -> Iterator[bytes]:
        """Everything as one JSON document, in the form of the data file, a few records at a time.

        It is what is held now, whatever changes while the pieces are asked for. Nothing is made before they are.
        """
        return pieces(self._all())

    def close(self) -> None:
        """Let go of the file; everything committed is in it, or where it cannot be written, in its log.

        And of all records, so that nothing is left for a search for garbage.
        """
        if self.keeper is not None:
            self.keeper.close()
        with self._lock:
            for table in self._tables.values():
                table.close()

    # -- inside

    def _note(self, table: RecordTable, before: Record | None, after: Record | None) -> None:
        if not self._depth:
            raise RuntimeError("a change outside a transaction")
        self._changes.append((table, before, after))

    def _take_back(self) -> None:
        while self._changes:
            table, before, after = self._changes.pop()
            table.undo(before, after)

    def _commit(self) -> None:
        if not self._changes:
            return
        if self.keeper is not None:
            latest = {(table.name, record.doc_id): after for table, record, after in self._touched()}
            try:
                self.keeper.keep((name, number, record) for (name, number), record in latest.items())
            except BaseException:
                self._take_back()
                raise
        self._changes.clear()

    def _touched(self) -> Iterator[tuple[RecordTable, Record, Record | None]]:
        """Each change: its table, a record that has its number, and what is there now."""
        for table, before, after in self._changes:
            record = after or before
            if record is not None:
                yield table, record, after

    def _all(self) -> Tables:
        """All records with their numbers, as they are now, whenever they are looked at."""
        return _numbered(self.snapshot())

    def _hold(self, snapshot: Snapshot) -> None:
        for name, table in self._tables.items():
            table.restore(snapshot[name])

    def _load(self) -> bool:
        tables = self._database.storage.read()
        if tables is None:
            return False
        present, version = lifted(tables)
        found = flaw(present)
        if found is not None:
            raise DataUnusable(f"{self.path} is not a mockflow data file: {told(found)}. It was left as it is.")
        self._fill(present)
        if version is not None and self.keeper is not None:
            self.keeper.keep_lifted(version, tables)
        return True

    def _fill(self, tables: dict[str, dict[str, Any]]) -> None:
        for name, table in self._tables.items():
            table.load(Record(fields, int(number)) for number, fields in tables[name].items())


def snapshot_of(document: Any, check: Callable[[Any], None]) -> Snapshot:
    """The tables of a document, lifted where it is of an older version, after a check of more than their types.

    Raises `InvalidInput` where it is none of ours; nothing is changed. Works in small steps.
    """
    document, _ = lifted(document)
    found = flaw(document)
    if found is not None:
        raise InvalidInput(f"This is not a mockflow data document: {told(found)}.", (found,))
    check(document)
    with closing(open_memory()) as store:
        store._fill(document)
        return store.snapshot()


def open_memory() -> Store:
    """A store without a file."""
    return Store(_Database(storage=MemoryStorage))


def open_file(path: Path, *, anew: bool = False) -> Store:
    """A store kept in a file. With `anew`, what it holds is not kept, but it has to be one of ours all the same.

    Raises `DataUnusable`, with the file untouched.
    """
    database = _Database(path, storage=JournaledJSONStorage, anew=anew)
    collecting = gc.isenabled()
    gc.disable()  # all that is made now stays; looking for garbage in it would double the time
    try:
        store = Store(database, path=path.resolve())
        store.existed = store.existed and not anew
        return store
    except BaseException:
        database.close()
        raise
    finally:
        if collecting:
            gc.enable()
