"""The keys by which some records are ordered, with their neighbours found by halving."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any

Entry = tuple[str, int]
"""A record's key and its number, which orders equal keys."""

_BEHIND_ALL_NUMBERS = float("inf")


class Order:
    """The keys of some records, one of which can be left out: that of a record about to move among the others."""

    def __init__(self, entries: list[Entry], without: int | None = None) -> None:
        """`entries` are sorted, and not copied."""
        self._entries = entries
        self._without = without

    @classmethod
    def of(cls, records: Iterable[Any], field: str) -> Order:
        """That of a few records by one of their fields."""
        return cls(sorted((record[field], record.doc_id) for record in records))

    def first(self) -> str | None:
        """The smallest key."""
        return self._from(0, 1)

    def last(self) -> str | None:
        """The largest key."""
        return self._from(len(self._entries) - 1, -1)

    def above(self, key: str) -> str | None:
        """The smallest key that is larger than one."""
        return self._from(bisect_right(self._entries, (key, _BEHIND_ALL_NUMBERS)), 1)

    def below(self, key: str) -> str | None:
        """The largest key that is smaller than one."""
        return self._from(bisect_left(self._entries, (key, -1)) - 1, -1)

    def _from(self, place: int, step: int) -> str | None:
        """The key at a place, or next to it where that is left out."""
        while 0 <= place < len(self._entries):
            key, number = self._entries[place]
            if number != self._without:
                return key
            place += step
        return None
