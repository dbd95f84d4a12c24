"""A command on a terminal of its own, as a person runs it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.running import DEADLINE, environment

PLAIN = {"TERM": "xterm-256color", "COLUMNS": "80", "NO_COLOR": "1"}
"""Variables for a terminal whose user wants no colours."""
_ERASED = re.compile(r"[^\n]*\x1b\[K")


class Terminal:
    """What a command writes comes here."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], cwd: Path | None, stderr: IO[str] | None
    ) -> None:
        self._screen, end = pty.openpty()
        self.process = subprocess.Popen(command, stdin=end, stdout=end, stderr=stderr or end, env=env, cwd=cwd)
        os.close(end)
        self.text = ""

    def until(self, wanted: str) -> str:
        """All that was written, once the wanted text is in it."""
        while wanted not in self.text:
            assert self._read(), f"{wanted!r} was not written, but {self.text!r}"
        return self.text

    def _read(self) -> bool:
        """Take what is there; false at the end."""
        assert select.select([self._screen], [], [], DEADLINE * 3)[0], f"nothing more came after {self.text!r}"
        try:
            content = os.read(self._screen, 65536)
        except OSError:  # Linux says so when nobody can write any more
            content = b""
        self.text += content.decode(errors="replace").replace("\r\n", "\n")
        return bool(content)

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> tuple[int, str]:
        """The exit code, and all that was written, but for lines that were erased again."""
        while self._read():
            pass
        return self.process.wait(DEADLINE), _ERASED.sub("", self.text)

    def close(self) -> None:
        """Whatever happened, leave nothing behind."""
        self.process.kill()
        self.process.wait()
        os.close(self._screen)


@contextmanager
def terminal(
    command: Sequence[str], env: Mapping[str, str], cwd: Path | None = None, stderr: IO[str] | None = None
) -> Iterator[Terminal]:
    """A command that runs on a terminal; its stderr may go into a file instead."""
    running = Terminal(command, env, cwd, stderr)
    try:
        yield running
    finally:
        running.close()


@contextmanager
def on_terminal(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """A mockflow command that runs on a terminal."""
    with terminal(
        [sys.executable, "-m", "mockflow", *arguments], environment({**PLAIN, "NO_COLOR": "", **(env or {})})
    ) as running:
        yield running


def shown(*arguments: str, env: Mapping[str, str] | None = None) -> list[str]:
    """The lines that a mockflow command shows at a terminal without colours; it ends well."""
    with on_terminal(*arguments, env={"NO_COLOR": "1", **(env or {})}) as running:
        code, text = running.end()
    assert code == 0, text
    return text.splitlines()
