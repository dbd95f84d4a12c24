"""`GET events`: a stream of what happens in a sandbox, for as long as somebody listens."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from mockflow.clock import Stopwatch
from mockflow.journal.feed import Event, Feed
from mockflow.serving import streaming
from mockflow.serving.wire import Answer, Pauses
from tests.faults.test_wire import FOREVER, asked, bytes_of, held, needs_proc, until, waiting
from tests.journal.reading import CHECK, CONTROL, REQUESTS, SIGN_IN, TASKS
from tests.running import DEADLINE, Running, serving
from tests.support import JSON

EVENTS = f"{CONTROL}/events"
SEND_CODE = "/api/v1/user/signup/send-otp"


@pytest.fixture
def server(started: Running) -> Running:
    """The server as it was at the start."""
    assert started.request("POST", f"{CONTROL}/reset", {})[0] == 200
    return started


class Listener:
    """Somebody who listens, from now on."""

    def __init__(self, connection: HTTPConnection, path: str) -> None:
        connection.request("GET", path)
        self.response: HTTPResponse = connection.getresponse()
        assert self.response.status == 200
        assert self.part() == {"": "listening"}

    def part(self) -> dict[str, str]:
        """The next part of the stream: its fields; nothing at its end. A comment is a field without a name."""
        fields: dict[str, str] = {}
        while (line := self.response.readline().decode()) not in ("\n", ""):
            name, colon, value = line.removesuffix("\n").partition(": " if not line.startswith(":") else ":")
            assert colon, line
            fields[name] = value.strip()
        return fields

    def heard(self) -> tuple[str, JSON]:
        """The kind of the next event, and its data."""
        fields = self.part()
        assert list(fields) == ["id", "event", "data"]
        return fields["event"], json.loads(fields["data"])

    def left(self) -> list[str]:
        """The ids of all events up to the end of the stream."""
        return [fields["id"] for fields in iter(self.part, {})]


@contextmanager
def listening(server: Running, prefix: str = "", *, room: int | None = None) -> Iterator[Listener]:
    """A listener, whose own machine keeps no more than so many bytes for it."""
    connection = server.connection()
    if room is not None:
        connection.sock = socket.socket()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        connection.sock.settimeout(DEADLINE)
        connection.sock.connect(("127.0.0.1", server.port))
    try:
        yield Listener(connection, f"{prefix}{EVENTS}")
    finally:
        connection.close()


# -- what is told


def test_a_request_is_told_as_it_is_journaled(server: Running) -> None:
    server.request("GET", CHECK)  # before anybody listens
    with listening(server) as listener:
        server.request("POST", f"{TASKS}?a=1", {"title": "x"}, Cookie=server.cookie())
        kind, event = listener.heard()
        entry = server.request("GET", f"{REQUESTS}/req-2")[1]
    del entry["request"], entry["response"]
    assert (kind, event) == ("request", entry)
    assert (event["operation"], event["status"], event["user"]) == ("createTask", 201, "ann@example.com")


def test_a_rule_that_fires_is_told_after_its_request(server: Running) -> None:
    server.request("POST", f"{CONTROL}/faults", {"id": "flaky", "effect": {"status": 500}})
    with listening(server) as listener:
        for hits in (1, 2):
            server.request("GET", CHECK)
            kind, event = listener.heard()
            assert (kind, event["fault"], event["status"]) == ("request", "flaky", 500)
            assert listener.heard() == ("fault", {"fault": "flaky", "hits": hits, "request": f"req-{hits}"})
        server.request("GET", CHECK, X_Mockflow_Fault="id=own; 503")
        assert listener.heard()[1]["fault"] == "own"
        assert listener.heard() == ("fault", {"fault": "own", "hits": None, "request": "req-3"})


def test_a_message_is_told_after_its_request(server: Running) -> None:
    with listening(server) as listener:
        for number in range(2):
            server.request("POST", SEND_CODE, {"email": f"new{number}@example.com"})
            assert listener.heard()[1]["operation"] == "requestSignUpCode"
            messages = server.request("GET", f"{CONTROL}/outbox")[1]["messages"]
            assert listener.heard() == ("message", messages[number])
        server.request("DELETE", f"{CONTROL}/outbox", {})
        server.request("GET", CHECK)
        assert listener.heard()[1]["operation"] == "checkAuth"
        server.request("POST", SEND_CODE, {"email": "new3@example.com"})
        assert [listener.heard()[0] for _ in range(2)] == ["request", "message"]


def test_messages_from_before_are_not_told(server: Running) -> None:
    server.request("POST", SEND_CODE, {"email": "old@example.com"})
    with listening(server) as listener:
        server.request("POST", SEND_CODE, {"email": "new@example.com"})
        assert listener.heard()[0] == "request"
        assert listener.heard()[1]["to"] == "new@example.com"


def test_a_reset_is_told_and_what_comes_after_it(server: Running) -> None:
    with listening(server) as listener:
        for _ in range(2):  # the same request, and the same message, byte by byte
            server.request("POST", SEND_CODE, {"email": "new@example.com"})
            assert [listener.heard()[0] for _ in range(2)] == ["request", "message"]
            server.request("POST", f"{CONTROL}/reset", {})
            assert listener.heard() == ("reset", {"sandbox": "default"})


def test_what_comes_after_a_snapshot_is_restored_is_told(server: Running) -> None:
    server.request("POST", SEND_CODE, {"email": "old@example.com"})
    server.request("PUT", f"{CONTROL}/snapshots/before", {})
    with listening(server) as listener:
        for _ in range(2):
            server.request("POST", SEND_CODE, {"email": "new@example.com"})
            assert listener.heard()[0] == "request"
            assert listener.heard()[1]["to"] == "new@example.com"
            server.request("POST", f"{CONTROL}/snapshots/before/restore", {})


def test_a_request_that_waits_or_breaks_off_is_told(server: Running) -> None:
    with listening(server) as listener:
        (client,) = waiting(server, bytes_of(f"hang={FOREVER}"))
        kind, event = listener.heard()
        assert (kind, event["durationMs"], event["status"]) == ("request", None, None)
        assert listener.heard()[0] == "fault"
        client.close()
        client = server.socket()
        client.sendall(f"POST {TASKS} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n".encode())
        server.request("GET", f"{CONTROL}/health")
        client.close()
        kind, event = listener.heard()
        assert (kind, event["error"]) == ("request", "The client left before its body was complete.")


def test_calls_of_the_control_api_are_not_told(server: Running) -> None:
    with listening(server) as listener:
        for path in ("info", "requests", "events/more"):
            server.request("GET", f"{CONTROL}/{path}")
        server.request("POST", f"{CONTROL}/sessions", {"email": "ann@example.com"})
        server.request("GET", CHECK)
        assert listener.heard()[1]["path"] == CHECK


def test_secrets_are_not_told(server: Running) -> None:
    with listening(server) as listener:
        server.request("POST", f"{SIGN_IN}?password=hush", {"email": "ann@example.com", "password": "hush"})
        kind, event = listener.heard()
        assert (kind, event["query"]) == ("request", "password=[removed]")
        assert "hush" not in json.dumps(event)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/%0D%0Adata: x%0A%0Aevent: reset", "/\r\ndata: x\n\nevent: reset"),
        ("/%E2%80%A8%C2%85%00", "/\u2028\x85\0"),
        ("/%FF%ED%A0%80", "/" + "\N{REPLACEMENT CHARACTER}" * 4),
    ],
)
def test_no_request_breaks_the_stream(server: Running, path: str, shown: str) -> None:
    with listening(server) as listener:
        for _ in range(2):
            with server.socket() as client:
                asked(client, bytes_of(path=path.replace(" ", "%20"), Connection="close"))
            assert listener.heard()[1]["path"] == shown
        server.request("GET", CHECK)
        assert listener.heard()[1]["path"] == CHECK


def test_events_are_numbered_and_come_in_order(server: Running) -> None:
    connection = server.connection()
    with listening(server) as listener:
        for _ in range(700):
            connection.request("GET", CHECK)
            connection.getresponse().read()
        for number in range(1, 701):
            fields = listener.part()
            assert (fields["id"], json.loads(fields["data"])["id"]) == (str(number), f"req-{number}")
    connection.close()


# -- to whom


def test_each_of_several_listeners_is_told_everything_from_when_it_came(server: Running) -> None:
    with listening(server) as first:
        server.request("GET", CHECK)
        with listening(server) as second:
            server.request("GET", TASKS)
            assert [first.heard()[1]["path"] for _ in range(2)] == [CHECK, TASKS]
            fields = second.part()
            assert (fields["id"], json.loads(fields["data"])["path"]) == ("1", TASKS)
        server.request("GET", "/elsewhere")
        assert first.heard()[1]["path"] == "/elsewhere"


def test_a_listener_is_told_of_its_sandbox_alone(server: Running) -> None:
    with listening(server, "/s/red") as red, listening(server) as default:
        server.request("GET", f"/s/blue{CHECK}")
        server.request("GET", TASKS)
        server.request("GET", f"/s/red{CHECK}")
        server.request("POST", f"/s/red{CONTROL}/reset", {})
        assert default.heard()[1]["path"] == TASKS
        assert red.heard()[1]["path"] == CHECK
        assert red.heard() == ("reset", {"sandbox": "red"})


def test_it_is_a_stream_that_nobody_keeps_back(server: Running) -> None:
    with listening(server) as listener:
        headers = listener.response.headers
        assert headers["Content-Type"] == "text/event-stream"
        assert headers["Cache-Control"] == "no-store, private"
        assert headers["X-Accel-Buffering"] == "no"
        assert "Content-Length" not in headers


def test_a_head_is_answered_and_the_connection_goes_on(server: Running) -> None:
    with server.socket() as client:
        client.sendall(f"HEAD {EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        received = asked(client, bytes_of(Connection="close"))
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert received.endswith(b'{"isAuthenticated":false}')


# -- how it ends


def test_it_ends_when_the_sandbox_is_deleted(server: Running) -> None:
    with listening(server, "/s/short") as listener, listening(server) as other:
        server.request("GET", f"/s/short{CHECK}")
        server.request("DELETE", f"{CONTROL}/sandboxes/short", {})
        assert listener.left() == ["1"]
        server.request("GET", CHECK)
        assert other.heard()[1]["path"] == CHECK


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_the_server_stops_which_does_not_wait_for_it(how: signal.Signals) -> None:
    with serving("--memory") as server, listening(server) as first, listening(server, "/s/red") as second:
        server.request("GET", CHECK)
        stopwatch = Stopwatch()
        server.process.send_signal(how)
        assert first.left() == ["1"]
        assert second.left() == []
        _, log = server.process.communicate(timeout=20)
        assert stopwatch.seconds < 5
    assert server.process.returncode == 0
    assert "Traceback" not in log
    assert "ASGI" not in log


@needs_proc
def test_a_listener_who_leaves_is_forgotten(started: Running) -> None:
    before = held(started)
    for _ in range(3):
        with listening(started), listening(started), listening(started, "/s/red"):
            assert held(started)[0] >= before[0] + 3
            started.request("GET", CHECK)
        until(lambda: held(started) == before)
        started.request("GET", CHECK)


LONG_QUERY = "q" * 16_000


def fall_behind(server: Running, requests: int) -> None:
    """Requests whose events are large."""
    connection = server.connection()
    for _ in range(requests):
        connection.request("GET", f"/x?{LONG_QUERY}")
        connection.getresponse().read()
    connection.close()


def test_it_ends_for_a_listener_that_is_too_far_behind(server: Running) -> None:
    with listening(server, room=4096) as listener, listening(server, "/s/red") as other:
        fall_behind(server, 500)  # 8 MB
        told = listener.left()
        assert told == [str(number) for number in range(1, len(told) + 1)]  # what came, came whole
        assert 0 < len(told) < 500
        server.request("GET", f"/s/red{CHECK}")
        assert other.heard()[1]["path"] == CHECK
    with listening(server) as again:
        server.request("GET", CHECK)
        assert again.heard()[1]["id"] == "req-501"


def test_a_listener_who_does_not_read_does_not_keep_the_server_from_stopping(tmp_path: Path) -> None:
    with serving("--memory", stderr=tmp_path / "log") as server, listening(server, room=4096):
        fall_behind(server, 250)
        stopwatch = Stopwatch()
        assert server.stop()[0] == 0
        assert stopwatch.seconds < 5
    assert "Traceback" not in (tmp_path / "log").read_text()


# -- without a server


def test_a_silent_stream_shows_that_it_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 0.01)
    assert streamed(lambda sent: len(sent) < 5)[2:4] == [b": still here\n\n"] * 2


def test_a_stream_whose_client_leaves_ends_without_waiting_for_an_event() -> None:
    assert streamed(lambda _: True, leaves=True)[:2] == [b"", b"begin"]


def test_no_more_than_some_events_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "MOST_WAITING", 3)
    for number in (3, 4):
        waiting_events = streaming._Waiting()
        for _ in range(number):
            waiting_events.put("request", Event({}))
        assert waiting_events.over is (number > 3)
        assert waiting_events.take().count(b"event: request") == 3


class Box:
    """What of a sandbox a stream needs."""

    def __init__(self) -> None:
        self.feed = Feed()
        self.world = self.outbox = self

    def news(self) -> list[JSON]:
        """None."""
        return []


def streamed(more: Callable[[list[bytes]], bool], *, leaves: bool = False) -> list[bytes]:
    """What a stream sends while `more` says so and the client is there, and at its end."""
    sent: list[bytes] = []

    async def listen() -> None:
        pauses = Pauses()

        async def receive() -> dict[str, Any]:
            if not leaves:
                await asyncio.Event().wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message.get("body", b""))
            if not more(sent):
                pauses.end()

        sandbox: Any = Box()
        await streaming.stream(Answer(200, [], b"begin"), sandbox, receive, send, pauses)
        assert not sandbox.feed

    asyncio.run(asyncio.wait_for(listen(), DEADLINE))
    return sent
