"""The whole of it: clean runs, the plan, the experiments, each defect once more; and what came of that."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from statistics import median
from typing import TypeVar

from mockflow.clock import Stopwatch
from mockflow.operations import BY_NAME
from mockflow.torture.judging import MOST_REPETITIONS, Verdict, judge
from mockflow.torture.planning import Clean, Experiment, LeftOut, cleaned, first_copies, plan
from mockflow.torture.runs import Run, Test
from mockflow.torture.stage import Stage
from mockflow.torture.suites import Suite
from mockflow.torture.traffic import entries_of, times
from mockflow.torture.troubles import PATIENCE_SECONDS, troubles

_WAITING_SLOTS = 16
"""So many runs that mostly wait may go on beside those that work, at most."""
_WAIT_SECONDS = 1.0
"""How long such a run waits, at least, while others can work."""
_CLEAN_SECONDS = 600.0
_TIMES_CLEAN = 3
_MARGIN_SECONDS = 5.0
_FEW = 12
"""So many results that are neither defects nor fine are looked at again: they may come of a busy machine."""

_Thing = TypeVar("_Thing")
_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    seconds: float = 60.0
    faults: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    thorough: bool = False
    patience: float = PATIENCE_SECONDS
    jobs: int = field(default_factory=lambda: max(2, os.cpu_count() or 2))
    again: str | None = None


@dataclass(frozen=True)
class Result:
    """An experiment that was run."""

    experiment: Experiment
    verdict: Verdict
    run: Run


@dataclass
class Campaign:
    """What has come of it so far."""

    cleans: list[Clean] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    plan: list[Experiment] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    copies: int = 0
    """Parametrised copies of tests that others stand for."""
    reached: bool = False
    """Whether any request reached the server."""
    interrupted: bool = False
    seconds: float = 0.0

    @property
    def defects(self) -> list[Result]:
        """The results that count."""
        return self.of("defect")

    def of(self, level: str) -> list[Result]:
        """The results of a level."""
        return [result for result in self.results if result.verdict.level == level]


Tell = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and how much there is."""


