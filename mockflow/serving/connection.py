"""One HTTP/1.1 connection: reads a request, has it answered, sends the answer, and only then reads on.

Nothing here waits, and an ordinary request needs no task. What a client pipelines behind a request stays unread,
most of it in the kernel; an answer that the client does not take keeps the next request from being read. So what a
connection can hold is bounded.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from mockflow.errors import RequestRefused, RequestTooSlow
from mockflow.http.arrival import Arrival, Reply, Unfinished
from mockflow.serving.delivery import Delivery
from mockflow.serving.events import Listener
from mockflow.serving.heads import head_of
from mockflow.serving.jobs import Job, Pieces, Slices
from mockflow.serving.reader import Reader

if TYPE_CHECKING:
    from mockflow.serving.hub import Hub

HEAD_SECONDS = 10.0
"""How long a client may take from connecting, or from a request's first byte, to the end of its headers."""
BODY_SECONDS = 30.0
"""How long a client may take to send a body."""
KEEP_ALIVE_SECONDS = 30.0
"""How long a connection may be idle after an answer."""
STALL_SECONDS = 20.0
"""How long a client may take nothing of an answer that is on its way."""
LINGER_SECONDS = 2.0
"""How long bytes are still taken, and dropped, after a refusal: closing at once could lose it on its way."""

_MOST_UNREAD = 64 * 1024
"""Bytes that are read ahead of their turn: only while it reads does it see that a client leaves."""
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_TLS_BUFFER = 64 * 1024
"""Bytes that wait to be encrypted, or to be taken, before a connection counts as full."""
LARGE = 256 * 1024
"""Bytes of a body; a larger one is sent in pieces."""
_MOST_IN_A_ROW = 8
"""Requests of a pipeline that are answered before other connections have their turn."""
_NEVER = float("inf")
_LATE_BODY = "The body did not come in time."
_LEFT_BODY = "The client left before its body was complete."


