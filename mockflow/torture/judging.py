"""The verdict on one experiment: from the outcome of the test, its exception, the state and the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mockflow.torture.planning import Experiment, pairs
from mockflow.torture.runs import Box, Entry, Run
from mockflow.torture.states import Difference, Row, compared, differing
from mockflow.torture.traffic import carried_out, is_hit, refused, repetitions, times

MOST_REPETITIONS = 9
"""More are a storm."""
LEVELS = {
    "duplicate": "defect",
    "lost": "defect",
    "wrong-data": "defect",
    "hid-it": "defect",
    "crash": "defect",
    "no-timeout": "defect",
    "impatient": "defect",
    "retry-storm": "defect",
    "sign-in-loop": "defect",
    "repeats-refusal": "defect",
    "trips-over-retry": "defect",
    "gave-up": "note",
    "survived": "ok",
    "told": "ok",
    "not-reached": "void",
    "unsteady": "void",
}
"""The verdicts, and how much each counts."""

_AT_ONCE_MS = 50
_TIMER_SECONDS = 0.02
"""So much too soon may a timer be."""
_EXPIRED_AS_WELL = 0.98
"""Of a time-out that was waited out, as much is seen by the server."""


@dataclass(frozen=True)
class Verdict:
    """What an experiment shows: a name of `LEVELS`, a sentence, and what is otherwise in the state."""

    name: str
    detail: str = ""
    difference: Difference = field(default_factory=Difference)

    @property
    def level(self) -> str:
        """`defect`, `note`, `ok` or `void`."""
        return LEVELS[self.name]


@dataclass(frozen=True)
class Case:
    """One sandbox of a tortured run in which the fault fired, beside the same of the clean run."""

    experiment: Experiment
    run: Run
    clean: Box
    box: Box
    patience: float

    @property
    def hits(self) -> list[Entry]:
        """The requests that the fault hit."""
        return [entry for entry in self.box.entries if is_hit(entry)]

    @property
    def repeated(self) -> list[Entry]:
        """The repetitions of the first request that was hit."""
        masks = self.experiment.clean.volatile
        return repetitions(self.box.entries, self.clean.entries, self.hits[0], masks) if self.hits else []

    def same(self, box: Box) -> list[Entry]:
        """The requests of a sandbox that are the same as the first that was hit."""
        masks = self.experiment.clean.volatile
        wanted = masks.signature(self.hits[0]) if self.hits else None
        return [entry for entry in box.entries if masks.signature(entry) == wanted]

    @property
    def at_once(self) -> int:
        """How many of them the test sends at once without a fault: each may be repeated."""
        moments = [entry["elapsedMs"] for entry in self.same(self.clean)]
        return max([sum(0 <= other - one <= _AT_ONCE_MS for other in moments) for one in moments], default=1)

    @property
    def difference(self) -> Difference:
        """What is otherwise in the state than in the clean run."""
        return compared(self.clean.rows, self.box.rows, self.experiment.clean.masks)


def judge(experiment: Experiment, run: Run, patience: float) -> Verdict:
    """The verdict on an experiment; the first sandbox that shows a defect decides."""
    cases = [
        Case(experiment, run, clean, box, patience)
        for clean, box in pairs(experiment.clean.run.boxes, run.boxes)
        if box.hits
    ]
    if not cases:
        return Verdict("not-reached", "The fault never fired.")
    if run.failure is not None and run.failure.kind == "harness":
        return Verdict("unsteady", f"mockflow could not be driven: {run.failure.message}")
    found = [_judged(case) for case in cases]
    order = ["defect", "void", "note", "ok"]
    return min(found, key=lambda verdict: order.index(verdict.level))


def _judged(case: Case) -> Verdict:
    for look in (_hang, _storm, _haste, _repetition, _trip):
        verdict = look(case)
        if verdict is not None:
            return verdict
    if case.run.outcome == "stopped":
        return Verdict("unsteady", f"It did not end within {case.run.seconds:.0f} s.")
    return _of_passed(case) if case.run.passed else _of_failed(case)


# -- what the journal shows


def _hang(case: Case) -> Verdict | None:
    if case.experiment.trouble.name != "hang" or not case.hits:
        return None
    waited = case.hits[0]["durationMs"]
    stopped = waited is None and case.run.outcome == "stopped"
    if stopped or (waited or 0) >= case.patience * 1000 * _EXPIRED_AS_WELL:
        return Verdict("no-timeout", f"It waited {case.patience:g} s for an answer, and would have waited on.")
    return None


def _storm(case: Case) -> Verdict | None:
    trouble = case.experiment.trouble
    if not trouble.lasting:
        return None
    counts = [len(case.repeated)]
    if trouble.name == "401-for-ever":
        counts.append(times(case.box.entries, "signIn") - times(case.clean.entries, "signIn"))
    if case.box.evicted:
        counts.append(case.box.hits)  # the first of them are gone from the journal
    count = max(counts)
    if count <= MOST_REPETITIONS * case.at_once:
        return None
    if trouble.name == "401-for-ever":
        return Verdict("sign-in-loop", f"It tried again {_at_least(case, count)} times, signing in or not.")
    return Verdict("retry-storm", f"It sent the request again {_at_least(case, count)} times.")


def _at_least(case: Case, count: int) -> str:
    return f"at least {count}" if case.run.outcome == "stopped" else str(count)


def _haste(case: Case) -> Verdict | None:
    """More of the same within the time than the test sends without a fault: it may send them all at once."""
    seconds = case.experiment.trouble.retry_after
    if seconds is None or not case.run.sleeps:
        return None
    same = case.same(case.box)
    usual = len(case.same(case.clean))
    for told_at in filter(is_hit, same):
        behind = same[same.index(told_at) + 1 :]
        soon = [again for again in behind if _waited(told_at, again) < seconds - _TIMER_SECONDS]
        if len(soon) >= max(1, usual):
            waited = _waited(told_at, soon[0])
            return Verdict("impatient", f"It came back after {waited:.2f} s; Retry-After said {seconds:g}.")
    return None


def _waited(one: Entry, other: Entry) -> float:
    """Seconds of real time or of the sandbox's clock, whichever are more: a test may move the clock instead."""
    return float(max((other["elapsedMs"] - one["elapsedMs"]) / 1000, _by_clock(one, other)))


