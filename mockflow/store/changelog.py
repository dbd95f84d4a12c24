"""The log of changes beside a data file: one line for each committed request, until the next whole save."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from mockflow.errors import DataUnusable
from mockflow.store.disk import (
    BINARY,
    failed,
    folder_to_disk,
    fresh,
    give_rights,
    open_to_read,
    rights_of,
    to_disk,
    write_all,
)
from mockflow.store.loglines import Base, Change, Found, changed, checkpoint, header, read_lines


def log_rights(data: Path) -> int:
    """Who may read the data may read its log, too; and who keeps it has to be able to write it."""
    return (rights_of(data) or 0) | 0o600


def gone() -> OSError:
    """The error for a file that is not the one it was."""
    return FileNotFoundError(errno.ENOENT, "somebody took it away")


class LogFile:
    """One file that lines are added to. It is made, or opened again, with the first of them.

    `flush` may be called in any thread, everything else by whoever holds the store's lock. Nobody ever waits for a
    flush but who calls it.
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
        self._cuts = 0
        self._lock = threading.Lock()  # so that nobody closes what is about to be flushed

    @property
    def exists(self) -> bool:
        """Whether it was found or made."""
        return self._inode is not None

    @property
    def in_place(self) -> bool:
        """Whether it is where it should be, as it was left."""
        if self._inode is None:
            return True
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
        with self._lock:
            return self._opened()

    def add(self, pieces: Iterable[bytes]) -> None:
        """Write lines; they survive this process. Raises `OSError`, and whoever called has to `cut` it."""
        descriptor, size = self.open(), self.size
        for piece in pieces:
            write_all(descriptor, piece)
            size += len(piece)
        self.size = self._length = size

    def cut(self, size: int) -> None:
        """Take back what was added behind a size. Where that cannot be, it is no longer in place."""
        with self._lock:
            self.size = self._length = size
            self.synced = min(self.synced, size)
            self._cuts += 1
            if self._descriptor is not None:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._descriptor, size)

    def mend(self) -> None:
        """Cut off what is behind its good lines. Raises `OSError`."""
        with self._lock:
            os.ftruncate(self._opened(), self.size)
            self._length = self.size

    def flush(self) -> None:
        """Wait until all lines that are there now would outlive a power cut. Raises `OSError`."""
        with self._lock:
            if self._retired or self._inode is None:
                return
            size, cuts, named = self.size, self._cuts, self._named
            descriptor = os.dup(self._opened())  # so that it may be closed meanwhile
        try:
            to_disk(descriptor)
        finally:
            os.close(descriptor)
        if not named:
            folder_to_disk(self.path.parent)
        with self._lock:
            self._named = True
            if cuts == self._cuts:
                self.synced = max(self.synced, size)

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
                raise gone()
            os.ftruncate(descriptor, self.size)  # a line that was never finished makes room
        except BaseException:
            os.close(descriptor)
            raise
        self._length = self.size
        return descriptor


class ChangeLog:
    """The log of one data file, which this process holds the lock of.

    `flush` and `Renewal` may be used in any thread, everything else by whoever holds the store's lock.
    """

    def __init__(self, data: Path) -> None:
        self.path = data.with_name(f"{data.name}.changes")
        self.temporary = data.with_name(f".{self.path.name}.tmp")
        """Where a new one is written before it takes the place."""
        self.data = data
        self.file = LogFile(self.path, data)
        self.flushing = threading.Lock()
        """Held by who brings lines to the disk, and for a moment in which nobody shall."""

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
        """Whether its file is there as this process wrote or read it."""
        return self.file.in_place

    def read(self, base: Base | None) -> Found:
        """What continues a data file. Raises `DataUnusable` where the log belongs to another, or is damaged."""
        try:
            with os.fdopen(open_to_read(self.path), "rb") as file:
                content, inode = file.read(), os.fstat(file.fileno()).st_ino
        except FileNotFoundError:
            return Found([], 0, 0)
        except OSError as error:
            raise DataUnusable(f"{self.path} cannot be read: {error.strerror or error}.") from None
        found = read_lines(self.path, content, base)
        self.file = LogFile(self.path, self.data, inode=inode, good=found.good, length=len(content))
        return found

    def append(self, changes: Iterable[Change], base: Base) -> None:
        """Add one line; it survives this process from now on. Raises `StorageFailed`, with the log as before."""
        first = b"" if self.size else header(base)
        with self._all_or_nothing() as file:
            file.add([first + changed(changes, behind=file.size + len(first) - file.synced)])

    def append_whole(self, line: list[bytes], base: Base) -> None:
        """Add a line with all tables, which comes in pieces. Raises `StorageFailed`, with the log as before."""
        first = [] if self.size else [header(base)]
        with self._all_or_nothing() as file:
            file.add([*first, *line])

    def begin_anew(self, line: list[bytes]) -> None:
        """Begin a new log with all tables, in the place of one that is not ours any more.

        Raises `StorageFailed`, with what is there left as it is.
        """
        try:
            descriptor = fresh(self.temporary, log_rights(self.data))
            try:
                for piece in line:
                    write_all(descriptor, piece)
                found = os.fstat(descriptor)
            finally:
                os.close(descriptor)
            self.temporary.replace(self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                self.temporary.unlink(missing_ok=True)
            raise failed(self.path, error) from error
        self.take(LogFile(self.path, self.data, inode=found.st_ino, good=found.st_size, length=found.st_size))

    def take(self, file: LogFile) -> None:
        """Go on with another file, which is in place already."""
        self.file.retire()
        self.file = file

    def checkpoint(self, base: Base, offset: int) -> bool:
        """Say that a data file which has all up to an offset is about to be there.

        False where there is no log to say it in, or somebody took it away. Raises `StorageFailed`.
        """
        if not self.size or not self.file.is_ours():
            return False
        with self._all_or_nothing() as file:
            if not file.in_place:
                file.mend()
            file.add([checkpoint(base, offset, behind=file.size - file.synced)])
        return True

    def flush(self) -> None:
        """Wait until all lines that are there now would outlive a power cut. Raises `OSError`."""
        with self.flushing:
            self.file.flush()

    def take_back(self, size: int) -> None:
        """Forget what was said behind a size."""
        self.file.cut(size)

    def remove(self) -> None:
        """There are no changes any more."""
        self.take(LogFile(self.path, self.data))
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
