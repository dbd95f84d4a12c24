"""Which requests of the journal are meant, and field by field what speaks against one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockflow.faults.matching import PathPattern, known_operation
from mockflow.journal.entry import Entry
from mockflow.journal.redaction import REMOVED

_UNASKED = object()


@dataclass(frozen=True)
class Comparison:
    """What was asked of one field, what it is, and whether that will do."""

    field: str
    expected: Any
    actual: Any
    ok: bool
    missing: bool = False
    """Whether the request has no such field."""
    unknown: bool = False
    """Whether the journal has not kept it."""

    def described(self) -> dict[str, Any]:
        """As the control API shows it."""
        shown: dict[str, Any] = {"field": self.field, "expected": self.expected}
        if self.unknown:
            shown["note"] = "The journal does not have all of this."
        elif self.missing:
            shown["missing"] = True
        else:
            shown["actual"] = self.actual
        return {**shown, "ok": self.ok}


class Criteria:
    """What a request has to be: anything that is left out will do.

    `path` is a pattern as in fault rules, but need not be one of the API's; `body` is a part of the JSON body.
    Raises `InvalidInput` for an operation that does not exist and a path without its slash; `where` is the place
    of these fields in what was sent.
    """

    def __init__(
        self,
        *,
        operation: str | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        body: Any = _UNASKED,
        where: tuple[str, ...] = (),
    ) -> None:
        self.operation = None if operation is None else known_operation(operation, where).name
        self._method = None if method is None else method.upper()
        self._path = path
        self._pattern = None if path is None else PathPattern(path, (*where, "path"))
        self._status = status
        self._body = body

    def matches(self, entry: Entry) -> bool:
        """Whether a request is as asked."""
        return all(comparison.ok for comparison in self.compare(entry))

    def compare(self, entry: Entry) -> Iterator[Comparison]:
        """Each field that was asked for."""
        asked: tuple[tuple[str, Any, Any], ...] = (
            ("operation", self.operation, entry.operation),
            ("method", self._method, entry.method),
            ("status", self._status, entry.status),
        )
        for field, expected, actual in asked:
            if expected is not None:
                yield Comparison(field, expected, actual, expected == actual)
        if self._pattern is not None:
            yield Comparison("path", self._path, entry.path, self._pattern.matches(entry.path))
        if self._body is not _UNASKED:
            if entry.request.cut:
                yield Comparison("body", self._body, None, ok=False, unknown=True)
            elif entry.request.binary:
                yield Comparison("body", self._body, None, ok=False, missing=True)
            else:
                yield from _compared("body", self._body, entry.request.content())


def _compared(field: str, expected: Any, actual: Any) -> Iterator[Comparison]:
    """An object may have other keys than those expected; an array has as many elements."""
    if isinstance(expected, dict) and isinstance(actual, dict) and expected:
        for key, inner in expected.items():
            if key in actual:
                yield from _compared(f"{field}.{key}", inner, actual[key])
            else:
                yield Comparison(f"{field}.{key}", inner, None, ok=False, missing=True)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual) > 0:
        for number, (inner, found) in enumerate(zip(expected, actual, strict=True)):
            yield from _compared(f"{field}[{number}]", inner, found)
    else:
        same = _same(expected, actual)
        secret = isinstance(actual, str) and actual.endswith(REMOVED)
        yield Comparison(field, expected, actual, same, unknown=secret and not same)


def _same(expected: Any, actual: Any) -> bool:
    """JSON's idea of equal: true is not 1."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return not expected  # any object has all of nothing
    return isinstance(expected, bool) == isinstance(actual, bool) and bool(expected == actual)
