"""What the store asks of a file system, with what each platform has for it."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from mockflow.errors import StorageFailed

BINARY: int = getattr(os, "O_BINARY", 0)
"""Windows would translate line ends without it."""


def to_disk(descriptor: int) -> None:
    """Wait until what was written to a descriptor would outlive a power cut."""
    getattr(os, "fdatasync", os.fsync)(descriptor)  # macOS has only the slower one


def folder_to_disk(folder: Path) -> None:
    """Wait until the names in a folder would outlive a power cut, where the platform can do that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of it, however little the system takes at a time."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def fresh(path: Path, rights: int | None) -> int:
    """A descriptor of a new file to write to, in the place of one that was left behind.

    Nobody without the rights ever opens it; None gives those that the user's new files have.
    """
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY
    descriptor = os.open(path, flags, 0o666 if rights is None else 0o600)
    if rights is not None:
        give_rights(descriptor, rights)
    return descriptor


def rights_of(path: Path) -> int | None:
    """Who may do what with a file; None where there is none."""
    try:
        return stat.S_IMODE(path.stat().st_mode) & 0o777
    except FileNotFoundError:
        return None


def give_rights(descriptor: int, rights: int) -> None:
    """Let others do with a file what they may do with another; where that cannot be, it stays with its owner."""
    change = getattr(os, "fchmod", None)  # Windows has it since Python 3.13
    if change is not None:
        with contextlib.suppress(OSError):
            change(descriptor, rights)


def failed(path: Path, error: OSError) -> StorageFailed:
    """The error for a write that did not work."""
    return StorageFailed(f"{path} could not be written ({error.strerror or error}); nothing was changed.")
