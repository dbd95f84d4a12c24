"""`expireSession`: the caller's session is really over."""

from __future__ import annotations

from mockflow.domain import accounts
from mockflow.faults.effects.effect import Effect, Instead, Victim


class ExpireSession(Effect):
    """This request and those after it get 401 until the next sign-in."""

    needs_session = True

    def instead(self, victim: Victim) -> None:
        """End it; what follows finds no session."""
        _end(victim)

    def afterwards(self, victim: Victim, body: bytes) -> Instead:  # noqa: ARG002 - lost either way
        """End it, and say so."""
        _end(victim)
        return Instead(401, "Sign in first: the session has expired.")


def _end(victim: Victim) -> None:
    world, token = victim.world, victim.token
    with world.store.transaction():
        if token is not None and world.store.sessions.find(token) is not None:
            accounts.end_session(world, token)