def _by_clock(one: Entry, other: Entry) -> float:
    """Seconds between two requests by the sandbox's clock."""
    moments = [datetime.fromisoformat(entry["time"]) for entry in (one, other)]
    return (moments[1] - moments[0]).total_seconds()


def _repetition(case: Case) -> Verdict | None:
    if case.experiment.trouble.name != "400" or not case.repeated:
        return None
    return Verdict("repeats-refusal", f"What got 400 was sent again, {_times(len(case.repeated))}.")


def _trip(case: Case) -> Verdict | None:
    failed = case.run.outcome == "failed" and not (case.run.failure and case.run.failure.kind == "journal")
    if not case.experiment.trouble.after or not failed:
        return None
    hit = case.hits[:1]
    was_done = bool(hit) and not _refused_without_fault(case)
    tripped = next((entry for entry in case.repeated if refused(entry)), None)
    if not was_done or tripped is None:
        return None
    told = f" ({case.run.failure.type})" if case.run.failure else ""
    return Verdict(
        "trips-over-retry",
        f"It was carried out; the repetition got {tripped['status']}, and the client failed for that{told}.",
    )


def _refused_without_fault(case: Case) -> bool:
    masks = case.experiment.clean.volatile
    wanted = masks.signature(case.hits[0])
    return any(masks.signature(entry) == wanted and refused(entry) for entry in case.clean.entries)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


# -- what the state and the outcome show


def _of_passed(case: Case) -> Verdict:
    difference = case.difference
    if not difference:
        return Verdict("survived")
    if _ended_early(case):
        return Verdict("told", "The error that the test expects came sooner.")
    left = [row for row in difference.more if _is_left_over(case, row)]
    return Verdict(_named(difference, left), f"The test passes, but {_told(difference, left)}.", difference)


