"""One isolated fake Flowtask: everything that a request can see or change hangs on one of these."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from mockflow import models
from mockflow.clock import Clock, ClockState, iso, wall
from mockflow.domain.outbox import Outbox
from mockflow.domain.passwords import Passwords
from mockflow.domain.world import World
from mockflow.errors import InvalidInput, NotFound, NotPossible, SettingsInvalid
from mockflow.faults.engine import Faults, FaultsState, checked
from mockflow.faults.grammar import parse
from mockflow.faults.quota import Quota
from mockflow.ids import Ids
from mockflow.journal import Feed, Journal
from mockflow.seeding.sets import locate, names
from mockflow.settings import Settings
from mockflow.store import Line, Snapshot, Store, let_go, open_file, open_memory

MOST_SNAPSHOTS = 100

_SNAPSHOT_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class State(NamedTuple):
    """All of a sandbox at one moment: its data (sessions, passcodes and outbox included), clock and faults."""

    data: Snapshot
    clock: ClockState
    faults: FaultsState


class Ready(NamedTuple):
    """A state that a sandbox is about to be in, and its data as the line that goes into the file."""

    state: State
    line: Line | None = None
    """None where there is no file, or the line is still to be made."""


class Saved(NamedTuple):
    """A snapshot, and when it was taken by this machine's clock."""

    state: State
    at: str


class Seeding:
    """Plants start states for one server. Raises `SettingsInvalid` for settings that cannot be used."""

    def __init__(self, settings: Settings) -> None:
        locate(settings.seeds)  # a set that does not exist stops the start, needed or not
        self.rules = _start_rules(settings.faults)
        self.passwords = Passwords()
        self.settings = settings
        self.seeds, self.seed = settings.seeds, settings.seed
        self._started = Clock(settings.clock).now()
        self._first: Snapshot | None = None

    def first(self) -> State:
        """The state the server starts with. Planted once: after that the same records are used again."""
        if self._first is None:
            self._first = self._plant(None, None, None)
        return self._around(self._first, None)

    @property
    def is_planted(self) -> bool:
        """Whether the first state is there already."""
        return self._first is not None

    def other(self, *, seeds: str | None, seed: int | None, clock: datetime | None) -> State:
        """A start state like the first, but for what is given."""
        return self._around(self._plant(seeds, seed, clock), clock)

    def _around(self, data: Snapshot, frozen_at: datetime | None) -> State:
        clock = Clock(frozen_at or self.settings.clock)
        return State(data, clock.state(), Faults(clock, lambda: self.seed, self.rules).state())

    def _plant(self, seeds: str | None, seed: int | None, clock: datetime | None) -> Snapshot:
        from mockflow.seeding.planting import SeedChoice, plant  # late: a start with a data file needs none of it

        choice = SeedChoice(
            seeds=seeds or self.seeds,
            seed=self.seed if seed is None else seed,
            locale=self.settings.locale,
            now=clock or self._started,
        )
        return plant(choice)


