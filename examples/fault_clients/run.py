"""What real HTTP clients see of each of mockflow's faults: prints the page, writes it, or checks it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from clients import HERE, Call, Client, find
from page import Noted, kinds, note, render

PAGE = HERE.parents[1] / "docs" / "faults-clients.md"
EMAIL = "demo@flowtask.test"
PATH = "/api/v2/todo"
PATIENCE = 5.0
SHORT = 0.5
DEADLINE = 20


@dataclass(frozen=True)
class Case:
    """An effect, in the flat form and as JSON."""

    flat: str
    rule: dict[str, Any]
    seconds: float = PATIENCE
    creates: bool = False


CASES = (
    Case("status=500", {"effect": {"status": 500}}),
    Case("status=401", {"effect": {"status": 401}}),
    Case("status=429; retry-after=1", {"effect": {"status": 429, "retryAfter": 1}}),
    Case("disconnect=reset", {"effect": {"disconnect": "reset"}}),
    Case("disconnect=empty", {"effect": {"disconnect": "empty"}}),
    Case("disconnect=truncate; phase=after", {"effect": {"disconnect": "truncate"}, "phase": "after"}),
    Case("disconnect=garbage", {"effect": {"disconnect": "garbage"}}),
    Case("hang=1", {"effect": {"hang": 1}}, SHORT),
    Case("malformed=true; phase=after", {"effect": {"malformed": True}, "phase": "after"}),
    Case("expire-session=true", {"effect": {"expireSession": True}}),
    Case("latency=300", {"latency": {"ms": 300}}),
    Case(
        "latency=1; bytes-per-second=200; phase=after",
        {"latency": {"ms": 1, "bytesPerSecond": 200}, "phase": "after"},
    ),
    Case(
        "operation=createTask; disconnect=empty; phase=after",
        {"effect": {"disconnect": "empty"}, "phase": "after"},
        creates=True,
    ),
)


class Wrong(Exception):
    """Something does not do what it should."""


class Server:
    """A mockflow, and its control API."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.port = urlsplit(url).port or 0

    def ask(self, method: str, path: str, body: Any = None, cookie: str = "") -> Any:
        """One request and its JSON."""
        connection = HTTPConnection("localhost", self.port, timeout=DEADLINE)
        try:
            headers = {"Content-Type": "application/json", **({"Cookie": cookie} if cookie else {})}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            said = json.loads(response.read())
        finally:
            connection.close()
        if response.status >= 400:
            raise Wrong(f"{method} {path}: {response.status} {said}")
        return said

    def sign_in(self) -> str:
        """A new session's cookie."""
        return str(self.ask("POST", "/_mockflow/sessions", {"email": EMAIL})["cookie"])

    def titles(self) -> list[str]:
        """The titles of all tasks."""
        return [str(task["title"]) for task in self.ask("GET", PATH, cookie=self.sign_in())["todos"]]


@contextmanager
def serving() -> Iterator[Server]:
    """`mockflow serve` on a free port, until the end of the block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKFLOW_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "mockflow", "serve", "--memory", "--port", "0", "--seeds", "minimal"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        ready = next((line for line in process.stdout or () if line.startswith("MOCKFLOW READY")), None)
        if ready is None:
            raise Wrong(f"mockflow did not start: exit {process.wait(DEADLINE)}")
        yield Server(ready.split()[-1])
    finally:
        process.terminate()
        try:
            process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def try_one(server: Server, case: Case, client: Client) -> Noted:
    """One client under one fault."""
    cookie = server.sign_in()
    title = f"{client.name} {case.flat}"
    body = json.dumps({"title": title, "dueDate": "2030-01-31"}) if case.creates else None
    call = Call("POST" if body else "GET", f"http://localhost:{server.port}{PATH}", cookie, body, case.seconds)
    match = {"operation": "createTask" if body else "listTasks"}
    server.ask("DELETE", "/_mockflow/faults")
    server.ask("POST", "/_mockflow/faults", {"id": "fault", "match": match, "times": 1, **case.rule})
    # Fires never: it counts what comes after the first.
    server.ask(
        "POST", "/_mockflow/faults", {"id": "more", "match": match, "effect": {"status": 500}, "skip": 10**6}
    )
    outcome = client.make(call)
    hits = server.ask("GET", "/_mockflow/faults/fault")["hits"]
    if hits != 1:
        raise Wrong(f"{case.flat} with {client.name}: the rule fired {hits} times; the client saw {outcome}")
    attempts = 1 + server.ask("GET", "/_mockflow/faults/more")["matched"]
    server.ask("DELETE", "/_mockflow/faults")
    noted = note(outcome, attempts, server.titles().count(title) if body else None)
    if outcome.status == 200 and case.rule.get("effect", {}).get("status") == 429 and outcome.seconds < 1:
        raise Wrong(f"{client.name} did not wait as long as Retry-After said: {outcome}")
    if client.retries and case.rule.get("effect", {}).get("status") == 429 and noted.kind != "ok after retry":
        raise Wrong(f"{client.name} did not get through a 429 by waiting: {noted}")
    return noted


def collect(found: list[Client]) -> tuple[dict[tuple[str, str], Noted], str]:
    """Every client under every fault, and mockflow's version."""
    table: dict[tuple[str, str], Noted] = {}
    with serving() as server:
        # Something to list, so that half a body and a slow one can be told from a whole one.
        server.ask("POST", PATH, {"title": "Buy milk", "dueDate": "2030-01-31"}, server.sign_in())
        for case in CASES:
            for client in found:
                noted = table[case.flat, client.name] = try_one(server, case, client)
                _tell(f"{case.flat} | {client.name} | {noted.kind} | {noted.words}")
        return table, str(server.ask("GET", "/_mockflow/health")["version"])


def differences(page: str, table: dict[tuple[str, str], Noted]) -> list[str]:
    """Where the page says another kind than was seen; clients that are not installed are left out."""
    written = kinds(page)
    clients = {name for _, name in table}
    expected = {key: kind for key, kind in written.items() if key[1] in clients}
    seen = {key: noted.kind for key, noted in table.items()}
    return [
        f"{effect} | {client} | the page says: {expected.get((effect, client), 'nothing')}"
        f" | seen: {seen.get((effect, client), 'nothing')}"
        for effect, client in sorted(expected.keys() | seen.keys())
        if expected.get((effect, client)) != seen.get((effect, client))
    ]


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def _check(table: dict[tuple[str, str], Noted], missing: list[str]) -> int:
    different = differences(PAGE.read_text("utf-8") if PAGE.exists() else "", table)
    for line in different:
        _tell(f"DIFFERENT: {line}")
    left_out = f", {len(missing)} clients left out" if missing else ""
    _tell(f"{len(table)} calls, {len(different)} different from {PAGE.name}{left_out}")
    return 1 if different else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--write", action="store_true", help=f"write docs/{PAGE.name}; without it the page is printed"
    )
    way.add_argument("--check", action="store_true", help="exit 1 if what a client reports is of another kind")
    options = parser.parse_args()
    found, missing = find()
    for sentence in missing:
        _tell(f"MISSING CLIENT, LEFT OUT: {sentence}")
    try:
        if not found:
            raise Wrong("there is no client at all")
        table, version = collect(found)
    except Wrong as problem:
        _tell(f"WRONG: {problem}")
        return 1
    if options.check:
        return _check(table, missing)
    page = render([case.flat for case in CASES], found, table, version)
    if options.write:
        PAGE.write_text(page, "utf-8")
    else:
        sys.stdout.write(page)
    for sentence in missing:
        _tell(f"MISSING CLIENT, LEFT OUT: {sentence}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
