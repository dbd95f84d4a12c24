"""The handle: `Mockflow` and what hangs on it. Each method is a call or two of the control API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Unpack
from urllib.parse import quote, urlencode

from mockflow.client import ControlClient
from mockflow.errors import MockflowError
from mockflow.testing import faults
from mockflow.testing.records import Account, Entry, Message
from mockflow.testing.telling import explained, lines_of
from mockflow.testing.words import FaultRule, Filter, Match, PresetName, check_names

_SHOWN = 10
_TTL_SECONDS = 3600
"""After which a sandbox goes away by itself, should this process die."""
_LONGEST_LABEL = 500


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

    def __repr__(self) -> str:
        return f"<Mockflow {self.url}>"

    @contextmanager
    def sandbox(self, *, label: str | None = None) -> Iterator[Mockflow]:
        """A sandbox of its own, in the state the server started with, which is gone afterwards.

        `label` says what it is for, where sandboxes are listed. What is raised in the `with` gets the last
        requests as a note.
        """
        wanted = {"ttlSeconds": _TTL_SECONDS, "label": None if label is None else label[:_LONGEST_LABEL]}
        made, server = self.control.call("POST", "sandboxes", wanted), self.control
        base = re.sub(r"/s/[^/]+$", "", server.url)
        one = Mockflow(ControlClient(base, sandbox=made["name"], token=server.token))
        try:
            yield one
        except Exception as error:
            with suppress(MockflowError):
                error.add_note(f"mockflow: last requests to {one.url}\n{one.recent()}")
            raise
        finally:
            server.call("DELETE", f"sandboxes/{made['name']}")

    @property
    def accounts(self) -> list[Account]:
        """The accounts that the seeds have made, with their passwords and what each is for."""
        return [Account.of(shown) for shown in self.control.call("GET", "accounts")["accounts"]]

    def sign_in(self, email: str) -> dict[str, str]:
        """Start a session of an account, without its password: the cookies for any client."""
        session = self.control.call("POST", "sessions", {"email": email})
        return {session["name"]: session["value"]}

    def fault(self, **rule: Unpack[FaultRule]) -> faults.Fault:
        """Put a fault rule in force, until its `with` is over: `with mockflow.fault(status=429, times=2):`.

        The keys are those of the flat grammar, with `_` for `-` (`docs/faults.md`). Without a `with` the rule
        stays until its `end()`, or until the sandbox is gone.
        """
        return faults.put(self.control, rule)

    def preset(self, name: PresetName) -> faults.Preset:
        """Put a ready-made trouble in force, such as `outage` (`docs/faults.md`), in the way of `fault`."""
        return faults.use(self.control, name)

    def requests(self, **wanted: Unpack[Filter]) -> list[Entry]:
        """The requests that match, oldest first."""
        check_names("requests", wanted, Filter.__annotations__)
        query = urlencode({name: _iso(value) for name, value in wanted.items()})
        return [Entry.of(shown) for shown in self.control.call("GET", f"requests?{query}")["requests"]]

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
        check_names("assert_called", match, ["count", "at_least", "at_most", *Match.__annotations__])
        bounds = _given(atLeast=at_least, atMost=at_most)
        if count is not None and bounds:
            raise TypeError("Give count, or at_least and at_most, not both.")
        self._verify(match, count if count is not None else bounds or {"atLeast": 1})

    def assert_not_called(self, **match: Unpack[Match]) -> None:
        """Fail where a request matches; the `AssertionError` shows which do."""
        __tracebackhide__ = True
        check_names("assert_not_called", match, Match.__annotations__)
        self._verify(match, 0)

    def _verify(self, match: Match, count: int | dict[str, int]) -> None:
        __tracebackhide__ = True
        verdict = self.control.call("POST", "requests/verify", {"match": match, "count": count})
        if not verdict["ok"]:
            raise AssertionError(explained(match, verdict))

    def forget(self) -> None:
        """Forget the requests that have come so far; the ids of later ones go on."""
        self.control.call("DELETE", "requests")

    def recent(self, count: int = _SHOWN) -> str:
        """The last requests, for a person to read."""
        lines = [line for entry in self.requests(limit=count) for line in lines_of(entry)]
        return "\n".join(lines) or "There were no requests."

    def rows(self) -> list[str]:
        """The state in comparable form: `task {"title": "Buy milk", …}` for each thing, sorted, without ids."""
        found: list[str] = self.control.call("GET", "data?form=rows")["rows"]
        return found

    def snapshot(self, name: str) -> None:
        """Keep data, sessions, outbox, clock and faults under a name, in place of what had it before."""
        self.control.call("PUT", f"snapshots/{quote(name, safe='')}")

    def restore(self, name: str) -> None:
        """Go back to a snapshot; the journal of requests goes on."""
        self.control.call("POST", f"snapshots/{quote(name, safe='')}/restore")

    def reset(
        self, *, seeds: str | None = None, seed: int | None = None, clock: str | datetime | None = None
    ) -> None:
        """Go back to the start state, or to another: a shipped seed set, a seed, a moment to freeze at."""
        self.control.call("POST", "reset", _given(seeds=seeds, seed=seed, clock=_iso(clock)))


class Clock:
    """The clock of a sandbox. Moments are ISO 8601 text or aware `datetime`s."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    def __repr__(self) -> str:
        return f"<Clock of {self._control.url}>"

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
        """Move it on: seconds, a duration such as `90s`, `24h` or `PT5M`, or a `timedelta`."""
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

    def __repr__(self) -> str:
        return f"<Outbox of {self._control.url}>"

    def messages(self, *, to: str | None = None, kind: str | None = None) -> list[Message]:
        """Those to an address, of a kind, or all; oldest first."""
        query = urlencode(_given(to=to, kind=kind))
        return [Message.of(shown) for shown in self._control.call("GET", f"outbox?{query}")["messages"]]

    def code_for(self, email: str) -> str:
        """The newest one-time code that was sent to an address. Raises `AssertionError` where there is none."""
        __tracebackhide__ = True
        codes = [message.code for message in self.messages(to=email) if message.code is not None]
        if not codes:
            others = sorted({message.to for message in self.messages()})
            told = f"there are messages to {', '.join(others)}" if others else "it is empty"
            raise AssertionError(f"The outbox has no code for {email}: {told}.")
        return codes[-1]


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _iso(value: Any) -> Any:
    """ISO 8601 text for a `datetime`; anything else as it is."""
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone, as in datetime(2030, 1, 31, tzinfo=UTC).")
    return value.isoformat()
