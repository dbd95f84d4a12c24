"""One request and its answer, as the parts of the HTTP floor see it on its way."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from flask import Request, request

from mockflow.clock import Stopwatch
from mockflow.domain import accounts
from mockflow.faults.effects import Outcome, Wire
from mockflow.faults.engine import Hit
from mockflow.faults.quota import Standing
from mockflow.http.auth import session_token
from mockflow.journal import Entry
from mockflow.operations import BY_NAME, Operation
from mockflow.sandbox import Sandbox
from mockflow.store import Record

CONTROL = "/_mockflow"
"""What the paths of the control API begin with."""
EXCHANGE = "mockflow.exchange"
"""Where the WSGI environ has it, for the server as well."""
SENT_HEADERS = "mockflow.headers"
"""Where the WSGI environ may have, once more and apart, those of its items that the client sent as headers."""
DELIVERS = "mockflow.delivers"
"""Where the WSGI environ says that a server sees to what becomes of an answer on its way."""


class Exchange:
    """What is known of a request so far. `sandbox` is the one that an error is counted for until it is found."""

    def __init__(self, of: Request, sandbox: Sandbox) -> None:
        self.request = of
        self.environ: dict[str, Any] = of.environ
        self.method: str = self.environ["REQUEST_METHOD"]
        self.path = of.path
        """Without the sandbox's prefix."""
        self.is_control = self.path.startswith(CONTROL) or self.path == "/"
        """Whether it is a call of the control API, or for a page."""
        self.sandbox = sandbox
        self.stopwatch = Stopwatch()
        self.arrived: datetime | None = None
        self.operation: Operation | None = None
        self.caller: Record | None = None
        """Whose session it came with, once `identified` has looked."""
        self.caller_known = False
        self.failure: str | None = None
        """How mockflow itself failed."""
        self.hit: Hit | None = None
        self.outcome: Outcome | None = None
        """What becomes of the answer on its way."""
        self.standing: Standing | None = None
        self.entry: Entry | None = None
        """Its place in the journal."""
        self.streams = False
        """Whether the feed of the sandbox goes on behind the answer."""

    @cached_property
    def token(self) -> str | None:
        """The value of its session cookie."""
        return session_token(self.environ.get("HTTP_COOKIE", ""))

    @property
    def wire(self) -> Wire | None:
        """What breaks on the way of its answer, if anything does."""
        return None if self.outcome is None else self.outcome.wire

    def identified(self) -> Record | None:
        """Whose session it came with."""
        if not self.caller_known:
            self.caller, self.caller_known = accounts.user_of(self.sandbox.world, self.token), True
        return self.caller

    @property
    def held_back(self) -> bool:
        """Whether its answer is sent by a server that a fault tells how."""
        return self.outcome is not None and DELIVERS in self.environ


def begin(sandbox: Sandbox) -> Exchange:
    """The exchange of a request that has just come."""
    current: Request = request._get_current_object()  # type: ignore[attr-defined]  # a proxy takes its time
    exchange = current.environ[EXCHANGE] = Exchange(current, sandbox)
    rule = current.url_rule
    if rule is not None:
        exchange.operation = BY_NAME.get(rule.endpoint.rpartition(".")[2])
    return exchange


def current() -> Exchange:
    """That of the current request."""
    exchange: Exchange = request.environ[EXCHANGE]
    return exchange


def address() -> str:
    """The address that the current request was sent to, as a base URL; only where its `Host` has been checked.

    Werkzeug's own knows no names with `_`, as containers have.
    """
    return f"{request.scheme}://{request.headers['Host']}{request.root_path}"


def sandbox() -> Sandbox:
    """The sandbox of the current request."""
    return current().sandbox
