"""What the connections of one server have in common: the service, the clock, and the order to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from mockflow.http.service import Service
from mockflow.serving.collecting import Collector
from mockflow.serving.connection import Connection

SWEEP_SECONDS = 0.5
"""How often connections are looked at that may have taken too long."""


class Hub:
    """The connections of one server, while its event loop runs."""

    def __init__(self, service: Service, collector: Collector) -> None:
        self.service = service
        self.collector = collector
        self.connections: set[Connection] = set()
        self.stopping = False
        """Whether no more requests are to be taken."""
        self._loop = asyncio.get_running_loop()
        self.now = self._loop.time
        """The time that deadlines are told in, in seconds."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeping = self._loop.call_later(SWEEP_SECONDS, self._sweep_again)

    def connect(self) -> Connection:
        """The protocol for a new connection."""
        return Connection(self)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something run that takes its time."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def sweep(self, now: float) -> None:
        """Tell the connections whose deadline is over."""
        for connection in [one for one in self.connections if one.deadline <= now]:
            connection.on_deadline()

    async def stop(self, grace_seconds: float) -> None:
        """Have what has come answered, and close all connections; after the grace whatever they are at."""
        self.stopping = True
        self._sweeping.cancel()
        until = self.now() + grace_seconds
        for connection in list(self.connections):
            connection.stop()
        while self.connections and self.now() < until:
            await asyncio.sleep(0.005)
        for connection in list(self.connections):
            connection.transport.abort()
        while self._tasks or self.connections:
            await asyncio.sleep(0)

    def _sweep_again(self) -> None:
        self.sweep(self.now())
        self._sweeping = self._loop.call_later(SWEEP_SECONDS, self._sweep_again)
