"""Connections without a network: what a client sends is handed over, what it would get is collected."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from mockflow.app import service_of
from mockflow.serving.collecting import Collector
from mockflow.serving.connection import Connection
from mockflow.serving.hub import Hub
from tests.running import DEADLINE


class Wire(asyncio.Transport):
    """The server's end of a connection. While `takes` is false, the client reads nothing."""

    def __init__(self, protocol: Connection) -> None:
        super().__init__({"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 4747)})
        self.sent = b""
        self.waiting = b""
        self.takes = True
        self.reading = True
        self.closing = self.aborted = self.ended = False
        self.protocol = protocol
        protocol.connection_made(self)

    def write(self, data: Any) -> None:
        """What the server sends."""
        if self.ended:
            raise RuntimeError("Cannot call write() after write_eof()")
        self.waiting += bytes(data)
        if self.takes:
            self.take(len(self.waiting))
        elif not self.protocol.is_full:
            self.protocol.pause_writing()

    def writelines(self, list_of_data: Any) -> None:
        """The same, in parts."""
        self.write(b"".join(list_of_data))

    def take(self, size: int) -> None:
        """The client reads so many bytes."""
        self.sent, self.waiting = self.sent + self.waiting[:size], self.waiting[size:]
        if self.protocol.is_full and not self.waiting:
            self.protocol.resume_writing()
        if self.closing and not self.waiting:
            self.lose()

    def lose(self) -> None:
        """The connection is over."""
        if not self.protocol.lost:
            self.protocol.connection_lost(None)

    def close(self) -> None:
        """The server closes once all is sent."""
        self.closing = True
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self.lose)

    def abort(self) -> None:
        """The server drops the connection."""
        self.aborted = self.closing = True
        asyncio.get_running_loop().call_soon(self.lose)

    def write_eof(self) -> None:
        """The server sends no more."""
        self.ended = True

    def can_write_eof(self) -> bool:
        """As TCP."""
        return True

    def is_closing(self) -> bool:
        """Whether it was closed here."""
        return self.closing

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """All that is not taken counts."""

    def get_write_buffer_size(self) -> int:
        """Bytes that the client has not taken."""
        return len(self.waiting)

    def pause_reading(self) -> None:
        """The server wants no more for now."""
        self.reading = False

    def resume_reading(self) -> None:
        """The server wants more."""
        self.reading = True


class Net:
    """A hub, and wires to it."""

    def __init__(self, app: Any) -> None:
        self.hub = Hub(service_of(app), Collector())
        self.later = 0.0

    def wire(self) -> Wire:
        """A client that has just connected."""
        return Wire(self.hub.connect())

    def after(self, seconds: float) -> None:
        """Let so many seconds pass, as far as deadlines go."""
        self.later += seconds
        self.hub.sweep(self.hub.now() + self.later)


def on_the_net(app: Any, what: Callable[[Net], Awaitable[None]]) -> None:
    """Do something on a net, and stop its hub."""

    async def inside() -> None:
        net = Net(app)
        async with asyncio.timeout(DEADLINE):
            await what(net)
            await net.hub.stop(0)

    asyncio.run(inside())


async def turns(count: int = 5) -> None:
    """Let the event loop do what it has to do."""
    for _ in range(count):
        await asyncio.sleep(0)


def statuses(sent: bytes) -> Sequence[int]:
    """Of the answers in what was sent."""
    return [int(part[:3]) for part in sent.split(b"HTTP/1.1 ")[1:]]
