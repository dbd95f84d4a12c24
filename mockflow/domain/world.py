"""What the rules act on: the parts of one sandbox."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from mockflow.clock import Clock, iso
from mockflow.domain.outbox import Outbox
from mockflow.domain.passwords import Passwords
from mockflow.ids import Ids
from mockflow.store import Store


class World(NamedTuple):
    """Store, clock, generator and outbox of one sandbox, how long its sessions live, and what checks passwords."""

    store: Store
    clock: Clock
    ids: Ids
    outbox: Outbox
    session_ttl: timedelta
    passwords: Passwords

    def timestamp(self) -> str:
        """Now, as the contract writes it."""
        return iso(self.clock.now())
