"""What is tried: the tests that can be tortured, and for each of their requests the faults that may matter."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from mockflow.operations import BY_NAME
from mockflow.torture.runs import OWN, Box, Entry, Run, Test
from mockflow.torture.states import Masks, masks_of
from mockflow.torture.traffic import Volatile, entries_of, in_common, story, volatile
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
    """A test that is not tortured, or a sandbox of a suite, and why."""

    test: str
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


def cleaned(test: Test, first: Run, second: Run) -> tuple[Clean | None, list[LeftOut]]:
    """What two runs without faults say of a test: how it is without them, or why it is left out.

    Of a suite that runs as a whole, the sandboxes that cannot be tortured are left out.
    """
    reason = _reason(first) or _reason(second)
    if reason is not None:
        return None, [LeftOut(test.id, reason)]
    kept: list[tuple[Box, Box]] = []
    left_out: list[LeftOut] = []
    for one, other in pairs(first.boxes, second.boxes):
        reason = _reason_of_box(one) or _reason_of_box(other) or _differs(one, other)
        if reason is None:
            kept.append((one, other))
        else:
            left_out.append(LeftOut((one.label or one.name) if test.is_suite else test.id, reason))
    if len(first.boxes) != len(second.boxes):
        left_out.append(LeftOut(test.id, "uses other sandboxes each time"))
    if not kept or (left_out and not test.is_suite):
        return None, left_out[:1] or [LeftOut(test.id, "sends nothing to the server")]
    return _clean(test, first, kept), left_out


def _clean(test: Test, first: Run, kept: Sequence[tuple[Box, Box]]) -> Clean:
    entries = [entries_of(side) for side in zip(*kept, strict=True)]
    masks = set(_random_colors(entries[0]))
    for one, other in kept:
        masks |= masks_of(one.rows, other.rows) or frozenset()
    run = replace(first, boxes=tuple(one for one, _ in kept))
    return Clean(test, run, frozenset(masks), volatile(entries[0], entries[1]))


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
        told = f": {run.failure.type}: {run.failure.message}" if run.failure else f": {run.output}"
        return {"skipped": "is skipped", "xfailed": "is expected to fail"}.get(run.outcome, f"fails{told}")
    return None if run.requests else "sends nothing to the server"


def _reason_of_box(box: Box) -> str | None:
    if box.evicted:
        return "sends more requests than the journal keeps"
    if box.count > len(box.entries):
        return "empties the journal"
    return "makes faults itself" if any(entry["fault"] for entry in box.entries) else None


def _differs(one: Box, other: Box) -> str | None:
    if story(one.entries) != story(other.entries):
        return "sends other requests each time"
    return "leaves another state each time" if masks_of(one.rows, other.rows) is None else None


def pairs(clean: Sequence[Box], other: Sequence[Box]) -> list[tuple[Box, Box]]:
    """The sandboxes of two runs, each beside its like: of the same label, and of those with the same requests."""
    spare = list(other)
    found = []
    for box in clean:
        like = [one for one in spare if (one.label, one.name == OWN) == (box.label, box.name == OWN)]
        if like:
            best = max(like, key=lambda one: in_common(box.entries, one.entries))
            spare.remove(best)
            found.append((box, best))
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
    for box in clean.run.boxes:
        counts: Counter[str] = Counter()
        so_far = hashlib.blake2b()
        for entry in box.entries:
            so_far.update(json.dumps([*clean.volatile.signature(entry), entry["status"]]).encode())
            operation = entry["operation"]
            if operation in BY_NAME:
                counts[operation] += 1
                if not clean.test.is_suite or counts[operation] <= _MOST_OF_A_SUITE:
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
