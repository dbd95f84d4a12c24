"""A machine that can be killed, or lose its power, after each step: what would be on its disk then."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from mockflow.store import Snapshot, Store
from tests.store.stores import Content, Files, content, found_in, put

DEADLINE = 20
"""Seconds after which a thread that does not do its part fails the test."""

_FOLDER = 0
_CALLS = "open close dup write ftruncate fsync fdatasync replace unlink".split()
_REAL: dict[str, Any] = {name: getattr(os, name, None) for name in _CALLS}


Left = tuple[tuple[str, bytes], ...]
"""The files in a folder."""


Renaming = tuple[str | None, str | None, int | None]
"""From which name to which; from None for a new file, which has a number; to None for one that is removed."""


def renamed(names: dict[str, int], renamings: list[Renaming]) -> dict[str, int]:
    """Names after some of that; what needs a name that is not there does not happen."""
    names = dict(names)
    for source, target, number in renamings:
        found = number if source is None else names.pop(source, None)
        if target is not None and found is not None:
            names[target] = found
    return names


@dataclass(frozen=True)
class Moment:
    """What a step could leave in the folder, and which states a store may have that finds it."""

    left: Left
    allowed: tuple[tuple[tuple[int, str], ...], ...]


class Machine:
    """Watches what this process does to the files of a folder.

    A kill leaves what the system has. A power cut leaves of the names what was flushed with the folder and any
    first part of what happened to them later, or all but one step of it; and of each file what was flushed, all of
    it, or something between. Of a file whose flush failed nothing that was written before ever gets there.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.moments: dict[Moment, str] = {}
        self.before_step: Callable[[str], None] = lambda _: None
        self.broken = False
        """Whether flushes fail."""
        self.mounted: set[str] = set()
        """The names that nothing else can get."""
        self._states: list[Content] = []
        self._safe: list[Content] = []
        self._lock = threading.RLock()
        self._names: dict[str, int] = {}
        self._on_disk: dict[str, int] = {}
        self._renamed: list[Renaming] = []
        self._held: dict[int, bytes] = {}
        self._flushed: dict[int, bytes] = {}
        self._lost: dict[int, int] = {}
        self._open: dict[int, int] = {}
        self._at: dict[int, int] = {}
        for path in folder.iterdir() if folder.exists() else ():
            if path.suffix != ".lock":
                self._new(path.name)
                self._held[self._names[path.name]] = self._flushed[self._names[path.name]] = path.read_bytes()
        self._on_disk = dict(self._names)
        self._renamed.clear()
        for name in _REAL:
            patch.setattr(os, name, self._watched(name), raising=False)

    # -- what the test tells

    def asked(self, after: Content) -> None:
        """A request is on its way that makes this state."""
        with self._lock:
            self._states.append(dict(after))
            self._safe.append(dict(after))

    def answered(self) -> None:
        """The latest state was told to somebody: nothing older will do from now on, unless the power is cut."""
        with self._lock:
            del self._states[:-1]
            self._note("answered")

    def flushed(self) -> None:
        """The latest state has to outlive a power cut, too."""
        with self._lock:
            del self._safe[:-1]
            self._note("flushed")

    def check(self, folder: Path, found: dict[Left, Content] | None = None) -> None:
        """A store that finds what any of the steps could leave has one of the states it may have.

        `found` keeps what was found in which files, for another time.
        """
        assert self.moments
        found = {} if found is None else found
        for moment, step in self.moments.items():
            if moment.left not in found:
                found[moment.left] = found_in(folder / str(len(found)), dict(moment.left))
            assert tuple(found[moment.left].items()) in moment.allowed, (step, found[moment.left], moment)

    # -- what the store does

    def _watched(self, name: str) -> Callable[..., Any]:
        handle = getattr(self, f"_{name}_" if name == "open" else f"_{name}")

        def call(*arguments: Any, **options: Any) -> Any:
            if name != "close" and self._concerns(arguments[0]):
                self.before_step(name)
            with self._lock:
                done: Any = handle(*arguments, **options)
                return done

        return call

    def _concerns(self, what: Any) -> bool:
        return what in self._open if isinstance(what, int) else self._name(what) is not None

    def _name(self, path: Any) -> str | None:
        path = Path(path)
        return path.name if path.parent == self.folder and path.suffix != ".lock" else None

    def _new(self, name: str) -> int:
        number = self._names[name] = len(self._held) + 1
        self._held[number] = self._flushed[number] = b""
        self._renamed.append((None, name, number))
        return number

    def _open_(self, path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
        descriptor: int = _REAL["open"](path, flags, mode, **options)
        self._forget(descriptor)
        name = self._name(path)
        if Path(path) == self.folder:
            self._open[descriptor] = _FOLDER
        elif name is not None:
            number = self._names[name] if name in self._names else self._new(name)
            self._open[descriptor] = number
            if not flags & os.O_APPEND:
                self._at[descriptor] = 0
            if flags & os.O_TRUNC:
                self._held[number] = b""
            self._note(f"open {name}")
        return descriptor

    def _close(self, descriptor: int) -> None:
        self._forget(descriptor)
        _REAL["close"](descriptor)

    def _forget(self, descriptor: int) -> None:
        """It is closed; file objects do that unseen."""
        self._open.pop(descriptor, None)
        self._at.pop(descriptor, None)

    def _write(self, descriptor: int, data: Any) -> int:
        number = self._open.get(descriptor)
        if number is None:
            return int(_REAL["write"](descriptor, data))
        before = self._held[number]
        at = self._at.get(descriptor, len(before))
        self._held[number] = _over(before, at, bytes(data[: len(data) // 2]))
        self._note("half of a write")
        written: int = _REAL["write"](descriptor, data)
        self._held[number] = _over(before, at, bytes(data[:written]))
        if descriptor in self._at:
            self._at[descriptor] = at + written
        self._note("write")
        return written

    def _dup(self, descriptor: int) -> int:
        copy: int = _REAL["dup"](descriptor)
        self._forget(copy)
        if descriptor in self._open:
            self._open[copy] = self._open[descriptor]
        return copy

    def _ftruncate(self, descriptor: int, length: int) -> None:
        _REAL["ftruncate"](descriptor, length)
        if descriptor in self._open:
            number = self._open[descriptor]
            self._held[number] = self._held[number][:length].ljust(length, b"\0")
            self._note("ftruncate")

    def _fsync(self, descriptor: int) -> None:
        number = self._open.get(descriptor)
        if number == _FOLDER:
            self._on_disk, self._renamed = dict(self._names), []
        elif number is not None and self.broken:
            self._lost[number] = len(self._held[number])
            self._note("a flush that fails")
            raise OSError(errno.EIO, "Input/output error")
        elif number is not None and number not in self._lost:
            self._flushed[number] = self._held[number]
        self._note("fsync")

    _fdatasync = _fsync

    def _replace(self, source: Any, target: Any) -> None:
        if self._name(target) in self.mounted:
            raise OSError(errno.EBUSY, "Device or resource busy")
        _REAL["replace"](source, target)
        self._rename((self._name(source), self._name(target), None))
        self._note(f"replace {self._name(target)}")

    def _unlink(self, path: Any, **options: Any) -> None:
        _REAL["unlink"](path, **options)
        name = self._name(path)
        if name is not None:
            self._rename((name, None, None))
            self._note(f"unlink {name}")

    # -- what that could leave

    def _note(self, step: str) -> None:
        killed = {name: self._held[number] for name, number in self._names.items()}
        self._keep(killed, self._states, f"{step}, killed")
        for left in self._outcomes():
            self._keep(left, self._safe, f"{step}, without power")

    def _keep(self, left: Files, states: list[Content], step: str) -> None:
        allowed = tuple(tuple(state.items()) for state in states)
        self.moments.setdefault(Moment(tuple(sorted(left.items())), allowed), step)

    def _outcomes(self) -> Iterator[Files]:
        for names in self._names_after_a_power_cut():
            kinds = [self._contents(name, number) for name, number in names.items()]
            for contents in product(*kinds):
                yield dict(zip(names, contents, strict=True))

    def _rename(self, renaming: Renaming) -> None:
        self._names = renamed(self._names, [renaming])
        self._renamed.append(renaming)

    def _names_after_a_power_cut(self) -> Iterator[dict[str, int]]:
        steps = self._renamed
        for number in range(len(steps) + 1):
            yield renamed(self._on_disk, steps[:number])
            yield renamed(self._on_disk, steps[:number] + steps[number + 1 :])

    def _contents(self, name: str, number: int) -> list[bytes]:
        held, flushed = self._held[number], self._flushed[number]
        if held == flushed or name.startswith("."):  # nobody reads a temporary file
            return [held]
        pairs = zip(held, flushed, strict=False)
        kept = next((n for n, (one, other) in enumerate(pairs) if one != other), min(len(held), len(flushed)))
        half = kept + (len(held) - kept) // 2
        mixed = [held[:half] + flushed[half:]] if name == "data.json" else []
        return [held, flushed, held[:half], held[:kept] + b"\0" * (half - kept) + held[half:], *mixed]


def _over(before: bytes, at: int, data: bytes) -> bytes:
    return before[:at] + data + before[at + len(data) :]


class Requests:
    """Requests to a store on a machine, each with the state that it makes."""

    def __init__(self, machine: Machine, store: Store) -> None:
        self.machine, self.store = machine, store
        self.state = content(store)

    def put(self, number: int, text: str | None) -> None:
        """One that is not answered yet."""
        after = {**self.state, number: text or ""}
        if text is None:
            del after[number]
        self.machine.asked(after)
        put(self.store, number, text)
        self.state = after

    def restore(self, snapshot: Snapshot, after: Content) -> None:
        """Another state altogether, which is answered."""
        self.machine.asked(after)
        self.store.restore(snapshot)
        self.state = after
        self.machine.answered()

    def answer(self, *, flush: bool = False) -> None:
        """Answer all; and perhaps bring it to the disk."""
        self.machine.answered()
        if flush:
            assert self.store.keeper is not None
            self.store.keeper.sync()
            self.machine.flushed()
