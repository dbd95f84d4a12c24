"""Requests of two runs compared: what makes two of them the same, and which are repetitions."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mockflow.torture.runs import Box, Entry
from mockflow.torture.troubles import RULE_ID

Signature = tuple[str, str, str, str]
"""Method, path, query and body of a request, with ids masked."""

_ID = re.compile(r"(?<![a-z0-9])(?:c[a-z0-9]{24}|tag_[0-9a-z]{26})(?![a-z0-9])")


@dataclass(frozen=True)
class Volatile:
    """Operations whose bodies or queries differ from one clean run to the next."""

    operations: frozenset[str] = frozenset()

    def signature(self, entry: Entry) -> Signature:
        """What is the same of a request in each run."""
        path = _ID.sub("#", entry["path"])
        if entry["operation"] in self.operations:
            return (entry["method"], path, "~", "~")
        return (entry["method"], path, _ID.sub("#", entry["query"]), _body(entry))


def _body(entry: Entry) -> str:
    return _ID.sub("#", json.dumps(entry["request"]["body"], sort_keys=True))


def volatile(first: Sequence[Entry], second: Sequence[Entry]) -> Volatile:
    """What differs between the requests of two clean runs."""
    plain, differ = Volatile(), set()
    for operation in {str(entry["operation"]) for entry in first}:
        one, other = (
            Counter(plain.signature(entry) for entry in entries if str(entry["operation"]) == operation)
            for entries in (first, second)
        )
        if one != other:
            differ.add(operation)
    return Volatile(frozenset(differ))


def in_common(one: Sequence[Entry], other: Sequence[Entry]) -> int:
    """How many requests two runs begin with that are the same."""
    plain, number = Volatile(), 0
    for first, second in zip(one, other, strict=False):
        if plain.signature(first) != plain.signature(second):
            break
        number += 1
    return number


def entries_of(boxes: Iterable[Box]) -> list[Entry]:
    """All requests of a run."""
    return [entry for box in boxes for entry in box.entries]


def story(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """What has to be alike in two clean runs: which operations, with which statuses, whatever their order."""
    return sorted((str(entry["operation"]), str(entry["status"])) for entry in entries)


def is_hit(entry: Entry) -> bool:
    """Whether the experiment's rule fired for a request."""
    return bool(entry["fault"] == RULE_ID)


def refused(entry: Entry) -> bool:
    """Whether the server itself, not a fault, answered with a 4xx."""
    return entry["fault"] is None and entry["status"] is not None and 400 <= entry["status"] < 500


def carried_out(entry: Entry, after: bool) -> bool:
    """Whether a request was carried out; `after` tells whether those were that the rule hit."""
    if is_hit(entry):
        return after
    return entry["status"] is not None and entry["status"] < 400


def repetitions(entries: Sequence[Entry], clean: Sequence[Entry], hit: Entry, masks: Volatile) -> list[Entry]:
    """The requests after a hit that are the same again, but for as many as the clean run has, too."""
    wanted = masks.signature(hit)
    same = [entry for entry in entries if masks.signature(entry) == wanted]
    more = len(same) - sum(masks.signature(entry) == wanted for entry in clean)
    behind = same[same.index(hit) + 1 :]
    return behind[: max(0, more)]


def times(entries: Iterable[Entry], operation: str) -> int:
    """How many requests there are of an operation."""
    return sum(entry["operation"] == operation for entry in entries)


def shown(entry: Entry, width: int = 100) -> str:
    """One request in a line, for a person."""
    query = f"?{entry['query']}" if entry["query"] else ""
    status = entry["status"] if entry["status"] is not None else "no answer"
    text = f"{entry['method']} {entry['path']}{query} → {status}"
    body: Any = entry["request"]["body"]
    if body is not None:
        text += f"  {json.dumps(body, ensure_ascii=False)}"
    return text if len(text) <= width else f"{text[: width - 1]}…"
