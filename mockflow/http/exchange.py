"""One request and its answer, as the parts of the HTTP floor see it on its way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from flask import Request
from werkzeug.exceptions import HTTPException

from mockflow.clock import Stopwatch
from mockflow.domain import accounts
from mockflow.faults.effects import Effect, Outcome
from mockflow.faults.engine import Hit
from mockflow.faults.quota import Standing
from mockflow.http.arrival import Arrival
from mockflow.http.auth import session_token
from mockflow.journal import Entry
from mockflow.operations import Operation
from mockflow.sandbox import Sandbox
from mockflow.sandboxes import DEFAULT, Sandboxes
from mockflow.store import Record

CONTROL = "/_mockflow"
"""What the paths of the control API begin with."""


class Exchange:
    """What is known of a request so far. `sandbox` is `default`, for which an error counts, until it is found."""

    def __init__(self, arrival: Arrival, sandboxes: Sandboxes, *, delivers: bool) -> None:
        """`delivers` tells whether somebody sees to what becomes of the answer on its way."""
        self.arrival = arrival
        self.sandboxes = sandboxes
        self.delivers = delivers
        self.method = arrival.method
        self.prefix, self.path = _split(arrival.path())
        """The sandbox's part of the path, and the rest."""
        self.root = arrival.base + self.prefix
        """The path of the sandbox, as its client sees it."""
        self.environ = arrival.environ(self.prefix, self.path)
        self.is_control = self.path.startswith(CONTROL) or self.path == "/"
        """Whether it is a call of the control API, or for a page."""
        self.sandbox: Sandbox = sandboxes.default
        self.stopwatch = Stopwatch()
        self.arrived: datetime | None = None
        self.operation: Operation | None = None
        self.caller: Record | None = None
        """Whose session it came with, once `identified` has looked."""
        self.caller_known = False
        self.failure: str | None = None
        """How mockflow itself failed, or why there was no whole request."""
        self.broke_off = False
        """Whether the request was never complete."""
        self.hit: Hit | None = None
        self.outcome: Outcome | None = None
        """What becomes of the answer on its way."""
        self.standing: Standing | None = None
        self.entry: Entry | None = None
        """Its place in the journal."""
        self.endpoint: str | None = None
        """Which view its route leads to; None where there is none."""
        self.path_ids: Mapping[str, str] = {}
        """What its path names."""
        self.no_route: HTTPException | None = None
        """Why it has no route."""
        self.streams = False
        """Whether the feed of the sandbox goes on behind the answer."""

    @property
    def sandbox_name(self) -> str:
        """The name that it gives: by its path first, then by the header.

        A prefix without a name gives an empty one, which is none: who lost a name must not meet `default`.
        """
        if self.prefix:
            return self.prefix[3:]
        return str(self.environ.get("HTTP_X_MOCKFLOW_SANDBOX") or DEFAULT)

    @cached_property
    def request(self) -> Request:
        """Flask's view of it, for what only that knows: arguments, accepted types, addresses."""
        return Request(self.environ, populate_request=False)

    @cached_property
    def token(self) -> str | None:
        """The value of its session cookie."""
        return session_token(self.environ.get("HTTP_COOKIE", ""))

    @property
    def address(self) -> str:
        """The address that it was sent to, as a base URL; only where its `Host` has been checked.

        Werkzeug's own knows no names with `_`, as containers have.
        """
        return f"{self.arrival.scheme}://{self.environ['HTTP_HOST']}{self.root}"

    @property
    def breaking(self) -> Effect | None:
        """The effect that breaks its answer on the way, if one does."""
        return None if self.outcome is None else self.outcome.breaking

    def identified(self) -> Record | None:
        """Whose session it came with."""
        if not self.caller_known:
            self.caller, self.caller_known = accounts.user_of(self.sandbox.world, self.token), True
        return self.caller

    @property
    def held_back(self) -> bool:
        """Whether its answer is sent by somebody whom a fault tells how."""
        return self.outcome is not None and self.delivers


def _split(path: str) -> tuple[str, str]:
    """`/s/<name>` and what is behind it; nothing and the path where it names no sandbox."""
    if not path.startswith("/s/"):
        return "", path
    name, _, rest = path[3:].partition("/")
    return f"/s/{name}", f"/{rest}"
