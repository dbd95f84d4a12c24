"""The data file: a plain TinyDB JSON file and a log of the changes since, held by one process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

import orjson
from filelock import FileLock, Timeout
from tinydb.storages import Storage

from mockflow.errors import DataUnusable, StorageFailed
from mockflow.store.changelog import Base, Change, ChangeLog, Found, failed, to_disk

Tables = Mapping[str, Iterable[tuple[int, Mapping[str, Any]]]]
"""Numbered records, by table."""

_PIECE = 256
_LOG_ROOM = 1024 * 1024
"""Bytes that a log may have, however small the data file is."""


class JournaledJSONStorage(Storage):
    """TinyDB's storage interface over a file that is never half written, with a log of changes beside it.

    Opening takes an inter-process lock (`<file>.lock`) and raises `DataUnusable` where another process holds
    it or the folder cannot be used. The file itself is not touched before the first `save`.
    """

    def __init__(self, path: Path, *, anew: bool = False) -> None:
        """With `anew`, only the file is read: changes in a log are given up with the next `save`."""
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
        self._stamp: tuple[int, int, int] | None = None
        self._lock = FileLock(f"{self.path}.lock")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise DataUnusable(f"{path} is held by another process. Stop it, or choose another file.") from None
        except OSError as error:
            raise DataUnusable(f"{path} cannot be used: {error.strerror or error}.") from None

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All tables with the logged changes, or None where there is no file yet.

        Raises `DataUnusable`; file and log stay as they are.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            if not self._anew:
                self.log.read(None)
            return None
        except OSError as error:
            raise DataUnusable(f"{self.path} cannot be read: {error.strerror or error}.") from None
        try:
            tables = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise DataUnusable(f"{self.path} is not a JSON file: {error}. It was left as it is.") from None
        if not isinstance(tables, dict):
            raise DataUnusable(f"{self.path} is not a TinyDB file. It was left as it is.")
        self._base, self._stamp = Base.of(content), _stamp(self.path)
        found = Found([], 0) if self._anew else self.log.read(self._base)
        for name, number, record in found.changes:
            _put(tables, name, str(number), record)
        if found.changes or found.torn:
            self.recovered = _recovery(self.path, len(found.changes), found.torn)
        return tables

    # -- one change at a time

    def append(self, changes: Iterable[Change], *, sync: bool) -> None:
        """Log what one request changed. Raises `StorageFailed`, with the log as before."""
        self.log.append(changes, self._base, sync=sync)

    def sync(self) -> None:
        """Bring the log to the disk. Raises `StorageFailed`; then all is saved anew with the next change."""
        try:
            self.log.sync()
        except StorageFailed:
            self._stamp = None
            raise

    @property
    def in_place(self) -> bool:
        """Whether file and log are still those that this process wrote or read."""
        return self._stamp is not None and _stamp(self.path) == self._stamp and self.log.there

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
            saving.finish(self.log.size)

    def take(self, temporary: Path, base: Base, offset: int) -> None:
        """Let a temporary file, which has all up to an offset of the log, take the data file's place.

        Raises `StorageFailed`, with the old one in its place, or the new one and a log that says so.
        """
        self.log.checkpoint(base, offset)
        try:
            temporary.replace(self.path)
        except OSError as error:
            raise failed(self.path, error) from error
        self._base, self._stamp = base, _stamp(self.path)
        with contextlib.suppress(StorageFailed):  # the old log says from where on it continues the new file
            self.log.restart(base, offset)
        self._flush_folder()

    def close(self) -> None:
        """Let go of the file."""
        self.log.close()
        self._lock.release()

    def _flush_folder(self) -> None:
        """Make the renaming last through a power cut; the content is safe, so failing here is no failure."""
        with contextlib.suppress(OSError):
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


class Saving:
    """One save of all tables: a temporary file in the same folder, flushed to the disk, then renamed.

    `write` may run in a thread of its own while changes are logged; `finish` may not. Leaving the context without
    it leaves everything as it was.
    """

    def __init__(self, storage: JournaledJSONStorage, name: str = "tmp") -> None:
        self._storage = storage
        self._temporary = storage.path.with_name(f".{storage.path.name}.{name}")
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
            with self._open() as file:
                for piece in pieces(tables):
                    file.write(piece)
                    checksum, size = crc32(piece, checksum), size + len(piece)
                to_disk(file.fileno())
        except OSError as error:
            raise failed(self._storage.path, error) from error
        self._base = Base(checksum, size)

    def finish(self, offset: int) -> None:
        """Put it in the data file's place; it has all up to this offset of the log. Raises `StorageFailed`."""
        self._storage.take(self._temporary, self._base, offset)

    def _open(self) -> BinaryIO:
        """The temporary file, with the rights that the data file has."""
        try:
            mode: int | None = self._storage.path.stat().st_mode & 0o777
        except FileNotFoundError:
            mode = None
        file = open(self._temporary, "wb", buffering=0)  # noqa: SIM115, PTH123 - each piece is large enough
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        return file


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


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What tells a file from one that was put in its place."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _recovery(path: Path, changes: int, torn: int) -> str:
    told = f"{path} was not closed: {changes} logged changes were taken up"
    return f"{told}, and a last one of {torn} bytes, never finished, was dropped." if torn else f"{told}."
