"""Bringing changes to the disk for many requests at once, in a thread, before their answers are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class GroupSync:
    """Runs `sync` in a thread of its own, one at a time; who comes while it runs shares the next run."""

    def __init__(self, sync: Callable[[], None]) -> None:
        self._sync = sync
        self._thread = ThreadPoolExecutor(1, "mockflow-sync")
        self._waiting: asyncio.Future[None] | None = None
        self._running: asyncio.Task[None] | None = None

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

    async def _serve(self, served: asyncio.Future[None]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._sync)
        except Exception as error:
            served.set_exception(error)
            served.exception()  # perhaps nobody waits any more, and that is no mistake
        except BaseException:
            served.cancel()
            raise
        else:
            served.set_result(None)
