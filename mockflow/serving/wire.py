"""What the server does with an answer that a fault is about: late, slowly, or not at all, on its connection."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mockflow.faults.effects import Outcome, Wire

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_GARBAGE = b"\x00\x7f\xff\xfe\r\nthese bytes are not HTTP\r\n\r\n"
_STEPS_PER_SECOND = 10


@dataclass(frozen=True)
class Answer:
    """What the app answered."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    async def send(self, send: Send) -> None:
        """Send all of it."""
        await self.start(send)
        await send({"type": "http.response.body", "body": self.body})

    async def start(self, send: Send) -> None:
        """Send the head."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})


class Pauses:
    """Waiting that costs no thread, and ends early when the client leaves or the server stops."""

    def __init__(self) -> None:
        self._stopping = asyncio.Event()

    @property
    def over(self) -> bool:
        """Whether the server is stopping."""
        return self._stopping.is_set()

    def end(self) -> None:
        """Wait no more: whatever is late is answered now."""
        self._stopping.set()

    async def ended(self) -> None:
        """Return when the server stops."""
        await self._stopping.wait()

    async def wait(self, seconds: float, receive: Receive) -> bool:
        """Wait so long; false once the client is gone."""
        gone = asyncio.ensure_future(until_gone(receive))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            done, _ = await asyncio.wait({gone, stopping}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            stopping.cancel()
        return gone not in done


async def until_gone(receive: Receive) -> None:
    """Return when the connection is closed."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def deliver(
    answer: Answer, outcome: Outcome, transport: asyncio.Transport, receive: Receive, send: Send, pauses: Pauses
) -> bool:
    """Send an answer as an outcome has it; false where the client left before that was done."""
    if outcome.delay_seconds and not await pauses.wait(outcome.delay_seconds, receive):
        return False
    if outcome.wire is not None:
        return await _break(answer, outcome.wire, transport, receive, send, pauses)
    if outcome.bytes_per_second is not None:
        return await _dribble(answer, outcome.bytes_per_second, receive, send, pauses)
    await answer.send(send)
    return True


async def _break(
    answer: Answer, wire: Wire, transport: asyncio.Transport, receive: Receive, send: Send, pauses: Pauses
) -> bool:
    if wire.hang_seconds is not None and not await pauses.wait(wire.hang_seconds, receive):
        return False
    if wire.disconnect == "reset":
        # A linger time of zero makes the kernel send RST instead of FIN.
        bound = transport.get_extra_info("socket")
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    elif wire.disconnect == "garbage":
        transport.write(_GARBAGE)
    elif wire.disconnect == "truncate":
        await answer.start(send)
        half = answer.body[: len(answer.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
    transport.close()
    await until_gone(receive)  # so that uvicorn does not miss the answer
    return True


async def _dribble(answer: Answer, bytes_per_second: int, receive: Receive, send: Send, pauses: Pauses) -> bool:
    await answer.start(send)
    size = max(1, bytes_per_second // _STEPS_PER_SECOND)
    for position in range(0, len(answer.body), size):
        if position and not await pauses.wait(size / bytes_per_second, receive):
            return False
        if pauses.over:
            await send({"type": "http.response.body", "body": answer.body[position:]})
            return True
        part = answer.body[position : position + size]
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    return True
