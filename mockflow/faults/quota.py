"""A real rate limit: so many requests in so many seconds of the sandbox's clock, for each session or address."""

from __future__ import annotations

import math
import threading
from datetime import datetime, timedelta
from typing import NamedTuple

from mockflow.clock import Clock

_MANY = 10_000


class Standing(NamedTuple):
    """How a caller stands after a request: `reset` is the whole seconds until the window begins anew."""

    limit: int
    remaining: int
    reset: int
    refused: bool


class Quota:
    """Counts requests in fixed windows, which begin with a caller's first request."""

    def __init__(self, clock: Clock, limit: int, seconds: int) -> None:
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self._window = timedelta(seconds=seconds)
        self._lock = threading.Lock()
        self._callers: dict[str, tuple[datetime, int]] = {}

    def count(self, caller: str) -> Standing:
        """Count one request of a caller."""
        now = self._clock.now()
        with self._lock:
            if len(self._callers) >= _MANY:
                self._forget_old(now)
            began, used = self._callers.get(caller, (now, 0))
            if not timedelta() <= now - began < self._window:
                began, used = now, 0
            used = min(used + 1, self.limit + 1)
            self._callers[caller] = (began, used)
        reset = math.ceil((began + self._window - now).total_seconds())
        return Standing(self.limit, max(0, self.limit - used), reset, used > self.limit)

    def reset(self) -> None:
        """Forget all that was counted."""
        with self._lock:
            self._callers.clear()

    def _forget_old(self, now: datetime) -> None:
        kept = {caller: known for caller, known in self._callers.items() if now - known[0] < self._window}
        self._callers = kept