class Connection(asyncio.Protocol):
    """The protocol of one connection of a `hub`."""

    transport: asyncio.Transport

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.deadline = 0.0
        """When `on_deadline` is due, by the loop's clock."""
        self._busy: Delivery | Job | Listener | Pieces | None = None
        """What sends an answer that takes its time."""
        self.is_full = False
        """Whether some of an answer was not taken yet."""
        self._untaken = 0
        self._next: asyncio.Handle | None = None
        """The turn in which it goes on with what was read."""
        self._version = "1.1"
        """HTTP's, of the request that is at work."""
        self._last = False
        """Whether the connection is to be closed once the answer is sent."""
        self._dropping = False
        """Whether what comes in is no longer looked at."""
        self._at_end = False
        """Whether the client will send no more."""
        self.lost = False
        """Whether the connection is closed."""

    # -- called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.transport = cast(asyncio.Transport, transport)
        # Over TLS a limit of 0 would be reached by an empty buffer.
        over_tls = transport.get_extra_info("sslcontext") is not None
        self.transport.set_write_buffer_limits(high=_TLS_BUFFER if over_tls else 0)
        self._reader = Reader(self._origin(), self._hub.service.room)
        self.deadline = self._hub.now() + HEAD_SECONDS
        self._hub.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._dropping:
            return
        self._reader.receive(data)
        if self._busy is None and self._next is None and not self.is_full:
            self._go_on()
        if self._reader.unread > _MOST_UNREAD:
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """The client sends no more: it has left, or waits for its last answers."""
        if self.transport.get_extra_info("sslcontext") is not None:
            return False
        waits = self._reader.unread if self._busy is None else isinstance(self._busy, Job | Pieces)
        self._at_end = bool(waits)
        return self._at_end

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The connection is closed, by whichever side."""
        self.lost = True
        if self._next is not None:
            self._next.cancel()
            self._next = None
        self._hub.connections.discard(self)
        if self._busy is not None:
            self._busy.client_left()
            self._busy = None
        reader = self._reader
        if reader.request is not None and not reader.is_draining and not self._dropping:
            self._hub.service.broke_off(reader.request, reader.stopwatch, _LEFT_BODY)
        reader.close()

    def pause_writing(self) -> None:
        """Some of an answer is waiting for the client."""
        self.is_full = True
        self._untaken = self.transport.get_write_buffer_size()
        self.deadline = self._hub.now() + STALL_SECONDS

    def resume_writing(self) -> None:
        """The client has taken all of it."""
        self.is_full = False
        if self._busy is not None:
            self.deadline = _NEVER
            self._busy.drained()
        elif self._next is None and not self.transport.is_closing():
            self._go_on()

    # -- called by the hub

    def on_deadline(self) -> None:
        """Something took too long."""
        if self.is_full:
            self._check_stalled()
        elif self._dropping or self._reader.is_draining:
            self.transport.close()
        elif self._reader.request is not None:
            self._refuse(RequestTooSlow(_LATE_BODY))
        elif self._reader.is_between:
            self.transport.close()  # idle, or a browser that connected ahead of time and had nothing to ask
        else:
            self._refuse(RequestTooSlow(f"The headers did not come within {HEAD_SECONDS:.0f} seconds."))

    def stop(self) -> None:
        """Answer what has come, and no more."""
        self._last = True
        if self._busy is not None:
            self._busy.stop()
        elif self._reader.request is None and not self.is_full:
            self.transport.close()

    # -- one request after the other

    def _go_on(self) -> None:
        self._next = None
        try:
            for _ in range(_MOST_IN_A_ROW):
                if self._busy is not None or self.is_full or self._dropping or self.transport.is_closing():
                    return
                request = self._reader.read()
                if request is None:
                    self._await_more()
                    return
                self._answer(request)
        except RequestRefused as refused:
            self._refuse(refused)
            return
        self._next = asyncio.get_running_loop().call_soon(self._go_on)

    def _await_more(self) -> None:
        reader = self._reader
        if reader.unread <= _MOST_UNREAD and not self.transport.is_closing():
            self.transport.resume_reading()
        if self._at_end or (self._last and reader.is_between):
            self.transport.close()
        elif reader.is_between:
            self.deadline = self._hub.now() + KEEP_ALIVE_SECONDS
        elif reader.request is None:
            self._limit_to(HEAD_SECONDS)
        else:
            if reader.wants_continue and not reader.is_draining:
                reader.wants_continue = False
                self.transport.write(_CONTINUE)
            self._limit_to(BODY_SECONDS)

    def _limit_to(self, seconds: float) -> None:
        """Give a head or a body so long, from when it began."""
        if self._reader.timed_at is None:
            self._reader.timed_at = self._hub.now()
        self.deadline = self._reader.timed_at + seconds

    def _answer(self, request: Arrival) -> None:
        reader = self._reader
        if not reader.keeps_alive or (reader.is_draining and reader.wants_continue):
            self._last = True  # who was not told to continue may send the body or not: nobody could tell
        self._version = request.version
        reply = self._hub.service.respond(request)
        self._hub.collector.answered()
        if isinstance(reply, Unfinished):
            self._occupy(Job(self, self._hub, reply))
        else:
            self.begin(reply)

    def _occupy(self, busy: Delivery | Job | Listener | Pieces) -> None:
        self._busy = busy
        self.deadline = _NEVER
        busy.start()

    # -- what a reply's sender calls

    def begin(self, reply: Reply) -> None:
        """Send a reply, at once or as it has to be sent."""
        chunked = self._version == "1.1"
        if reply.outcome is not None:
            self._occupy(Delivery(self, self._hub, reply))
        elif reply.events_of is not None:
            self._occupy(Listener(self, self._hub, reply, reply.events_of, chunked=chunked))
        elif reply.pieces is not None:
            self._begin_pieces(reply, chain([reply.body], reply.pieces), chunked=chunked)
        elif len(reply.body) > LARGE:
            head = head_of(reply.status, reply.headers, self.closing())
            self._occupy(Pieces(self, head, Slices(reply.body)))
        else:
            self.send(reply)
            if self._busy is None:
                self.finish()
            else:
                self.done()

    def _begin_pieces(self, reply: Reply, pieces: Iterator[bytes], *, chunked: bool) -> None:
        sized = any(name == "Content-Length" for name, _ in reply.headers)
        chunked, closes = chunked and not sized, not (chunked or sized)
        self._last = self._last or closes
        more = "transfer-encoding: chunked\r\n" if chunked else ""
        head = head_of(reply.status, reply.headers, more + self.closing())
        self._occupy(Pieces(self, head, pieces, chunked=chunked, closes=closes))

    def send(self, reply: Reply) -> None:
        """Write a whole answer at once."""
        self.transport.write(head_of(reply.status, reply.headers, self.closing()) + reply.body)

    def closing(self) -> str:
        """The header lines that say whether the connection stays open."""
        if self._last or self._hub.stopping:
            return "connection: close\r\n"
        return "" if self._version == "1.1" else "connection: keep-alive\r\n"

    def finish(self) -> None:
        """The answer was written: close the connection where it was the last one."""
        if not (self._last or self._hub.stopping):
            return
        self._last = True
        if self._reader.is_draining:
            self._linger()
        else:
            self.transport.close()

    def done(self) -> None:
        """An answer that took its time is over; read on."""
        self._busy = None
        if self.lost or self.transport.is_closing():
            return
        self.finish()
        if self._next is None and not (self.is_full or self.transport.is_closing()):
            self._go_on()

    def reset(self) -> None:
        """Close it with a TCP reset: a linger time of zero makes the kernel send RST instead of FIN."""
        bound = self.transport.get_extra_info("socket")
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    # -- what is no request

    def _refuse(self, error: RequestRefused) -> None:
        """Answer what is no request, or never became one, and close."""
        if self._dropping or self.transport.is_closing():
            return
        self._last = True
        request = self._reader.request or self._reader.origin
        self.send(self._hub.service.refuse(error, request, self._reader.stopwatch))
        self._linger()

    def _linger(self) -> None:
        """Drop what still comes until the client has left: a reset could overtake the answer."""
        self._dropping = True
        self.deadline = self._hub.now() + LINGER_SECONDS
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.transport.resume_reading()
        else:
            self.transport.close()

    def _check_stalled(self) -> None:
        untaken = self.transport.get_write_buffer_size()
        if untaken >= self._untaken:
            self.transport.abort()
            return
        self._untaken = untaken
        self.deadline = self._hub.now() + STALL_SECONDS

    def _origin(self) -> Arrival:
        """What all requests of this connection have in common."""
        ask: Callable[[str], Any] = self.transport.get_extra_info
        local, peer = ask("sockname") or ("localhost", 80), ask("peername") or ("",)
        scheme = "http" if ask("sslcontext") is None else "https"
        return Arrival("-", "-", scheme=scheme, server=(local[0], local[1]), remote=peer[0])
