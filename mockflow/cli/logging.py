"""The server's log: lines on stderr, written by a thread, so that a reader who is slow or gone stalls nobody."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from typing import TextIO

MOST_LINES = 10_000
"""Lines that wait for a reader; past that, new ones are dropped and counted."""
_LAST_SECONDS = 0.5
"""How long the end of the log may take when the server stops."""


def write_line(line: str, stream: TextIO | None) -> None:
    """Write a line; a reader who is gone, or a full disk, stops no server."""
    if stream is not None:
        with contextlib.suppress(OSError, ValueError):
            stream.write(f"{line}\n")
            stream.flush()


class Log:
    """Lines for a stream, written in order; lines that come together are written together."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._lines: deque[str] = deque()
        self._dropped = 0
        self._changed = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="mockflow-log", daemon=True)
        self._thread.start()

    def __call__(self, line: str) -> None:
        """Take a line. Costs the same whether anybody reads."""
        if len(self._lines) >= MOST_LINES:
            self._dropped += 1
            return
        self._lines.append(line)
        if not self._changed.is_set():
            self._changed.set()

    def close(self) -> None:
        """Write what waits, unless nobody takes it."""
        self._over = True
        self._changed.set()
        self._thread.join(_LAST_SECONDS)

    def _run(self) -> None:
        while not self._over or self._lines:
            self._changed.wait()
            self._changed.clear()
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            dropped, self._dropped = self._dropped, 0
            if dropped:
                lines.append(f"{dropped} lines were dropped here: nobody read the log fast enough.")
            if lines:
                write_line("\n".join(lines), self._stream)
