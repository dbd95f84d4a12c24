"""`malformed`: a 200 whose JSON breaks off in the middle."""

from __future__ import annotations

from typing import ClassVar

from mockflow.faults.effects.effect import Effect, Instead, Victim


class Malformed(Effect):
    """The body ends too early, and the length says that this is all."""

    BROKEN: ClassVar[bytes] = b'{"msg":"This JSON breaks o'

    def instead(self, victim: Victim) -> Instead:  # noqa: ARG002 - the same for everybody
        """A beginning of some JSON."""
        return Instead(200, body=self.BROKEN)

    def afterwards(self, victim: Victim, body: bytes) -> Instead:  # noqa: ARG002 - likewise
        """Two thirds of the real body."""
        return Instead(200, body=body[: len(body) * 2 // 3])
