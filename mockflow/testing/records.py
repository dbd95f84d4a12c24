"""What the control API tells, as objects: requests of the journal, messages of the outbox, accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mockflow.testing.words import Operation


class Headers(Mapping[str, str]):
    """Headers by name, in any letter case."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)
        self._names = {name.lower(): name for name in headers}

    def __getitem__(self, name: str) -> str:
        return self._headers[self._names[name.lower()]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._names

    def __repr__(self) -> str:
        return repr(self._headers)


@dataclass(frozen=True)
class Part:
    """What was sent, or what was answered. `body` is JSON where it is that, else text, else None."""

    headers: Headers
    body: Any
    body_size: int
    """Bytes that the whole body had."""
    body_cut: bool
    """Whether the journal has only the beginning of it."""

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> Self:
        """The part that the control API shows."""
        return cls(Headers(shown["headers"]), shown["body"], shown["bodySize"], shown["bodyCut"])


@dataclass(frozen=True, repr=False)
class Entry:
    """A request in the journal (`docs/journal.md`). `status` is None where the client got none."""

    id: str
    time: datetime
    """By the sandbox's clock."""
    method: str
    path: str
    query: str
    """As it was sent, without the `?`; empty where there is none."""
    operation: Operation | None
    user: str | None
    """The e-mail address of who was signed in."""
    status: int | None
    duration_ms: float | None
    """How long the answer took; None while it is held back."""
    elapsed_ms: float
    """Real time from the beginning of the sandbox to this request: what a client really waited."""
    fault: str | None
    """The id of the rule that hit."""
    error: str | None
    """Why the client got no ordinary answer."""
    request: Part
    response: Part

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> Self:
        """The request that the control API shows."""
        same = "id method path query operation user status fault error".split()
        return cls(
            **{name: shown[name] for name in same},
            time=datetime.fromisoformat(shown["time"]),
            duration_ms=shown["durationMs"],
            elapsed_ms=shown["elapsedMs"],
            request=Part.of(shown["request"]),
            response=Part.of(shown["response"]),
        )

    def __str__(self) -> str:
        return headline(vars(self))

    def __repr__(self) -> str:
        return f"<{self}>"


def headline(shown: Mapping[str, Any]) -> str:
    """A request in one line: `req-1 POST /api/v2/todo -> 201 operation=createTask user=demo@flowtask.test`."""
    words = [shown["id"], shown["method"], shown["path"] + (f"?{shown['query']}" if shown["query"] else "")]
    words.append(f"-> {shown['status'] or 'no answer'}")
    words += [f"{name}={shown[name]}" for name in ("operation", "user", "fault") if shown[name]]
    return " ".join(words)


@dataclass(frozen=True, repr=False)
class Message:
    """A message that Flowtask would have mailed. `code` is None where it has none."""

    id: str
    to: str
    kind: str
    subject: str
    text: str
    code: str | None
    sent_at: datetime

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> Self:
        """The message that the control API shows."""
        same = {name: shown[name] for name in ("id", "to", "kind", "subject", "text")}
        return cls(**same, code=shown.get("code"), sent_at=datetime.fromisoformat(shown["sentAt"]))

    def __repr__(self) -> str:
        code = f", code {self.code}" if self.code else ""
        return f"<{self.kind} to {self.to}: {self.subject!r}{code}>"


@dataclass(frozen=True)
class Account:
    """An account that the seeds have made. `password` is None for one that has a `provider` instead."""

    email: str
    password: str | None
    name: str
    provider: str | None
    purpose: str

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> Self:
        """The account that the control API shows."""
        same = {name: shown[name] for name in ("email", "password", "name", "provider")}
        return cls(**same, purpose=shown["for"])
