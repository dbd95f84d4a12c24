"""Requests that broke off, broke down or wait are journaled like any other, with what became of them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

import pytest

from mockflow.journal import Entry, Journal, Part
from mockflow.serving.connection import BODY_SECONDS
from tests.conftest import NOW
from tests.faults.test_wire import FOREVER, asked, bytes_of, until, waiting
from tests.journal.reading import CHECK, CONTROL, REQUESTS, SIGN_IN, TASKS
from tests.running import Running
from tests.server.wires import Net, on_the_net, statuses
from tests.support import JSON, Api

SNAPSHOT = f"{CONTROL}/snapshots/before"
LEFT_BODY = "The client left before its body was complete."
LEFT_ANSWER = "The client left before its answer was complete."


@pytest.fixture
def server(started: Running) -> Running:
    """The server as it was at the start."""
    for prefix in ("", "/s/red"):
        assert started.request("POST", f"{prefix}{CONTROL}/reset", {})[0] == 200
    return started


def journal(server: Running, prefix: str = "") -> list[JSON]:
    status, body = server.request("GET", f"{prefix}{REQUESTS}")
    assert status == 200
    return list(body["requests"])


def ended(server: Running) -> JSON:
    """The only request, once nothing is held back any more."""
    until(lambda: [entry["durationMs"] is not None for entry in journal(server)] == [True])
    return journal(server)[0]


def leave(client: socket.socket, how: str) -> None:
    if how == "resets":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


both_ways = pytest.mark.parametrize("how", ["closes", "resets"])


# -- broken by a fault


BROKEN: dict[str, tuple[int | None, str | None, float]] = {
    "disconnect=reset": (None, "The fault request reset the connection.", 0),
    "disconnect=empty": (None, "The fault request closed the connection without an answer.", 0),
    "disconnect=truncate": (200, "The fault request closed the connection in the middle of the body.", 0),
    "disconnect=garbage": (None, "The fault request sent bytes that are not HTTP.", 0),
    "hang=0.1": (None, "The fault request let the client wait, and closed the connection.", 100),
    "disconnect=reset; latency=100": (None, "The fault request reset the connection.", 100),
    "latency=100": (200, None, 100),
    "503; latency=100": (503, None, 100),
    "bytes-per-second=200": (200, None, 50),
    "malformed=true": (200, None, 0),
    "503": (503, None, 0),
}


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize(("fault", "expected"), BROKEN.items(), ids=BROKEN)
def test_a_faulted_request_tells_what_became_of_it(
    server: Running, fault: str, expected: tuple[int | None, str | None, float], phase: str
) -> None:
    status, error, milliseconds = expected
    with server.socket() as client:
        asked(client, bytes_of(f"{fault}; phase={phase}", Connection="close"))
    entry = ended(server)
    assert (entry["status"], entry["error"], entry["fault"]) == (status, error, "request")
    assert milliseconds - 5 <= entry["durationMs"] < 10_000  # an event loop's timers count whole milliseconds
    assert (entry["method"], entry["path"], entry["operation"]) == ("GET", CHECK, "checkAuth")
    if phase == "after" and "503" not in fault and "malformed" not in fault:
        assert entry["response"]["body"] == {"isAuthenticated": False}  # what the client should have got


def test_the_rule_in_force_is_named(server: Running) -> None:
    server.request("POST", f"{CONTROL}/faults", {"id": "cable", "effect": {"disconnect": "reset"}})
    with server.socket() as client:
        asked(client, bytes_of(method="POST", path=TASKS))
    entry = ended(server)
    assert (entry["fault"], entry["error"]) == ("cable", "The fault cable reset the connection.")
    assert entry["request"]["body"] == {"title": "a task"}


HELD: dict[str, int | None] = {f"hang={FOREVER}": None, f"latency={FOREVER}000": 200, "bytes-per-second=1": 200}
held = pytest.mark.parametrize(("fault", "status"), HELD.items(), ids=HELD)


@held
@both_ways
def test_a_client_that_does_not_wait_for_its_answer_is_told_of(
    server: Running, fault: str, status: int | None, how: str
) -> None:
    (client,) = waiting(server, bytes_of(fault))
    (entry,) = journal(server)
    assert (entry["durationMs"], entry["status"]) == (None, status)
    assert server.request("GET", f"{REQUESTS}/req-1") == (200, entry)
    leave(client, how)
    entry = ended(server)
    assert (entry["status"], entry["error"]) == (status, LEFT_ANSWER)
    assert 0 <= entry["durationMs"] < 10_000


# -- broken by the client


@both_ways
@pytest.mark.parametrize("length", ["Content-Length: 100", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("prefix", ["", "/s/red", "/s/No!"])
def test_a_client_that_leaves_before_its_body_is_complete_is_told_of(
    server: Running, length: str, prefix: str, how: str
) -> None:
    client = server.socket()
    path = f"{prefix}{TASKS}%C3%BC?token=hush&q=%C3%BC"
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: connect.sid=hush\r\n{length}\r\n\r\n"
    client.sendall(head.encode() + b'a\r\n{"title": \r\n')
    server.request("GET", CHECK)  # so that the first has arrived
    leave(client, how)
    where = "/s/red" if prefix == "/s/red" else ""
    until(lambda: any(entry["method"] == "POST" for entry in journal(server, where)))
    entry = journal(server, where)[-1]
    assert (entry["path"], entry["query"]) == (f"{TASKS}ü", "token=[removed]&q=%C3%BC")
    assert (entry["status"], entry["error"], entry["fault"]) == (None, LEFT_BODY, None)
    assert 0 <= entry["durationMs"] < 10_000
    assert entry["request"]["headers"]["Cookie"] == "connect.sid=[removed]"
    assert (entry["request"]["body"], entry["request"]["bodyCut"]) == (None, True)
    assert entry["request"]["bodySize"] == (100 if "100" in length else 10)
    assert entry["response"] == {"headers": {}, "body": None, "bodySize": 0, "bodyCut": False}
    assert (
        server.request("POST", f"{where}{REQUESTS}/verify", {"match": {"body": {}}, "count": 0})[1]["ok"] is False
    )


def test_a_call_of_the_control_api_that_breaks_off_is_not_journaled(server: Running) -> None:
    for prefix in ("", "/s/red"):
        client = server.socket()
        client.sendall(f"PUT {prefix}{CONTROL}/data HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n".encode())
        server.request("GET", f"{CONTROL}/health")
        client.close()
    with server.socket() as client:  # what was closed before it is seen before it
        asked(client, bytes_of("disconnect=empty"))
    assert len(journal(server)) == 1
    assert journal(server, "/s/red") == []


def test_a_body_that_does_not_come_in_time_is_told_of(api: Api) -> None:
    async def ask(net: Net) -> None:
        wire = net.wire()
        wire.protocol.data_received(f"POST {TASKS} HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n".encode())
        net.after(BODY_SECONDS + 1)
        assert statuses(wire.sent) == [408]
        assert b"connection: close" in wire.sent

    on_the_net(api.app, ask)
    (entry,) = api.get(REQUESTS).json["requests"]
    assert (entry["status"], entry["error"]) == (408, "The body did not come in time.")
    assert entry["path"] == TASKS
    assert (entry["request"]["bodySize"], entry["request"]["bodyCut"]) == (7, True)


REFUSED = {
    b"nonsense\r\n\r\n": (400, "Invalid HTTP request received."),
    b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000: (431, "The headers are larger than 65536 bytes."),
}


@pytest.mark.parametrize(("sent", "expected"), REFUSED.items(), ids=["no HTTP", "a large head"])
def test_what_is_no_request_is_told_of_in_default(server: Running, sent: bytes, expected: tuple[int, str]) -> None:
    with server.socket() as client:
        answer = asked(client, sent)
    assert answer.startswith(b"HTTP/1.1 %d " % expected[0])
    for name in (b"x-mockflow-request-id: req-1", b"cache-control: no-store, private", b"vary: Origin"):
        assert name in answer
    entry = ended(server)
    assert (entry["status"], entry["error"]) == expected
    assert (entry["method"], entry["path"], entry["operation"]) == ("-", "-", None)
    assert entry["response"]["body"]["message"] == expected[1]


# -- broken by us


@pytest.mark.parametrize(
    ("method", "path", "function"),
    [
        ("POST", TASKS, "mockflow.domain.tasks.create"),
        ("POST", SIGN_IN, "mockflow.domain.accounts.signed_in"),
        ("GET", TASKS, "mockflow.domain.tasks.listed"),
    ],
)
def test_an_operation_that_raises_is_told_of(
    api: Api, monkeypatch: pytest.MonkeyPatch, method: str, path: str, function: str
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("by zero")

    api.sign_in("ann@example.com")
    monkeypatch.setattr(function, fail)
    body = {"title": "x", "email": "ann@example.com", "password": "x"} if method == "POST" else None
    response = api.client.open(path, method=method, json=body)
    assert response.status_code == 500
    entry = api.get(f"{REQUESTS}/{response.headers['X-Mockflow-Request-Id']}").json
    assert (entry["status"], entry["error"]) == (500, "mockflow failed: ZeroDivisionError: by zero")
    assert entry["durationMs"] >= 0
    assert entry["response"]["body"] == response.get_json()


# -- restoring while answers are held back


def restored(server: Running) -> tuple[int, str]:
    status, body = server.request("POST", f"{SNAPSHOT}/restore", {})
    return status, body.get("message", "")


def loaded(server: Running) -> tuple[int, str]:
    data = server.request("GET", f"{CONTROL}/data")[1]
    status, body = server.request("PUT", f"{CONTROL}/data", data)
    return status, body.get("message", "")


changes = pytest.mark.parametrize("change", [restored, loaded])


@changes
@held
def test_no_state_is_put_in_place_while_an_answer_is_held_back(
    server: Running, change: Callable[[Running], tuple[int, str]], fault: str, status: int | None
) -> None:
    server.request("PUT", SNAPSHOT, {})
    server.request("POST", f"{CONTROL}/sessions", {"email": "ann@example.com"})
    before = server.request("GET", f"{CONTROL}/data")[1]
    (client,) = waiting(server, bytes_of(fault))
    refused, message = change(server)
    assert refused == 400
    assert f"req-1 (GET {CHECK})" in message
    assert server.request("GET", f"{CONTROL}/data")[1] == before
    leave(client, "closes")
    assert ended(server)["status"] == status
    assert change(server) == (200, "")


@changes
def test_an_answer_that_the_journal_has_forgotten_is_still_waited_for(
    server: Running, change: Callable[[Running], tuple[int, str]]
) -> None:
    server.request("PUT", SNAPSHOT, {})
    (client,) = waiting(server, bytes_of(f"hang={FOREVER}"))
    server.request("DELETE", REQUESTS, {})
    with server.socket() as busy:
        for _ in range(250):  # answers that are late, and sent
            asked(busy, bytes_of("latency=1"), whole=True)
    refused, message = change(server)
    assert refused == 400
    assert "still has answers to send: req-1 (" in message
    leave(client, "closes")
    until(lambda: change(server) == (200, ""))


def test_what_the_journal_has_no_room_for_is_waited_for_but_not_kept() -> None:
    kept = Journal()
    for number in range(1001):
        parts = (Part.kept("X: 1", b"body", 4), Part.kept("", b"answer", 6))
        kept.keep(Entry(number, NOW, "GET", CHECK, "", None, None, None, None, None, None, *parts))
    first, second = kept.held_back()[:2]
    assert (len(kept.held_back()), first.number) == (1001, 0)
    assert (first.request_weight, first.response.weight) == (0, 0)
    assert (second.request_weight > 0, second.response.weight > 0) == (True, True)


def test_a_reset_waits_for_nobody_and_a_sandbox_for_no_other(server: Running) -> None:
    server.request("PUT", SNAPSHOT, {})
    (client,) = waiting(server, bytes_of(f"hang={FOREVER}"))
    server.request("PUT", f"/s/red{SNAPSHOT}", {})
    assert server.request("POST", f"/s/red{SNAPSHOT}/restore", {})[0] == 200
    assert restored(server)[0] == 400
    assert server.request("POST", f"{CONTROL}/reset", {})[0] == 200
    assert restored(server)[0] == 200
    leave(client, "closes")
