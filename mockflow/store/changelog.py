"""The log of changes beside a data file: one line for each committed request, until the next whole save."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from mockflow.errors import DataUnusable, StorageFailed
from mockflow.store.disk import BINARY, failed, folder_to_disk, fresh, give_rights, rights_of, to_disk, write_all
from mockflow.store.loglines import Base, Change, Found, changed, checkpoint, header, later_changes, read_lines


def log_rights(data: Path) -> int:
    """Who may read the data may read its log, too; and who keeps it has to be able to write it."""
    return (rights_of(data) or 0) | 0o600


def _gone() -> OSError:
    return FileNotFoundError(errno.ENOENT, "somebody took it away")


class LogFile:
    """One file that lines are added to. It is made, or opened again, with the first of them.

    `flush` may be called in any thread, everything else by whoever holds the store's lock.
    """

    def __init__(
        self, path: Path, data: Path, *, inode: int | None = None, good: int = 0, length: int = 0
    ) -> None:
        """`inode` is None for one that is not there yet; so much of its length are `good` lines."""
        self.path = path
        self.size = good
        """Bytes of good lines."""
        self.synced = 0
        """How many of them are known to be on the disk."""
        self._data = data
        self._inode, self._length = inode, length
        self._descriptor: int | None = None
        self._retired = self._named = False
        self._doubt: OSError | None = None
        self._lock = threading.Lock()  # so that nobody closes what is being flushed

    @property
    def exists(self) -> bool:
        """Whether it was found or made."""
        return self._inode is not None

    @property
    def in_place(self) -> bool:
        """Whether it is where it should be, as it was left, and can be relied on."""
        if self._inode is None or self._doubt is not None:
            return self._doubt is None
        try:
            found = self.path.stat()
        except OSError:
            return False
        return (found.st_ino, found.st_size) == (self._inode, self._length)

    def is_ours(self, descriptor: int | None = None) -> bool:
        """Whether what is in its place has all its lines, whatever is behind them."""
        try:
            found = self.path.stat() if descriptor is None else os.fstat(descriptor)
        except OSError:
            return False
        return found.st_ino == self._inode and found.st_size >= self.size

    def open(self) -> int:
        """Its descriptor. Raises `OSError`."""
        if self._descriptor is None:  # else nobody waits here for a flush
            with self._lock:
                self._opened()
        descriptor = self._descriptor
        assert descriptor is not None  # noqa: S101 - tells mypy
        return descriptor

    def add(self, content: bytes) -> None:
        """Write lines; they survive this process. Raises `OSError`, and whoever called has to `cut` it."""
        write_all(self.open(), content)
        self.size += len(content)
        self._length = self.size

    def cut(self, size: int) -> None:
        """Take back what was added behind a size. Where that cannot be, it is no longer in place."""
        with self._lock:
            self.size = self._length = size
            self.synced = min(self.synced, size)
            if self._descriptor is not None:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._descriptor, size)

    def mend(self) -> None:
        """Cut off what is behind its good lines. Raises `OSError`."""
        with self._lock:
            os.ftruncate(self._opened(), self.size)

    def flush(self, *, again: bool = False) -> None:
        """Wait until all lines would outlive a power cut. Raises `OSError`.

        After that it does so always: the system tells of lost writes only once. `again` tries all the same.
        """
        with self._lock:
            if self._retired or self._inode is None:
                return
            if self._doubt is not None and not again:
                raise self._doubt
            size = self.size
            try:
                to_disk(self._opened())
            except OSError as error:
                self._doubt = error
                raise
            if not self._named:
                folder_to_disk(self.path.parent)
            self.synced, self._named = size, True

    def release(self) -> None:
        """Close it until it is needed again."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
            self._descriptor = None

    def retire(self) -> None:
        """Close it; what it holds is elsewhere now."""
        self._retired = True
        self.release()

    def _opened(self) -> int:
        if self._descriptor is None:
            self._descriptor = self._open()
        return self._descriptor

    def _open(self) -> int:
        anew = os.O_CREAT | os.O_TRUNC if self._inode is None else 0
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | BINARY | anew, 0o600)
        try:
            if anew:
                give_rights(descriptor, log_rights(self._data))
                self._inode = os.fstat(descriptor).st_ino
            if not self.is_ours(descriptor):
                raise _gone()
            os.ftruncate(descriptor, self.size)  # a line that was never finished makes room
        except BaseException:
            os.close(descriptor)
            raise
        self._length = self.size
        return descriptor