def _ended_early(case: Case) -> bool:
    """Whether a test that expects a refusal got an error before, and did no more of what it does."""
    if not case.experiment.clean.expects_refusal:
        return False
    if any(not _is_left_over(case, row) for row in case.difference.more):
        return False
    masks = case.experiment.clean.volatile
    sent = [masks.signature(entry) for entry in case.box.entries]
    expected = [entry for entry in case.clean.entries if (entry["status"] or 0) >= 400]
    return any(masks.signature(entry) not in sent for entry in expected)


def _is_left_over(case: Case, row: Row) -> bool:
    """Whether a thing was there before the test, which takes it away."""
    return row.text in case.run.start


def _named(difference: Difference, left: Sequence[Row]) -> str:
    """More things are duplicates; fewer are lost, and so is a deletion: what it was about is still there."""
    if difference.changed or (difference.more and difference.less):
        return "wrong-data"
    return "lost" if len(left) == len(difference.more) else "duplicate"


def _told(difference: Difference, left: Sequence[Row]) -> str:
    """The first thing that is otherwise, in words."""
    if difference.changed:
        clean, tortured = difference.changed[0]
        fields = " and ".join(differing(clean, tortured))
        return f"the {fields} of {_thing(clean)} is not as it should be"
    if difference.more:
        row = next((row for row in difference.more if row not in left), difference.more[0])
        return f"{_thing(row)} is {'still there' if row in left else 'there once too often'}"
    return f"{_thing(difference.less[0])} is missing"


def _thing(row: Row) -> str:
    return f'the {row.kind} "{row.name}"'


def _of_failed(case: Case) -> Verdict:
    twice = _made_twice(case)
    if twice is not None:
        return twice
    failure, trouble = case.run.failure, case.experiment.trouble
    if failure is not None and failure.kind in _BY_KIND:
        verdict = _BY_KIND[failure.kind](case)
        if verdict is not None:
            return verdict
    told = f"{failure.type}: {failure.message}" if failure else "The suite fails."
    return Verdict("told" if trouble.refuses else "gave-up", told)


def _made_twice(case: Case) -> Verdict | None:
    """Also a test that fails shows it: something was made more often than without a fault, and is there twice."""
    masks, after = case.experiment.clean.volatile, case.experiment.trouble.after
    if not case.hits or case.hits[0]["method"] != "POST":
        return None
    wanted = masks.signature(case.hits[0])
    done, usual = (
        sum(masks.signature(entry) == wanted and carried_out(entry, after) for entry in entries)
        for entries in (case.box.entries, case.clean.entries)
    )
    difference = case.difference
    things = Counter((row.kind, row.name) for row in map(Row, case.box.rows))
    twice = tuple(row for row in difference.more if things[row.kind, row.name] > 1)
    if done <= usual or not twice:
        return None
    shown = Difference(twice, difference.less, difference.changed)
    return Verdict("duplicate", f"The test fails, and {_thing(twice[0])} is there once too often.", shown)


def _assertion(case: Case) -> Verdict | None:
    assert case.run.failure is not None  # noqa: S101 - that is how this was chosen
    first = (case.run.failure.message.splitlines() or [""])[0]
    return Verdict("hid-it", f"No error, but another result: {first}", case.difference)


def _crash(case: Case) -> Verdict | None:
    assert case.run.failure is not None  # noqa: S101 - that is how this was chosen
    return Verdict("crash", f"{case.run.failure.type}: {case.run.failure.message}")


def _journal(case: Case) -> Verdict | None:
    """The test looks at what was sent, and it is not for it to say how a client survives."""
    del case
    return Verdict("survived", "The test counts requests; that there are others is no defect.")


_BY_KIND: dict[str, Callable[[Case], Verdict | None]] = {
    "assertion": _assertion,
    "crash": _crash,
    "journal": _journal,
}
