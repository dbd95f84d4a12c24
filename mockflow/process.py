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


@contextmanager
def running_server(options: Sequence[str] = ()) -> Iterator[str]:
    """The base URL of a server that is ready; it is stopped at the end, or when this process is killed.

    `options` are those of `mockflow serve`; others come from MOCKFLOW_<OPTION>. Raises `SettingsInvalid` with
    what the server said where it does not start.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    # -P: what lies in the current folder may have the name of a module that the server needs.
    command = [sys.executable, "-P", "-m", "mockflow.cli.attended", "serve", "--memory", "--port", "0"]
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
            yield _url_of(process, log)
        finally:
            _stop(process)


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
