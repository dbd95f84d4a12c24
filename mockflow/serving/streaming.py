"""Server-sent events: the feed of a sandbox, streamed to one client without a thread."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import count

from mockflow.journal.feed import Event
from mockflow.sandbox import Sandbox
from mockflow.serving.wire import Answer, Pauses, Receive, Send, until_gone

HEARTBEAT_SECONDS = 15.0
"""How often a silent stream shows that it is alive."""

MOST_WAITING = 5000
"""Events; the stream to a client that is so far behind ends, and the client can connect again."""

MOST_WAITING_BYTES = 4 * 1024 * 1024
"""The same in bytes."""

_LAST_SECONDS = 0.3
"""How long the end of a stream may take when the server stops."""


class _Waiting:
    """Events that the client has not been sent yet."""

    def __init__(self) -> None:
        self._events: deque[tuple[int, str, bytes]] = deque()
        self._bytes = 0
        self._numbers = count(1)
        self._changed = asyncio.Event()
        self.over = False

    def put(self, kind: str, event: Event) -> None:
        """Take one event. Called from the event loop."""
        if kind == "end" or len(self._events) >= MOST_WAITING or self._bytes >= MOST_WAITING_BYTES:
            self.end()
        elif not self.over:
            self._events.append((next(self._numbers), kind, event.text))
            self._bytes += len(event.text)
            self._changed.set()

    def end(self) -> None:
        """Take no more."""
        self.over = True
        self._changed.set()

    async def change(self) -> None:
        """Return when there is something to send, nothing will come any more, or a sign of life is due."""
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            pass

    def take(self) -> bytes:
        """All that is waiting."""
        taken = b"".join(
            b"id: %d\nevent: %b\ndata: %b\n\n" % (n, kind.encode(), text) for n, kind, text in self._events
        )
        self._events.clear()
        self._bytes = 0
        self._changed.clear()
        return taken


async def stream(answer: Answer, sandbox: Sandbox, receive: Receive, send: Send, pauses: Pauses) -> None:
    """Send an answer's head and body, then events: until the client leaves, the server stops, the sandbox ends."""
    waiting = _Waiting()
    if not sandbox.feed:
        sandbox.world.outbox.news()  # what was sent while nobody listened is none
    leave = sandbox.feed.listen(waiting.put)
    gone = asyncio.ensure_future(until_gone(receive))
    stopping = asyncio.ensure_future(pauses.ended())
    sending = asyncio.ensure_future(_send(answer, waiting, send))
    try:
        await asyncio.wait({sending, gone, stopping}, return_when=asyncio.FIRST_COMPLETED)
        waiting.end()
        if stopping.done():
            await asyncio.wait({sending, gone}, timeout=_LAST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    finally:
        leave()
        for task in (sending, gone, stopping):
            task.cancel()


async def _send(answer: Answer, waiting: _Waiting, send: Send) -> None:
    headers = [(name, value) for name, value in answer.headers if name != b"content-length"]
    await Answer(answer.status, headers, b"").start(send)
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    while not waiting.over:
        await waiting.change()
        events = waiting.take() or (b"" if waiting.over else b": still here\n\n")
        await send({"type": "http.response.body", "body": events, "more_body": True})
    await send({"type": "http.response.body", "body": waiting.take()})
