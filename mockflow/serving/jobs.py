"""Answers that take their time without anybody else noticing: made in a thread or by steps, sent in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from mockflow.clock import Stopwatch
from mockflow.http.arrival import Reply, Unfinished
from mockflow.http.later import Later

if TYPE_CHECKING:
    from mockflow.serving.connection import Connection
    from mockflow.serving.hub import Hub

_PIECE = 256 * 1024
"""Bytes of a large body that are sent at once."""
_TURN_SECONDS = 0.002
"""How long steps are taken before others have their turn."""


class Job:
    """Has an answer made, and sent by the connection."""

    def __init__(self, connection: Connection, hub: Hub, unfinished: Unfinished) -> None:
        self._connection = connection
        self._hub = hub
        self._unfinished = unfinished
        self._left = False

    def start(self) -> None:
        """Begin; the connection is given the reply once there is one."""
        self._hub.run(self._run())

    def client_left(self) -> None:
        """Nobody waits any more; what was asked for is done all the same."""
        self._left = True

    def stop(self) -> None:
        """The answer comes as soon as it can."""

    def drained(self) -> None:
        """Nothing was sent."""

    async def _run(self) -> None:
        reply: Reply | Unfinished = self._unfinished
        while isinstance(reply, Unfinished):
            reply = reply.finish(await self._outcome(reply.later))
        if not self._left:
            self._connection.begin(reply)

    async def _outcome(self, later: Later) -> Callable[[], Any]:
        """Gives what the work gave, or raises what it raised."""
        try:
            result = await (self._stepped(later) if later.work is None else asyncio.to_thread(later.work))
        except Exception as error:
            return partial(_fail, [error])
        return lambda: result

    async def _stepped(self, later: Later) -> Any:
        while True:
            turn = Stopwatch()  # for the event loop's own clock may stand still within a turn
            while turn.seconds < _TURN_SECONDS:
                done, result = later.step()
                if done:
                    return result
            await asyncio.sleep(0)


def _fail(raised: list[Exception]) -> NoReturn:
    """Raise what is held, and hold it no more: it knows its frames, and no frame shall know it."""
    raise raised.pop()


class Slices:
    """A large body in pieces. What was sent is let go of while the client keeps the rest waiting."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._sent = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._sent >= len(self._body):
            raise StopIteration
        piece = self._body[self._sent : self._sent + _PIECE]
        self._sent += len(piece)
        return piece

    def compact(self) -> None:
        """Hold no more than what is still to be sent."""
        self._body, self._sent = self._body[self._sent :], 0


class Pieces:
    """Sends a head, then a body piece by piece, as the client takes it; others have their turn in between.

    `chunked` bodies are framed by HTTP's chunks; of others the head has told the length, unless `closes` says that
    they end with the connection.
    """

    def __init__(
        self,
        connection: Connection,
        head: bytes,
        pieces: Iterator[bytes],
        *,
        chunked: bool = False,
        closes: bool = False,
    ) -> None:
        self._connection = connection
        self._head = head
        self._pieces = pieces
        self._chunked, self._closes = chunked, closes
        self._next: asyncio.Handle | None = None
        self._over = False

    def start(self) -> None:
        """Send the head, and go on."""
        self._connection.transport.write(self._head)
        self._go_on()

    def client_left(self) -> None:
        """Nobody wants the rest."""
        self._over = True
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def stop(self) -> None:
        """The rest comes as soon as it can."""

    def drained(self) -> None:
        """The client has taken all that was written."""
        if self._next is None and not self._over:
            self._go_on()

    def _go_on(self) -> None:
        self._next = None
        if not self._connection.is_full:
            self._next = asyncio.get_running_loop().call_soon(self._send)
        elif isinstance(self._pieces, Slices):
            self._pieces.compact()

    def _send(self) -> None:
        self._next = None
        piece = next(self._pieces, None)
        if piece is None:
            self._end()
            return
        if piece:
            framed = b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece
            self._connection.transport.write(framed)
        self._go_on()

    def _end(self) -> None:
        self._over = True
        if self._chunked:
            self._connection.transport.write(b"0\r\n\r\n")
        if self._closes:
            self._connection.transport.close()
        self._connection.done()
