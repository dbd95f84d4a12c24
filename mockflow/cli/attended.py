"""`python -m mockflow.cli.attended …`: the command line, for as long as whoever started it is there.

A program that is killed cannot stop what it has started. So it holds the other end of this one's standard input,
which the system closes with it.
"""

from __future__ import annotations

import os
import signal
import threading

from mockflow.cli import main


def _stop_once_left() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_stop_once_left, daemon=True).start()
    main()
