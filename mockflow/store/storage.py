"""The data file: a plain TinyDB JSON file, replaced as a whole or not at all, held by one process."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from filelock import FileLock, Timeout
from tinydb.storages import Storage

from mockflow.errors import DataUnusable, StorageFailed


class AtomicJSONStorage(Storage):
    """TinyDB's storage interface over a file that is never half written.

    Opening takes an inter-process lock (`<file>.lock`) and raises `DataUnusable` where another process holds
    it or the folder cannot be used. The file itself is not touched before the first `write`.
    """

    def __init__(self, path: Path) -> None:
        try:
            self.path = path.resolve()  # a link stays a link: what it points at is replaced
        except (OSError, RuntimeError) as error:
            raise DataUnusable(f"{path} cannot be used: {error}.") from None
        if self.path.is_dir():
            raise DataUnusable(f"{path} is a folder; name a file.")
        self._lock = FileLock(f"{self.path}.lock")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise DataUnusable(f"{path} is held by another process. Stop it, or choose another file.") from None
        except OSError as error:
            raise DataUnusable(f"{path} cannot be used: {error.strerror or error}.") from None

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All tables, or None where there is no file yet. Raises `DataUnusable`; the file stays as it is."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DataUnusable(f"{self.path} cannot be read: {error.strerror or error}.") from None
        try:
            tables = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise DataUnusable(f"{self.path} is not a JSON file: {error}. It was left as it is.") from None
        if not isinstance(tables, dict):
            raise DataUnusable(f"{self.path} is not a TinyDB file. It was left as it is.")
        return tables

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace the file: a temporary one in the same folder, flushed to the disk, then renamed.

        Raises `StorageFailed`, with the old file untouched.
        """
        temporary = self.path.with_name(f".{self.path.name}.tmp")
        try:
            with self._open(temporary) as file:
                file.write(orjson.dumps(data))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
            self._flush_folder()
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise StorageFailed(
                f"The data file could not be written ({error.strerror or error}); nothing was changed."
            ) from error

    def _open(self, temporary: Path) -> BinaryIO:
        """The temporary file, with the rights that the data file has."""
        try:
            mode: int | None = self.path.stat().st_mode & 0o777
        except FileNotFoundError:
            mode = None
        file = temporary.open("wb")
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        return file

    def _flush_folder(self) -> None:
        """Make the renaming last through a power cut; the content is safe, so failing here is no failure."""
        with contextlib.suppress(OSError):
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def close(self) -> None:
        """Let go of the file."""
        self._lock.release()
