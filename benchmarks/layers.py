"""What `rivals.py` runs inside the mockflow that it installed: data files, and the cost of mockflow's own layers.

`layers.py data FOLDER SIZE…` prints the cookie of a session that each of the files has, and the tasks of the
first as the API lists them; `layers.py costs` prints microseconds a request, round by round. Both as JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from fractional_indexing import generate_n_keys_between

from mockflow.app import create_app, sandboxes_of
from mockflow.domain import accounts
from mockflow.http import journaling
from mockflow.settings import Settings

EMAIL = "demo@flowtask.test"
TASKS = "/api/v2/todo"
ORIGIN = "http://localhost:5173"
BODY = {"title": "Buy milk", "description": "Two litres", "priority": "high", "dueDate": "2026-03-10"}
SIZE = 50
REQUESTS = 200
ROUNDS = 15
SANDBOX = "x"


def task(number: int, key: str, user_id: str, project_id: str, tag_id: str | None = None) -> dict[str, Any]:
    """One as the store keeps it; with a tag, if there is one, every other time."""
    moment = "2026-03-10T12:00:00.000Z"
    nothing = "dueTime completedAt parentId projectSectionId recurrenceRule recurrenceEndDate"
    return {
        **dict.fromkeys(nothing.split()),
        "id": f"c{number:024}",
        "userId": user_id,
        "title": f"Task number {number}",
        "description": "With a sentence or two that says what there is to do, and why.",
        "priority": "low",
        "dueDate": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "isAllDay": True,
        "completed": False,
        "color": "#f97316",
        "sortKey": key,
        "reminder": False,
        "tags": [tag_id] if tag_id and number % 2 else [],
        "projectId": project_id,
        "createdAt": moment,
        "updatedAt": moment,
    }


def fill(app: Any, size: int) -> str:
    """Put so many tasks into an app's account; the cookie of a session."""
    client = app.test_client()
    cookie = str(client.post("/_mockflow/sessions", json={"email": EMAIL}).json["cookie"])
    tag = client.post("/api/v2/tag", json={"name": "home"}).json["tag"]["id"]
    world = sandboxes_of(app).default.world
    with world.store.transaction():
        user = accounts.account_of(world, EMAIL)
        assert user is not None
        inbox = world.store.projects.having("user", user["id"])[0]
        for number, key in enumerate(generate_n_keys_between(None, None, size)):
            world.store.tasks.add(task(number, key, user["id"], inbox["id"], tag))
    return cookie


def write_data(folder: Path, sizes: list[int]) -> None:
    """A data file `SIZE.json` for each size."""
    cookies: dict[int, str] = {}
    listed: Any = None
    for size in sizes:
        app = create_app(Settings(seeds="minimal", data=folder / f"{size}.json"))
        cookies[size] = fill(app, size)
        if listed is None:
            client: Any = app.test_client(use_cookies=False)
            listed = client.get(TASKS, headers={"Cookie": cookies[size]}).json["todos"]
        sandboxes_of(app).close()
    print(json.dumps({"cookies": cookies, "tasks": listed}))


class Bench:
    """An app with tasks, and how it is asked."""

    def __init__(self, data: Path | None, log: TextIO) -> None:
        self.app: Any = create_app(Settings(seeds="minimal", data=data), log=lambda line: print(line, file=log))
        self.cookie = fill(self.app, SIZE)
        self.sandboxes = sandboxes_of(self.app)
        self.sandboxes.create(SANDBOX, self.sandboxes.default.state(), None)

    def environ(self, method: str, prefix: str, body: bytes) -> dict[str, Any]:
        """What a server hands over for one request."""
        return {
            "REQUEST_METHOD": method,
            "PATH_INFO": prefix + TASKS,
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": self.cookie,
            "HTTP_ORIGIN": ORIGIN,
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
        }

    def measure(self, method: str, prefix: str = "") -> float:
        """The mean of many requests, in microseconds."""
        wanted, body = ("200", b"") if method == "GET" else ("201", json.dumps(BODY).encode())
        statuses: set[str] = set()
        begin = time.perf_counter()
        for _ in range(REQUESTS):
            b"".join(self.app(self.environ(method, prefix, body), lambda status, _: statuses.add(status[:3])))
        taken = (time.perf_counter() - begin) / REQUESTS * 1e6
        assert statuses == {wanted}, statuses
        return taken


def without_journal(measure: Callable[[], float]) -> float:
    """Measure while requests are not put into the journal."""
    record = journaling.record
    setattr(journaling, "record", lambda *_: None)  # noqa: B010 - mypy would compare the types
    try:
        return measure()
    finally:
        journaling.record = record


def with_rule(bench: Bench, measure: Callable[[], float]) -> float:
    """Measure while there is a rule for another operation."""
    faults = bench.sandboxes.default.faults
    faults.add([{"match": {"operation": "deleteTags"}, "effect": {"status": 500}}])
    try:
        return measure()
    finally:
        faults.clear()


def costs() -> None:
    """Each way in turns; the first of a kind is the base of the others."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w") as log:
        read, filed = Bench(Path(folder) / "read.json", log), Bench(Path(folder) / "written.json", log)
        memory = Bench(None, log)
        reading, writing = lambda: read.measure("GET"), lambda: filed.measure("POST")
        ways: dict[str, Callable[[], float]] = {
            "list of 50: everything on": reading,
            "list of 50: without the journal": lambda: without_journal(reading),
            "list of 50: one inactive fault rule": lambda: with_rule(read, reading),
            "list of 50: in a sandbox by its path": lambda: read.measure("GET", f"/s/{SANDBOX}"),
            "create: everything on, data file": writing,
            "create: without the journal": lambda: without_journal(writing),
            "create: in memory": lambda: memory.measure("POST"),
        }
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(ROUNDS + 1):  # the first warms up
            for name, measure in ways.items():
                found = measure()
                if number:
                    taken[name].append(found)
        for bench in (read, filed, memory):
            bench.sandboxes.close()
    print(json.dumps(taken))


def main() -> None:
    """Do the one or the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["data", "costs"])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("sizes", type=int, nargs="*")
    wanted = parser.parse_args()
    if wanted.what == "costs":
        costs()
    else:
        write_data(wanted.folder, wanted.sizes)


if __name__ == "__main__":
    main()