class Torturer:
    """Does what the options say with a suite; `campaign` has what there is, also after Ctrl-C."""

    def __init__(self, suite: Suite, stage: Stage, options: Options, tell: Tell) -> None:
        self.campaign = Campaign()
        self._suite, self._stage, self._options, self._tell = suite, stage, options, tell
        self._stopwatch = Stopwatch()
        self._lock = threading.Lock()

    def run(self) -> Campaign:
        """All of it."""
        try:
            self._clean()
            self._plan()
            self._try(self.campaign.plan)
            self._try_again()
        except KeyboardInterrupt:
            self.campaign.interrupted = True
            self._stage.stopped.set()
        self.campaign.seconds = self._stopwatch.seconds
        return self.campaign

    # -- clean

    def _clean(self) -> None:
        wanted = [test for test in self._suite.tests if self._is_wanted(test)]
        tests = wanted if self._options.thorough else first_copies(wanted)
        self.campaign.copies = len(wanted) - len(tests)
        done = 0

        def twice(test: Test) -> tuple[Clean | None, list[LeftOut]]:
            nonlocal done
            first = self._stage.run(test, limit=_CLEAN_SECONDS)
            found = cleaned(test, first, self._stage.run(test, limit=_CLEAN_SECONDS))
            with self._lock:
                done += 1
                self.campaign.reached = self.campaign.reached or bool(first.requests)
                self._tell("clean runs", done, len(tests))
            return found

        for clean, left_out in self._in_parallel(twice, tests):
            self.campaign.cleans += [] if clean is None else [clean]
            self.campaign.left_out += left_out

    def _is_wanted(self, test: Test) -> bool:
        patterns = self._options.tests
        return not patterns or any(pattern in test.id or fnmatchcase(test.id, pattern) for pattern in patterns)

    def _in_parallel(self, do: Callable[[_Thing], _Made], things: Sequence[_Thing]) -> list[_Made]:
        with _pool(self._options.jobs) as pool:
            return [future.result() for future in [pool.submit(do, thing) for thing in things]]

    # -- experiments

    def _plan(self) -> None:
        wanted = self._options
        chosen = [
            trouble for trouble in troubles(wanted.patience) if not wanted.faults or trouble.name in wanted.faults
        ]
        thorough = wanted.thorough or wanted.again is not None
        self.campaign.plan = [
            one
            for one in plan(self.campaign.cleans, chosen, thorough=thorough)
            if (not wanted.operations or one.operation in wanted.operations) and wanted.again in (None, one.id)
        ]

    def _try(self, experiments: Sequence[Experiment]) -> None:
        """Run them: those that mostly wait beside those that work; the likeliest to find something first."""
        ordered = sorted(experiments, key=self._rank)
        waiting = [one for one in ordered if one.trouble.waits]
        working = [one for one in ordered if not one.trouble.waits]
        slots = self._slots
        with _pool(slots) as beside, _pool(self._options.jobs) as pool:
            futures = [(pool if slots == 1 else beside).submit(self._timely, one) for one in waiting]
            futures += [pool.submit(self._timely, one) for one in working]
            for future in futures:
                future.result()

    @property
    def _slots(self) -> int:
        """How many of those that mostly wait may go on: a whole suite works as well, and so does a test that takes
        long without any fault, as those do that drive a browser."""
        jobs, cleans = self._options.jobs, self.campaign.cleans
        if jobs == 1 or not cleans or any(test.is_suite for test in self._suite.tests):
            return 1
        works = max(median(clean.run.seconds for clean in cleans), 0.01)
        return min(_WAITING_SLOTS, round(jobs * (1 + _WAIT_SECONDS / works)))

    @staticmethod
    def _rank(one: Experiment) -> tuple[int, bool]:
        order = [(trouble.name, trouble.after) for trouble in troubles()]
        return order.index((one.trouble.name, one.trouble.after)), BY_NAME[one.operation].method == "GET"

    def _timely(self, one: Experiment) -> None:
        """Run an experiment, unless there is no time left."""
        if self._stopwatch.seconds > self._options.seconds or self._stage.stopped.is_set():
            return
        result = self._tried(one)
        if self._stage.stopped.is_set():
            return  # it was stopped in the middle
        with self._lock:
            self.campaign.results.append(result)
            self._tell("experiments", len(self.campaign.results), len(self.campaign.plan))

    def _tried(self, one: Experiment) -> Result:
        run = self._stage.run(one.clean.test, one.rule, limit=self._limit(one))
        return Result(one, judge(one, run, self._options.patience), run)

    def _limit(self, one: Experiment) -> float:
        """After how many seconds a run will not end any more: a client may well wait as long as it is told to."""
        limit = one.clean.run.seconds * _TIMES_CLEAN + self._options.patience + _MARGIN_SECONDS
        if not one.trouble.lasting:
            return limit
        waits = MOST_REPETITIONS * (one.trouble.retry_after or 0.0)
        return limit + self._options.patience + waits * times(entries_of(one.clean.run.boxes), one.operation)

    def _try_again(self) -> None:
        """Once more, with nothing beside it that works, whatever counts; and what may have come from the crowd."""
        order = {id(one): number for number, one in enumerate(self.campaign.plan)}
        self.campaign.results.sort(key=lambda result: order[id(result.experiment)])
        doubtful = [result for level in ("note", "void") for result in self.campaign.of(level)]
        again = [*self.campaign.defects, *(doubtful if len(doubtful) <= _FEW else ())]
        done = 0

        def confirm(result: Result) -> None:
            nonlocal done
            if self._stage.stopped.is_set():
                return
            second = _of_both(result, self._tried(result.experiment))
            with self._lock:
                done += 1
                self.campaign.results[self.campaign.results.index(result)] = second
                self._tell("looking again", done, len(again))

        waiting = [result for result in again if result.experiment.trouble.waits]
        with _pool(self._slots) as beside:
            for future in [beside.submit(confirm, result) for result in waiting]:
                future.result()
        for result in again:
            if not result.experiment.trouble.waits:
                confirm(result)


def _of_both(first: Result, second: Result) -> Result:
    """What two runs of an experiment come to: a defect has to be there in both; else the second is right."""
    if first.verdict.level == "defect" and second.verdict.level != "defect":
        detail = f"Once it was {first.verdict.name}, once {second.verdict.name}."
        return replace(first, verdict=Verdict("unsteady", detail))
    return second


@contextmanager
def _pool(size: int) -> Iterator[ThreadPoolExecutor]:
    """Threads; where anything is raised, what has not begun is not begun any more."""
    pool = ThreadPoolExecutor(size)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
