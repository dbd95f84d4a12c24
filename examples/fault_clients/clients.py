"""The clients: each makes one call on a connection of its own and says what came of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GIVE_UP = 40
"""Seconds after which a client's process is ended."""


@dataclass(frozen=True)
class Call:
    """What a client is to do."""

    method: str
    url: str
    cookie: str
    body: str | None
    seconds: float
    """The client's own time-out."""


@dataclass
class Outcome:
    """What a client reports: a status, or an error in its own words."""

    status: int | None = None
    error: str = ""
    retry_after: str | None = None
    unparsed: bool = False
    """The client calls it a success, but the body is no JSON."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Client:
    """A client that is installed."""

    name: str
    version: str
    make: Callable[[Call], Outcome]
    retries: bool = False


def _headers(call: Call) -> dict[str, str]:
    return {"Cookie": call.cookie, **({"Content-Type": "application/json"} if call.body else {})}


def _curl(call: Call) -> Outcome:
    command = ["curl", "-sS", "--noproxy", "*", "--max-time", str(call.seconds), "-X", call.method]
    for name, value in _headers(call).items():
        command += ["-H", f"{name}: {value}"]
    if call.body:
        command += ["-d", call.body]
    command += ["-w", "\n%{http_code} %header{retry-after}", call.url]
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=GIVE_UP)
    seconds = time.monotonic() - started
    if done.returncode:
        return Outcome(error=f"exit {done.returncode}: {done.stderr.strip().partition(') ')[2]}", seconds=seconds)
    body, _, last = done.stdout.rpartition("\n")
    status, _, retry_after = last.partition(" ")
    return Outcome(int(status), "", retry_after or None, not _is_json(body), seconds)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _python(send: Callable[[Call], Any]) -> Callable[[Call], Outcome]:
    """A client whose answer has `status_code`, `headers` and `json()`, which requests and httpx share."""

    def make(call: Call) -> Outcome:
        started = time.monotonic()
        try:
            response = send(call)
            outcome = Outcome(response.status_code, "", response.headers.get("Retry-After"))
            if outcome.status and outcome.status < 400:
                response.json()
        except Exception as problem:
            outcome = Outcome(error=f"{type(problem).__name__}: {problem}")
        outcome.seconds = time.monotonic() - started
        return outcome

    return make


def _requests(requests: Any, retry: Any = None) -> Callable[[Call], Any]:
    def send(call: Call) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            if retry is not None:
                session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
            return session.request(
                call.method, call.url, data=call.body, headers=_headers(call), timeout=call.seconds
            )

    return send


def _httpx(httpx: Any) -> Callable[[Call], Any]:
    def send(call: Call) -> Any:
        with httpx.Client(trust_env=False, timeout=call.seconds) as client:
            return client.request(call.method, call.url, content=call.body, headers=_headers(call))

    return send


def _node(name: str) -> Callable[[Call], Outcome]:
    def make(call: Call) -> Outcome:
        said = json.loads(_run_node(name, json.dumps(asdict(call))))
        return Outcome(
            said.get("status"),
            said.get("error", ""),
            said.get("retryAfter"),
            said.get("unparsed", False),
            said["seconds"],
        )

    return make


def _run_node(argument: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["node", str(HERE / "clients.mjs"), argument],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=GIVE_UP,
    )
    if done.returncode:
        raise RuntimeError(f"clients.mjs {argument}: {done.stderr.strip()[-500:]}")
    return done.stdout


def _first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=GIVE_UP)
    return done.stdout.splitlines()[0].strip()


def find() -> tuple[list[Client], list[str]]:
    """Those that are installed, and a sentence about each that is not."""
    found: list[Client] = []
    missing: list[str] = []
    if shutil.which("curl"):
        found.append(Client("curl", _first_line("curl", "--version").split()[1], _curl))
    else:
        missing.append("curl: not installed")
    _find_python(found, missing)
    _find_node(found, missing)
    return found, missing


def _find_python(found: list[Client], missing: list[str]) -> None:
    try:
        requests, urllib3 = import_module("requests"), import_module("urllib3")
    except ImportError as problem:
        missing += [f"{name}: {problem}" for name in ("requests", "requests + Retry")]
    else:
        retry = urllib3.Retry(
            total=3, respect_retry_after_header=True, status_forcelist=[429, 500, 503], backoff_factor=0.05
        )
        both = f"{requests.__version__}, urllib3 {urllib3.__version__}"
        found.append(Client("requests", both, _python(_requests(requests))))
        found.append(Client("requests + Retry", both, _python(_requests(requests, retry)), retries=True))
    try:
        httpx = import_module("httpx")
    except ImportError as problem:
        missing.append(f"httpx: {problem}")
    else:
        found.append(Client("httpx", httpx.__version__, _python(_httpx(httpx))))


def _find_node(found: list[Client], missing: list[str]) -> None:
    names = ("Node fetch", "axios", "axios + axios-retry", "fetch in Chromium", "Chromium, open connection")
    if not shutil.which("node"):
        missing += [f"{name}: there is no node" for name in names]
        return
    have: dict[str, str | None] = json.loads(_run_node("versions"))
    found.append(Client(names[0], str(have["node"]), _node("fetch")))
    for name, needs, argument in (
        (names[1], ("axios",), "axios"),
        (names[2], ("axios", "axios-retry"), "axios-retry"),
        (names[3], ("playwright-core", "chromium"), "chromium"),
        (names[4], ("playwright-core", "chromium"), "chromium-again"),
    ):
        lacking = [need for need in needs if not have[need]]
        if lacking:
            missing.append(f"{name}: there is no {' and no '.join(lacking)} (npm install; CHROMIUM=/path/to/it)")
            continue
        version = ", ".join(f"{need} {have[need]}" for need in needs if need != "chromium")
        if "chromium" in needs:
            version = f"{_first_line(str(have['chromium']), '--version')}, {version}"
        found.append(Client(name, version, _node(argument), retries=argument == "axios-retry"))
