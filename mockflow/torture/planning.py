"""What is tried: the tests that can be tortured, and for each request of theirs the faults that make a difference."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mockflow.operations import BY_NAME
from mockflow.torture.runs import Box, Entry, Run, Test
from mockflow.torture.states import Masks, masks_of
from mockflow.torture.traffic import Volatile, entries_of, story, volatile
from mockflow.torture.troubles import Trouble

_ID_LENGTH = 8
_MOST_OF_A_SUITE = 2
"""Of a suite that runs as a whole, only the first so many requests of an operation in a sandbox are tried."""


@dataclass(frozen=True)
class Clean:
    """A test as it is without faults: its run, and what differs from one such run to the next."""

    test: Test
    run: Run
    masks: Masks = frozenset()
    volatile: Volatile = field(default_factory=Volatile)

    @property
    def expects_refusal(self) -> bool:
        """Whether the test has the server refuse something."""
        return any((entry["status"] or 0) >= 400 for entry in entries_of(self.run.boxes))


@dataclass(frozen=True)
class LeftOut:
    """A test that is not tortured, and why."""

    test: Test
    reason: str


@dataclass(frozen=True)
class Experiment:
    """A test under one fault: of its requests of an operation, the nth is hit."""

    clean: Clean
    operation: str
    nth: int
    trouble: Trouble
    behind: str
    """Stands for the requests before the one that is hit, and itself."""

    @property
    def id(self) -> str:
        """The same in each run of the same suite."""
        what = (self.clean.test.id, self.operation, self.nth, self.trouble.name, self.trouble.after)
        return hashlib.blake2b(json.dumps(what).encode()).hexdigest()[:_ID_LENGTH]

    @property
    def rule(self) -> str:
        """Its rule in the flat grammar."""
        return self.trouble.at(self.operation, self.nth)


# -- clean runs


def cleaned(test: Test, first: Run, second: Run) -> Clean | LeftOut:
    """What two runs without faults say of a test."""
    reason = _reason(first) or _reason(second)
    if reason is None and story(entries_of(first.boxes)) != story(entries_of(second.boxes)):
        reason = "sends other requests each time"
    if reason is None and len(first.boxes) != len(second.boxes):
        reason = "uses other sandboxes each time"
    if reason is not None:
        return LeftOut(test, reason)
    masks: set[tuple[str, str]] = set(_random_colors(entries_of(first.boxes)))
    for one, other in pairs(first.boxes, second.boxes):
        found = masks_of(one.rows, other.rows)
        if found is None:
            return LeftOut(test, "leaves another state each time")
        masks |= found
    return Clean(test, first, frozenset(masks), volatile(entries_of(first.boxes), entries_of(second.boxes)))


def _random_colors(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """A tag without a color gets one by chance, which depends on all that was drawn before."""
    for entry in entries:
        body = entry["request"]["body"]
        if entry["operation"] == "createTag" and not (isinstance(body, dict) and "color" in body):
            yield ("tag", "color")


def _reason(run: Run) -> str | None:
    """Why a test cannot be tortured."""
    if run.outcome == "stopped":
        return "did not end"
    if run.outcome != "passed":
        told = f": {run.failure.type}: {run.failure.message}" if run.failure else ""
        return {"skipped": "is skipped", "xfailed": "is expected to fail"}.get(run.outcome, f"fails{told}")
    if not run.requests:
        return "sends nothing to the server"
    if any(box.evicted for box in run.boxes):
        return "sends more requests than the journal keeps"
    if any(box.count > len(box.entries) for box in run.boxes):
        return "empties the journal"
    if any(entry["fault"] for entry in entries_of(run.boxes)):
        return "makes faults itself"
    return None


def pairs(clean: Sequence[Box], other: Sequence[Box]) -> list[tuple[Box, Box]]:
    """The sandboxes of two runs, each beside its like: those of the same label in the order they were made."""
    spare = list(other)
    found = []
    for box in clean:
        like = next((one for one in spare if (one.label, one.name == "own") == (box.label, box.name == "own")), None)
        if like is not None:
            spare.remove(like)
            found.append((box, like))
    return found


# -- the plan


def plan(cleans: Sequence[Clean], troubles: Sequence[Trouble], *, thorough: bool = False) -> list[Experiment]:
    """What is to be run, in the order of the tests; with `thorough`, also what others stand for.

    A fault that is tried at each request is tried once for all tests that have sent the same until then. Any other
    is tried once for each operation, in the first test that has it carried out.
    """
    everything = [one for clean in cleans for one in _of_test(clean, troubles)]
    if thorough:
        return everything
    seen: set[tuple[object, ...]] = set()
    found = []
    for one in sorted(everything, key=_is_refused):
        name = (one.trouble.name, one.trouble.after)
        key = (*name, one.behind) if one.trouble.everywhere else (*name, one.operation)
        if key not in seen:
            seen.add(key)
            found.append(one)
    chosen = {id(one) for one in found}
    return [one for one in everything if id(one) in chosen]


def _of_test(clean: Clean, troubles: Sequence[Trouble]) -> Iterator[Experiment]:
    """Every fault at each request of a test; one that lasts begins with the first."""
    for operation, nth, behind in _positions(clean):
        for trouble in troubles:
            if trouble.fits(operation) and (nth == 1 or not trouble.lasting):
                yield Experiment(clean, operation, nth, trouble, behind)


def _positions(clean: Clean) -> Iterator[tuple[str, int, str]]:
    """The requests of a test: operation, which of that operation it is, and what stands for all until then."""
    most: dict[tuple[str, int], str] = {}
    whole = not clean.test.call
    for box in clean.run.boxes:
        counts: Counter[str] = Counter()
        so_far = hashlib.blake2b()
        for entry in box.entries:
            so_far.update(json.dumps([*clean.volatile.signature(entry), entry["status"]]).encode())
            operation = entry["operation"]
            if operation in BY_NAME:
                counts[operation] += 1
                if not whole or counts[operation] <= _MOST_OF_A_SUITE:
                    most.setdefault((operation, counts[operation]), so_far.hexdigest())
    for (operation, nth), behind in most.items():
        yield operation, nth, behind


def _is_refused(one: Experiment) -> bool:
    """Whether the request that is hit is refused without a fault as well: others show more."""
    hit = nth_of(entries_of(one.clean.run.boxes), one.operation, one.nth)
    return hit is None or (hit["status"] or 500) >= 400


def nth_of(entries: Iterable[Entry], operation: str, nth: int) -> Entry | None:
    """The nth request of an operation."""
    same = [entry for entry in entries if entry["operation"] == operation]
    return same[nth - 1] if nth <= len(same) else None


def first_copies(tests: Iterable[Test]) -> list[Test]:
    """Of the parametrised copies of a test the first, and all other tests."""
    kept: dict[str, Test] = {}
    for test in tests:
        kept.setdefault(test.copy_of or test.id, test)
    return list(kept.values())
