"""What a connection may take: time and memory are bounded, whatever a client does or leaves undone."""

from __future__ import annotations

import pytest
from flask import Flask

from mockflow.serving.connection import (
    BODY_SECONDS,
    HEAD_SECONDS,
    KEEP_ALIVE_SECONDS,
    LINGER_SECONDS,
    STALL_SECONDS,
)
from tests.server.wires import Net, on_the_net, statuses, turns

ASK = b"GET /api/v1/auth-check HTTP/1.1\r\nHost: localhost\r\n\r\n"
BODY = b"POST /api/v1/user/signin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
HANGS = ASK.replace(b"\r\n\r\n", b"\r\nX-Mockflow-Fault: hang=60\r\n\r\n")


def test_a_client_that_never_asks_is_left_without_a_word(app: Flask) -> None:
    async def ask(net: Net) -> None:
        wire = net.wire()
        net.after(HEAD_SECONDS + 1)
        assert (wire.closing, wire.sent) == (True, b"")

    on_the_net(app, ask)


@pytest.mark.parametrize(
    ("begun", "seconds", "told"),
    [
        (b"GET / HTTP/1.1\r\nA: ", HEAD_SECONDS, b"10 seconds"),
        (ASK + b"GET /", HEAD_SECONDS, b"10 seconds"),
        (BODY, BODY_SECONDS, b"body"),
    ],
)
def test_a_request_that_is_begun_and_not_finished_gets_408(
    app: Flask, begun: bytes, seconds: float, told: bytes
) -> None:
    async def ask(net: Net) -> None:
        wire = net.wire()
        wire.protocol.data_received(begun)
        net.after(seconds - 1)
        assert 408 not in statuses(wire.sent)
        wire.protocol.data_received(b"X")  # a byte now and then gives no more time
        net.after(2)
        assert statuses(wire.sent)[-1] == 408
        assert told in wire.sent
        assert wire.ended
        net.after(LINGER_SECONDS + 1)
        assert wire.closing

    on_the_net(app, ask)


def test_an_idle_connection_is_closed_after_a_while(app: Flask) -> None:
    async def ask(net: Net) -> None:
        wire = net.wire()
        wire.protocol.data_received(ASK)
        net.after(KEEP_ALIVE_SECONDS - 1)
        assert not wire.closing
        net.after(2)
        assert (wire.closing, statuses(wire.sent)) == (True, [200])

    on_the_net(app, ask)


def test_a_client_that_reads_nothing_is_dropped_and_one_that_reads_slowly_is_not(app: Flask) -> None:
    async def ask(net: Net) -> None:
        slow, still = net.wire(), net.wire()
        for wire in (slow, still):
            wire.takes = False
            wire.protocol.data_received(ASK)
        for _ in range(3):
            slow.take(5)
            net.after(STALL_SECONDS + 1)
        assert (slow.aborted, still.aborted) == (False, True)

    on_the_net(app, ask)


def test_no_request_is_looked_at_while_an_answer_is_not_taken(app: Flask) -> None:
    async def ask(net: Net) -> None:
        wire = net.wire()
        wire.takes = False
        wire.protocol.data_received(ASK * 2000)
        assert statuses(wire.waiting) == [200]
        assert not wire.reading
        for _ in range(3):
            wire.take(len(wire.waiting))
        assert statuses(wire.sent) == [200] * 3
        assert not wire.reading
        wire.takes = True
        wire.take(len(wire.waiting))
        assert 3 < len(statuses(wire.sent)) < 100  # others have their turn
        await turns(400)
        assert statuses(wire.sent) == [200] * 2000

    on_the_net(app, ask)


def test_little_is_read_ahead_while_a_request_waits_and_its_client_is_seen_to_leave(app: Flask) -> None:
    async def ask(net: Net) -> None:
        wire = net.wire()
        wire.protocol.data_received(HANGS + ASK)
        assert (wire.reading, wire.sent) == (True, b"")
        wire.protocol.data_received(ASK * 2000)
        assert (wire.reading, wire.sent) == (False, b"")
        wire.lose()
        await turns()
        assert not net.hub.connections

    on_the_net(app, ask)


