"""The mockflow app under several HTTP servers, in interleaved rounds: `python benchmarks/servers.py`.

`python benchmarks/servers.py serve NAME PORT` is how it starts each of them, in a process of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from socket import create_connection, socket
from statistics import median
from typing import Any

from mockflow.app import create_app
from mockflow.settings import Settings

THREADS = 12
BASELINE = "cheroot"
START_SECONDS = 20.0
STALLED_CLIENTS = 64
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
LOADS = {"list, 16 clients": ("/api/v2/todo", 16), "list, 1 client": ("/api/v2/todo", 1)}
SMALL = ("/api/v1/auth-check", 16)


# -- the candidates


def cheroot(app: Any, port: int) -> None:
    """A pool of threads."""
    from cheroot.wsgi import Server

    server = Server(("127.0.0.1", port), app, numthreads=THREADS, request_queue_size=1024)
    server.keep_alive_conn_limit = 256
    server.start()


def waitress(app: Any, port: int) -> None:
    """One loop for the sockets, a pool of threads for the app."""
    from waitress import serve

    serve(app, host="127.0.0.1", port=port, threads=THREADS, connection_limit=1000, _quiet=True)


def granian(_app: Any, port: int) -> None:
    """Rust in front, several threads behind; loads the app in a worker process of its own."""
    from granian.constants import HTTPModes, Interfaces
    from granian.server import Server

    Server(
        "benchmarks.servers:make_app",
        factory=True,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    ).serve()


def werkzeug(app: Any, port: int) -> None:
    """Flask's development server: a thread a request."""
    import logging

    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").disabled = True
    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


def mockflow(app: Any, port: int) -> None:
    """mockflow's own connection, which calls the service in its event loop."""
    from mockflow.app import service_of
    from mockflow.serving.listening import listen
    from mockflow.serving.run import run

    run(service_of(app), listen("127.0.0.1", port), lambda: None)


CANDIDATES: dict[str, Callable[[Any, int], None]] = {
    "cheroot": cheroot,
    "waitress": waitress,
    "granian": granian,
    "werkzeug": werkzeug,
    "mockflow": mockflow,
}


def make_app() -> Any:
    """The app that is measured: the demo data, in memory, without a log."""
    return create_app(Settings())


# -- measuring


@contextlib.contextmanager
def running(name: str) -> Iterator[tuple[int, str]]:
    """One candidate, ready: its port and a session's cookie."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.servers", "serve", name, str(port)])
    try:
        yield port, _session(port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _session(port: int) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            body = json.dumps({"email": "demo@flowtask.test"})
            connection.request("POST", "/_mockflow/sessions", body, {"Content-Type": "application/json"})
            return str(json.loads(connection.getresponse().read())["cookie"])
        except (OSError, HTTPException):
            time.sleep(0.01)
        finally:
            connection.close()
    raise TimeoutError(f"nothing listens on {port}")


def wrk(port: int, cookie: str, path: str, clients: int, seconds: int) -> tuple[float, float]:
    """Requests a second, and the 99th percentile in milliseconds."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "-H", f"Cookie: {cookie}"]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    tail = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)
    return float(rate[1]) if rate else 0.0, float(tail[1]) * UNITS[tail[2]] if tail else float("nan")


@contextlib.contextmanager
def stalled_clients(port: int) -> Iterator[None]:
    """Clients that send half a request and then nothing."""
    clients = [create_connection(("127.0.0.1", port)) for _ in range(STALLED_CLIENTS)]
    for client in clients:
        client.sendall(b"POST /api/v1/user/signin HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    try:
        yield
    finally:
        for client in clients:
            client.close()


def measure(names: list[str], seconds: int, rounds: int) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """All loads on all candidates, the order turned round each time."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            print(f"round {number + 1}: {name}", file=sys.stderr, flush=True)
            with running(name) as (port, cookie):
                wrk(port, cookie, *LOADS["list, 16 clients"], 1)
                for load, (path, clients) in LOADS.items():
                    found[load, name].append(wrk(port, cookie, path, clients, seconds))
                found["small, 16 clients", name].append(wrk(port, cookie, *SMALL, seconds))
                with stalled_clients(port):
                    found["small, beside 64 stalled", name].append(wrk(port, cookie, *SMALL, seconds))
    return found


def table(names: list[str], found: dict[tuple[str, str], list[tuple[float, float]]]) -> str:
    """Medians, as Markdown."""
    rows = ["| load | server | requests/s | against cheroot | p99 ms |", "|---|---|---:|---:|---:|"]
    for load in dict.fromkeys(load for load, _ in found):
        base = median(rate for rate, _ in found.get((load, BASELINE), [(0.0, 0.0)]))
        for name in names:
            rate = median(rate for rate, _ in found[load, name])
            tail = median(tail for _, tail in found[load, name])
            ratio = f"{rate / base:.2f}" if base else "-"
            rows.append(f"| {load} | {name} | {rate:.0f} | {ratio} | {tail:.1f} |")
    return "\n".join(rows)


def main() -> None:
    """Measure and print, or be one of the candidates."""
    if sys.argv[1:2] == ["serve"]:
        CANDIDATES[sys.argv[2]](make_app(), int(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("names", nargs="*", default=list(CANDIDATES))
    arguments = parser.parse_args()
    print(table(arguments.names, measure(arguments.names, arguments.seconds, arguments.rounds)))


if __name__ == "__main__":
    main()
