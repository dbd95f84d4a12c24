"""What a test holds in the hand: one sandbox of a running server, driven over its control API.

The pytest plugin's fixtures give one (`docs/testing.md`); other test frameworks can make their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack
from urllib.parse import quote, urlencode

from mockflow.client import ControlClient
from mockflow.faults.grammar import flat

Entry = dict[str, Any]
"""A request of the journal, as `GET requests` shows it (`docs/journal.md`)."""


class Match(TypedDict, total=False):
    """What a request has to be; `path` is a pattern, `body` a part of the JSON body."""

    operation: str
    method: str
    path: str
    status: int
    body: Any


class Filter(TypedDict, total=False):
    """Which requests to show: also those since a request's id or a moment, and the newest so many."""

    operation: str
    method: str
    path: str
    status: int
    since: str | datetime
    limit: int


_SHOWN = 10
_WIDTH = 300


class Mockflow:
    """One sandbox. `url` is the base URL for the client under test, without `/api`.

    `control` makes any other call of the control API. Every method raises `ServerRefused` with the server's own
    words where it refuses, and `ServerUnreachable` where there is none.
    """

    def __init__(self, control: ControlClient) -> None:
        self.control = control
        self.url = control.url
        self.clock = Clock(control)
        self.outbox = Outbox(control)

    def sign_in(self, email: str) -> dict[str, str]:
        """A session of an account, without its password: the cookies for any client."""
        session = self.control.call("POST", "sessions", {"email": email})
        return {session["name"]: session["value"]}

    @contextmanager
    def fault(self, **rule: Any) -> Iterator[Fault]:
        """A fault rule that is in force inside the `with`; `fault(status=429, retry_after=1, times=2)`.

        The keys are those of the flat grammar, with `_` for `-` (`docs/faults.md`).
        """
        fault = Fault(self.control, self.control.call("POST", "faults", flat(**rule))["id"])
        try:
            yield fault
        finally:
            fault.end()

    def requests(self, **wanted: Unpack[Filter]) -> list[Entry]:
        """The requests that match, oldest first."""
        query = urlencode({name: _iso(value) for name, value in wanted.items()})
        found: list[Entry] = self.control.call("GET", f"requests?{query}")["requests"]
        return found

    def assert_called(
        self,
        *,
        count: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **match: Unpack[Match],
    ) -> None:
        """Fail unless so many requests match: exactly `count`, or within bounds, or at least one.

        The `AssertionError` shows the closest requests field by field.
        """
        __tracebackhide__ = True  # in pytest's reports; the message says it all
        bounds = _given(atLeast=at_least, atMost=at_most)
        if count is not None and bounds:
            raise TypeError("Give count, or at_least and at_most, not both.")
        expected = count if count is not None else bounds or {"atLeast": 1}
        verdict = self.control.call("POST", "requests/verify", {"match": match, "count": expected})
        if not verdict["ok"]:
            raise AssertionError(_explained(match, verdict))

    def rows(self) -> list[str]:
        """The state in comparable form: `task {"title": "Buy milk", …}` for each thing, sorted, without ids."""
        found: list[str] = self.control.call("GET", "data?form=rows")["rows"]
        return found

    def reset(
        self, *, seeds: str | None = None, seed: int | None = None, clock: str | datetime | None = None
    ) -> None:
        """Back to the start state, or to another: a shipped seed set, a seed, a moment to freeze the clock at."""
        self.control.call("POST", "reset", _given(seeds=seeds, seed=seed, clock=_iso(clock)))

    def recent(self, count: int = _SHOWN) -> str:
        """The last requests, for a person to read."""
        entries = self.requests(limit=count)
        return "\n".join(line for entry in entries for line in _told(entry)) or "There were no requests."


