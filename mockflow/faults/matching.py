"""Which requests a rule is for, and whether there are any."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mockflow.errors import InvalidInput
from mockflow.models.faults import FaultMatch
from mockflow.operations import BY_NAME, OPERATIONS, Operation


@dataclass(frozen=True)
class Facts:
    """What is known of a request when faults are looked for."""

    operation: str
    method: str
    path: str
    user: str | None


class Matcher:
    """Tells whether a request is one that a rule is for. Raises `InvalidInput` for a match that is none ever.

    In a path, `*` stands for one segment, `**` for any number of them, none included.
    """

    def __init__(self, match: FaultMatch) -> None:
        _check(match)
        self._operation, self._method, self._user = match.operation, match.method, match.user
        self._path = None if match.path is None else re.compile(_expression(match.path))

    def matches(self, facts: Facts) -> bool:
        """Whether the rule is for this request."""
        return (
            (self._operation is None or self._operation == facts.operation)
            and (self._method is None or self._method == facts.method)
            and (self._user is None or self._user == facts.user)
            and (self._path is None or self._path.fullmatch(facts.path.rstrip("/")) is not None)
        )


def _check(match: FaultMatch) -> None:
    if match.operation is not None and match.operation not in BY_NAME:
        raise InvalidInput.at(
            "match", "operation", message=f"There is no operation {match.operation!r}.{_nearest(match.operation)}"
        )
    if match.path is not None and not any(_can_match(match.path, operation) for operation in OPERATIONS):
        raise InvalidInput.at(
            "match", "path", message=f"No operation has a path like {match.path!r}: see `mockflow routes`."
        )
    possible = [BY_NAME[match.operation]] if match.operation else list(OPERATIONS)
    possible = [operation for operation in possible if match.path is None or _can_match(match.path, operation)]
    methods = {operation.method for operation in possible}
    if match.method is not None:
        wanted = "GET" if match.method == "HEAD" else match.method
        possible = [operation for operation in possible if operation.method == wanted]
    if not possible:
        told = f" There the method is {' or '.join(sorted(methods))}." if methods else ""
        raise InvalidInput.at("match", message=f"No operation has this operation, method and path together.{told}")


def _nearest(name: str) -> str:
    from difflib import get_close_matches  # late: only for a mistake

    folded = {known.lower(): known for known in BY_NAME}
    near = [folded[found] for found in get_close_matches(name[:80].lower(), folded, n=3, cutoff=0.5)]
    return f" Did you mean {', '.join(near)}?" if near else " `mockflow routes` lists them."


def _expression(pattern: str) -> str:
    """A path pattern as a regular expression; `**` may be no segment at all."""
    parts = []
    for segment in pattern.rstrip("/").split("/")[1:]:
        if segment == "**":
            parts.append("(?:/[^/]+)*")
        else:
            parts.append("/" + "[^/]*".join(re.escape(part) for part in segment.split("*")))
    return "".join(parts)


def _can_match(pattern: str, operation: Operation) -> bool:
    """Whether some path of an operation fits a pattern."""
    if not pattern.startswith("/"):
        return False
    return _fits(pattern.rstrip("/").split("/")[1:], operation.path.split("/")[1:])


def _fits(pattern: list[str], route: list[str]) -> bool:
    if not pattern:
        return not route
    if pattern[0] == "**":
        return any(_fits(pattern[1:], route[start:]) for start in range(len(route) + 1))
    if not route:
        return False
    wild = "[^/]*".join(re.escape(part) for part in pattern[0].split("*"))
    here = route[0].startswith("<") or re.fullmatch(wild, route[0]) is not None
    return here and _fits(pattern[1:], route[1:])
