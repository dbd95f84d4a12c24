"""One request in the journal, kept small: text and bytes as they came, made readable only when asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mockflow.clock import iso
from mockflow.journal.content import read_body

BODY_LIMIT = 16 * 1024
"""Bytes of a body that are kept; as much is kept of all headers together."""

_PATH_LIMIT = 2000


@dataclass(slots=True)
class Part:
    """The request's or the answer's headers and body, without secrets."""

    headers: str
    """A line for each."""
    body: bytes
    size: int
    """Bytes that the body had, secrets included."""
    cut: bool
    """Whether some of the body is missing."""
    headers_cut: bool = False
    """Whether some of the headers are missing."""

    @classmethod
    def kept(cls, headers: str, body: bytes, size: int, *, cut: bool = False) -> Part:
        """What there is room for."""
        copied = memoryview(body)[:BODY_LIMIT].tobytes()  # orjson's own bytes hold on to a buffer of 4 KiB or more
        return cls(
            headers[:BODY_LIMIT],
            copied,
            size,
            cut or len(body) > BODY_LIMIT,
            headers_cut=len(headers) > BODY_LIMIT,
        )

    @property
    def weight(self) -> int:
        """Bytes that it takes."""
        return len(self.headers) + len(self.body)

    def forget(self) -> None:
        """Keep nothing but the size."""
        self.headers, self.body, self.cut, self.headers_cut = "", b"", bool(self.size), True

    @property
    def binary(self) -> bool:
        """Whether the body is neither JSON nor text."""
        return b"\0" in self.body

    def content(self) -> Any:
        """The body: JSON where it is that, else text; None where there is none, or it is neither."""
        if not self.body or self.binary:
            return None
        return self.body.decode(errors="replace") if self.cut else read_body(self.body)

    def raw(self) -> str | None:
        """The body letter by letter, as far as it was kept; None where there is none, or it is no text."""
        return None if not self.body or self.binary else self.body.decode(errors="replace")

    def text(self) -> str:
        """The body as text, JSON without escapes; empty where it is neither."""
        content = self.content()
        if content is None or isinstance(content, str):
            return content or ""
        return json.dumps(content, ensure_ascii=False)

    def described(self) -> dict[str, Any]:
        """Headers by name, the body, and how much of it is there."""
        lines = (line.partition(": ") for line in self.headers.split("\n") if line)
        return {
            "headers": {name: value for name, _, value in lines},
            "body": self.content(),
            "bodySize": self.size,
            "bodyCut": self.cut,
        }


@dataclass(slots=True)
class Entry:
    """A request and what became of it."""

    number: int
    at: datetime
    method: str
    path: str
    query: str
    operation: str | None
    user: str | None
    status: int | None
    """None where the client got no status line."""
    seconds: float | None
    """How long it took; None while the answer is held back."""
    fault: str | None
    error: str | None
    """Why the client got no ordinary answer."""
    request: Part
    response: Part
    query_cut: bool = False
    """Whether some of the query is missing."""
    elapsed: float | None = None
    """Seconds of real time from the beginning of the sandbox until it came; None before the journal keeps it."""

    def __post_init__(self) -> None:
        self.path = self.path[:_PATH_LIMIT]
        self._cut_query(BODY_LIMIT)

    @property
    def id(self) -> str:
        """What `X-Mockflow-Request-Id` says."""
        return entry_id(self.number)

    @property
    def request_weight(self) -> int:
        """Bytes of what `forget_request` forgets."""
        return len(self.query) + self.request.weight

    def forget_request(self) -> None:
        """Keep neither headers nor body of what was sent, and of the query the beginning."""
        self._cut_query(_PATH_LIMIT)
        self.request.forget()

    def _cut_query(self, most: int) -> None:
        self.query_cut = self.query_cut or len(self.query) > most
        self.query = self.query[:most]

    def forget_response(self) -> None:
        """Keep neither headers nor body of the answer."""
        self.response.forget()

    def contains(self, text: str) -> bool:
        """Whether a text is somewhere in path, query or bodies, in any letter case; JSON has no escapes here."""
        wanted = text.casefold()
        shown = (self.path, self.query, self.request.text(), self.response.text())
        return any(wanted in part.casefold() for part in shown)

    def ended(self, seconds: float, error: str | None = None) -> None:
        """The answer was sent, or will never be, after so many seconds."""
        self.seconds = seconds
        self.error = error or self.error

    def summary(self) -> dict[str, Any]:
        """All but headers and bodies."""
        return {
            "id": self.id,
            "time": iso(self.at),
            "elapsedMs": None if self.elapsed is None else round(self.elapsed * 1000, 2),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "operation": self.operation,
            "user": self.user,
            "status": self.status,
            "durationMs": None if self.seconds is None else round(self.seconds * 1000, 2),
            "fault": self.fault,
            "error": self.error,
        }

    def described(self) -> dict[str, Any]:
        """All of it."""
        return {**self.summary(), "request": self.request.described(), "response": self.response.described()}


def entry_id(number: int) -> str:
    """The id of the request with a number, counted in its sandbox from 1."""
    return f"req-{number}"