class ChangeLog:
    """The log of one data file, which this process holds the lock of.

    `sync` and `Renewal` may be used in any thread, everything else by whoever holds the store's lock.
    """

    def __init__(self, data: Path) -> None:
        self.path = data.with_name(f"{data.name}.changes")
        self.data = data
        self.file = LogFile(self.path, data)
        self.flushing = threading.Lock()
        """Held by who brings lines to the disk, and for as long as nobody shall."""

    @property
    def size(self) -> int:
        """Bytes of good lines; none where there is no log."""
        return self.file.size

    @property
    def exists(self) -> bool:
        """Whether there is a file, be there lines in it or not."""
        return self.file.exists

    @property
    def in_place(self) -> bool:
        """Whether its file is there as this process wrote or read it, and can be relied on."""
        return self.file.in_place

    def read(self, base: Base | None) -> Found:
        """What continues a data file. Raises `DataUnusable` where the log belongs to another, or is damaged."""
        try:
            with self.path.open("rb") as file:
                content, inode = file.read(), os.fstat(file.fileno()).st_ino
        except FileNotFoundError:
            return Found([], 0, 0)
        except OSError as error:
            raise DataUnusable(f"{self.path} cannot be read: {error.strerror or error}.") from None
        found = read_lines(self.path, content, base)
        self.file = LogFile(self.path, self.data, inode=inode, good=found.good, length=len(content))
        return found

    def append(self, changes: Iterable[Change], base: Base, *, sync: bool) -> None:
        """Add one line; it survives this process from now on, and with `sync` a power cut.

        Raises `StorageFailed`, with the log as before.
        """
        first = b"" if self.size else header(base)
        with self._all_or_nothing() as file:
            file.add(first + changed(changes, behind=file.size + len(first) - file.synced))
            if sync:
                file.flush()

    def checkpoint(self, base: Base, offset: int, *, sync: bool) -> bool:
        """Say that a data file which has all up to an offset is about to be there.

        False where there is no log to say it in, or somebody took it away. Raises `StorageFailed`.
        """
        if not self.size or not self.file.is_ours():
            return False
        with self._all_or_nothing() as file:
            if not file.in_place:
                file.mend()
            file.add(checkpoint(base, offset))
            if sync:
                file.flush(again=True)
        return True

    def take_back(self, size: int) -> None:
        """Forget what was said behind a size."""
        self.file.cut(size)

    def sync(self) -> None:
        """Bring all lines to the disk. Raises `StorageFailed`."""
        with self.flushing:
            try:
                self.file.flush()
            except OSError as error:
                raise StorageFailed(
                    f"{self.path} could not be brought to the disk ({error.strerror or error}). "
                    "The change was made, but a power cut would undo it."
                ) from error

    def remove(self) -> None:
        """There are no changes any more."""
        self.file.retire()
        self.file = LogFile(self.path, self.data)
        with contextlib.suppress(OSError):  # what stays says itself that the data file has it all
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file."""
        self.file.retire()

    @contextlib.contextmanager
    def _all_or_nothing(self) -> Iterator[LogFile]:
        file, before = self.file, self.size
        try:
            yield file
        except BaseException as error:
            file.cut(before)
            if isinstance(error, OSError):
                raise failed(self.path, error) from error
            raise


class Renewal:
    """A new log in the place of one whose first part a new data file has.

    `copy` may run while changes are logged; `finish` may not. In between nothing is brought to the disk in the
    old one, so that nobody is told of a change that only that has. Leaving the context without `finish` leaves
    everything as it was.
    """

    def __init__(self, log: ChangeLog, base: Base, offset: int) -> None:
        self._log = log
        self._first, self._copied = header(base), offset
        self._temporary = log.path.with_name(f".{log.path.name}.tmp")
        self._size = 0
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Renewal:
        self._open.enter_context(self._log.flushing)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)
        self._open.close()

    def copy(self) -> None:
        """Write what came after the offset to a temporary file. Raises `StorageFailed`."""
        file = self._log.file
        try:
            self._source: BinaryIO = self._open.enter_context(self._log.path.open("rb"))
            if not file.is_ours(self._source.fileno()):
                raise _gone()
            descriptor = fresh(self._temporary, log_rights(self._log.data))
            self._target = self._open.enter_context(os.fdopen(descriptor, "wb", buffering=0))
            self._write(self._first)
            self._copy_up_to(file.size)
            to_disk(self._target.fileno())  # with its first line: later ones say that what is before them is there
        except OSError as error:
            raise failed(self._log.path, error) from error

    def finish(self) -> None:
        """Put it in the log's place, or nothing where nothing came after the offset. Raises `StorageFailed`."""
        log, copied = self._log, self._copied
        try:
            self._copy_up_to(log.size)
            if not log.in_place:
                raise _gone()
            self._source.close()  # Windows replaces no open file
            if self._size == len(self._first):
                log.remove()
                return
            if log.file.synced > copied:  # somebody was told already
                to_disk(self._target.fileno())
            inode = os.fstat(self._target.fileno()).st_ino
            self._target.close()
            log.file.release()
            self._temporary.replace(log.path)
        except OSError as error:
            raise failed(log.path, error) from error
        log.file.retire()
        log.file = LogFile(log.path, log.data, inode=inode, good=self._size, length=self._size)
        with contextlib.suppress(OSError):  # then the next line opens it
            log.file.open()

    def _copy_up_to(self, offset: int) -> None:
        self._source.seek(self._copied)
        content = self._source.read(offset - self._copied)
        if self._copied + len(content) < offset:
            raise _gone()
        self._copied = offset
        self._write(later_changes(content))

    def _write(self, lines: bytes) -> None:
        write_all(self._target.fileno(), lines)
        self._size += len(lines)
