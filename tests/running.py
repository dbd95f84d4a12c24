"""A mockflow in a process of its own, as a user starts it, on a free port."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import PEOPLE

WATCHDOG = "MOCKFLOW_WATCHDOG"
"""The one variable of ours that servers of tests are given (`pytest --watchdog`)."""

DEADLINE = 20
"""Seconds after which a process that does not do its part fails the test."""


def mockflow(
    *arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "mockflow", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
        env=environment(env),
        cwd=cwd,
    )


class Running:
    """A server that is ready."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.banner: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            self.banner.append(line.rstrip("\n"))
            if line.startswith(("MOCKFLOW READY", '{"event":"ready"')):
                break
        else:
            raise AssertionError(f"not started: {self.banner} {process.communicate()[1]}")
        last = self.banner[-1]
        self.url: str = json.loads(last)["url"] if last.startswith("{") else last.split()[-1]
        self.port = int(urlsplit(self.url).port or 0)

    def connection(self, host: str = "127.0.0.1") -> HTTPConnection:
        """A connection to it."""
        return HTTPConnection(host, self.port, timeout=DEADLINE)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """One request on a connection of its own: status and JSON."""
        connection = self.connection()
        try:
            content = None if body is None else json.dumps(body)
            sent = {
                "Content-Type": "application/json",
                **{key.replace("_", "-"): value for key, value in headers.items()},
            }
            connection.request(method, path, content, sent)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def cookie(self, email: str = "ann@example.com") -> str:
        """A session's cookie."""
        return str(self.request("POST", "/_mockflow/sessions", {"email": email})[1]["cookie"])

    def socket(self) -> socket.socket:
        """A bare socket to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal: exit code and what was logged."""
        self.process.send_signal(how)
        _, log = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, log

    def stop_code(self) -> int:
        """The exit code of a server that was told to stop."""
        self.process.communicate(timeout=DEADLINE)
        return int(self.process.returncode)


@contextmanager
def serving(
    *options: str, env: dict[str, str] | None = None, cwd: Path | None = None, stderr: Path | None = None
) -> Iterator[Running]:
    """`mockflow serve` with three people and a free port, unless the options say otherwise."""
    log = stderr.open("w") if stderr else None
    process = subprocess.Popen(
        [sys.executable, "-m", "mockflow", "serve", *options],
        stdout=subprocess.PIPE,
        stderr=log or subprocess.PIPE,
        text=True,
        env=environment({"MOCKFLOW_PORT": "0", "MOCKFLOW_SEEDS": PEOPLE, **(env or {})}),
        cwd=cwd,
    )
    try:
        yield Running(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
        if log is not None:
            log.close()


def environment(more: dict[str, str] | None) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name == WATCHDOG or not name.startswith("MOCKFLOW_")
    }
    return {**kept, **(more or {})}
