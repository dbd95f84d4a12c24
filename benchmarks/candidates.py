"""mockflow and its rivals: how each is installed, given data, started and asked. `rivals.py` measures them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from benchmarks.layers import BODY, EMAIL, ORIGIN, TASKS
from benchmarks.start import free_port

ROOT = Path(__file__).parents[1]
LAYERS = Path(__file__).parent / "layers.py"
INSTALL_SECONDS = 300
START_SECONDS = 60.0
STOP_SECONDS = 10
SMALLEST = 50
NODE_SERVER = """
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';
const tasks = JSON.parse(readFileSync(process.argv[2]));
createServer((request, response) => {
  const body = Buffer.from(JSON.stringify(tasks));
  response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': body.length});
  response.end(body);
}).listen(Number(process.argv[3]), '127.0.0.1');
"""
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MOCKFLOW"))}
"""That of everything started here: without PYTHONDONTWRITEBYTECODE, for one."""


class Unavailable(Exception):
    """A candidate that cannot be installed here, and why."""


def run(*command: str | Path, cwd: Path | None = None, seconds: float = INSTALL_SECONDS) -> str:
    """What a program prints. Raises `Unavailable` where it fails or takes too long."""
    arguments = [str(part) for part in command]
    try:
        done = subprocess.run(
            arguments, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=seconds, check=True
        )
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip()[-300:]
        raise Unavailable(f"{' '.join(arguments)[:100]} failed: {said}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(str(error)) from None
    return done.stdout


@dataclass(frozen=True)
class Call:
    """A request: `%d` in its body is replaced by a number that grows."""

    method: str
    path: str
    body: str = ""


@dataclass
class Server:
    """A running candidate: its port, its process, and how long its first answer took."""

    port: int
    pid: int
    first_ms: float


class Candidate:
    """One that is measured. `calls` has what it can do, by name; `sizes` how many tasks a create is tried with."""

    name = ""
    sizes: tuple[int, ...] = (100, 1_000, 10_000)
    calls: dict[str, Call]
    first = "/todos"
    """A path whose answer tells that it has started."""

    def install(self, folder: Path) -> str:
        """Make it ready to run below a folder; its version."""
        raise NotImplementedError

    def headers(self, size: int) -> dict[str, str]:  # noqa: ARG002 - others need it
        """What is sent along with each request."""
        return {"Origin": ORIGIN}

    def prepare(self, folder: Path, tasks: list[dict[str, Any]], size: int) -> Path:
        """Fresh data with so many tasks, in an empty folder."""
        raise NotImplementedError

    def command(self, data: Path, port: int) -> list[str]:
        """How it is started."""
        raise NotImplementedError


class Mockflow(Candidate):
    """This project, from a wheel, in an environment of its own."""

    name = "mockflow"
    sizes = (100, 1_000, 10_000, 100_000)
    first = "/api/v1/auth-check"

    def __init__(self) -> None:
        create = json.dumps(BODY | {"title": "Buy milk %d"})
        signin = json.dumps({"email": EMAIL, "password": "Passw0rd!"})
        self.calls = {
            "list": Call("GET", TASKS),
            "auth check": Call("GET", "/api/v1/auth-check"),
            "create": Call("POST", TASKS, create),
            "update": Call("PATCH", f"{TASKS}/c{1:024}", '{"title": "turn %d"}'),
            "search": Call("GET", f"{TASKS}/search?q=number"),
            "sign in": Call("POST", "/api/v1/user/signin", signin),
        }
        self.tasks: list[dict[str, Any]] = []
        self._cookies: dict[str, str] = {}

    def install(self, folder: Path) -> str:
        """Build a wheel, install it, and let it write the data files."""
        self._made, wheels, venv = folder / "data", folder / "wheel", folder / "venv"
        for old in (self._made, wheels, venv):
            shutil.rmtree(old, ignore_errors=True)
        self._made.mkdir(parents=True)
        run(sys.executable, "-m", "venv", venv)
        self.python = venv / "bin" / "python"
        run(self.python, "-m", "pip", "wheel", "-q", "--no-deps", "-w", wheels, ROOT)
        run(self.python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", *wheels.glob("*.whl"))
        sizes = [str(size) for size in (SMALLEST, *self.sizes)]
        made = json.loads(run(self.python, "-P", LAYERS, "data", self._made, *sizes))
        self.tasks, self._cookies = made["tasks"], made["cookies"]
        return run(self.python, "-P", "-c", "import mockflow; print(mockflow.__version__)").strip()

    def headers(self, size: int) -> dict[str, str]:
        """Those of a page that is signed in."""
        return {"Origin": ORIGIN, "Cookie": self._cookies[str(size)]}

    def prepare(self, folder: Path, _tasks: list[dict[str, Any]], size: int) -> Path:
        """A copy of the file it wrote."""
        data = folder / "mockflow.json"
        shutil.copy(self._made / f"{size}.json", data)
        return data

    def command(self, data: Path, port: int) -> list[str]:
        """On a data file."""
        return [str(self.python.with_name("mockflow")), "serve", "--port", str(port), "--data", str(data)]


class Rival(Candidate):
    """One from npm, in a folder of its own."""

    package = ""
    wanted = ""
    program = ""

    def install(self, folder: Path) -> str:
        """From npm, unless it is there."""
        self.binary = folder / "node_modules" / ".bin" / self.program
        if not self.binary.exists():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "package.json").write_text("{}")
            run("npm", "install", "--no-audit", "--no-fund", f"{self.package}@{self.wanted}", cwd=folder)
        found = json.loads((folder / "node_modules" / self.package / "package.json").read_text())
        return str(found["version"])


class JsonServer(Rival):
    """Keeps a JSON file; writes all of it at a change."""

    package = program = "json-server"

    def __init__(self, name: str, wanted: str, *, search: bool) -> None:
        self.name, self.wanted = name, wanted
        self.calls = {
            "list": Call("GET", "/todos"),
            "create": Call("POST", "/todos", json.dumps(BODY | {"title": "Buy milk %d"})),
            "update": Call("PATCH", f"/todos/c{1:024}", '{"title": "turn %d"}'),
        }
        if search:
            self.calls["search"] = Call("GET", "/todos?q=number&_limit=20")

    def prepare(self, folder: Path, tasks: list[dict[str, Any]], size: int) -> Path:
        """Its file, indented as it writes it."""
        data = folder / "db.json"
        data.write_text(json.dumps({"todos": many(tasks, size)}, indent=2))
        return data

    def command(self, data: Path, port: int) -> list[str]:
        """On its file."""
        return [str(self.binary), str(data), "--port", str(port), "--host", "127.0.0.1"]


class NodeHttp(Candidate):
    """The limit: Node's own HTTP server, which serialises the same list for each request and does nothing else."""

    name = "bare node:http"
    sizes = ()

    def __init__(self) -> None:
        self.calls = {"list": Call("GET", "/todos")}

    def install(self, folder: Path) -> str:
        """Write its few lines."""
        folder.mkdir(parents=True, exist_ok=True)
        self._script = folder / "server.mjs"
        self._script.write_text(NODE_SERVER)
        return run("node", "--version").strip()

    def prepare(self, folder: Path, tasks: list[dict[str, Any]], size: int) -> Path:
        """The tasks as JSON."""
        data = folder / "tasks.json"
        data.write_text(json.dumps(many(tasks, size)))
        return data

    def command(self, data: Path, port: int) -> list[str]:
        """On its file."""
        return ["node", str(self._script), str(data), str(port)]


