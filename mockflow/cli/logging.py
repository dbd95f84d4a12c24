"""The server's log: lines on stderr. A reader who is slow or gone stalls nobody: what it does not take is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import threading
from typing import TextIO

MOST_BYTES = 256 * 1024
"""Bytes that wait for a reader; past that, lines are dropped and counted."""
RETRY_SECONDS = 0.1
_PIECE = getattr(select, "PIPE_BUF", 512)
"""Bytes that can be written at once without waiting where the system says that something can be written."""


def write_line(line: str, stream: TextIO | None) -> None:
    """Write a line; a reader who is gone, or a full disk, stops no server."""
    if stream is not None:
        with contextlib.suppress(OSError, ValueError):
            stream.write(f"{line}\n")
            stream.flush()


class Log:
    """Lines for a stream. While an event loop runs, those of one turn are written together, and nothing waits."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._bytes = b""
        self._dropped = 0
        self._ready = _readiness(stream)
        self._writing = threading.Lock()

    def __call__(self, line: str) -> None:
        """Take a line; it is written at the end of the turn, or at once where no event loop runs."""
        self._lines.append(line)
        if len(self._lines) == 1:
            try:
                asyncio.get_running_loop().call_soon(self._write)
            except RuntimeError:
                self._write()

    def close(self) -> None:
        """Write what can be written without waiting."""
        self._write()

    def _write(self) -> None:
        with self._writing:  # the store tells of its file from threads of its own
            self._write_lines()

    def _write_lines(self) -> None:
        lines, self._lines = self._lines, []
        if self._ready is None:
            write_line("\n".join(lines), self._stream)
            return
        if len(self._bytes) > MOST_BYTES:
            self._dropped += len(lines)
        elif lines:
            self._bytes += "".join([f"{line}\n" for line in lines]).encode(errors="replace")
        if not self._written():
            with contextlib.suppress(RuntimeError):  # no loop: what is left is lost with the process
                asyncio.get_running_loop().call_later(RETRY_SECONDS, self._write)

    def _written(self) -> bool:
        """Write as much as the reader takes; whether that was all."""
        assert self._stream is not None  # noqa: S101 - there is something that tells whether it can be written to
        assert self._ready is not None  # noqa: S101 - likewise
        try:
            while self._bytes and self._ready.poll(0):
                self._bytes = self._bytes[os.write(self._stream.fileno(), self._bytes[:_PIECE]) :]
        except (OSError, ValueError):
            self._bytes = b""  # nobody will ever read it
        if not self._bytes and self._dropped:
            told, self._dropped = f"{self._dropped} lines were dropped here: nobody read the log.\n", 0
            self._bytes = told.encode()
            return self._written()
        return not self._bytes


def _readiness(stream: TextIO | None) -> select.poll | None:
    """What tells whether a stream can be written to without waiting; None where nothing does."""
    try:
        asked = select.poll()
        asked.register(stream.fileno() if stream is not None else -1, select.POLLOUT)
    except (AttributeError, OSError, ValueError):  # Windows has no poll; a test's stream has no descriptor
        return None
    return asked
