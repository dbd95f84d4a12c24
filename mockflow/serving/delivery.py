"""An answer that a fault is about, on its way: late, slowly, broken or not at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mockflow.faults.effects import Outcome
from mockflow.http.arrival import Reply
from mockflow.serving.heads import head_of

if TYPE_CHECKING:
    from mockflow.serving.connection import Connection
    from mockflow.serving.hub import Hub

_STEPS_PER_SECOND = 10
_LEFT = "The client left before its answer was complete."


class Delivery:
    """Sends one reply as its outcome has it; to an effect it is the `Line`."""

    def __init__(self, connection: Connection, hub: Hub, reply: Reply) -> None:
        assert reply.outcome is not None  # noqa: S101 - that is why there is a delivery
        self._connection = connection
        self._hub = hub
        self._reply = reply
        self._outcome: Outcome = reply.outcome
        self._waiter: asyncio.Future[None] | None = None
        self._left = self._stopping = False

    # -- called by the connection

    def start(self) -> None:
        """Begin; the connection is told when it is over."""
        if not (self._outcome.delay_seconds or self._outcome.bytes_per_second or self._outcome.breaking):
            self.send()
            self._over(complete=True)
            return
        self._hub.run(self._deliver())

    def client_left(self) -> None:
        """Nobody waits any more."""
        self._left = True
        self._wake()

    def stop(self) -> None:
        """Wait no more: whatever is late is sent now."""
        self._stopping = True
        self._wake()

    def drained(self) -> None:
        """The client has taken all that was written."""
        self._wake()

    # -- called by an effect

    def send(self) -> None:
        """Send the answer as it is."""
        self._connection.send(self._reply)

    def send_half(self) -> None:
        """Send the head and half of the body."""
        body = self._reply.body
        self.write(self._head() + body[: len(body) // 2])

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._connection.transport.write(data)

    def close(self) -> None:
        """Close the connection."""
        self._connection.transport.close()

    def reset(self) -> None:
        """Reset the connection."""
        self._connection.reset()

    async def wait(self, seconds: float) -> bool:
        """Wait so long, or until the server stops; false once the client has left."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not (self._left or self._stopping) and loop.time() < until:
            self._waiter = loop.create_future()
            alarm = loop.call_at(until, self._wake)
            try:
                await self._waiter
            finally:
                alarm.cancel()
                self._waiter = None
        return not self._left

    # -- inside

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _head(self) -> bytes:
        return head_of(self._reply.status, self._reply.headers, self._connection.closing())

    async def _deliver(self) -> None:
        complete = False
        try:
            complete = await self._delivered()
        finally:
            self._over(complete=complete)

    def _over(self, *, complete: bool) -> None:
        if self._reply.ended is not None:
            self._reply.ended(None if complete else _LEFT)
        self._connection.done()

    async def _delivered(self) -> bool:
        outcome = self._outcome
        if outcome.delay_seconds and not await self.wait(outcome.delay_seconds):
            return False
        if outcome.breaking is not None:
            return await outcome.breaking.deliver(self)
        if outcome.bytes_per_second is not None:
            return await self._dribble(outcome.bytes_per_second)
        self.send()
        return True

    async def _dribble(self, bytes_per_second: int) -> bool:
        body = self._reply.body
        size = max(1, bytes_per_second // _STEPS_PER_SECOND)
        self.write(self._head() + body[:size])
        for position in range(size, len(body), size):
            if not await self.wait(size / bytes_per_second):
                return False
            if self._stopping:
                self.write(body[position:])
                break
            self.write(body[position : position + size])
        return True
