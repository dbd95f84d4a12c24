"""One isolated fake Flowtask: everything that a request can see or change hangs on one of these."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mockflow.clock import Clock
from mockflow.domain.seedsets import locate, names
from mockflow.domain.world import World
from mockflow.errors import InvalidInput, SettingsInvalid
from mockflow.faults.engine import Faults, checked
from mockflow.faults.grammar import parse
from mockflow.faults.quota import Quota
from mockflow.ids import Ids
from mockflow.models.faults import FaultRule
from mockflow.outbox import Outbox
from mockflow.settings import Settings
from mockflow.store import Snapshot, Store, open_file, open_memory


class Sandbox:
    """Data, sessions, passcodes, outbox, clock, generator and faults of one fake Flowtask; how to start over.

    Opening one seeds it, unless its data file exists. Raises `SettingsInvalid`, `SeedInvalid`, `DataUnusable`.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        locate(settings.seeds)  # a set that does not exist stops the start, needed or not
        rules = _start_rules(settings.faults)
        self.name = name
        self.settings = settings
        self.requests = 0
        """How many requests of the API it has answered since it was opened or reset."""
        self._clock = Clock(settings.clock)
        self._started = self._clock.now()
        self._start: Snapshot | None = None
        self._seeds, self._seed = settings.seeds, settings.seed
        self._store = open_file(settings.data) if settings.data else open_memory()
        try:
            self._fill()
        except BaseException:
            self._store.close()
            raise
        ids = Ids(self._store.next_draw)
        outbox = Outbox(self._store, self._clock, ids)
        ttl = timedelta(seconds=settings.session_ttl)
        self.world = World(self._store, self._clock, ids, outbox, ttl)
        self.faults = Faults(self._clock, lambda: int(self.meta["seed"]), rules)
        self.quota = Quota(self._clock, *settings.rate_limit) if settings.rate_limit else None

    @property
    def store(self) -> Store:
        """Where its data is."""
        return self._store

    @property
    def meta(self) -> dict[str, Any]:
        """What its data was seeded with."""
        return self._store.meta.fetch("meta")

    @property
    def data(self) -> str:
        """Where its data is kept: a path, or `memory`."""
        return "memory" if self._store.path is None else str(self._store.path)

    def reset(self, *, seeds: str | None = None, seed: int | None = None, clock: datetime | None = None) -> None:
        """Back to the start state, the clock included; or to that of other seeds, seed or frozen clock.

        All or nothing. Raises `InvalidInput` for a seed set that is neither shipped nor the one of the start.
        """
        if seeds is not None and seeds not in (*names(), self._seeds):
            raise InvalidInput.at(
                "seeds", message=f"There is no seed set {seeds!r}: give one of {', '.join(names())}."
            )
        with self._store.transaction():
            if seeds is None and seed is None and clock is None:
                state = self._start_state()
            else:
                state = self._plant(seeds, seed, clock)
            self._store.restore(state)
            self.requests = 0
            frozen_at = clock or self.settings.clock
            if frozen_at is None:
                self._clock.run()
            else:
                self._clock.freeze(frozen_at)
            self.faults.reset()
            if self.quota is not None:
                self.quota.reset()

    def close(self) -> None:
        """Let go of the data file; everything committed is in it."""
        self._store.close()

    def _fill(self) -> None:
        if self._store.existed and not self.settings.reset:
            self._seeds, self._seed = self.meta["seeds"], self.meta["seed"]
        else:
            self._store.restore(self._start_state())

    def _start_state(self) -> Snapshot:
        """Made once: later resets swap the same records in again."""
        if self._start is None:
            self._start = self._plant(None, None, None)
        return self._start

    def _plant(self, seeds: str | None, seed: int | None, clock: datetime | None) -> Snapshot:
        from mockflow.domain.seeding import (
            SeedChoice,
            plant,
        )  # late: a start with a data file needs none of it

        choice = SeedChoice(
            seeds=seeds or self._seeds,
            seed=self._seed if seed is None else seed,
            locale=self.settings.locale,
            now=clock or self._started,
        )
        return plant(choice)


def _start_rules(texts: tuple[str, ...]) -> list[FaultRule]:
    rules = []
    for text in texts:
        try:
            rules.append(checked(parse(text)))
        except InvalidInput as error:
            raise SettingsInvalid(f"The fault {text!r} cannot be used: {error.message}") from None
    names = [rule.id for rule in rules if rule.id is not None]
    for name in names:
        if names.count(name) > 1:
            raise SettingsInvalid(f"There are two faults with the id {name!r}.")
    return rules
