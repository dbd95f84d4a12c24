"""Holding a data file against other processes, under whatever name they know it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from filelock import FileLock, Timeout

from mockflow.errors import DataUnusable
from mockflow.store.disk import kind_of, open_to_read, try_to_hold


class Hold:
    """A lock beside the file, for its name, and one on the file itself, for all names it has."""

    def __init__(self, path: Path) -> None:
        """Raises `DataUnusable` where another process holds it, or the folder cannot be used."""
        self._path = path
        self._descriptor: int | None = None
        self._previous: list[int | None] = []
        self._lock = FileLock(f"{path}.lock", thread_local=False)  # whichever thread closes it
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise self._held() from None
        except OSError as error:
            reason = error.strerror or error
            raise DataUnusable(
                f"{path} cannot be used: {reason}. A log and a lock have to lie beside it; "
                "name a file in a folder that can be written to."
            ) from None
        try:
            self._hold_file()
        except BaseException:
            self.release()
            raise

    def pass_on(self, successor: Path) -> None:
        """Hold another file, which is about to take the place of this one; `forget` lets go of this one."""
        self._previous.append(self._descriptor)
        self._descriptor = None
        with contextlib.suppress(OSError):
            self._descriptor = open_to_read(successor)
            try_to_hold(self._descriptor)

    def forget(self) -> None:
        """Let go of files that others took the place of. Takes a while: the system frees all that they had."""
        while self._previous:
            _close(self._previous.pop())

    def release(self) -> None:
        """Let go of it."""
        descriptor, self._descriptor = self._descriptor, None
        _close(descriptor)
        self.forget()
        self._lock.release()

    def _hold_file(self) -> None:
        try:
            self._descriptor = open_to_read(self._path)
        except OSError:  # whoever reads it says so
            return
        if not try_to_hold(self._descriptor):
            raise self._held()

    def _held(self) -> DataUnusable:
        return DataUnusable(f"{self._path} is held by another process. Stop it, or choose another file.")


def check_kinds(*paths: Path) -> None:
    """Raise `DataUnusable` for one that is there, and is no regular file: opening it might never end."""
    for path in paths:
        kind = kind_of(path)
        if kind is not None:
            raise DataUnusable(f"{path} is {kind}; a data file, and what lies beside it, are regular files.")


def _close(descriptor: int | None) -> None:
    if descriptor is not None:
        os.close(descriptor)
