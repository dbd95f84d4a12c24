"""Answers that take their time to make: what is large by right is done beside other requests, not before them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple

from flask import Response


class Later(NamedTuple):
    """What a view gives whose answer needs work first.

    The work is either a function that may run in a thread of its own, and touches no sandbox, or steps, each of
    which takes a millisecond or so. `then` makes the answer of what the work has given, or more to be done, or
    raises.
    """

    then: Callable[[Any], Response | Later]
    work: Callable[[], Any] | None = None
    steps: Generator[None, None, Any] | None = None

    def result(self) -> Any:
        """All of the work at once."""
        if self.work is not None:
            return self.work()
        while True:
            done, result = self.step()
            if done:
                return result

    def step(self) -> tuple[bool, Any]:
        """One step: whether it was the last, and then what they all have given."""
        assert self.steps is not None  # noqa: S101 - that is what there is where there is no function
        try:
            next(self.steps)
        except StopIteration as end:
            return True, end.value
        return False, None
