"""What clients that mean no good cost the server: `python -m benchmarks.hostile [NAME…]`.

Each attack runs against a server of its own on the loopback address, for a bounded time, and prints by how much
the server's memory grew, and the longest answer that another client saw meanwhile.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path

ASK = b"GET /api/v1/auth-check HTTP/1.1\r\nHost: localhost\r\n\r\n"
TITLE = "x" * 490


@contextmanager
def running(*options: str) -> Iterator[tuple[int, int]]:
    """A server: its port and process id."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "mockflow",
            "serve",
            "--port",
            "0",
            "--data",
            f"{folder}/db.json",
            *options,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        try:
            ready = next(line for line in process.stdout if "READY" in line)
            yield int(ready.rsplit(":", 1)[1]), process.pid
        finally:
            process.terminate()
            process.wait()


def resident(pid: int) -> float:
    """Megabytes of memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def call(port: int, method: str, path: str, body: object = None, cookie: str = "") -> bytes:
    """One request."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(
        method, path, json.dumps(body or {}), {"Content-Type": "application/json", "Cookie": cookie}
    )
    content = connection.getresponse().read()
    connection.close()
    return content


def signed_in(port: int) -> str:
    """A session's cookie."""
    return str(json.loads(call(port, "POST", "/_mockflow/sessions", {"email": "demo@flowtask.test"}))["cookie"])


class Watch:
    """Another client, who asks all the time: the longest it waited, in milliseconds, and the server's memory.

    A process of its own: whoever makes a large document in this one would keep it waiting.
    """

    def __init__(self, port: int, pid: int) -> None:
        self.longest, self.most = 0.0, resident(pid)
        self.before = self.most
        self._found, theirs = Pipe()
        self._process = Process(target=_watch, args=(port, pid, theirs))
        self._process.start()

    def end(self) -> None:
        """Stop asking."""
        self._found.send("end")
        self.longest, self.most = self._found.recv()
        self._process.join()


def _watch(port: int, pid: int, told: Connection) -> None:
    longest = most = 0.0
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    while not told.poll(0.01):
        began = time.perf_counter()
        connection.request("GET", "/api/v1/auth-check")
        connection.getresponse().read()
        longest = max(longest, 1000 * (time.perf_counter() - began))
        most = max(most, resident(pid))
    told.send((longest, most))


def connected(port: int, held: ExitStack, *, room: int | None = None) -> socket.socket:
    """A bare connection."""
    client = held.enter_context(socket.socket())
    if room is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    client.connect(("127.0.0.1", port))
    return client


def pipelining(port: int, held: ExitStack) -> None:
    """One connection that asks without end and reads nothing, for 15 seconds."""
    client = connected(port, held)
    client.settimeout(0.2)
    until = time.monotonic() + 15
    while time.monotonic() < until:
        try:
            client.send(ASK * 500)
        except TimeoutError:
            continue
        except OSError:
            break


def unread_lists(port: int, held: ExitStack) -> None:
    """100 connections that ask for a list of 5 MB and read nothing, for 45 seconds."""
    cookie = signed_in(port)
    for _ in range(52):
        call(port, "POST", "/api/v2/todo", {"title": TITLE, "description": "d" * 95_000}, cookie)
    ask = f"GET /api/v2/todo HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()
    clients = [connected(port, held) for _ in range(100)]
    for client in clients:
        client.sendall(ask)
    time.sleep(45)
    dropped = 0
    for client in clients:
        client.settimeout(5)
        try:
            while client.recv(1 << 20):
                pass
        except TimeoutError:
            continue
        except OSError:
            pass
        dropped += 1
    print(f"  dropped: {dropped} of {len(clients)}")


def unread_streams(port: int, held: ExitStack) -> None:
    """50 event streams that nobody reads while 3,000 requests with large queries come."""
    for _ in range(50):
        connected(port, held, room=4096).sendall(b"GET /_mockflow/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(3000):
        connection.request("GET", f"/x?{'q' * 4000}")
        connection.getresponse().read()
    connection.close()


def slow_bodies(port: int, held: ExitStack) -> None:
    """60 bodies of 8 MB, half to an unknown route and half to createTask, sent slowly for 20 seconds."""
    head = (
        "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 8000000\r\n\r\n"
    )
    clients = [connected(port, held) for _ in range(60)]
    for number, client in enumerate(clients):
        client.sendall(head.format("/api/v2/todo" if number % 2 else "/nowhere").encode())
    for _ in range(20):
        for client in clients:
            client.sendall(b"x" * 300_000)
        time.sleep(1)


ATTACKS: dict[str, Callable[[int, ExitStack], None]] = {
    "pipelining": pipelining,
    "unread-lists": unread_lists,
    "unread-streams": unread_streams,
    "slow-bodies": slow_bodies,
}


def main() -> None:
    """Run the attacks that are named, or all."""
    for name in sys.argv[1:] or ATTACKS:
        with running() as (port, pid), ExitStack() as held:
            call(port, "GET", "/api/v1/auth-check")
            watch = Watch(port, pid)
            try:
                ATTACKS[name](port, held)
            finally:
                watch.end()
            grown = watch.most - watch.before
            print(f"{name:15} +{grown:5.0f} MB, slowest other answer {watch.longest:6.1f} ms", flush=True)


if __name__ == "__main__":
    main()
