"""Which requests of the journal are meant, and field by field what speaks against one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from mockflow.faults.matching import PathPattern, known_operation
from mockflow.faults.parts import MISSING, compared, pairs, same
from mockflow.journal.entry import Entry, Part
from mockflow.journal.redaction import REMOVED

_UNASKED = object()


class Comparison(NamedTuple):
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


class Tally(NamedTuple):
    """How many fields were asked for, how many are not as asked, and for how many of these that is not known."""

    asked: int
    wrong: int
    unknown: int


class Criteria:
    """What a request has to be: anything that is left out will do.

    `path` is a pattern as in fault rules, but need not be one of the API's; `query` has values by name, a list for
    a parameter that is repeated; `headers` has values by name, in any case; `body` is a part of the JSON body.
    Raises `InvalidInput` for an operation that does not exist and a path without its slash; `where` is the place
    of these fields in what was sent.
    """

    def __init__(  # noqa: PLR0913 - one for each thing that can be asked for
        self,
        *,
        operation: str | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        query: Mapping[str, str | list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = _UNASKED,
        where: tuple[str, ...] = (),
    ) -> None:
        self.operation = None if operation is None else known_operation(operation, where).name
        self._method = None if method is None else method.upper()
        self._path = path
        self._pattern = None if path is None else PathPattern(path, (*where, "path"))
        self._status = status
        self._query, self._headers = query or {}, headers or {}
        self._body = body

    def matches(self, entry: Entry) -> bool:
        """Whether a request is as asked."""
        return not self.tally(entry).wrong

    def tally(self, entry: Entry) -> Tally:
        """How many fields compare how: `compare` counted, without what only those who read it need."""
        fields = list(self._compare_head(entry))
        asked, wrong, unknown = len(fields), sum(not one.ok for one in fields), sum(one.unknown for one in fields)
        if self._body is not _UNASKED:
            whole = self._compare_lost_body(entry.request)
            if whole is not None:
                return Tally(asked + 1, wrong + 1, unknown + whole.unknown)
            for expected, actual in pairs(self._body, entry.request.content()):
                asked += 1
                if not same(expected, actual):
                    wrong += 1
                    unknown += _is_secret(actual)
        return Tally(asked, wrong, unknown)

    def compare(self, entry: Entry) -> Iterator[Comparison]:
        """Each field that was asked for."""
        yield from self._compare_head(entry)
        if self._body is not _UNASKED:
            yield from self._compare_body(entry.request)

    def _compare_head(self, entry: Entry) -> Iterator[Comparison]:
        """All but the body."""
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
        if self._query:
            yield from self._compare_query(entry)
        if self._headers:
            yield from self._compare_headers(entry)

    def _compare_query(self, entry: Entry) -> Iterator[Comparison]:
        """A parameter that is there once is a text, else a list of all its values."""
        sent = parse_qs(entry.query, keep_blank_values=True)
        for name, expected in self._query.items():
            values = sent.get(name, [])
            actual = MISSING if not values else values[0] if len(values) == 1 else values
            as_sent = expected[0] if isinstance(expected, list) and len(expected) == 1 else expected
            found = _comparison(f"query.{name}", as_sent, actual, lost=entry.query_cut)
            yield found._replace(expected=expected)

    def _compare_headers(self, entry: Entry) -> Iterator[Comparison]:
        lines = (line.partition(": ") for line in entry.request.headers.split("\n"))
        sent = {name.lower(): value for name, _, value in lines}
        for name, expected in self._headers.items():
            actual = sent.get(name.lower(), MISSING)
            yield _comparison(f"headers.{name}", expected, actual, lost=entry.request.headers_cut)

    def _compare_body(self, sent: Part) -> Iterator[Comparison]:
        whole = self._compare_lost_body(sent)
        if whole is not None:
            yield whole
            return
        for field, expected, actual, ok in compared("body", self._body, sent.content()):
            gone = actual is MISSING
            yield Comparison(field, expected, None if gone else actual, ok, gone, not ok and _is_secret(actual))

    def _compare_lost_body(self, sent: Part) -> Comparison | None:
        """The comparison with a body that is not kept, or is nothing that could be compared."""
        if not (sent.cut or sent.binary):
            return None
        return Comparison("body", self._body, None, ok=False, missing=not sent.cut, unknown=sent.cut)


def _is_secret(actual: Any) -> bool:
    return isinstance(actual, str) and actual.endswith(REMOVED)


def _comparison(field: str, expected: Any, actual: Any, *, lost: bool) -> Comparison:
    """Of one text; `lost` where the journal has not kept all of its kind, so that it may have been another."""
    missing, ok = actual is MISSING, expected == actual
    unknown = not ok and (lost or (not missing and REMOVED in str(actual)))
    return Comparison(field, expected, None if missing else actual, ok, missing, unknown)
