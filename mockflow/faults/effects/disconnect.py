"""`disconnect`: the connection breaks instead of carrying the answer."""

from __future__ import annotations

from typing import ClassVar

from mockflow.faults.effects.effect import Effect, Instead, Line, Victim

_WORDS = "The connection breaks here."


class _Disconnect(Effect):
    shows_status = False
    status: ClassVar[int] = 500

    def instead(self, victim: Victim) -> Instead:  # noqa: ARG002 - the same for everybody
        """What the journal has for an answer that was never made; the client sees it only where no server is in
        between that could break the connection."""
        return Instead(self.status, _WORDS)


class Reset(_Disconnect):
    """A TCP reset, as of a server that crashed."""

    breaks = "The fault {} reset the connection."

    async def deliver(self, line: Line) -> bool:
        """Reset it."""
        line.reset()
        return True


class Empty(_Disconnect):
    """The connection is closed without a byte."""

    breaks = "The fault {} closed the connection without an answer."

    async def deliver(self, line: Line) -> bool:
        """Close it."""
        line.close()
        return True


class Truncate(_Disconnect):
    """Half of an answer that looks like a success, then the end."""

    breaks = "The fault {} closed the connection in the middle of the body."
    shows_status = True
    status = 200

    async def deliver(self, line: Line) -> bool:
        """Send half of it."""
        line.send_half()
        line.close()
        return True


class Garbage(_Disconnect):
    """Bytes that are not HTTP."""

    breaks = "The fault {} sent bytes that are not HTTP."
    BYTES: ClassVar[bytes] = b"\x00\x7f\xff\xfe\r\nthese bytes are not HTTP\r\n\r\n"

    async def deliver(self, line: Line) -> bool:
        """Send them."""
        line.write(self.BYTES)
        line.close()
        return True


DISCONNECTS = {"reset": Reset, "empty": Empty, "truncate": Truncate, "garbage": Garbage}
