"""Bringing changes to the disk for many requests at once, in a thread, before their answers are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from mockflow.clock import Stopwatch

QUICK_SECONDS = 0.001
"""What a flush may take that holds up the loop: the next after a slower one goes to the thread."""


class GroupSync:
    """Runs `sync` for all that came in one turn of the loop, or while it ran last.

    In a thread of its own, so that nobody else waits for a slow disk; while the disk is quick, in the loop, since
    handing over to a thread and back takes longer than that.
    """

    def __init__(self, sync: Callable[[], None], *, quick_seconds: float = QUICK_SECONDS) -> None:
        self._sync = sync
        self._quick_seconds = quick_seconds
        self._thread = ThreadPoolExecutor(1, "mockflow-sync")
        self._waiting: asyncio.Future[None] | None = None
        self._running: asyncio.Task[None] | None = None
        self._quick = False

    async def done(self) -> None:
        """Return when what was written before this call is on the disk. Raises what `sync` raises."""
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().create_future()
            if self._running is None:
                self._running = asyncio.ensure_future(self._run())
        await asyncio.shield(self._waiting)

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown()

    async def _run(self) -> None:
        try:
            while self._waiting is not None:
                served, self._waiting = self._waiting, None
                await self._serve(served)
        finally:
            self._running = None

    def _timed(self) -> None:
        stopwatch = Stopwatch()
        self._sync()
        self._quick = stopwatch.seconds < self._quick_seconds

    async def _serve(self, served: asyncio.Future[None]) -> None:
        try:
            if self._quick:
                self._timed()
            else:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._timed)
        except Exception as error:
            served.set_exception(error)
            served.exception()  # perhaps nobody waits any more, and that is no mistake
        except BaseException:
            served.cancel()
            raise
        else:
            served.set_result(None)
