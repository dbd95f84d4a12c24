"""The data file: a plain TinyDB JSON file and a log of the changes since, held by one process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson
from filelock import FileLock, Timeout
from tinydb.storages import Storage

from mockflow.errors import DataUnusable, StorageFailed
from mockflow.store.changelog import ChangeLog, Renewal
from mockflow.store.disk import failed, folder_to_disk, fresh, rights_of, to_disk, write_all
from mockflow.store.loglines import Base, Change, Found

Tables = Mapping[str, Iterable[tuple[int, Mapping[str, Any]]]]
"""Numbered records, by table."""

_PIECE = 256
_LOG_ROOM = 1024 * 1024
"""Bytes that a log may have, however small the data file is."""

_FLUSH = 256 * 1024
"""Bytes that are brought to the disk at a time in the background: who has a change to flush waits behind them."""

_Stamp = tuple[int, int, int, int]
"""What tells a file from one that was put in its place, or changed."""

_NOWHERE: _Stamp = (0, 0, 0, 0)


class JournaledJSONStorage(Storage):
    """TinyDB's storage interface over a file that is never half written, with a log of changes beside it.

    Opening takes an inter-process lock (`<file>.lock`) and raises `DataUnusable` where another process holds
    it or the folder cannot be used. The file itself is not touched before the first `save`.
    """

    def __init__(self, path: Path, *, anew: bool = False) -> None:
        """With `anew`, changes in a log are not read; the next `save` gives them up."""
        try:
            self.path = path.resolve()  # a link stays a link: what it points at is replaced
        except (OSError, RuntimeError) as error:
            raise DataUnusable(f"{path} cannot be used: {error}.") from None
        if self.path.is_dir():
            raise DataUnusable(f"{path} is a folder; name a file.")
        self.log = ChangeLog(self.path)
        self.recovered: str | None = None
        """What was found in the log at the start, in a sentence."""
        self._anew = anew
        self._base = Base(0, 0)
        self._stamp: _Stamp | None = None
        self._lock = FileLock(f"{self.path}.lock", thread_local=False)  # whichever thread closes it
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise DataUnusable(f"{path} is held by another process. Stop it, or choose another file.") from None
        except OSError as error:
            raise DataUnusable(f"{path} cannot be used: {error.strerror or error}.") from None
        self._tidy_up()

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All tables with the logged changes, or None where there is no file yet.

        Raises `DataUnusable`; file and log stay as they are.
        """
        try:
            with self.path.open("rb") as file:
                stamp, content = _stamp_of(file.fileno()), file.read()
        except FileNotFoundError:
            self._logged(None)
            return None
        except OSError as error:
            raise DataUnusable(f"{self.path} cannot be read: {error.strerror or error}.") from None
        try:
            tables = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise DataUnusable(f"{self.path} is not a JSON file: {error}. It was left as it is.") from None
        if not isinstance(tables, dict):
            raise DataUnusable(f"{self.path} is not a TinyDB file. It was left as it is.")
        self._base, self._stamp = Base.of(content), stamp
        found = self._logged(self._base)
        for changes in found.requests:
            for name, number, record in changes:
                _put(tables, name, str(number), record)
        if found.requests or found.torn:
            self.recovered = _recovery(self.path, found)
        return tables

    # -- one change at a time

    def append(self, changes: Iterable[Change], *, sync: bool) -> None:
        """Log what one request changed. Raises `StorageFailed`, with the log as before."""
        self.log.append(changes, self._base, sync=sync)

    @property
    def in_place(self) -> bool:
        """Whether file and log are those that this process wrote or read, and can be added to."""
        return self._is_ours and _stamp_of(self.path) == self._stamp and self.log.in_place

    @property
    def is_whole(self) -> bool:
        """Whether the file alone has all that is to be kept: there is no log, and nobody touched it."""
        return not self._is_ours or (self.in_place and not self.log.exists)

    @property
    def _is_ours(self) -> bool:
        """Whether the file has, or had, something that is not to be given up."""
        return self._stamp is not None and not self._anew

    @property
    def log_is_long(self) -> bool:
        """Whether it is time to save all, so that log and start stay in proportion to the data."""
        return self.log.size > max(_LOG_ROOM, self._base.size)

    # -- all at once

    def write(self, data: Mapping[str, Mapping[Any, Mapping[str, Any]]]) -> None:
        """TinyDB's way to save all tables."""
        self.save({name: ((int(key), record) for key, record in table.items()) for name, table in data.items()})

    def save(self, tables: Tables) -> None:
        """Save all, and empty the log. Raises `StorageFailed`, with file and log as they were."""
        with Saving(self) as saving:
            saving.write(tables)
            before = self.log.size
            saving.announce(before, sync=True)
            try:
                saving.take_place()
            except StorageFailed:
                self.log.take_back(before)
                raise
        self.flush_names()
        self.log.remove()

    def take(self, temporary: Path, base: Base) -> None:
        """Let a temporary file take the data file's place. Raises `StorageFailed`, with the old one in place."""
        try:
            temporary.replace(self.path)
        except OSError as error:
            raise failed(self.path, error) from error
        self._base, self._stamp, self._anew = base, _stamp_of(self.path), False

    def flush_names(self) -> None:
        """Make the renaming last through a power cut, before the log loses what the old file has not."""
        folder_to_disk(self.path.parent)

    def renewal(self, offset: int) -> Renewal:
        """What makes the log begin at an offset, up to which the data file has it all."""
        return Renewal(self.log, self._base, offset)

    def close(self) -> None:
        """Let go of the file."""
        self.log.close()
        self._lock.release()

    # -- inside

    def _tidy_up(self) -> None:
        """Remove what a save that was killed left behind."""
        for name in (f".{self.path.name}.tmp", f".{self.path.name}.saving", f".{self.log.path.name}.tmp"):
            with contextlib.suppress(OSError):
                self.path.with_name(name).unlink(missing_ok=True)

    def _logged(self, base: Base | None) -> Found:
        """What is in the log; with `anew`, nothing, but a log that can be read stays in force until the `save`."""
        if not self._anew:
            return self.log.read(base)
        with contextlib.suppress(DataUnusable):
            self.log.read(base)
        return Found([], 0, 0)


