"""Whether a client sent what it was to send; and if not, what came closest."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, NamedTuple, TypeVar

from mockflow.journal.criteria import Criteria, Tally
from mockflow.journal.entry import Entry
from mockflow.journal.journal import Journal

_MOST_SHOWN = 3
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Verdict:
    """Whether as many requests match as were expected, how many do, and why not."""

    ok: bool
    count: int
    message: str
    closest: list[dict[str, Any]]
    evicted: int


class _Judged(NamedTuple):
    """A request and how it compares, in counts alone: each of a thousand may have a thousand fields."""

    entry: Entry
    tally: Tally

    @property
    def undecided(self) -> bool:
        """Whether only what the journal has lost speaks against it."""
        return 0 < self.tally.wrong == self.tally.unknown


def verify(journal: Journal, criteria: Criteria, at_least: int, at_most: int | None) -> Verdict:
    """Count the matching requests. Where those that are gone could change the verdict, it is not `ok`."""
    return finished(verifying(journal, criteria, at_least, at_most))


def verifying(
    journal: Journal, criteria: Criteria, at_least: int, at_most: int | None
) -> Generator[None, None, Verdict]:
    """As `verify`, in steps: it yields after each request, which takes a millisecond or so, and returns what
    `verify` does."""
    judged = []
    for entry in journal.entries():
        judged.append(_Judged(entry, criteria.tally(entry)))
        yield
    matching = [one for one in judged if not one.tally.wrong]
    unknown = [one.entry.id for one in judged if one.undecided]
    count = len(matching)
    enough, too_many = count >= at_least, at_most is not None and count > at_most
    certain = not (journal.evicted or unknown) or too_many or (enough and at_most is None)
    told = f"{count} of {len(judged)} requests in the journal match, expected {_expected(at_least, at_most)}."
    ok = enough and not too_many and certain
    return Verdict(
        ok=ok,
        count=count,
        message=told if certain else told + _lost(journal, unknown),
        closest=[] if ok else _closest(matching if too_many else judged, criteria),
        evicted=journal.evicted,
    )


def finished(steps: Generator[None, None, _Result]) -> _Result:
    """What steps come to, taken all at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _Result = end.value
            return result


def _expected(at_least: int, at_most: int | None) -> str:
    if at_most is None:
        return f"at least {at_least}"
    if at_least == at_most:
        return f"exactly {at_least}"
    return f"{at_least} to {at_most}" if at_least else f"at most {at_most}"


def _lost(journal: Journal, unknown: list[str]) -> str:
    told = ""
    if journal.evicted:
        told += f" {journal.evicted} older ones are gone from it, so this cannot be told for sure."
    if unknown:
        told += f" What {', '.join(unknown[:_MOST_SHOWN])} sent is not in it whole and cannot be compared."
    return f"{told} DELETE requests before the part that is to be verified."


def _closest(judged: list[_Judged], criteria: Criteria) -> list[dict[str, Any]]:
    """Those of the same operation first, then those with the least against them, then the newest."""

    def distance(one: _Judged) -> tuple[bool, float, int]:
        foreign = criteria.operation is not None and one.entry.operation != criteria.operation
        return foreign, one.tally.wrong / max(1, one.tally.asked), -one.entry.number

    return [
        {**one.entry.summary(), "fields": [field.described() for field in criteria.compare(one.entry)]}
        for one in nsmallest(_MOST_SHOWN, judged, key=distance)
    ]
