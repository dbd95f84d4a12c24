"""The set of sandboxes of one server."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from mockflow.clock import Stopwatch
from mockflow.errors import InvalidInput, NotFound, NotPossible, TooManySandboxes
from mockflow.journal import Journal
from mockflow.sandbox import Sandbox, Seeding, State, open_default
from mockflow.settings import Settings
from mockflow.store import Snapshot, open_memory

DEFAULT = "default"
MOST = 256
MOST_KEPT = 256
"""Sandboxes that are gone and are kept for the one they were made through; the oldest make room."""

_NAME = re.compile(r"[a-z0-9-]{1,40}")


@dataclass
class Lodger:
    """A sandbox beside `default`, and how long it may stay, in seconds."""

    sandbox: Sandbox
    lifetime: float | None = None
    label: str | None = None
    parent: str | None = None
    """Which sandbox it was made through, unless that was `default`."""
    age: Stopwatch = field(default_factory=Stopwatch)

    @property
    def left(self) -> float | None:
        """Seconds it may still stay; None for ever."""
        return None if self.lifetime is None else self.lifetime - self.age.seconds

    @property
    def over(self) -> bool:
        """Whether its time is over."""
        return self.lifetime is not None and self.age.seconds >= self.lifetime


class Child(NamedTuple):
    """A sandbox as who made it through another may still see it, also when it is gone."""

    name: str
    label: str | None
    gone: bool
    faults: list[dict[str, Any]]
    data: Snapshot
    journal: Journal

    @classmethod
    def of(cls, lodger: Lodger, *, gone: bool) -> Child:
        """One as it is now, or as it was when it went."""
        sandbox = lodger.sandbox
        data = sandbox.store.snapshot()
        return cls(sandbox.name, lodger.label, gone, sandbox.faults.listed(), data, sandbox.journal)


class Sandboxes:
    """`default`, which always exists and may have a data file, and others in memory, made at first sight.

    Nothing in one is visible in another. Where each begins is shared and never changes, so that making, forking
    and resetting one costs the same however much it holds and however often it was done.
    """

    def __init__(self, settings: Settings) -> None:
        """Opens `default`. Raises `SettingsInvalid`, `SeedInvalid`, `DataUnusable`."""
        self.settings = settings
        self._seeding = Seeding(settings)
        self._lock = threading.Lock()
        self._others: dict[str, Lodger] = {}
        self._kept: dict[str, deque[Child]] = {}
        """By name of a sandbox, those that are gone and were made through it."""
        self._numbers = count(1)
        self.default = open_default(DEFAULT, self._seeding)

    def named(self, name: str) -> Sandbox:
        """The sandbox of a name; one that was not there is made, in the state the server started with.

        Raises `InvalidInput` for a name that is none, `TooManySandboxes`.
        """
        if name == DEFAULT:
            return self.default
        with self._lock:
            # Only this one is looked at: a request costs the same however many others there are.
            lodger = self._others.get(name)
            if lodger is not None and not lodger.over:
                return lodger.sandbox
            self._send_away()
            return self._make(_checked(name), None, None).sandbox

    def has_to_plant(self, name: str) -> bool:
        """Whether a sandbox that is not there yet would have to wait until its start state is planted."""
        return not (self._seeding.is_planted or name == DEFAULT or name in self._others)

    def plant(self) -> None:
        """Plant the start state; it may run in any thread."""
        self._seeding.first()

    def create(
        self,
        name: str | None,
        source: State | None = None,
        lifetime: float | None = None,
        *,
        label: str | None = None,
        parent: Sandbox | None = None,
    ) -> Lodger:
        """A new sandbox, in a given state or as its parent begins; without a name it gets one.

        The parent is the sandbox that it is made through; what is made through `default` begins in the state of
        the server's start. `label` says what it is for.
        Raises `InvalidInput`, `NotPossible` for a name that is taken, `TooManySandboxes`.
        """
        with self._lock:
            self._send_away()
            if name is None:
                name = next(free for number in self._numbers if (free := f"box-{number}") not in self._others)
            if _checked(name) == DEFAULT or name in self._others:
                raise NotPossible.at("name", message=f"There is a sandbox {name!r} already.", code="not_unique")
            if source is None and parent is not None and parent is not self.default:
                source = parent.beginning()
            lodger = self._make(name, source, lifetime)
            lodger.label = label
            lodger.parent = None if parent is None or parent is self.default else parent.name
            return lodger

    def made_through(self, sandbox: Sandbox) -> list[Child]:
        """The sandboxes that were made through one, oldest first, also those that are gone."""
        with self._lock:
            self._send_away()
            found = [lodger for lodger in self._others.values() if lodger.parent == sandbox.name]
            here = [Child.of(lodger, gone=False) for lodger in found]
            return [*self._kept.get(sandbox.name, ()), *here]

    def known(self, name: str) -> Sandbox | None:
        """The sandbox of a name, if it is there; none is made."""
        with self._lock:
            self._send_away()
            lodger = self._others.get(name)
            return self.default if name == DEFAULT else lodger.sandbox if lodger else None

    def delete(self, name: str) -> None:
        """Close and forget one. Raises `NotFound`, and `NotPossible` for `default`."""
        if name == DEFAULT:
            raise NotPossible("The sandbox default cannot be deleted; reset it.")
        with self._lock:
            self._send_away()
            if name not in self._others:
                raise NotFound(f"There is no sandbox {name!r}.")
            self._forget([name])

    def listed(self) -> list[Lodger]:
        """All of them, `default` first."""
        with self._lock:
            self._send_away()
            return [Lodger(self.default), *self._others.values()]

    def close(self) -> None:
        """Close every sandbox."""
        for lodger in self.listed():
            lodger.sandbox.close()

    def _make(self, name: str, source: State | None, lifetime: float | None) -> Lodger:
        if len(self._others) + 1 >= MOST:
            raise TooManySandboxes(f"There are {MOST} sandboxes already; delete one, or give them a ttlSeconds.")
        start = self._seeding.first if source is None else lambda: source
        sandbox = Sandbox(name, open_memory(), self._seeding, start)
        self._others[name] = lodger = Lodger(sandbox, lifetime)
        return lodger

    def _send_away(self) -> None:
        """Close and forget those whose time is over."""
        self._forget([name for name, lodger in self._others.items() if lodger.over])

    def _forget(self, names: Iterable[str]) -> None:
        """Close sandboxes, and keep them for those that they were made through and that are still there."""
        for name in names:
            lodger = self._others.pop(name)
            if lodger.parent in self._others:
                kept = self._kept.setdefault(lodger.parent, deque(maxlen=MOST_KEPT))
                kept.append(Child.of(lodger, gone=True))
            self._kept.pop(name, None)
            lodger.sandbox.close()


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        shown = name if len(name) <= 60 else f"{name[:60]}…"
        message = f"A sandbox is named with 1 to 40 of a-z, 0-9 and -; got {shown!r}."
        raise InvalidInput.at("name", message=message, code="invalid_string")
    return name
