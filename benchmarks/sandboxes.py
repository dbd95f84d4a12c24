"""What sandboxes cost and keep apart: `python -m benchmarks.sandboxes [isolation] [resets] [memory]`.

Each part starts a server of its own. `isolation` runs suites in parallel, each of whose tests makes, resets and
faults a sandbox of its own; any that sees another's data, faults or clock is counted. `memory` fills journals.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection
from statistics import median, quantiles
from typing import Any
from urllib.request import Request, urlopen

from mockflow.client import ControlClient
from mockflow.testing import Mockflow

DEMO = "demo@flowtask.test"
PIPELINED = 100
RING = 1000
"""Requests that a journal holds; more of them take no more memory."""


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """A server's base URL and process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mockflow", "serve", "--memory", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        ready = next(line for line in process.stdout if line.startswith("MOCKFLOW READY"))
        yield ready.split()[-1], process.pid
    finally:
        process.terminate()
        process.communicate()


def call(method: str, url: str, cookies: dict[str, str], body: Any = None) -> tuple[int, Any]:
    """One request: status and JSON."""
    headers = {"Content-Type": "application/json", "Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}
    request = Request(url, None if body is None else json.dumps(body).encode(), headers, method=method)
    try:
        with urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except OSError as error:
        return getattr(error, "code", 0), None


def one_test(url: str, name: str, number: int) -> list[str]:
    """Use a sandbox and tell what in it was not its own."""
    control = ControlClient(url)
    control.call("POST", "sandboxes", {"name": name})
    own = Mockflow(ControlClient(url, sandbox=name))
    moment = f"20{30 + number % 60}-01-01T00:00:00.000Z"
    seen = []
    own.clock.freeze(moment)
    tasks = f"{own.url}/api/v2/todo"
    cookies = own.sign_in(DEMO)
    before = len(call("GET", tasks, cookies)[1]["todos"])
    own.reset(clock=moment)
    cookies = own.sign_in(DEMO)
    status = 500 + number % 90
    with own.fault(status=status, operation="createTask", times=1) as fault:
        statuses = [call("POST", tasks, cookies, {"title": f"{name} {turn}"})[0] for turn in range(3)]
        if statuses != [status, 201, 201] or fault.hits != 1:
            seen.append(f"faults {statuses}")
    titles = [task["title"] for task in call("GET", tasks, cookies)[1]["todos"]]
    if len(titles) != before + 2 or {f"{name} 1", f"{name} 2"} - set(titles):
        seen.append(f"data {titles}")
    if own.clock.now != moment:
        seen.append(f"clock {own.clock.now}")
    if len(own.requests()) != 4:
        seen.append(f"journal {len(own.requests())}")
    control.call("DELETE", f"sandboxes/{name}")
    return seen


def suite(url: str, worker: int, tests: int) -> list[str]:
    """The tests of one worker, one after the other."""
    first = worker * tests
    return [what for number in range(first, first + tests) for what in one_test(url, f"test-{number}", number)]


def isolation(workers: int, tests: int) -> None:
    """Many workers at once against one server."""
    with server() as (url, _), ProcessPoolExecutor(workers) as pool:
        begin = time.perf_counter()
        found = [
            what for seen in pool.map(suite, [url] * workers, range(workers), [tests] * workers) for what in seen
        ]
        seconds = time.perf_counter() - begin
    print(f"isolation: {workers} workers x {tests} tests in {seconds:.1f} s, {len(found)} saw another's")
    for what in found[:10]:
        print(f"  {what}")


def resets(count: int) -> None:
    """Reset `demo` over HTTP again and again, with a change in between."""
    with server() as (url, _):
        own = Mockflow(ControlClient(url))
        taken = []
        for number in range(count):
            call("POST", f"{url}/api/v2/todo", own.sign_in(DEMO), {"title": str(number)})
            begin = time.perf_counter()
            own.reset()
            taken.append((time.perf_counter() - begin) * 1000)
    for name, part in (("all", taken), ("first 100", taken[:100]), ("last 100", taken[-100:])):
        print(f"resets, {name}: median {median(part):.2f} ms, p99 {quantiles(part, n=100)[98]:.2f} ms")


def resident_mb(pid: int) -> float:
    """Megabytes of memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def pipelined(port: int, path: str, cookie: str, count: int) -> None:
    """Send so many GETs on one connection."""
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: benchmark\r\nCookie: {cookie}\r\n".encode()
    with create_connection(("localhost", port)) as connection:

        def send() -> None:
            for _ in range((count - 1) // PIPELINED):
                connection.sendall((head + b"\r\n") * PIPELINED)
            rest = count - 1 - (count - 1) // PIPELINED * PIPELINED
            connection.sendall((head + b"\r\n") * rest + head + b"Connection: close\r\n\r\n")

        sender = threading.Thread(target=send)
        sender.start()
        while connection.recv(2**20):
            pass
        sender.join()


def memory(sandboxes: int, requests: int) -> None:
    """Fill the journals of many sandboxes with small answers, then with lists."""
    with server() as (url, pid):
        port = int(url.rpartition(":")[2])
        print(f"memory: {resident_mb(pid):.0f} MB at the start")
        control = ControlClient(url)
        for number in range(sandboxes):
            control.call("POST", "sandboxes", {"name": f"s{number}"})
        print(f"memory: {resident_mb(pid):.0f} MB with {sandboxes} sandboxes of demo")
        for what, path, count in (
            ("profiles", "/api/v1/user/profile", requests),
            ("lists of 35 tasks", "/api/v2/todo", min(requests, RING)),
        ):
            for number in range(sandboxes):
                own = Mockflow(ControlClient(url, sandbox=f"s{number}"))
                cookie = "; ".join(f"{name}={value}" for name, value in own.sign_in(DEMO).items())
                pipelined(port, f"/s/s{number}{path}", cookie, count)
            print(f"memory: {resident_mb(pid):.0f} MB after {count} {what} in each")


def main() -> None:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["isolation", "resets", "memory"])
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--tests", type=int, default=200)
    parser.add_argument("--resets", type=int, default=1000)
    parser.add_argument("--sandboxes", type=int, default=100)
    parser.add_argument("--requests", type=int, default=10_000)
    wanted = parser.parse_args()
    if "isolation" in wanted.parts:
        isolation(wanted.workers, wanted.tests)
    if "resets" in wanted.parts:
        resets(wanted.resets)
    if "memory" in wanted.parts:
        memory(wanted.sandboxes, wanted.requests)


if __name__ == "__main__":
    main()
