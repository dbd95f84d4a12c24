"""Rounds of kill -9 under writers: nothing that they were told is lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random  # noqa: TID251 - of when to kill, not of what mockflow does
from typing import Any

from tests.crash.servers import Server, Tasks, in_file, server
from tests.running import DEADLINE

_MOST_TASKS = 30
_PEOPLE = ("ann@example.com", "ben@example.com", "oli@example.com")


@dataclass
class Tally:
    """What some rounds came to."""

    rounds: int = 0
    acknowledged: int = 0
    in_doubt: int = 0
    """Requests without an answer."""
    in_doubt_and_there: int = 0
    lost: list[str] = field(default_factory=list)
    """Each acknowledged change that is not there, or is there twice."""
    during_saves: int = 0
    """How many kills left a half-written file behind."""
    recoveries: int = 0
    refused: int = 0
    """Requests that were told that nothing was changed."""

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds, {self.acknowledged} acknowledged writes, {len(self.lost)} lost; "
            f"{self.in_doubt} in doubt, of which {self.in_doubt_and_there} are there; "
            f"{self.refused} refused; {self.during_saves} kills during a save, "
            f"{self.recoveries} recoveries from a log"
        )


class _Refused(Exception):
    """A request was not carried out, and said so."""


@dataclass(frozen=True)
class Doubt:
    """A request that had no answer: the title that a task got, or None; and its id, or None for a new one."""

    task_id: str | None
    title: str | None


class Writer:
    """A client that creates, changes and deletes tasks of its own, and remembers what it was told."""

    def __init__(self, number: int, random: Random) -> None:
        self.name = f"w{number}:"
        self.email = _PEOPLE[number % len(_PEOPLE)]
        self.tasks: Tasks = {}
        self.doubt: Doubt | None = None
        self.cookie: str | None = None
        self.wrong: AssertionError | None = None
        """An answer that should not have been."""
        self.refused = 0
        self._random = random
        self._count = 0

    def write(self, port: int, told: Callable[[], None]) -> None:
        """Write until the server is gone; `told` is called with each acknowledged write."""
        connection = HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        try:
            while True:
                try:
                    self._one_write(connection)
                    told()
                except _Refused:
                    self.refused += 1
                    self.doubt = None
        except (OSError, HTTPException):
            return
        except AssertionError as error:
            self.wrong = error
        finally:
            connection.close()

    def compare(self, found: Tasks, tally: Tally) -> None:
        """Whether all is there that it was told, and nothing that it did not ask for."""
        if self.wrong is not None:
            raise self.wrong
        tally.refused += self.refused
        self.refused = 0
        mine = {task_id: title for task_id, title in found.items() if title.startswith(self.name)}
        doubt = self.doubt
        tally.in_doubt += doubt is not None
        if doubt is not None and mine != self.tasks:
            self._take_for_granted(doubt, mine)
            tally.in_doubt_and_there += mine == self.tasks
        for task_id in sorted(mine.keys() | self.tasks.keys()):
            if mine.get(task_id) != self.tasks.get(task_id):
                told = self.tasks.get(task_id)
                tally.lost.append(f"round {tally.rounds}: told {told} for {task_id}, found {mine.get(task_id)}")
        self.tasks, self.doubt = mine, None

    def _take_for_granted(self, doubt: Doubt, mine: Tasks) -> None:
        if doubt.task_id is None:
            self.tasks |= {task_id: title for task_id, title in mine.items() if title == doubt.title}
        elif doubt.title is None:
            self.tasks.pop(doubt.task_id)
        else:
            self.tasks[doubt.task_id] = doubt.title

    def _one_write(self, connection: HTTPConnection) -> None:
        self._count += 1
        title = f"{self.name}{self._count}"
        choice = self._random.random() + (len(self.tasks) > _MOST_TASKS)
        if choice < 0.5 or not self.tasks:
            self.doubt = Doubt(None, title)
            task = self._ask(connection, 201, "POST", "/api/v2/todo", {"title": title})["todo"]
            self.tasks[task["id"]] = title
        else:
            task_id = self._random.choice(sorted(self.tasks))
            if choice < 0.8:
                self.doubt = Doubt(task_id, title)
                self._ask(connection, 200, "PATCH", f"/api/v2/todo/{task_id}", {"title": title})
                self.tasks[task_id] = title
            else:
                self.doubt = Doubt(task_id, None)
                self._ask(connection, 200, "DELETE", f"/api/v2/todo/{task_id}")
                del self.tasks[task_id]
        self.doubt = None

    def _ask(self, connection: HTTPConnection, wanted: int, method: str, path: str, body: Any = None) -> Any:
        headers = {"Cookie": str(self.cookie), "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        content = response.read()
        if response.status == 500 and b"nothing was changed" in content:
            raise _Refused
        assert response.status == wanted, (response.status, content)
        return json.loads(content) if content else None


class Moment:
    """When to kill: after so many acknowledged writes, or then as soon as a file is there."""

    def __init__(self, running: Server, writes: int, awaited: str | None) -> None:
        self.count = 0
        self._running, self._writes = running, writes
        self._awaited = running.data.with_name(awaited) if awaited else None
        self._lock = threading.Lock()
        self._come = threading.Event()

    def told(self) -> None:
        """One more write was acknowledged."""
        with self._lock:
            self.count += 1
        if self.count >= self._writes and (self._awaited is None or self.count > self._writes + 500):
            self._come.set()

    def wait(self) -> None:
        """Return when it has come."""
        if self._awaited is not None:
            while not self._come.is_set() and not (self.count >= self._writes and self._awaited.exists()):
                self._come.wait(0.0002)
        assert self._come.wait(DEADLINE) if self._awaited is None else True


class Rounds:
    """One data file through many kills."""

    def __init__(
        self, folder: Path, writers: int, seed: int, *, under: tuple[str, ...] = (), storm: Path | None = None
    ) -> None:
        """`under` starts servers on a disk of a kind, which misbehaves while there is a file `storm`."""
        self._under, self._storm = under, storm
        self.tally = Tally()
        self._data = folder / "data.json"
        self._random = Random(seed)
        self._writers = [Writer(number, Random(f"{seed}:{number}")) for number in range(writers)]

    def kill(self) -> None:
        """One round: start, compare with what was told, write, kill."""
        with server(self._data, under=self._under) as running:
            self._compare(running)
            if self._storm is not None:
                self._storm.touch()
            names = (None, f".{self._data.name}.saving", f".{self._data.name}.changes.tmp")
            moment = Moment(running, self._random.randint(1, 120), names[self.tally.rounds % 3])
            threads = [
                threading.Thread(target=writer.write, args=(running.port, moment.told)) for writer in self._writers
            ]
            for thread in threads:
                thread.start()
            moment.wait()
            running.kill()
            for thread in threads:
                thread.join(DEADLINE)
            if self._storm is not None:
                self._storm.unlink()
        self.tally.rounds += 1
        self.tally.acknowledged += moment.count
        self.tally.during_saves += any(found.name.startswith(".") for found in self._data.parent.iterdir())

    def stop(self) -> None:
        """At last a clean stop: all that was told is in one plain file."""
        with server(self._data) as running:
            self._compare(running)
            assert running.stop()[0] == 0
        tasks = in_file(self._data)
        for writer in self._writers:
            writer.compare(tasks, self.tally)

    def _compare(self, running: Server) -> None:
        recoveries = running.recoveries()
        assert len(recoveries) <= 1, recoveries
        self.tally.recoveries += len(recoveries)
        tasks = running.tasks()
        for writer in self._writers:
            writer.compare(tasks, self.tally)
            writer.cookie = writer.cookie or running.cookie(writer.email)


def killed(folder: Path, *, rounds: int, writers: int, seed: int, show: Callable[[str], None]) -> Tally:
    """Some rounds of kill -9 under some writers, and what they came to."""
    all_rounds = Rounds(folder, writers, seed)
    for number in range(1, rounds + 1):
        all_rounds.kill()
        if number % 10 == 0:
            show(f"{all_rounds.tally}")
    all_rounds.stop()
    return all_rounds.tally
