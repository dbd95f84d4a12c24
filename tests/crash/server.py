"""`mockflow`, but all of the data is saved in the background once the log has so many bytes, given first.

While there is a file `broken` beside the data, nothing can be brought to the disk.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any

from mockflow.cli import main
from mockflow.store import storage

_flush = getattr(os, "fdatasync", os.fsync)


def flush(fd: Any) -> None:
    """Bring to the disk what was written, if that works."""
    if (Path(sys.argv[sys.argv.index("--data") + 1]).parent / "broken").exists():
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    _flush(fd)


if __name__ == "__main__":
    storage._LOG_ROOM = int(sys.argv.pop(1))
    os.fdatasync = flush
    main()
