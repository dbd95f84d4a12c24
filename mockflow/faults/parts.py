"""Whether one JSON value is a part of another: for fault rules, and field by field for verdicts on the journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

MISSING: Final = object()
"""In the place of a value that is not there; no part matches it."""

_LONGEST_FIELD = 500


class Difference(NamedTuple):
    """What was expected in one place of a value, and what is there, or `MISSING`."""

    field: str
    expected: Any
    actual: Any
    ok: bool


def is_part(expected: Any, actual: Any) -> bool:
    """Whether a value has what is expected of it: an object may have other keys, an array has as many elements."""
    return all(same(*pair) for pair in pairs(expected, actual))


def pairs(expected: Any, actual: Any) -> Iterator[tuple[Any, Any]]:
    """What is expected in each place, and what is there, or `MISSING`; in no order."""
    waiting = [(expected, actual)]
    while waiting:
        expected, actual = waiting.pop()
        if _are_objects(expected, actual):
            waiting += [(value, actual.get(key, MISSING)) for key, value in expected.items()]
        elif _are_arrays(expected, actual):
            waiting += zip(expected, actual, strict=True)
        else:
            yield expected, actual


def compared(field: str, expected: Any, actual: Any) -> Iterator[Difference]:
    """As `pairs`, in order, with the name of each place. `field` is that of the whole."""
    waiting = [(field, expected, actual)]
    while waiting:
        field, expected, actual = waiting.pop()
        if _are_objects(expected, actual):
            keys = reversed(expected)
            waiting += [(_below(field, f".{key}"), expected[key], actual.get(key, MISSING)) for key in keys]
        elif _are_arrays(expected, actual):
            places = reversed(range(len(expected)))
            waiting += [(_below(field, f"[{place}]"), expected[place], actual[place]) for place in places]
        else:
            yield Difference(field, expected, actual, same(expected, actual))


def _are_objects(expected: Any, actual: Any) -> bool:
    return isinstance(expected, dict) and isinstance(actual, dict) and bool(expected)


def _are_arrays(expected: Any, actual: Any) -> bool:
    return isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual) > 0


def _below(field: str, name: str) -> str:
    """The name of a place; of one far below, its beginning."""
    return field if field.endswith("…") else field + name if len(field + name) <= _LONGEST_FIELD else f"{field}…"


def same(expected: Any, actual: Any) -> bool:
    """JSON's idea of equal, of values without parts in common: true is not 1."""
    if actual is MISSING:
        return False
    if isinstance(expected, dict) and isinstance(actual, dict):
        return not expected  # any object has all of nothing
    return isinstance(expected, bool) == isinstance(actual, bool) and bool(expected == actual)
