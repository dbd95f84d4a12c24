"""`mockflow`, but all of the data is saved in the background once the log has so many bytes, given first."""

from __future__ import annotations

import sys

from mockflow.cli import main
from mockflow.store import storage

if __name__ == "__main__":
    storage._LOG_ROOM = int(sys.argv.pop(1))
    main()