class Prism(Rival):
    """Answers the example of an OpenAPI document; keeps nothing."""

    name = program = "prism"
    package, wanted = "@stoplight/prism-cli", "5"

    def __init__(self) -> None:
        self.calls = {"list": Call("GET", "/todos")}

    def prepare(self, folder: Path, tasks: list[dict[str, Any]], size: int) -> Path:
        """A document whose example has the tasks."""
        answer = {"description": "all", "content": {"application/json": {"example": {"todos": many(tasks, size)}}}}
        document = {
            "openapi": "3.1.0",
            "info": {"title": "tasks", "version": "1"},
            "paths": {"/todos": {"get": {"responses": {"200": answer}}}},
        }
        data = folder / "openapi.json"
        data.write_text(json.dumps(document))
        return data

    def command(self, data: Path, port: int) -> list[str]:
        """With the log it writes by default."""
        return [str(self.binary), "mock", "--host", "127.0.0.1", "--port", str(port), str(data)]


class Mockoon(Rival):
    """A CRUD route over a data bucket; keeps changes in memory only."""

    name = "mockoon"
    package, wanted, program = "@mockoon/cli", "9", "mockoon-cli"

    def __init__(self) -> None:
        self.calls = {
            "list": Call("GET", "/todos"),
            "create": Call("POST", "/todos", json.dumps(BODY | {"title": "Buy milk %d"})),
            "update": Call("PATCH", f"/todos/c{1:024}", '{"title": "turn %d"}'),
            "search": Call("GET", "/todos?search=number&limit=20"),
        }

    def prepare(self, folder: Path, tasks: list[dict[str, Any]], size: int) -> Path:
        """An environment with the tasks."""
        data = folder / "environment.json"
        data.write_text(json.dumps(mockoon_environment(many(tasks, size))))
        return data

    def command(self, data: Path, port: int) -> list[str]:
        """With its log to stdout only."""
        options = ["--hostname", "127.0.0.1", "--disable-log-to-file", "--disable-admin-api", "--repair"]
        return [str(self.binary), "start", "--data", str(data), "--port", str(port), *options]


