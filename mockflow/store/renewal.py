"""A new log in the place of one, written aside while changes are still logged in the old one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from typing import BinaryIO

from mockflow.store.changelog import ChangeLog, LogFile, gone, log_rights
from mockflow.store.disk import failed, fresh, open_to_read, to_disk, write_all
from mockflow.store.loglines import later_changes

_FLUSH = 256 * 1024
"""Bytes that are brought to the disk at a time: who has a change to flush waits behind them."""

_ROUNDS = 3
_LITTLE = 64 * 1024
"""Bytes that `finish` may be left to copy, as far as that can be done in so many rounds."""


class Renewal:
    """A log that begins with some lines, and goes on with what the old one has from an offset on.

    `copy` may run while changes are logged; `finish` may not, but it waits for no disk. Who finishes has to have
    the new log flushed soon after. Leaving the context without `finish` leaves everything as it was.
    Raises `Damaged` where the old log does not say any more what was written.
    """

    def __init__(self, log: ChangeLog, first: Iterable[bytes], offset: int) -> None:
        self._log = log
        self._first, self._copied = first, offset
        self._size = self._head = self._flushed = 0
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Renewal:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._log.temporary.unlink(missing_ok=True)
        self._open.close()

    @property
    def is_empty(self) -> bool:
        """Whether nothing came after the offset, as far as has been copied."""
        return self._size == self._head

    def copy(self) -> None:
        """Write what came after the offset to a temporary file, and flush it. Raises `StorageFailed`."""
        log = self._log
        try:
            self._open_both()
            for piece in self._first:
                self._write(piece)
                if self._size - self._flushed > _FLUSH:
                    self._flush()
            self._head = self._size
            for _ in range(_ROUNDS):
                self._copy_up_to(log.size)
                self._flush()
                if log.size - self._copied < _LITTLE:
                    break
            self._open.enter_context(log.flushing)  # what is flushed in the old one has to be so in the new one
            self._copy_up_to(log.size)
            self._flush()
        except OSError as error:
            raise failed(log.path, error) from error

    def finish(self, *, even_if_empty: bool = False) -> None:
        """Put it in the log's place; unless told otherwise, nothing where nothing came after the offset.

        Raises `StorageFailed`.
        """
        log = self._log
        try:
            self._copy_up_to(log.size)
            if not log.in_place:
                raise gone()
            if os.name == "nt":  # which replaces no open file; elsewhere, closing the last one takes a while
                self._source.close()
            if self.is_empty and not even_if_empty:
                log.remove()
                return
            inode = os.fstat(self._target.fileno()).st_ino
            self._target.close()
            log.file.release()
            log.temporary.replace(log.path)
        except OSError as error:
            raise failed(log.path, error) from error
        log.take(LogFile(log.path, log.data, inode=inode, good=self._size, length=self._size))
        log.file.synced = self._flushed
        with contextlib.suppress(OSError):  # then the next line opens it
            log.file.open()

    def _open_both(self) -> None:
        log = self._log
        source = os.fdopen(open_to_read(log.path), "rb")
        self._source: BinaryIO = self._open.enter_context(source)
        if not log.file.is_ours(source.fileno()):
            raise gone()
        descriptor = fresh(log.temporary, log_rights(log.data))
        self._target = self._open.enter_context(os.fdopen(descriptor, "wb", buffering=0))

    def _copy_up_to(self, offset: int) -> None:
        self._source.seek(self._copied)
        content = self._source.read(offset - self._copied)
        if self._copied + len(content) < offset:
            raise gone()
        self._copied = offset
        self._write(later_changes(content))

    def _write(self, lines: bytes) -> None:
        write_all(self._target.fileno(), lines)
        self._size += len(lines)

    def _flush(self) -> None:
        to_disk(self._target.fileno())
        self._flushed = self._size
