"""Which requests a rule is for, and whether there are any."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from typing import Any, Final

from mockflow import models
from mockflow.errors import InvalidInput
from mockflow.faults.parts import MISSING, is_part
from mockflow.operations import BY_NAME, OPERATIONS, Operation

_LONGEST = 200
_UNASKED: Final = object()

Segment = str | re.Pattern[str]


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
        self.operations = _operations(match, self._path)
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

    def matches(self, path: str) -> bool:
        """Whether a path fits."""
        return self.fits(_segments(path))

    def fits(self, segments: list[str], *, template: bool = False) -> bool:
        """Whether a path fits, or with `template` some path of a route (`/a/<id>`) does.

        Keeps the places that the pattern so far can end at as the bits of a number: wildcards are as cheap as
        other parts.
        """
        ends, all_places = 1, (1 << (len(segments) + 1)) - 1
        known: dict[Segment, int] = {}
        for part in self._parts:
            if part is None:
                ends = all_places & ~((ends & -ends) - 1)
            else:
                if part not in known:
                    known[part] = _places(part, segments, template)
                ends = (ends & known[part]) << 1
            if not ends:
                return False
        return bool(ends >> len(segments))


def _places(part: Segment, segments: list[str], template: bool) -> int:
    """The bits of the segments that a part of a pattern fits; each different segment is looked at once."""
    fits = {text: (template and text.startswith("<")) or _fits(part, text) for text in set(segments)}
    return int("".join("1" if fits[text] else "0" for text in reversed(segments)) or "0", 2)


def _fits(part: Segment, text: str) -> bool:
    return text == part if isinstance(part, str) else part.fullmatch(text) is not None


def _segments(path: str) -> list[str]:
    return path.rstrip("/").split("/")[1:]


def _segment(text: str) -> Segment:
    """One segment's pattern; only `*` is special. fnmatch's expressions do not backtrack."""
    if "*" not in text:
        return text
    return re.compile(translate(re.sub(r"\*+", "*", text.replace("[", "[[]").replace("?", "[?]"))))


def _operations(match: models.faults.FaultMatch, path: PathPattern | None) -> frozenset[str]:
    """The names of the operations that a match can be for. Raises `InvalidInput` where there are none."""
    if match.operation is not None:
        known_operation(match.operation, ("match",))

    def on_path(operation: Operation) -> bool:
        # `/todo/bulk` is no task's path: a fixed path wins over one with an id in it.
        taken = match.path in fixed.get(operation.method, ()) and match.path != operation.path
        return path is None or (not taken and path.fits(_segments(operation.path), template=True))

    fixed: dict[str, set[str]] = {}
    for operation in OPERATIONS:
        if "<" not in operation.path:
            fixed.setdefault(operation.method, set()).add(operation.path)

    if not any(on_path(operation) for operation in OPERATIONS):
        raise InvalidInput.at(
            "match", "path", message=f"No operation has a path like {match.path!r}: see `mockflow routes`."
        )
    possible = [BY_NAME[match.operation]] if match.operation else OPERATIONS
    found = [operation for operation in possible if on_path(operation)]
    wanted = "GET" if match.method == "HEAD" else match.method
    names = frozenset(operation.name for operation in found if wanted in (None, operation.method))
    if not names:
        methods = sorted({operation.method for operation in found})
        told = f" There the method is {' or '.join(methods)}." if methods else ""
        raise InvalidInput.at("match", message=f"No operation has this operation, method and path together.{told}")
    return names


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
