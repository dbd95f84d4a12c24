"""Which requests a rule is for, and whether there are any."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

from mockflow import models
from mockflow.errors import InvalidInput
from mockflow.faults.parts import MISSING, is_part
from mockflow.operations import BY_NAME, OPERATIONS, Operation

_LONGEST = 200
_UNASKED: Final = object()

_MOST_WILD = 10
"""Segments of a pattern with a `*` in them: each is held against each segment of a path."""

Segment = str | tuple[str, ...]
"""A segment's text, or what is between the `*` in it."""


@dataclass(frozen=True)
class Facts:
    """What is known of a request when faults are looked for."""

    operation: str
    method: str
    path: str
    user: str | None
    body: Callable[[], Any] = lambda: MISSING
    """Reads the JSON of the body; asked once at the most, and only where a rule wants to know."""

    @cached_property
    def content(self) -> Any:
        """The body as `body` reads it."""
        return self.body()


class Matcher:
    """Tells whether a request is one that a rule is for. Raises `InvalidInput` for a match that is none ever.

    In a path, `*` stands for any part of one segment, `**` for any number of segments, none included.
    """

    def __init__(self, match: models.faults.FaultMatch) -> None:
        self._path = None if match.path is None else PathPattern(match.path, ("match", "path"))
        self.operations = _operations(match.operation, match.method, match.path)
        """The names of the operations that it can be for."""
        self._method, self._user = match.method, match.user
        self._body = match.body if "body" in match.model_fields_set else _UNASKED

    def matches(self, facts: Facts) -> bool:
        """Whether the rule is for this request."""
        return (
            facts.operation in self.operations
            and (self._method is None or self._method == facts.method)
            and (self._user is None or self._user == facts.user)
            and (self._path is None or self._path.matches(facts.path))
            and (self._body is _UNASKED or is_part(self._body, facts.content))
        )


class PathPattern:
    """A path pattern, in segments; None is a `**`. Raises `InvalidInput` for a text that is none, at `where`."""

    def __init__(self, text: str, where: tuple[str, ...]) -> None:
        if not text.startswith("/") or len(text) > _LONGEST:
            message = (
                f"Expected a path like those of `mockflow routes`: a slash first, at most {_LONGEST} characters."
            )
            raise InvalidInput.at(*where, message=message)
        self._parts = [None if part == "**" else _segment(part) for part in _segments(text)]
        if sum(isinstance(part, tuple) for part in self._parts) > _MOST_WILD:
            raise InvalidInput.at(*where, message=f"A path has at most {_MOST_WILD} segments with a * in them.")

    def matches(self, path: str) -> bool:
        """Whether a path fits."""
        return self.fits(_segments(path))

    def fits(self, segments: list[str], *, template: bool = False) -> bool:
        """Whether a path fits, or with `template` some path of a route (`/a/<id>`) does.

        Keeps the places that the pattern so far can end at as the bits of a number. Before a `**` only the first
        matters, so nothing is looked for behind it.
        """
        ends, all_places = 1, (1 << (len(segments) + 1)) - 1
        for part, following in zip(self._parts, [*self._parts[1:], ""], strict=False):
            if part is None:
                ends = all_places & ~((ends & -ends) - 1)
            else:
                ends = _ends(part, segments, ends, template=template, first=following is None)
            if not ends:
                return False
        return bool(ends >> len(segments))


def _ends(part: Segment, segments: list[str], starts: int, *, template: bool, first: bool) -> int:
    """Where a part of a pattern can end that begins at some places, as bits: everywhere, or at the first place."""
    ends, known = 0, dict[str, bool]()
    for place in range((starts & -starts).bit_length() - 1, len(segments)):
        if starts >> place & 1:
            text = segments[place]
            if text not in known:
                known[text] = (template and text.startswith("<")) or _fits(part, text)
            if known[text]:
                ends |= 2 << place
                if first:
                    break
    return ends


def _fits(part: Segment, text: str) -> bool:
    if isinstance(part, str):
        return text == part
    first, *inner, last = part
    place, end = len(first), len(text) - len(last)
    if place > end or not (text.startswith(first) and text.endswith(last)):
        return False
    for piece in inner:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def _segments(path: str) -> list[str]:
    return path.rstrip("/").split("/")[1:]


_ROUTES = {operation.path: _segments(operation.path) for operation in OPERATIONS}
_FIXED = {(operation.method, operation.path) for operation in OPERATIONS if "<" not in operation.path}


def _segment(text: str) -> Segment:
    """One segment's pattern; only `*` is special."""
    return tuple(re.split(r"\*+", text)) if "*" in text else text


@lru_cache(1024)
def _operations(name: str | None, method: str | None, path: str | None) -> frozenset[str]:
    """The names of the operations that a match can be for. Raises `InvalidInput` where there are none."""
    if name is not None:
        known_operation(name, ("match",))
    on_path = OPERATIONS if path is None else _on_path(path)
    if not on_path:
        raise InvalidInput.at(
            "match", "path", message=f"No operation has a path like {path!r}: see `mockflow routes`."
        )
    possible = [BY_NAME[name]] if name else OPERATIONS
    found = [operation for operation in possible if operation in on_path]
    wanted = "GET" if method == "HEAD" else method
    names = frozenset(operation.name for operation in found if wanted in (None, operation.method))
    if not names:
        methods = sorted({operation.method for operation in found})
        told = f" There the method is {' or '.join(methods)}." if methods else ""
        raise InvalidInput.at("match", message=f"No operation has this operation, method and path together.{told}")
    return names


def _on_path(text: str) -> list[Operation]:
    """The operations with a path that fits a pattern."""
    path = PathPattern(text, ("match", "path"))

    def taken(operation: Operation) -> bool:
        # `/todo/bulk` is no task's path: a fixed path wins over one with an id in it.
        return (operation.method, text) in _FIXED and text != operation.path

    fitting = {route for route, segments in _ROUTES.items() if path.fits(segments, template=True)}
    return [operation for operation in OPERATIONS if operation.path in fitting and not taken(operation)]


def known_operation(name: str, where: tuple[str, ...]) -> Operation:
    """The operation of a name. Raises `InvalidInput` at `where`, with names that come near."""
    if name not in BY_NAME:
        message = f"There is no operation {name!r}.{_nearest(name)}"
        raise InvalidInput.at(*where, "operation", message=message)
    return BY_NAME[name]


def _nearest(name: str) -> str:
    from difflib import get_close_matches  # late: only for a mistake

    folded = {known.lower(): known for known in BY_NAME}
    near = [folded[found] for found in get_close_matches(name[:80].lower(), folded, n=3, cutoff=0.5)]
    return f" Did you mean {', '.join(near)}?" if near else " `mockflow routes` lists them."