def test_a_body_that_is_too_large_is_refused_before_it_comes(app: Flask) -> None:
    async def ask(net: Net) -> None:
        for path, status in (("/nowhere", 404), ("/api/v2/todo", 401), ("/api/v1/user/profile", 401)):
            wire = net.wire()
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n"
            wire.protocol.data_received(head.encode())
            assert statuses(wire.sent) == [status]
            wire.protocol.data_received(b"x" * 8_000_000 + ASK)
            assert statuses(wire.sent) == [status, 200]

    on_the_net(app, ask)


@pytest.mark.parametrize("cut", [None, 10, 150, 110_000, 115_000])
@pytest.mark.parametrize("behind", [b"zz\r\n\r\n", b"0\r\n\r\nnonsense\r\n\r\n", b"0\r\n\r\n" + ASK])
def test_behind_the_last_answer_nothing_is_looked_at(app: Flask, behind: bytes, cut: int | None) -> None:
    """Its connection stays open for a while for the rest of a body that was too large."""

    async def ask(net: Net) -> None:
        wire = net.wire()
        head = b"POST /api/v2/todo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        sent = head + b"1c000\r\n" + b"x" * 0x1C000 + b"\r\n" + behind
        for piece in (sent[:cut], sent[cut:] if cut else b""):
            wire.protocol.data_received(piece)
        assert len(statuses(wire.sent)) == 1
        assert wire.closing or (wire.ended and wire.reading)
        net.after(LINGER_SECONDS + 1)
        assert wire.closing

    on_the_net(app, ask)


def test_who_asks_whether_to_continue_is_told(app: Flask) -> None:
    async def ask(net: Net) -> None:
        wire = net.wire()
        head = BODY.replace(b"100\r\n\r\n{", b"%d\r\nExpect: 100-continue\r\n\r\n")
        wire.protocol.data_received(head % 2)
        assert wire.sent == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.protocol.data_received(b"{}")
        assert statuses(wire.sent) == [100, 400]
        wire.protocol.data_received(head % 200_000)
        assert statuses(wire.sent) == [100, 400, 413 if b"HTTP/1.1 413" in wire.sent else 400]
        assert wire.sent.count(b"100 Continue") == 1
        assert b"connection: close" in wire.sent  # the body may come or not: nobody can tell

    on_the_net(app, ask)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"GET /api/v1/auth-check HTTP/1.0\r\n\r\n", b"connection: close"),
        (b"GET /api/v1/auth-check HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", b"connection: keep-alive"),
        (b"GET /api/v1/auth-check HTTP/1.1\r\nConnection: close\r\n\r\n", b"connection: close"),
        (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", b"connection: close"),
    ],
)
def test_a_connection_stays_open_where_the_client_wants_it(app: Flask, head: bytes, said: bytes) -> None:
    async def ask(net: Net) -> None:
        wire = net.wire()
        wire.protocol.data_received(head)
        assert said in wire.sent
        assert wire.closing == (said == b"connection: close")

    on_the_net(app, ask)


def test_who_sends_no_more_still_gets_the_answers(app: Flask) -> None:
    async def ask(net: Net) -> None:
        wire = net.wire()
        wire.takes = False
        wire.protocol.data_received(ASK * 3)
        assert wire.protocol.eof_received() is True
        wire.takes = True
        wire.take(len(wire.waiting))
        assert (statuses(wire.sent), wire.closing) == ([200] * 3, True)

    on_the_net(app, ask)


@pytest.mark.parametrize("path", ["data", "data?form=rows", "requests", "requests/findings", "requests.har"])
def test_who_sends_no_more_still_gets_an_answer_that_takes_its_time(app: Flask, path: str) -> None:
    async def ask(net: Net) -> None:
        wire = net.wire()
        wire.protocol.data_received(f"GET /_mockflow/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert wire.protocol.eof_received() is True
        while not wire.protocol.lost:
            await turns()
        assert statuses(wire.sent) == [200]
        assert wire.sent.endswith((b"}", b"\r\n0\r\n\r\n"))

    on_the_net(app, ask)
