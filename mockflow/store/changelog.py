"""The log of changes beside a data file: one line for each committed request, until the next whole save.

A line is a checksum and JSON. The first names the data file that the log continues, by its checksum and size; a
*checkpoint* names the one that is about to take its place, and from where on the log continues that. So at any
moment, whichever of the two files is there, it is known which lines are still to be added to it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson

from mockflow.errors import DataUnusable, StorageFailed

Change = tuple[str, int, Mapping[str, Any] | None]
"""Table, number, and the record that is there now; None where there is none any more."""


@dataclass(frozen=True)
class Base:
    """Which data file: its checksum and size."""

    checksum: int
    size: int

    @classmethod
    def of(cls, content: bytes) -> Base:
        """That of a file's content."""
        return cls(crc32(content), len(content))


def line(content: Any) -> bytes:
    """One line of a log."""
    text = orjson.dumps(content)
    return b"%08x %b\n" % (crc32(text), text)


def _header(base: Base) -> bytes:
    return line({"base": [base.checksum, base.size]})


@dataclass(frozen=True)
class Found:
    """What a log holds for a data file, and how many bytes at its end are a line that was never finished."""

    changes: list[Change]
    torn: int


def to_disk(descriptor: int) -> None:
    """Wait until what was written to a descriptor would outlive a power cut."""
    getattr(os, "fdatasync", os.fsync)(descriptor)  # macOS has only the slower one


class ChangeLog:
    """The log of one data file, which this process holds the lock of. It is made with the first change."""

    def __init__(self, data: Path) -> None:
        self.path = data.with_name(f"{data.name}.changes")
        self._data = data
        self.size = 0
        """Bytes of complete lines."""
        self._descriptor: int | None = None
        self._inode = 0
        self._sync_lock = threading.Lock()  # so that nobody closes what is being flushed

    @property
    def there(self) -> bool:
        """Whether its file is still the one that lines are written to."""
        try:
            return self._descriptor is None or self.path.stat().st_ino == self._inode
        except OSError:
            return False

    def read(self, base: Base | None) -> Found:
        """What continues a data file. Raises `DataUnusable` where the log belongs to another, or is damaged."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return Found([], 0)
        except OSError as error:
            raise DataUnusable(f"{self.path} cannot be read: {error.strerror or error}.") from None
        lines, good = self._lines(content)
        self.size = good
        if not lines:
            return Found([], len(content))
        start = _start(lines, base)
        if start is None:
            raise DataUnusable(
                f"{self.path} has changes to another {self.path.stem} than the one that is there: it was replaced "
                "or removed before they were saved in it. Bring that one back, or start anew with --reset."
            )
        later = [found for offset, found in lines if offset >= start and isinstance(found, list)]
        return Found([change for changes in later for change in changes], len(content) - good)

    def _lines(self, content: bytes) -> tuple[list[tuple[int, Any]], int]:
        """The lines with their offsets, and where the last complete one ends."""
        lines: list[tuple[int, Any]] = []
        offset, flawed = 0, None
        for text in _split(content):
            read = _read(text)
            if read is None:
                flawed = offset if flawed is None else flawed
            elif flawed is not None:
                raise DataUnusable(f"{self.path} is damaged at byte {flawed}. It was left as it is.")
            else:
                lines.append((offset, read))
            offset += len(text)
        return lines, offset if flawed is None else flawed

    def append(self, changes: Iterable[Change], base: Base, *, sync: bool) -> None:
        """Add one line; it survives this process from now on, and with `sync` a power cut.

        Raises `StorageFailed`, with the log as before.
        """
        written = line(list(changes))
        if self._descriptor is None:
            self._open()
        if not self.size:
            written = _header(base) + written
        self._write(written, sync=sync)

    def checkpoint(self, base: Base, offset: int) -> None:
        """Say that a data file which has all up to an offset is about to be there. Raises `StorageFailed`."""
        if self.size:
            if self._descriptor is None:
                self._open()
            self._write(line({"base": [base.checksum, base.size], "upTo": offset}), sync=True)

    def sync(self) -> None:
        """Bring all lines to the disk. Raises `StorageFailed`."""
        with self._sync_lock:
            if self._descriptor is not None:
                try:
                    to_disk(self._descriptor)
                except OSError as error:
                    raise failed(self.path, error) from error

    def restart(self, base: Base, offset: int) -> None:
        """Continue a new data file, which has all up to an offset. Raises `StorageFailed`."""
        tail = self._tail(offset)
        if not tail:
            self.remove()
            return
        temporary = self.path.with_name(f".{self.path.name}.tmp")
        content = _header(base) + tail
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            os.fchmod(descriptor, self._data.stat().st_mode & 0o777)
            os.write(descriptor, content)
            to_disk(descriptor)
            temporary.replace(self.path)
        except OSError as error:
            raise failed(self.path, error) from error
        self._let_go()
        self._hold(descriptor, len(content))

    def remove(self) -> None:
        """There are no changes any more."""
        self._let_go()
        self.size = 0
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file."""
        self._let_go()

    # -- inside

    def _open(self) -> None:
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.fchmod(descriptor, self._data.stat().st_mode & 0o777)  # who may read the data may read this
            os.ftruncate(descriptor, self.size)  # a line that was never finished makes room
        except OSError as error:
            raise failed(self.path, error) from error
        self._hold(descriptor, self.size)

    def _hold(self, descriptor: int, size: int) -> None:
        self._descriptor, self.size = descriptor, size
        self._inode = os.fstat(descriptor).st_ino

    def _let_go(self) -> None:
        with self._sync_lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
            self._descriptor = None

    def _write(self, content: bytes, *, sync: bool) -> None:
        descriptor = self._descriptor
        assert descriptor is not None  # noqa: S101 - tells mypy
        try:
            done = os.write(descriptor, content)
            while done < len(content):
                done += os.write(descriptor, content[done:])
            if sync:
                to_disk(descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, self.size)
            raise failed(self.path, error) from error
        self.size += len(content)

    def _tail(self, offset: int) -> bytes:
        if self._descriptor is None or offset >= self.size:
            return b""
        with self.path.open("rb") as file:
            file.seek(offset)
            lines = _split(file.read(self.size - offset))
        return b"".join(text for text in lines if not text.startswith(b"{", 9))


def _split(content: bytes) -> list[bytes]:
    *whole, rest = content.split(b"\n")
    lines = [text + b"\n" for text in whole]
    return [*lines, rest] if rest else lines


def _read(text: bytes) -> Any:
    """What a line says; None for one that is not whole."""
    if not text.endswith(b"\n") or text[8:9] != b" ":
        return None
    content = text[9:-1]
    try:
        return orjson.loads(content) if int(text[:8], 16) == crc32(content) else None
    except ValueError:
        return None


def _start(lines: list[tuple[int, Any]], base: Base | None) -> int | None:
    """From which offset on lines continue a data file; None where they continue another."""
    if base is None:
        return None
    for _, found in reversed(lines):
        if isinstance(found, dict) and found.get("base") == [base.checksum, base.size]:
            return int(found.get("upTo", 0))
    return None


def failed(path: Path, error: OSError) -> StorageFailed:
    """The error for a write that did not work."""
    return StorageFailed(f"{path} could not be written ({error.strerror or error}); nothing was changed.")
