"""`hang`: nothing comes, then the connection is closed."""

from __future__ import annotations

from mockflow.faults.effects.disconnect import Empty
from mockflow.faults.effects.effect import Line


class Hang(Empty):
    """The client waits for so many seconds, for nothing."""

    breaks = "The fault {} let the client wait, and closed the connection."

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def deliver(self, line: Line) -> bool:
        """Wait, then close."""
        return await line.wait(self._seconds) and await super().deliver(line)
