"""Runs the farm for the tests, and looks at it from outside as a client does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from http.client import BadStatusLine, HTTPConnection, IncompleteRead, RemoteDisconnected
from pathlib import Path
from typing import Any

import requests

HERE = Path(__file__).parent
NAMES = ("mock1", "mock2", "mock3")
JSON = {"Content-Type": "application/json"}


def free_ports(count: int) -> list[int]:
    """So many ports that nobody listens on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def until(true: Callable[[], bool], what: str, seconds: float = 10) -> None:
    """Returns once something is so; fails when it is not in time."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not true():
        assert time.monotonic() < end, f"waited {seconds} s: {what}"
        pause.wait(0.02)


class Farm:
    """Three instances and HAProxy on ports of their own. Raises `CalledProcessError` where the script fails."""

    def __init__(self, folder: Path, **variables: str) -> None:
        port, *ports = free_ports(4)
        self.folder = folder
        self.url = f"http://localhost:{port}"
        self.instances = {name: f"http://localhost:{at}" for name, at in zip(NAMES, ports, strict=True)}
        given = {f"{name.upper()}_PORT": str(at) for name, at in zip(NAMES, ports, strict=True)}
        self._environ = {**os.environ, **given, "FARM_DIR": str(folder), "FARM_PORT": str(port), **variables}
        self.run("up")

    def run(self, *words: str) -> str:
        """Runs `farm WORDS` and gives what it printed."""
        command = [str(HERE / "farm"), *words]
        return subprocess.run(
            command, env=self._environ, check=True, stdout=subprocess.PIPE, text=True, timeout=60
        ).stdout

    def kill(self, name: str) -> None:
        """Kills an instance as a crash would."""
        os.kill(int((self.folder / f"{name}.pid").read_text()), signal.SIGKILL)

    def state(self, name: str) -> str:
        """How the proxy finds an instance: `UP`, `DOWN`, `DRAIN`, …"""
        lines = [line.split() for line in self.run("status").splitlines()]
        return next(words[1] for words in lines if words[0] == name)

    def held_by(self, name: str) -> set[str]:
        """The sandboxes that an instance itself says it has, `default` left out."""
        answer = requests.get(f"{self.instances[name]}/_mockflow/sandboxes", timeout=10)
        return {one["name"] for one in answer.json()["sandboxes"]} - {"default"}

    def instance_of(self, sandbox: str) -> str:
        """Asks for a sandbox, and tells which instance answered."""
        answer = requests.get(f"{self.url}/s/{sandbox}/api/v1/auth-check", timeout=10)
        answer.raise_for_status()
        return answer.headers["X-Mockflow-Instance"]

    def sandbox_on(self, name: str, prefix: str) -> str:
        """The first new sandbox named `prefix-…` that goes to an instance."""
        return next(box for n in range(100) if self.instance_of(box := f"{prefix}-{n}") == name)


class Client:
    """A client of one sandbox, with a connection and cookies of its own."""

    def __init__(self, farm: Farm, sandbox: str) -> None:
        self.name = sandbox
        self._base = f"{farm.url}/s/{sandbox}"
        self._session = requests.Session()

    def sign_in(self) -> requests.Response:
        """As the demo account."""
        account = {"email": "demo@flowtask.test", "password": "Passw0rd!"}
        return self.call("POST", "api/v1/user/signin", account)

    def titles(self) -> list[str]:
        """Of its tasks. Raises `requests.RequestException` for anything but a 200."""
        answer = self.call("GET", "api/v2/todo")
        answer.raise_for_status()
        return [task["title"] for task in answer.json()["todos"]]

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        """One request."""
        return self._session.request(method, f"{self._base}/{path}", json=body, timeout=10)


def seen(base: str, fault: str, patience: float = 2) -> str:
    """What a client sees of a fault: `reset`, `closed`, `cut off`, `not HTTP`, `timed out`, or a status."""
    host, _, rest = base.removeprefix("http://").partition("/")
    connection = HTTPConnection(host, timeout=patience)
    try:
        connection.request("GET", f"/{rest}/api/v1/auth-check", headers={"X-Mockflow-Fault": fault})
        answer = connection.getresponse()
        answer.read()
    except RemoteDisconnected:
        return "closed"
    except IncompleteRead:
        return "cut off"
    except BadStatusLine:
        return "not HTTP"
    except ConnectionResetError:
        return "reset"
    except TimeoutError:
        return "timed out"
    finally:
        connection.close()
    return str(answer.status)
