"""Stopping: in-flight requests are answered, the data is in the file, the exit code is 0."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from mockflow.clock import Stopwatch
from tests.running import serving

BODY = b'{"title": "in flight"}'


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_with_exit_code_0(how: signal.Signals) -> None:
    with serving("--memory") as server:
        assert server.stop(how)[0] == 0


def test_a_request_in_flight_is_answered_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    with serving("--data", str(path)) as server:
        cookie = server.cookie().encode()
        client = server.socket()
        client.sendall(
            b"POST /api/v2/todo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Cookie: %b\r\nContent-Length: %d\r\n\r\n%b" % (cookie, len(BODY), BODY[:5])
        )
        server.request("GET", "/api/v1/auth-check")  # by now the head has been read
        server.process.send_signal(signal.SIGTERM)
        client.sendall(BODY[5:])
        assert client.recv(65536).startswith(b"HTTP/1.1 201")
        client.close()
        server.process.communicate()
        assert server.process.returncode == 0
    assert [task["title"] for task in json.loads(path.read_text())["tasks"].values()] == ["in flight"]


def test_clients_that_never_finish_do_not_keep_it_from_stopping() -> None:
    with serving("--memory") as server:
        idle, half_head, half_body = (server.socket() for _ in range(3))
        half_head.sendall(b"GET / HTTP/1.1\r\nHost")
        half_body.sendall(b"POST /api/v1/user/signin HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        server.request("GET", "/api/v1/auth-check")
        stopwatch = Stopwatch()
        assert server.stop()[0] == 0
        assert stopwatch.seconds < 10  # far above what it takes: only "for ever" fails
        for client in (idle, half_head, half_body):
            client.close()


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    with serving("--data", str(path)) as server:
        cookie = server.cookie()
        server.request("POST", "/api/v2/todo", {"title": "kept"}, Cookie=cookie)
        server.stop()
    with serving("--data", str(path)) as server:
        status, body = server.request("GET", "/api/v2/todo", Cookie=cookie)  # the session is kept as well
        assert (status, [task["title"] for task in body["todos"]]) == (200, ["kept"])


def test_a_killed_server_leaves_a_file_that_the_next_one_opens(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    with serving("--data", str(path)) as server:
        cookie = server.cookie()
        for number in range(20):
            server.request("POST", "/api/v2/todo", {"title": f"task {number}"}, Cookie=cookie)
        server.stop(signal.SIGKILL)
    with serving("--data", str(path)) as server:
        assert len(server.request("GET", "/api/v2/todo", Cookie=cookie)[1]["todos"]) == 20
