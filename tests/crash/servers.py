"""Servers to be killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import PEOPLE
from tests.running import Running, environment

ROOM = 4000
"""Bytes of log after which everything is saved: many times in a round."""

Tasks = dict[str, str]
"""Titles, by id."""


class Server(Running):
    """A server on a data file, and what it logged."""

    def __init__(self, process: subprocess.Popen[str], data: Path, log: Path) -> None:
        super().__init__(process)
        self.data, self.log = data, log

    def create(self, title: str, cookie: str, **fields: Any) -> tuple[int, Any]:
        """Ask for a new task: status and answer."""
        return self.request("POST", "/api/v2/todo", {"title": title, **fields}, Cookie=cookie)

    def tasks(self) -> Tasks:
        """All tasks that it has."""
        status, document = self.request("GET", "/_mockflow/data")
        assert status == 200, document
        return {task["id"]: task["title"] for task in document["tasks"].values()}

    def kill(self) -> None:
        """Kill -9."""
        self.process.kill()
        self.process.wait()

    def recoveries(self) -> list[str]:
        """What it said about changes that it found in a log, a line each."""
        return [line for line in self.log.read_text().splitlines() if "was not closed" in line]


@contextmanager
def server(
    data: Path, *options: str, room: int = ROOM, under: tuple[str, ...] = (), log: Path | None = None
) -> Iterator[Server]:
    """A server that is ready; `under` is a command that starts it. It is killed at the end."""
    log = log or data.with_suffix(".log")
    with log.open("w") as stderr:
        process = started(data, *options, room=room, under=under, stderr=stderr)
    try:
        yield Server(process, data, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def started(
    data: Path, *options: str, stderr: Any, room: int = ROOM, under: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    """A server that may not be ready yet."""
    runner = str(Path(__file__).with_name("server.py"))
    return subprocess.Popen(
        [*under, sys.executable, runner, str(room), "serve", "--port", "0", "--data", str(data), *options],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env=environment({"MOCKFLOW_SEEDS": PEOPLE}),
    )


def in_file(data: Path) -> Tasks:
    """The tasks in a file that a clean stop left: plain TinyDB, nothing beside it but the lock."""
    beside = [found.name for found in data.parent.iterdir() if found.name.startswith((data.name, f".{data.name}"))]
    assert sorted(beside) == [data.name, f"{data.name}.lock"], beside
    return {task["id"]: task["title"] for task in json.loads(data.read_bytes())["tasks"].values()}