class Clock:
    """The clock of a sandbox. Moments are ISO 8601 text or aware `datetime`s."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    @property
    def now(self) -> str:
        """What it says, ISO 8601 in UTC."""
        return str(self._control.call("GET", "clock")["now"])

    def freeze(self, at: str | datetime) -> None:
        """Stop it at a moment."""
        self._change("freeze", _iso(at))

    def set(self, to: str | datetime) -> None:
        """Let it jump to a moment."""
        self._change("set", _iso(to))

    def advance(self, by: float | str | timedelta) -> None:
        """Move it on: seconds, an ISO 8601 duration such as `PT5M`, or a `timedelta`."""
        self._change("advance", by.total_seconds() if isinstance(by, timedelta) else by)

    def real(self) -> None:
        """Back to real time."""
        self._control.call("DELETE", "clock")

    def _change(self, how: str, value: Any) -> None:
        self._control.call("PUT", "clock", {how: value})


class Outbox:
    """The messages that Flowtask would have mailed."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    def messages(self, *, to: str | None = None, kind: str | None = None) -> list[dict[str, Any]]:
        """Those to an address, of a kind, or all; oldest first."""
        query = urlencode(_given(to=to, kind=kind))
        found: list[dict[str, Any]] = self._control.call("GET", f"outbox?{query}")["messages"]
        return found

    def code_for(self, email: str) -> str:
        """The newest one-time code that was sent to an address. Raises `AssertionError` where there is none."""
        __tracebackhide__ = True
        codes = [message["code"] for message in self.messages(to=email) if "code" in message]
        if not codes:
            others = sorted({message["to"] for message in self.messages()})
            told = f"there are messages to {', '.join(others)}" if others else "it is empty"
            raise AssertionError(f"The outbox has no code for {email}: {told}.")
        return str(codes[-1])


class Fault:
    """A rule that was put in force for a while."""

    def __init__(self, control: ControlClient, rule_id: str) -> None:
        self.id = rule_id
        self._control = control
        self._hits: int | None = None

    @property
    def hits(self) -> int:
        """How often it fired; after its end, until then."""
        return self._shown().get("hits", 0) if self._hits is None else self._hits

    def end(self) -> None:
        """Take it out of force, if that was not done before, here or by a reset."""
        if self._hits is not None:
            return  # its id may be another rule's by now
        shown = self._shown()
        self._hits = shown.get("hits", 0)
        if shown:
            self._control.call("DELETE", f"faults/{quote(self.id, safe='')}")

    def _shown(self) -> dict[str, Any]:
        rules = self._control.call("GET", "faults")["faults"]
        return next((rule for rule in rules if rule["id"] == self.id), {})


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _iso(value: Any) -> Any:
    """ISO 8601 text for a `datetime`; anything else as it is."""
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone, as in datetime(2030, 1, 31, tzinfo=UTC).")
    return value.isoformat()


def _explained(match: Mapping[str, Any], verdict: dict[str, Any]) -> str:
    asked = ", ".join(f"{name}={value!r}" for name, value in match.items()) or "any request"
    lines = [f"{asked}: {verdict['message']}"]
    if verdict["closest"]:
        lines.append("Closest:")
    for entry in verdict["closest"]:
        lines.append(f"  {_headline(entry)}")
        lines += [f"    {_compared(field)}" for field in entry["fields"]]
    return "\n".join(lines)


def _compared(field: dict[str, Any]) -> str:
    if field["ok"]:
        return f"  {field['field']} = {field['actual']!r}"
    if "note" in field:
        return f"- {field['field']} expected {field['expected']!r}: {field['note']}"
    found = "is not there" if field.get("missing") else f"is {field['actual']!r}"
    return f"- {field['field']} {found}, expected {field['expected']!r}"


def _headline(entry: Entry) -> str:
    words = [entry["id"], entry["method"], entry["path"] + (f"?{entry['query']}" if entry["query"] else "")]
    words.append(f"-> {entry['status'] or 'no answer'}")
    words += [f"{name}={entry[name]}" for name in ("operation", "user", "fault") if entry[name]]
    return " ".join(words)


def _told(entry: Entry) -> Iterator[str]:
    yield _headline(entry)
    if entry["error"]:
        yield f"    {entry['error']}"
    for label, part in (("sent", entry["request"]), ("got", entry["response"])):
        if part["body"] is not None:
            text = json.dumps(part["body"], ensure_ascii=False)
            yield f"    {label} {text if len(text) <= _WIDTH else text[:_WIDTH] + '…'}"
