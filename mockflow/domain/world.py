"""What the rules act on: the parts of one sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mockflow.clock import Clock, iso
from mockflow.domain.outbox import Outbox
from mockflow.ids import Ids
from mockflow.store import Store


@dataclass(frozen=True)
class World:
    """Store, clock, generator and outbox of one sandbox, and how long its sessions live."""

    store: Store
    clock: Clock
    ids: Ids
    outbox: Outbox
    session_ttl: timedelta

    def timestamp(self) -> str:
        """Now, as the contract writes it."""
        return iso(self.clock.now())
