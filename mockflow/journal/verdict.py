"""Whether a client sent what it was to send; and if not, what came closest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockflow.journal.criteria import Comparison, Criteria
from mockflow.journal.entry import Entry
from mockflow.journal.journal import Journal

_MOST_SHOWN = 3


@dataclass(frozen=True)
class Verdict:
    """Whether as many requests match as were expected, how many do, and why not."""

    ok: bool
    count: int
    message: str
    closest: list[dict[str, Any]]
    evicted: int


@dataclass(frozen=True)
class _Judged:
    """A request, and how each field that was asked for compares."""

    entry: Entry
    fields: tuple[Comparison, ...]

    @property
    def undecided(self) -> bool:
        """Whether only what the journal has lost speaks against it."""
        wrong = [field for field in self.fields if not field.ok]
        return bool(wrong) and all(field.unknown for field in wrong)


def verify(journal: Journal, criteria: Criteria, at_least: int, at_most: int | None) -> Verdict:
    """Count the matching requests. Where those that are gone could change the verdict, it is not `ok`."""
    judged = [_Judged(entry, tuple(criteria.compare(entry))) for entry in journal.entries()]
    matching = [one for one in judged if all(field.ok for field in one.fields)]
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
        told += f" The bodies of {', '.join(unknown[:_MOST_SHOWN])} are not in it whole and cannot be compared."
    return f"{told} DELETE requests before the part that is to be verified."


def _closest(judged: list[_Judged], criteria: Criteria) -> list[dict[str, Any]]:
    """Those of the same operation first, then those with the least against them, then the newest."""

    def distance(one: _Judged) -> tuple[bool, float, int]:
        foreign = criteria.operation is not None and one.entry.operation != criteria.operation
        wrong = sum(not field.ok for field in one.fields) / max(1, len(one.fields))
        return foreign, wrong, -one.entry.number

    return [
        {**one.entry.summary(), "fields": [field.described() for field in one.fields]}
        for one in sorted(judged, key=distance)[:_MOST_SHOWN]
    ]
