"""Server-sent events: the feed of a sandbox, written to one client as it comes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from mockflow.http.arrival import Reply
from mockflow.journal.feed import Event
from mockflow.sandbox import Sandbox
from mockflow.serving.heads import head_of

if TYPE_CHECKING:
    from mockflow.serving.connection import Connection
    from mockflow.serving.hub import Hub

HEARTBEAT_SECONDS = 15.0
"""How often a silent stream shows that it is alive."""
MOST_WAITING = 5000
"""Events; the stream to a client that is so far behind ends, and the client can connect again."""
MOST_WAITING_BYTES = 1024 * 1024
"""The same in bytes."""

_EVENT = b"id: %d\nevent: %b\ndata: %b\n\n"
_HEARTBEAT = b": still here\n\n"


def _nothing() -> None:
    """There is nothing to leave."""


class Listener:
    """Sends a reply's head and body, then events: until the client leaves or falls behind, the server stops, or
    the sandbox ends."""

    def __init__(self, connection: Connection, hub: Hub, reply: Reply, sandbox: Sandbox, *, chunked: bool) -> None:
        self._connection = connection
        self._hub = hub
        self._reply = reply
        self._sandbox = sandbox
        self._chunked = chunked
        self._waiting: deque[tuple[int, str, bytes]] = deque()
        self._waiting_bytes = 0
        self._numbers = count(1)
        self._flushing: asyncio.Handle | None = None
        self._heartbeat: asyncio.TimerHandle | None = None
        self._leave: Callable[[], None] = _nothing
        self._over = False

    # -- called by the connection

    def start(self) -> None:
        """Send the head, and listen from now on."""
        reply = self._reply
        headers = [(name, value) for name, value in reply.headers if name.lower() != "content-length"]
        framing = "transfer-encoding: chunked\r\n" if self._chunked else "connection: close\r\n"
        self._connection.transport.write(head_of(reply.status, headers, framing) + self._framed(reply.body))
        if not self._sandbox.feed:
            self._sandbox.world.outbox.news()  # what was sent while nobody listened is none
        self._leave = self._sandbox.feed.listen(self.put)
        self._beat_later()

    def client_left(self) -> None:
        """Nobody listens any more."""
        self._end()

    def stop(self) -> None:
        """The server stops: send what there is, and end."""
        self._finish()

    def drained(self) -> None:
        """The client has taken all that was written."""
        self._flush()

    # -- called by the feed

    def put(self, kind: str, event: Event) -> None:
        """Take one event."""
        if self._over:
            return
        behind = len(self._waiting) >= MOST_WAITING or self._waiting_bytes >= MOST_WAITING_BYTES
        if kind == "end" or behind:
            self._finish()
            return
        self._waiting.append((next(self._numbers), kind, event.text))
        self._waiting_bytes += len(event.text)
        if self._flushing is None:  # at the end of the turn, for all events of the turn
            self._flushing = asyncio.get_running_loop().call_soon(self._flush)

    # -- inside

    def _flush(self) -> None:
        self._flushing = None
        if self._connection.is_full or not self._waiting or self._connection.lost:
            return
        self._connection.transport.write(self._framed(self._taken()))
        self._beat_later()

    def _taken(self) -> bytes:
        """All that is waiting, as it goes out."""
        waiting = self._waiting
        taken = b"".join([_EVENT % (number, kind.encode(), text) for number, kind, text in waiting])
        waiting.clear()
        self._waiting_bytes = 0
        return taken

    def _framed(self, data: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data

    def _beat_later(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        self._heartbeat = asyncio.get_running_loop().call_later(HEARTBEAT_SECONDS, self._beat)

    def _beat(self) -> None:
        if not (self._over or self._connection.is_full):
            self._connection.transport.write(self._framed(_HEARTBEAT))
        self._beat_later()

    def _finish(self) -> None:
        """Send what there is and end the stream; the connection is closed with it."""
        if self._over:
            return
        transport = self._connection.transport
        taken = self._taken()
        self._end()
        if taken:
            transport.write(self._framed(taken))
        if self._chunked:
            transport.write(b"0\r\n\r\n")
        transport.close()

    def _end(self) -> None:
        self._over = True
        self._leave()
        self._leave = _nothing
        self._waiting.clear()
        for handle in (self._flushing, self._heartbeat):
            if handle is not None:
                handle.cancel()
        self._flushing = self._heartbeat = None