class Sandbox:
    """Data, sessions, passcodes, outbox, clock, generator, faults and snapshots of one fake Flowtask.

    `start` gives the state it goes back to. A store that holds data keeps it; an empty one gets the start state.
    """

    def __init__(self, name: str, store: Store, seeding: Seeding, start: Callable[[], State]) -> None:
        settings = seeding.settings
        self.name = name
        self.settings = settings
        self.store = store
        self.snapshots: dict[str, Saved] = {}
        self.journal = Journal()
        self.feed = Feed()
        self._seeding = seeding
        self._start = start
        self._clock = Clock(settings.clock)
        self.faults = Faults(self._clock, lambda: int(store.meta.fetch("meta")["seed"]), seeding.rules)
        self.quota = Quota(self._clock, *settings.rate_limit) if settings.rate_limit else None
        if not store.existed:
            self._enter(Ready(start()))
        ids = Ids(store.next_draw)
        outbox = Outbox(store, self._clock, ids)
        self.world = World(
            store, self._clock, ids, outbox, timedelta(seconds=settings.session_ttl), seeding.passwords
        )

    @property
    def meta(self) -> dict[str, Any]:
        """What its data was seeded with."""
        return self.store.meta.fetch("meta")

    @property
    def data(self) -> str:
        """Where its data is kept: a path, or `memory`."""
        return "memory" if self.store.path is None else str(self.store.path)

    def state(self) -> State:
        """All of it, as it is now. Copies no record."""
        with self.store.transaction():
            return State(self.store.snapshot(), self._clock.state(), self.faults.state())

    def beginning(self) -> State:
        """Where it began, but with the rules that are in force in it now, as if they had just been given."""
        return self._start()._replace(faults=self.faults.afresh())

    def start(
        self, *, seeds: str | None = None, seed: int | None = None, clock: datetime | None = None
    ) -> Callable[[], Ready]:
        """What makes the start state ready for a `reset`, clock and faults included, or that of other seeds, seed
        or frozen clock. It may be called in any thread.

        Raises `InvalidInput` for a seed set that is neither shipped nor the one of the start.
        """
        if seeds is not None and seeds not in (*names(), self._seeding.seeds):
            raise InvalidInput.at(
                "seeds", message=f"There is no seed set {seeds!r}: give one of {', '.join(names())}."
            )
        if (seeds, seed, clock) == (None, None, None):
            return lambda: self.ready(self._start())
        return lambda: self.ready(self._seeding.other(seeds=seeds, seed=seed, clock=clock))

    def ready(self, state: State) -> Ready:
        """A state with what its data is in the file, if there is one; in any thread."""
        return Ready(state, self.store.line_of(state.data))

    def ready_data(self, data: Snapshot) -> Callable[[], Ready]:
        """What makes ready other data (`mockflow.domain.documents.read`) with the clock and the faults of then."""
        line = self.store.line_of(data)
        return lambda: Ready(State(data, self._clock.state(), self.faults.state()), line)

    @property
    def resets_at_once(self) -> bool:
        """Whether the start state is at hand, and there is no file to write it to."""
        return self.store.keeper is None and self._seeding.is_planted

    def reset(self, start: Ready) -> None:
        """Back to a `start`. All or nothing."""
        self._enter(start)
        self.journal.reset()
        self.feed.tell("reset", {"sandbox": self.name})

    def load(self, found: Ready) -> None:
        """Be in another state. Raises `NotPossible` while requests are being answered."""
        self._check_idle()
        self._enter(found)

    def save(self, name: str) -> Saved:
        """Keep the state of now under a name, in place of one that is there.

        Raises `InvalidInput` for a name that is none, `NotPossible` past the limit.
        """
        if not _SNAPSHOT_NAME.fullmatch(name):
            message = "A snapshot is named with 1 to 64 letters, digits, dots, dashes or underscores."
            raise InvalidInput.at("name", message=message, code="invalid_string")
        if name not in self.snapshots and len(self.snapshots) >= MOST_SNAPSHOTS:
            raise NotPossible(f"There are {MOST_SNAPSHOTS} snapshots already; delete one first.")
        before = self.snapshots.get(name)
        self.snapshots[name] = saved = Saved(self.state(), iso(wall()))
        if before is not None:
            let_go(before.state.data)
        return saved

    def forget(self, name: str) -> None:
        """Let go of the snapshot of a name, if there is one."""
        gone = self.snapshots.pop(name, None)
        if gone is not None:
            let_go(gone.state.data)

    def saved(self, name: str) -> Saved:
        """The snapshot of a name. Raises `NotFound`."""
        if name not in self.snapshots:
            raise NotFound(f"There is no snapshot {name!r} in the sandbox {self.name}.")
        return self.snapshots[name]

    def close(self) -> None:
        """Let go of the data file; everything committed is in it. Listeners are told.

        What it held goes with the last reference to it, without a search for garbage.
        """
        self.feed.tell("end", {})
        held = self.store.snapshot()
        self.store.close()
        let_go(held)
        self.snapshots.clear()

    def _check_idle(self) -> None:
        """A client that waits for an answer would meet another world than the one it asked."""
        held = self.journal.held_back()
        if held:
            shown = ", ".join(f"{entry.id} ({entry.method} {entry.path})" for entry in held[:3])
            raise NotPossible(
                f"The sandbox {self.name} still has answers to send: {shown}. Wait for them, or reset the sandbox."
            )

    def _enter(self, ready: Ready) -> None:
        """Be in a state: all of it, or, where the data file cannot be written, in the one of before."""
        state = ready.state
        with self.store.transaction():
            self.store.restore(state.data, ready.line)
            self._clock.restore(state.clock)
            self.faults.restore(state.faults)
            if self.quota is not None:
                self.quota.reset()


def open_default(name: str, seeding: Seeding) -> Sandbox:
    """The sandbox that the settings describe, with their data file. Raises `SeedInvalid`, `DataUnusable`."""
    settings = seeding.settings
    store = open_file(settings.data, anew=settings.reset) if settings.data else open_memory()
    try:
        if store.existed:
            meta = store.meta.fetch("meta")
            seeding.seeds, seeding.seed = meta["seeds"], meta["seed"]
        return Sandbox(name, store, seeding, seeding.first)
    except BaseException:
        store.close()
        raise


def _start_rules(texts: tuple[str, ...]) -> list[models.faults.FaultRule]:
    rules = []
    for text in texts:
        try:
            rules.append(checked(parse(text)))
        except InvalidInput as error:
            raise SettingsInvalid(f"The fault {text!r} cannot be used: {error.message}") from None
    named = [rule.id for rule in rules if rule.id is not None]
    for name in named:
        if named.count(name) > 1:
            raise SettingsInvalid(f"There are two faults with the id {name!r}.")
    return rules