class Saving:
    """One save of all tables: a temporary file in the same folder, flushed to the disk, then renamed.

    `write` may run in a thread of its own while changes are logged, gently if `aside`; the rest by
    whoever holds the store's lock. Leaving the context without `take_place` leaves file and log as they were.
    """

    def __init__(self, storage: JournaledJSONStorage, *, aside: bool = False) -> None:
        self._storage = storage
        self._aside = aside
        self._temporary = storage.path.with_name(f".{storage.path.name}.{'saving' if aside else 'tmp'}")
        self._base = Base(0, 0)

    def __enter__(self) -> Saving:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)

    def write(self, tables: Tables) -> None:
        """Write the temporary file. Raises `StorageFailed`."""
        checksum = size = 0
        try:
            descriptor = fresh(self._temporary, rights_of(self._storage.path))
            try:
                flushed = 0
                for piece in pieces(tables):
                    write_all(descriptor, piece)
                    checksum, size = crc32(piece, checksum), size + len(piece)
                    if self._aside and size - flushed > _FLUSH:
                        to_disk(descriptor)
                        flushed = size
                to_disk(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise failed(self._storage.path, error) from error
        self._base = Base(checksum, size)

    def announce(self, offset: int, *, sync: bool) -> bool:
        """Let the log say that this file has all up to an offset; see `ChangeLog.checkpoint`."""
        return self._storage.log.checkpoint(self._base, offset, sync=sync)

    def take_place(self) -> None:
        """Put it in the data file's place. Raises `StorageFailed`."""
        self._storage.take(self._temporary, self._base)


def pieces(tables: Tables) -> Iterator[bytes]:
    """The file's content in pieces of a few records, so that other threads get a turn."""
    opening = b"{"
    for name, records in tables.items():
        yield opening + orjson.dumps(name) + b":{"
        opening, comma, rest = b"},", b"", iter(records)
        while piece := dict(islice(rest, _PIECE)):
            yield comma + orjson.dumps(piece, option=orjson.OPT_NON_STR_KEYS)[1:-1]
            comma = b","
    yield b"}}"


def _put(tables: dict[str, dict[str, Any]], name: str, number: str, record: Mapping[str, Any] | None) -> None:
    table = tables.setdefault(name, {})
    if record is None:
        table.pop(number, None)
    else:
        table[number] = record


def _stamp_of(file: Path | int) -> _Stamp:
    try:
        found = os.fstat(file) if isinstance(file, int) else file.stat()
    except OSError:
        return _NOWHERE
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns


def _recovery(path: Path, found: Found) -> str:
    count = len(found.requests)
    told = f"{path} was not closed: {count} logged change{'' if count == 1 else 's'} taken up"
    return f"{told}, a last one of {found.torn} bytes, never finished, dropped." if found.torn else f"{told}."
