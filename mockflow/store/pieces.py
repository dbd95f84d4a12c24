"""A dictionary and a sorted list that are copied at once, and piece by piece only where one of the two changes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Generic, TypeVar

Entry = tuple[str, int]
"""A record's key and its number, which orders equal keys."""

_K = TypeVar("_K")
_V = TypeVar("_V")
_S = TypeVar("_S", bound="Entry | str")
_BITS = 8
_PARTS = 256
_MOST = 512
"""Entries in one piece of a sorted list; with one more it becomes two."""
_RUN = 2048


def by_hash(key: object) -> int:
    """The piece of a key that has no order."""
    return hash(key) & (_PARTS - 1)


def by_number(number: int) -> int:
    """The piece of a record's number: those that are near each other are together."""
    return number >> _BITS


class Pieces(Generic[_K, _V]):
    """A dictionary in pieces. A copy shares them all; who changes one of them first gets it for itself."""

    __slots__ = ("_own", "_part_of", "_parts", "_size")

    def __init__(self, part_of: Callable[[_K], int]) -> None:
        """`part_of` tells in which piece a key is."""
        self._part_of = part_of
        self._parts: dict[int, dict[_K, _V]] = {}
        self._own: set[int] | None = set()
        self._size = 0

    @classmethod
    def of(cls, part_of: Callable[[_K], int], items: Iterable[tuple[_K, _V]]) -> Pieces[_K, _V]:
        """One with some content, made faster than item by item."""
        made = cls(part_of)
        parts: defaultdict[int, dict[_K, _V]] = defaultdict(dict)
        for key, value in items:
            parts[part_of(key)][key] = value
        made._parts, made._own = dict(parts), set(parts)
        made._size = sum(map(len, parts.values()))
        return made

    def copy(self) -> Pieces[_K, _V]:
        """Another with the same content. Costs little, however much that is."""
        twin: Pieces[_K, _V] = Pieces(self._part_of)
        twin._parts, twin._size = self._parts, self._size
        twin._own = self._own = None
        return twin

    def get(self, key: _K) -> _V | None:
        """The value of a key."""
        part = self._parts.get(self._part_of(key))
        return None if part is None else part.get(key)

    def __getitem__(self, key: _K) -> _V:
        return self._parts[self._part_of(key)][key]

    def many(self, keys: Iterable[_K]) -> list[_V]:
        """The values of keys that are there, in their order."""
        parts = self._parts
        if len(parts) == 1:
            (part,) = parts.values()
            return [part[key] for key in keys]
        part_of = self._part_of
        return [parts[part_of(key)][key] for key in keys]

    def __setitem__(self, key: _K, value: _V) -> None:
        part = self._own_part(self._part_of(key))
        self._size -= len(part)
        part[key] = value
        self._size += len(part)

    def __delitem__(self, key: _K) -> None:
        number = self._part_of(key)
        part = self._own_part(number)
        del part[key]
        self._size -= 1
        if not part:
            del self._parts[number]
            if self._own is not None:
                self._own.discard(number)

    def __contains__(self, key: _K) -> bool:
        return key in self._parts.get(self._part_of(key), ())

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[_K]:
        """All keys, in no order."""
        for part in list(self._parts.values()):
            yield from part

    def in_order(self) -> Iterator[_V]:
        """The values by their keys, which are numbers."""
        parts: dict[int, dict[_K, _V]] = self._parts
        for number in sorted(parts):
            part = parts[number]
            yield from map(part.__getitem__, sorted(part))  # type: ignore[type-var]

    def _own_part(self, number: int) -> dict[_K, _V]:
        own = self._own
        if own is None:
            self._parts = dict(self._parts)
            own = self._own = set()
        if number not in own:
            own.add(number)
            self._parts[number] = dict(self._parts.get(number, ()))
        return self._parts[number]


class SortedPieces:
    """Entries in order, in pieces, of which there is always one. A copy shares them, as that of a dictionary."""

    __slots__ = ("_firsts", "_own", "_parts")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """Holds entries that are sorted already."""
        rest = iter(entries)
        self._parts: list[list[Entry]] = []
        while part := list(islice(rest, _MOST // 2)):
            self._parts.append(part)
        self._parts = self._parts or [[]]
        self._firsts: list[Entry] = [part[0] for part in self._parts[1:]]
        self._own: list[bool] | None = [True] * len(self._parts)

    def copy(self) -> SortedPieces:
        """Another with the same entries."""
        twin = SortedPieces()
        twin._parts, twin._firsts = self._parts, self._firsts
        twin._own = self._own = None
        return twin

    def add(self, entry: Entry) -> None:
        """Put one in its place."""
        place = bisect_right(self._firsts, entry)
        part = self._own_part(place)
        insort(part, entry)
        if len(part) > _MOST:
            half = len(part) // 2
            self._parts[place : place + 1] = [part[:half], part[half:]]
            self._own_list()[place : place + 1] = [True, True]
            self._firsts.insert(place, part[half])

    def remove(self, entry: Entry) -> None:
        """Take one out that is there."""
        place = bisect_right(self._firsts, entry)
        part = self._own_part(place)
        del part[bisect_left(part, entry)]
        if not part and len(self._parts) > 1:
            del self._parts[place], self._own_list()[place]
            del self._firsts[max(place - 1, 0)]

    def __iter__(self) -> Iterator[Entry]:
        for part in list(self._parts):
            yield from part

    def above(self, entry: tuple[str, float]) -> Iterator[Entry]:
        """Those that are larger than one, smallest first."""
        place = bisect_right(self._firsts, entry)
        yield from islice(self._parts[place], bisect_right(self._parts[place], entry), None)
        for part in self._parts[place + 1 :]:
            yield from part

    def below(self, entry: tuple[str, float] | None) -> Iterator[Entry]:
        """Those that are smaller than one, or all, largest first."""
        place = len(self._parts) - 1 if entry is None else bisect_right(self._firsts, entry)
        last = self._parts[place]
        yield from reversed(last if entry is None else last[: bisect_left(last, entry)])
        for part in reversed(self._parts[:place]):
            yield from reversed(part)

    def _own_list(self) -> list[bool]:
        if self._own is None:
            self._parts, self._firsts = list(self._parts), list(self._firsts)
            self._own = [False] * len(self._parts)
        return self._own

    def _own_part(self, place: int) -> list[Entry]:
        own = self._own_list()
        if not own[place]:
            self._parts[place] = list(self._parts[place])
            own[place] = True
        return self._parts[place]


def sorted_gently(entries: list[_S]) -> list[_S]:
    """Entries or texts in order, sorted in steps between which other threads get a turn."""
    runs: list[list[_S]] = [sorted(entries[start : start + _RUN]) for start in range(0, len(entries), _RUN)]
    while len(runs) > 1:
        runs = [sorted(chain.from_iterable(runs[place : place + 2])) for place in range(0, len(runs), 2)]
    return runs[0] if runs else []
