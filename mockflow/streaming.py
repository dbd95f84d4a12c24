"""Server-sent events: the feed of a sandbox, streamed to one client without a thread."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from itertools import count
from typing import Any

from mockflow.sandbox import Sandbox
from mockflow.wire import Answer, Pauses, Receive, Send, until_gone

HEARTBEAT_SECONDS = 15.0
"""How often a silent stream shows that it is alive."""

MOST_WAITING = 5000
"""Events; a client that is so far behind is disconnected, and can connect again."""


class _Waiting:
    """Events that the client has not been sent yet."""

    def __init__(self) -> None:
        self._events: deque[bytes] = deque()
        self._numbers = count(1)
        self._arrived = asyncio.Event()
        self.over = False

    def put(self, kind: str, event: dict[str, Any]) -> None:
        """Take one event. Called from the event loop."""
        if kind == "end" or len(self._events) >= MOST_WAITING:
            self.over = True
        else:
            data = json.dumps(event, ensure_ascii=False)
            text = f"id: {next(self._numbers)}\nevent: {kind}\ndata: {data}\n\n"
            self._events.append(text.encode(errors="replace"))
        self._arrived.set()

    async def arrival(self) -> None:
        """Return when there is something to send, or nothing will come any more."""
        await self._arrived.wait()

    def take(self) -> bytes:
        """All that is waiting."""
        taken = b"".join(self._events)
        self._events.clear()
        self._arrived.clear()
        return taken


async def stream(answer: Answer, sandbox: Sandbox, receive: Receive, send: Send, pauses: Pauses) -> None:
    """Send an answer's head and body, then events: until the client leaves, the server stops, the sandbox ends."""
    waiting = _Waiting()
    leave = sandbox.feed.listen(waiting.put, sandbox.world.outbox.newest())
    ends = [asyncio.ensure_future(until_gone(receive)), asyncio.ensure_future(pauses.ended())]
    try:
        headers = [(name, value) for name, value in answer.headers if name != b"content-length"]
        await Answer(answer.status, headers, b"").start(send)
        await send({"type": "http.response.body", "body": answer.body, "more_body": True})
        while not waiting.over:
            arrival = asyncio.ensure_future(waiting.arrival())
            done, _ = await asyncio.wait(
                {arrival, *ends}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            arrival.cancel()
            if done & set(ends):
                break
            events = waiting.take() or b": still here\n\n"
            await send({"type": "http.response.body", "body": events, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        leave()
        for end in ends:
            end.cancel()