def mockoon_environment(tasks: list[dict[str, Any]]) -> dict[str, Any]:
    """What Mockoon is started with; `--repair` adds what is left at its default."""
    response = {
        "uuid": str(uuid.uuid4()), "statusCode": 200, "body": "{}", "bodyType": "DATABUCKET",
        "databucketID": "todo", "crudKey": "id", "default": True, "headers": [], "rules": [], "label": "",
        "disableTemplating": True,
    }  # fmt: skip
    route = {"uuid": str(uuid.uuid4()), "type": "crud", "method": "", "endpoint": "todos", "responses": [response]}
    bucket = {"uuid": str(uuid.uuid4()), "id": "todo", "name": "todos", "value": json.dumps(tasks)}
    return {
        "uuid": str(uuid.uuid4()), "name": "tasks", "port": 3000, "lastMigration": 33, "cors": True,
        "data": [bucket], "routes": [route], "rootChildren": [{"type": "route", "uuid": route["uuid"]}],
        "headers": [{"key": "Content-Type", "value": "application/json"}],
    }  # fmt: skip


def many(tasks: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    """So many tasks: those there are, again and again under other ids."""
    return [{**tasks[number % len(tasks)], "id": f"c{number:024}"} for number in range(size)]


def all_candidates() -> dict[str, Candidate]:
    """Each by the name of its folder."""
    return {
        "mockflow": Mockflow(),
        "json-server-1": JsonServer("json-server 1", "1.0.0-beta.15", search=False),
        "node": NodeHttp(),
        "json-server-0": JsonServer("json-server 0.17", "0.17.4", search=True),
        "prism": Prism(),
        "mockoon": Mockoon(),
    }


@contextmanager
def running(candidate: Candidate, data: Path, *, size: int, first: str | None = None) -> Iterator[Server]:
    """A server on its data, which logs to a file beside that, once it has answered; stopped at the end."""
    port = free_port()
    with (data.parent / "log.txt").open("wb") as log:
        begin = time.perf_counter()
        process = subprocess.Popen(
            candidate.command(data, port), cwd=data.parent, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _await(process, port, first or candidate.first, candidate.headers(size))
            yield Server(port, process.pid, (time.perf_counter() - begin) * 1000)
        finally:
            _stop(process)


def _await(process: subprocess.Popen[bytes], port: int, path: str, headers: dict[str, str]) -> None:
    end = time.perf_counter() + START_SECONDS
    while time.perf_counter() < end and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            time.sleep(0.002)
        else:
            if answer.status == 200:
                return
            raise RuntimeError(f"{path}: {answer.status}")
        finally:
            connection.close()
    raise RuntimeError(f"it did not start: exit code {process.poll()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def resident(pid: int) -> float:
    """MB that a process and those below it have in memory."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = [
            word for path in Path(f"/proc/{pid}/task").glob("*/children") for word in path.read_text().split()
        ]
    except OSError:
        return 0.0
    own = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)
    return own / 1024 + sum(resident(int(child)) for child in children)
