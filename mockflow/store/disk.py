"""What the store asks of a file system, with what each platform has for it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from types import ModuleType

from mockflow.errors import StorageFailed

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

BINARY: int = getattr(os, "O_BINARY", 0)
"""Windows would translate line ends without it."""

_AT_ONCE: int = getattr(os, "O_NONBLOCK", 0)
"""Opening a pipe would wait for somebody at its other end without it."""

_CANNOT_BE_REPLACED = {errno.EBUSY, errno.EXDEV}


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
        written = os.write(descriptor, rest)
        if not written:
            raise OSError(errno.EIO, "nothing is taken any more")
        rest = rest[written:]


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


def kind_of(path: Path) -> str | None:
    """What is in a place where a file should be, if that is something else: "a folder", "a pipe", …"""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    kinds = {
        stat.S_IFREG: None,
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "no file")


def open_to_read(path: Path) -> int:
    """A descriptor of a regular file. Raises `OSError`, also where something else has come into its place."""
    descriptor = os.open(path, os.O_RDONLY | BINARY | _AT_ONCE)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return descriptor


def replaceable(path: Path) -> bool:
    """Whether a file may be replaced by another: one with several names would have one of them fewer."""
    try:
        found = path.stat()
        return found.st_nlink <= 1 or not stat.S_ISREG(found.st_mode)
    except OSError:
        return True


def cannot_be_replaced(error: OSError) -> bool:
    """Whether a renaming failed because of what is in its way: a file mounted into a container, say."""
    return error.errno in _CANNOT_BE_REPLACED


def try_to_hold(descriptor: int) -> bool:
    """Hold an open file against other processes, under whatever name they open it; False where one holds it.

    Where the platform or the file system knows no such thing, everybody holds it.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def failed(path: Path, error: OSError) -> StorageFailed:
    """The error for a write that did not work."""
    return StorageFailed(f"{path} could not be written ({error.strerror or error}); nothing was changed.")
