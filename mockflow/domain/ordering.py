"""Sort keys of tasks and sections: fractional index keys (`a0`, `a1`, `a0V`, …), compared letter by letter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fractional_indexing import FIError, generate_key_between, validate_order_key

from mockflow.errors import InvalidInput
from mockflow.store import Order

LONGEST_KEY = 200
"""Characters of a key that comes in, and of one that is made (contract, section 4)."""

_NO_ROOM = "There is no room for a sort key of at most {longest} characters {place}: move what is there first."


def checked_key(field: str, key: str) -> str:
    """A key that a client sent. Raises `InvalidInput` where it is none."""
    try:
        if len(key) > LONGEST_KEY or not re.fullmatch(r"[A-Za-z][0-9A-Za-z]*", key):
            raise ValueError
        validate_order_key(key)
    except (FIError, ValueError, IndexError):
        message = (
            f"Expected a fractional index key such as a0, at most {LONGEST_KEY} characters; got {_shown(key)!r}."
        )
        raise InvalidInput.at(field, message=message, code="invalid_string") from None
    return key


def key_between(before: str | None, after: str | None) -> str:
    """A key between two others; None is the open end. Raises `InvalidInput` unless `before` < `after`."""
    if before is not None and after is not None and before >= after:
        raise InvalidInput.at(
            "prevIndex", message=f"prevIndex {_shown(before)!r} is not before nextIndex {_shown(after)!r}."
        )
    try:
        key = str(generate_key_between(before, after))
    except (FIError, ValueError, IndexError) as error:
        raise InvalidInput.at("prevIndex", message=f"There is no key between these: {error}.") from None
    if len(key) > LONGEST_KEY:
        raise InvalidInput.at("sortKey", message=_no_room(before, after), code="too_big")
    return key


def _no_room(before: str | None, after: str | None) -> str:
    sides = (("behind", before), ("before", after))
    place = " and ".join(f"{side} {_shown(key)!r}" for side, key in sides if key is not None)
    return _NO_ROOM.format(longest=LONGEST_KEY, place=place)


def _shown(key: str) -> str:
    return key if len(key) <= 40 else f"{key[:40]}…"


def key_after_all(siblings: Order) -> str:
    """A key behind those of some records."""
    return key_between(siblings.last(), None)


def check_place(changes: Mapping[str, Any]) -> None:
    """Whether `prevIndex` and `nextIndex` are keys in order, whatever is between them. Raises `InvalidInput`."""
    chosen_key(changes, Order([]))


def chosen_key(changes: Mapping[str, Any], siblings: Order) -> str | None:
    """The key for the place that `prevIndex` and `nextIndex` name, or None where they name none.

    A neighbour that is left out is looked up among the siblings; null is the open end. Null alone for
    `prevIndex` means before all, for `nextIndex` behind all.
    """
    if not ("prevIndex" in changes or "nextIndex" in changes):
        return None
    before, after = (
        None if changes.get(field) is None else checked_key(field, changes[field])
        for field in ("prevIndex", "nextIndex")
    )
    if before is None and after is None:
        if "nextIndex" in changes:
            before = siblings.last()
        else:
            after = siblings.first()
    elif before is not None and "nextIndex" not in changes:
        after = siblings.above(before)
    elif after is not None and "prevIndex" not in changes:
        before = siblings.below(after)
    return key_between(before, after)
