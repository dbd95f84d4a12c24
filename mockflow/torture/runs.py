"""What a run of a test comes to: its outcome, its failure, and what is left in the sandboxes it used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Entry = Mapping[str, Any]
"""A request of the journal, as the control API shows it."""

ADDRESS = "MOCKFLOW_TORTURE"
"""The variable that tells the client's pytest where to connect to."""
SETTINGS = "MOCKFLOW_TORTURE_SETTINGS"
"""The variable that tells a run with which options its server was started, as JSON."""
OWN = "own"
"""The name, among those of a run, of the sandbox that the run itself was given."""


@dataclass(frozen=True)
class Place:
    """Where in the tests something happened: a file, a line of it, and what is written there."""

    file: str
    line: int
    text: str = ""


@dataclass(frozen=True)
class Failure:
    """The exception a test ended with."""

    type: str
    message: str
    kind: str
    """`assertion` of the test, an assertion about the `journal`, `crash` (not foreseen), `error` (foreseen), or
    `harness`: mockflow itself could not be driven."""
    place: Place | None = None


@dataclass(frozen=True)
class Sent:
    """Where in the test an API request was sent from, and in which phase: `setup`, `call` or `teardown`."""

    phase: str
    place: Place | None


@dataclass(frozen=True)
class Box:
    """What a sandbox held at the end of a run."""

    name: str
    label: str | None
    rows: tuple[str, ...]
    entries: tuple[Entry, ...]
    evicted: int = 0
    count: int = 0
    """How many requests it had, also those that the journal was told to forget."""
    hits: int = 0
    """How often the experiment's rule fired."""


@dataclass(frozen=True)
class Run:
    """One run of a test."""

    outcome: str
    """`passed`, `failed`, `skipped`, `xfailed`, or `stopped` where it had to be."""
    seconds: float
    boxes: tuple[Box, ...] = ()
    failure: Failure | None = None
    sent: tuple[Sent, ...] = ()
    sleeps: bool = True
    """Whether the test really sleeps where it sleeps."""
    wants: tuple[str, ...] | None = None
    """Options of the server it needs, where it had another."""
    output: str = ""
    start: frozenset[str] = frozenset()
    """The rows of the sandbox before the run."""

    @property
    def passed(self) -> bool:
        """Whether it ended well."""
        return self.outcome == "passed"

    @property
    def requests(self) -> int:
        """How many requests it sent."""
        return sum(max(box.count, len(box.entries)) for box in self.boxes)


@dataclass(frozen=True)
class Test:
    """One test of the suite, as far as torture has to know it."""

    id: str
    place: Place | None = None
    copy_of: str | None = None
    """What the parametrised copies of a test have in common."""
    call: Mapping[str, Any] = field(default_factory=dict)
    """How to call it from another test: `function`, `class`, `arguments`, `values`, `async`."""

    is_suite: bool = False
    """Whether it is all of a suite that cannot be taken apart."""

    __test__ = False  # so that pytest does not take it for one
