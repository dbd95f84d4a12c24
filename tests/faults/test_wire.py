"""Faults over real sockets: what a connection sees, and that nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mockflow.clock import Stopwatch
from tests.running import DEADLINE, Running, serving

REQUESTS = int(os.environ.get("MOCKFLOW_STORM", "2000"))
"""How many faulted requests the storm has."""

FOREVER = "60"
"""Seconds that no test waits."""

RESET = b"reset"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for most tests of this file."""
    with serving("--memory", stderr=tmp_path_factory.mktemp("wire") / "log") as running:
        yield running


@pytest.fixture(params=["first", "second"])
def client(server: Running, request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """A connection whose first, or second, request is faulted."""
    with server.socket() as opened:
        if request.param == "second":
            assert not asked(opened, bytes_of(), whole=True).endswith(RESET)
        yield opened


def bytes_of(fault: str = "", method: str = "GET", path: str = "/api/v1/auth-check", **headers: str) -> bytes:
    """A request; a POST has a task as its body."""
    body = b'{"title": "a task"}' if method == "POST" else b""
    sent = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    if fault:
        sent["X-Mockflow-Fault"] = fault
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def asked(client: socket.socket, request: bytes, *, whole: bool = False) -> bytes:
    """What comes until the server closes, or until the answer is `whole`; `RESET` at the end if it resets."""
    client.sendall(request)
    received = b""
    try:
        while part := client.recv(65536):
            received += part
            if whole and length_of(received) == len(body_of(received)):
                break
    except ConnectionResetError:  # which is ECONNRESET, and nothing else
        return received + RESET
    return received


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def length_of(answer: bytes) -> int:
    """What `Content-Length` promises."""
    for line in answer.partition(b"\r\n\r\n")[0].splitlines():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return -1


def until(met: Callable[[], bool]) -> None:
    """Wait for a condition; fail when it does not come."""
    stopwatch = Stopwatch()
    while not met():
        assert stopwatch.seconds < DEADLINE
        time.sleep(0.01)


def handled(server: Running) -> int:
    """How many requests the API has taken so far."""
    return int(server.request("GET", "/_mockflow/info")[1]["requests"])


def waiting(server: Running, *requests: bytes) -> list[socket.socket]:
    """Connections with a request each that the server has taken and not yet answered."""
    before = handled(server)
    clients = [server.socket() for _ in requests]
    for client, request in zip(clients, requests, strict=True):
        client.sendall(request)
    until(lambda: handled(server) == before + len(requests))
    return clients


def is_answer(received: bytes, status: int) -> bool:
    return received.startswith(f"HTTP/1.1 {status} ".encode()) and length_of(received) == len(body_of(received))


def is_half(received: bytes) -> bool:
    return received.startswith(b"HTTP/1.1 ") and 0 < len(body_of(received)) < length_of(received)


def is_garbage(received: bytes) -> bool:
    return bool(received) and not received.startswith(b"HTTP/") and received != RESET


BREAKS: dict[str, Callable[[bytes], bool]] = {
    "disconnect=reset": lambda received: received == RESET,
    "disconnect=empty": lambda received: received == b"",
    "disconnect=truncate": is_half,
    "disconnect=garbage": is_garbage,
    "hang=0.3": lambda received: received == b"",
}
breaks = pytest.mark.parametrize(("fault", "seen"), BREAKS.items(), ids=BREAKS)


@breaks
def test_a_connection_breaks_as_told(client: socket.socket, fault: str, seen: Callable[[bytes], bool]) -> None:
    received = asked(client, bytes_of(fault))
    assert seen(received), received


@breaks
def test_a_late_break_comes_late(server: Running, fault: str, seen: Callable[[bytes], bool]) -> None:
    with server.socket() as client:
        stopwatch = Stopwatch()
        received = asked(client, bytes_of(f"{fault}; latency=200"))
        assert stopwatch.seconds >= 0.2
        assert seen(received), received


@breaks
@pytest.mark.parametrize("phase", ["before", "after"])
def test_what_was_sent_is_committed_in_phase_after_alone(
    server: Running, fault: str, seen: Callable[[bytes], bool], phase: str
) -> None:
    server.request("POST", "/_mockflow/reset", {})
    cookie = server.cookie()
    with server.socket() as client:
        received = asked(client, bytes_of(f"{fault}; phase={phase}", "POST", "/api/v2/todo", Cookie=cookie))
    assert seen(received), received
    tasks = server.request("GET", "/api/v2/todo", Cookie=cookie)[1]["todos"]
    assert [task["title"] for task in tasks] == (["a task"] if phase == "after" else [])


def test_half_of_the_real_body_comes_in_phase_after(server: Running) -> None:
    with server.socket() as client:
        received = asked(client, bytes_of("disconnect=truncate; phase=after"))
    whole = b'{"isAuthenticated":false}'
    assert received.startswith(b"HTTP/1.1 200 ")
    assert (length_of(received), body_of(received)) == (len(whole), whole[: len(whole) // 2])


def test_nothing_comes_while_it_hangs(client: socket.socket) -> None:
    stopwatch = Stopwatch()
    assert asked(client, bytes_of("hang=0.3")) == b""
    assert stopwatch.seconds >= 0.3


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [("latency=300", 0.3), ("latency=300; jitter=100", 0.2), ("status=503; latency=300", 0.3)],
)
def test_a_latency_makes_an_answer_late_and_leaves_it_whole(
    client: socket.socket, fault: str, seconds: float
) -> None:
    stopwatch = Stopwatch()
    received = asked(client, bytes_of(fault), whole=True)
    assert stopwatch.seconds >= seconds
    assert is_answer(received, 503 if "503" in fault else 200), received
    assert is_answer(asked(client, bytes_of(), whole=True), 200)  # the connection goes on


@pytest.mark.parametrize("phase", ["before", "after"])
def test_malformed_json_comes_whole_and_the_connection_goes_on(client: socket.socket, phase: str) -> None:
    received = asked(client, bytes_of(f"malformed=true; phase={phase}"), whole=True)
    assert is_answer(received, 200), received
    with pytest.raises(json.JSONDecodeError):
        json.loads(body_of(received))
    assert is_answer(asked(client, bytes_of(), whole=True), 200)


def test_a_slow_body_arrives_in_several_parts(client: socket.socket) -> None:
    stopwatch = Stopwatch()
    client.sendall(bytes_of("bytes-per-second=50"))
    parts: list[bytes] = []
    while length_of(b"".join(parts)) != len(body_of(b"".join(parts))):
        parts.append(client.recv(65536))
        assert parts[-1]
    assert len(parts) > 3
    assert stopwatch.seconds >= 0.3  # 25 bytes, the first few at once
    assert body_of(b"".join(parts)) == b'{"isAuthenticated":false}'
    assert is_answer(asked(client, bytes_of(), whole=True), 200)


@pytest.mark.parametrize("fault", [f"hang={FOREVER}", f"latency={FOREVER}000", "bytes-per-second=1"])
def test_a_request_that_waits_blocks_nobody_else(server: Running, fault: str) -> None:
    (late,) = waiting(server, bytes_of(fault))
    with late:
        stopwatch = Stopwatch()
        for _ in range(10):
            assert server.request("GET", "/api/v1/auth-check") == (200, {"isAuthenticated": False})
        assert stopwatch.seconds < 20  # far above what it takes: only waiting with it fails


def test_a_signal_ends_whatever_waits_and_answers_what_is_late() -> None:
    with serving("--memory") as server:
        late, slow, hung = waiting(
            server,
            bytes_of(f"latency={FOREVER}000"),
            bytes_of("bytes-per-second=1"),
            bytes_of(f"hang={FOREVER}"),
        )
        stopwatch = Stopwatch()
        server.process.send_signal(signal.SIGTERM)
        assert is_answer(asked(late, b"", whole=True), 200)
        assert is_answer(asked(slow, b"", whole=True), 200)
        assert asked(hung, b"") == b""
        server.process.communicate(timeout=DEADLINE)
        assert server.process.returncode == 0
        assert stopwatch.seconds < 20
        for client in (late, slow, hung):
            client.close()


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts are read from /proc")


def held(server: Running) -> tuple[int, int]:
    """How many file descriptors and threads the server has."""
    process = Path("/proc", str(server.process.pid))
    return len(list((process / "fd").iterdir())), len(list((process / "task").iterdir()))


@needs_proc
@pytest.mark.parametrize("how", ["closes", "resets"])
def test_clients_that_leave_while_they_wait_leak_nothing(how: str) -> None:
    with serving("--memory") as server:
        before = held(server)
        for fault in (f"latency={FOREVER}000", f"hang={FOREVER}", "bytes-per-second=1"):
            clients = waiting(server, *[bytes_of(fault)] * 20)
            assert held(server)[0] >= before[0] + 20
            for client in clients:
                if how == "resets":
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
            until(lambda: held(server) == before)


STORM: dict[str, Callable[[bytes], bool]] = {
    **{fault: seen for fault, seen in BREAKS.items() if "hang" not in fault},
    "500": lambda received: is_answer(received, 500),
}


@needs_proc
def test_after_a_storm_the_server_answers_and_nothing_has_leaked(tmp_path: Path) -> None:
    log = tmp_path / "log"
    faults = [list(STORM)[number % len(STORM)] for number in range(REQUESTS)]

    with serving("--memory", stderr=log) as stormed:

        def one(fault: str) -> tuple[str, bool]:
            with stormed.socket() as client:
                return fault, STORM[fault](asked(client, bytes_of(fault), whole=fault == "500"))

        before = held(stormed)
        stopwatch = Stopwatch()
        with ThreadPoolExecutor(8) as threads:
            seen = Counter(threads.map(one, faults))
        seconds = stopwatch.seconds
        assert seen == Counter((fault, True) for fault in faults)
        assert stormed.request("GET", "/api/v1/auth-check") == (200, {"isAuthenticated": False})
        until(lambda: held(stormed) == before)
        logging.getLogger(__name__).info("%d in %.1f s; %s files and threads", REQUESTS, seconds, before)
        stormed.stop()
        assert stormed.process.returncode == 0
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("rule", ["disconnect=reset", "disconnect=empty", "disconnect=truncate", "hang=0.01"])
def test_a_request_behind_a_broken_one_keeps_nothing_alive(rule: str) -> None:
    one = b"GET /api/v1/auth-check HTTP/1.1\r\nHost: localhost\r\n"
    with serving("--memory") as server:
        for _ in range(20):
            with server.socket() as client:
                client.sendall(one + f"X-Mockflow-Fault: {rule}\r\n\r\n".encode() + one + b"\r\n")
                with contextlib.suppress(ConnectionResetError):
                    while client.recv(65536):
                        pass
        assert server.request("GET", "/api/v1/auth-check")[0] == 200
        code, log = server.stop()
    assert code == 0
    assert "Traceback" not in log
    assert "ASGI" not in log


def test_a_slow_body_is_finished_at_once_when_the_server_stops() -> None:
    with serving("--memory", "--seeds", "demo") as server:
        cookie = server.cookie("demo@flowtask.test")
        connection = server.connection()
        connection.request(
            "GET", "/api/v2/todo", headers={"Cookie": cookie, "X-Mockflow-Fault": "bytes-per-second=20"}
        )
        response = connection.getresponse()
        first = response.read(2)
        server.process.send_signal(signal.SIGTERM)
        assert len(json.loads(first + response.read())["todos"]) > 20
        connection.close()
        assert server.stop_code() == 0
