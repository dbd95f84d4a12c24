"""The keys by which some records are ordered, with their neighbours found by halving."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mockflow.store.pieces import Entry, SortedPieces

_BEHIND_ALL_NUMBERS = float("inf")


class Order:
    """The keys of some records, one of which can be left out: that of a record about to move among the others."""

    def __init__(self, entries: Iterable[Entry], without: int | None = None) -> None:
        """`entries` are sorted."""
        self._entries = entries if isinstance(entries, SortedPieces) else SortedPieces(entries)
        self._without = without

    @classmethod
    def of(cls, records: Iterable[Any], field: str) -> Order:
        """That of a few records by one of their fields."""
        return cls(SortedPieces(sorted((record[field], record.doc_id) for record in records)))

    def first(self) -> str | None:
        """The smallest key."""
        return self._next(iter(self._entries))

    def last(self) -> str | None:
        """The largest key."""
        return self._next(self._entries.below(None))

    def above(self, key: str) -> str | None:
        """The smallest key that is larger than one."""
        return self._next(self._entries.above((key, _BEHIND_ALL_NUMBERS)))

    def below(self, key: str) -> str | None:
        """The largest key that is smaller than one."""
        return self._next(self._entries.below((key, -1)))

    def _next(self, entries: Iterator[Entry]) -> str | None:
        """The first key, or the second where the first is left out."""
        return next((key for key, number in entries if number != self._without), None)
