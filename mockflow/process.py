"""A server in a process of its own, for whoever needs one for a while: on a free port, its data in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from mockflow.errors import SettingsInvalid

# These are the business of a server that runs already, or would keep this one from being its own.
_NOT_INHERITED = (
    "MOCKFLOW_PORT",
    "MOCKFLOW_HOST",
    "MOCKFLOW_DATA",
    "MOCKFLOW_URL",
    "MOCKFLOW_LOG_FORMAT",
    "MOCKFLOW_READY_FILE",
)
_STOP_SECONDS = 10


class Server:
    """A server in a process of its own, which is ready at its base URL."""

    def __init__(self, process: subprocess.Popen[str], log: IO[str]) -> None:
        self._process = process
        self._log = log
        self.url = _url_of(process, log)

    def is_process(self, pid: int) -> bool:
        """Whether a process is the server's."""
        return pid == self._process.pid

    def ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.poll() is not None

    def has_ended(self, code: int) -> None:
        """Somebody who waits for all processes has seen its end."""
        self._process.returncode = code

    def last_words(self) -> str:
        """The last line of its log; empty where there is none."""
        return _last_line(self._log)


@contextmanager
def running_server(options: Sequence[str] = ()) -> Iterator[str]:
    """The base URL of a server that is ready; it is stopped at the end, or when this process is killed.

    `options` are those of `mockflow serve`; others come from MOCKFLOW_<OPTION>. Raises `SettingsInvalid` with
    what the server said where it does not start.
    """
    with started_server(options) as server:
        yield server.url


@contextmanager
def started_server(options: Sequence[str] = (), *, in_memory: bool = True) -> Iterator[Server]:
    """As `running_server`, but gives the server, whose data is where `options` say if not `in_memory`."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    where = ["--memory"] if in_memory else []
    # -P: what lies in the current folder may have the name of a module that the server needs.
    command = [sys.executable, "-P", "-m", "mockflow.cli.attended", "serve", *where, "--port", "0"]
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        process = subprocess.Popen(  # noqa: S603 - the user's own options
            [*command, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=kept,
            text=True,
            start_new_session=True,  # Ctrl-C is for who uses it; the server is stopped after that
        )
        try:
            yield Server(process, log)
        finally:
            _stop(process)


def _last_line(log: IO[str]) -> str:
    log.seek(0)
    return next((line.strip() for line in reversed(log.readlines()) if line.strip()), "")


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _url_of(process: subprocess.Popen[str], log: IO[str]) -> str:
    for line in process.stdout or ():
        if line.startswith("MOCKFLOW READY "):
            return line.split()[-1]
        if line.startswith('{"event":"ready"'):
            return str(json.loads(line)["url"])
    process.wait()
    log.seek(0)
    raise SettingsInvalid(log.read().strip().removeprefix("mockflow: ") or "The server did not start.")
