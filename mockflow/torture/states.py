"""States compared: the rows of a tortured sandbox against those of a clean one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_NAMES = ("title", "name", "email")


@dataclass(frozen=True)
class Row:
    """One row: what it is, and its fields."""

    text: str

    @cached_property
    def kind(self) -> str:
        """`task`, `tag`, …"""
        return self.text.partition(" ")[0]

    @cached_property
    def fields(self) -> dict[str, Any]:
        """Its fields; those that are null are not there."""
        found: dict[str, Any] = json.loads(self.text.partition(" ")[2])
        return found

    @property
    def name(self) -> str:
        """What a person calls it."""
        return next((str(self.fields[field]) for field in _NAMES if field in self.fields), "")

    def without(self, masks: frozenset[tuple[str, str]]) -> str:
        """Its text without masked fields."""
        kept = {name: value for name, value in self.fields.items() if (self.kind, name) not in masks}
        return f"{self.kind} {json.dumps(kept, sort_keys=True)}"


Masks = frozenset[tuple[str, str]]
"""Kinds of rows and fields of theirs that differ without any fault."""


@dataclass(frozen=True)
class Difference:
    """What a state has that it should not have, lacks, or has otherwise (as it should be, as it is)."""

    more: tuple[Row, ...] = ()
    less: tuple[Row, ...] = ()
    changed: tuple[tuple[Row, Row], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.more or self.less or self.changed)


def masks_of(first: Iterable[str], second: Iterable[str]) -> Masks | None:
    """The fields in which two clean states differ; None where one has other things than the other."""
    found = compared(first, second)
    if found.more or found.less:
        pairs = _by_kind(found.less, found.more)
        if pairs is None:
            return None
    else:
        pairs = []
    return frozenset(
        (one.kind, field) for one, other in (*found.changed, *pairs) for field in differing(one, other)
    )


def _by_kind(less: Sequence[Row], more: Sequence[Row]) -> list[tuple[Row, Row]] | None:
    """Rows with other names, one against the other; None where their numbers differ."""
    if Counter(row.kind for row in less) != Counter(row.kind for row in more):
        return None
    return list(zip(sorted(less, key=lambda row: row.text), sorted(more, key=lambda row: row.text), strict=True))


def differing(one: Row, other: Row) -> list[str]:
    """The fields in which two rows differ."""
    names = dict.fromkeys([*one.fields, *other.fields])
    return [name for name in names if one.fields.get(name) != other.fields.get(name)]


def compared(clean: Iterable[str], tortured: Iterable[str], masks: Masks = frozenset()) -> Difference:
    """What a tortured state has otherwise than a clean one, but for masked fields."""
    less, more = _unmatched(clean, tortured, lambda row: row.text)
    if masks:
        less, more = _unmatched(
            (row.text for row in less), (row.text for row in more), lambda row: row.without(masks)
        )
    changed = []
    for row in list(less):
        twin = next((other for other in more if (other.kind, other.name) == (row.kind, row.name)), None)
        if twin is not None:
            less.remove(row)
            more.remove(twin)
            changed.append((row, twin))
    return Difference(tuple(more), tuple(less), tuple(changed))


def _unmatched(one: Iterable[str], other: Iterable[str], key: Any) -> tuple[list[Row], list[Row]]:
    """The rows on each side that have none alike on the other, each as often as that."""
    sides = [[Row(text) for text in texts] for texts in (one, other)]
    counts = [Counter(key(row) for row in side) for side in sides]
    found = []
    for side, spare in zip(sides, (counts[0] - counts[1], counts[1] - counts[0]), strict=True):
        left = []
        for row in side:
            if spare[key(row)] > 0:
                spare[key(row)] -= 1
                left.append(row)
        found.append(left)
    return found[0], found[1]
