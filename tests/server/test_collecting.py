"""Garbage is looked for in what is new, but not in a large state that has just been loaded."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from mockflow.serving.collecting import EVERY, MOST_NEW, Collector, collecting
from tests.conftest import MakeApp
from tests.server.wires import Net, on_the_net, turns


@pytest.fixture
def looked() -> Iterator[list[str]]:
    """How often the collector has looked."""
    found: list[str] = []

    def note(phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            found.append(phase)

    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)


def answer(collector: Collector) -> None:
    for _ in range(EVERY):
        collector.answered()


def test_after_so_many_requests_what_is_new_is_looked_at(looked: list[str]) -> None:
    with collecting() as collector:
        looked.clear()
        answer(collector)
        assert len(looked) == 1


def test_a_large_state_is_not_looked_at(looked: list[str]) -> None:
    with collecting() as collector:
        looked.clear()
        state = [{"id": [number]} for number in range(MOST_NEW)]
        answer(collector)
        assert looked == []
        answer(collector)
        assert len(looked) == 1
        assert len(state) == MOST_NEW


def put(content: bytes) -> bytes:
    head = b"PUT /_mockflow/data HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return head + b"Content-Length: %d\r\n\r\n%b" % (len(content), content)


ASKED = {
    "an ordinary request": b"GET /api/v1/auth-check HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no route": b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no such method": b"POST /api/v1/auth-check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
    "an error": b"GET /api/v2/todo HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "an answer in pieces": b"GET /_mockflow/data HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "work that failed": put(b"{"),
    "no request": b"\0\r\n\r\n",
    "a stream": b"GET /_mockflow/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_connection_that_is_over_leaves_no_circle(make_app: MakeApp, asked: bytes) -> None:
    async def meet(net: Net) -> None:
        wire = net.wire()
        wire.protocol.data_received(asked)
        while not wire.sent:
            await asyncio.sleep(0.001)
        wire.lose()
        gone = weakref.ref(wire.protocol)
        del wire.protocol  # as a real transport does
        await turns()
        assert gone() is None

    gc.disable()
    try:
        on_the_net(make_app(), meet)
    finally:
        gc.enable()
