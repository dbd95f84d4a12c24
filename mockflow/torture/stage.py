"""Servers for runs, and on them a sandbox for each run: what a suite makes, it makes through that one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any

from mockflow.client import ControlClient
from mockflow.clock import Stopwatch
from mockflow.errors import MockflowError, ServerUnreachable
from mockflow.faults.grammar import parse
from mockflow.process import running_server
from mockflow.torture.runs import OWN, Box, Run, Test
from mockflow.torture.suites import Suite
from mockflow.torture.troubles import RULE_ID

_TTL_SECONDS = 3600
_STORM_HITS = 60
"""So many hits are a storm, whatever else may come."""
_LOOK_SECONDS = 0.5
_CONTROL_SECONDS = 60.0
"""Patience with the control API of a server that has much to do."""


class Stage:
    """Starts servers as they are wanted, and has tests run on them."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._lock = threading.Lock()
        self._servers: dict[tuple[str, ...], ControlClient] = {}
        self._starts: dict[tuple[str, ...], frozenset[str]] = {}
        self._running = ExitStack()
        self._numbers = count(1)
        self._wanted: dict[str, tuple[str, ...]] = {}
        """By test, the options of the server it wants."""
        self.stopped = threading.Event()
        """Once set, whatever runs is stopped."""

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def run(self, test: Test, rule: str | None = None, *, limit: float = 600.0) -> Run:
        """Run a test in a fresh sandbox, with a rule of the flat grammar in it or with none.

        A test that wants a server with other options gets one. Raises `SettingsInvalid` where that does not start.
        """
        found = self._once(test, rule, limit)
        if found.wants is not None and found.wants != self._options(test):
            self._wanted[test.id] = found.wants
            found = self._once(test, rule, limit)
        return found

    def _options(self, test: Test) -> tuple[str, ...]:
        return self._wanted.get(test.id, ())

    def _once(self, test: Test, rule: str | None, limit: float) -> Run:
        options = self._options(test)
        server = self._server(options)
        with self._sandbox(server, rule) as sandbox:
            run = self._suite.run(test, sandbox.url, options, limit, self._reason_to_stop(sandbox, rule))
            return replace(run, boxes=tuple(_boxes(server, sandbox)), start=self._start(options, server))

    def _start(self, options: tuple[str, ...], server: ControlClient) -> frozenset[str]:
        """The rows of a sandbox of a server before anything was done in it."""
        with self._lock:
            if options not in self._starts:
                self._starts[options] = frozenset(server.call("GET", "data?form=rows")["rows"])
            return self._starts[options]

    def _server(self, options: tuple[str, ...]) -> ControlClient:
        with self._lock:
            if options not in self._servers:
                url = self._running.enter_context(running_server(options))
                token = _token(options)
                self._servers[options] = ControlClient(url, token=token, timeout_seconds=_CONTROL_SECONDS)
            return self._servers[options]

    @contextmanager
    def _sandbox(self, server: ControlClient, rule: str | None) -> Iterator[ControlClient]:
        with self._lock:
            name = f"torture-{next(self._numbers)}"
        server.call("POST", "sandboxes", {"name": name, "ttlSeconds": _TTL_SECONDS})
        sandbox = ControlClient(server.url, sandbox=name, token=server.token, timeout_seconds=_CONTROL_SECONDS)
        try:
            if rule is not None:
                sandbox.call("POST", "faults", {"id": RULE_ID, **parse(rule)})
            yield sandbox
        finally:
            with suppress(MockflowError):  # the server may be the one that is gone
                server.call("DELETE", f"sandboxes/{name}")

    def _reason_to_stop(self, sandbox: ControlClient, rule: str | None) -> Callable[[], bool]:
        """Whether to stop a run: all are, or this one has become a storm."""
        since = Stopwatch()
        looked = 0.0

        def stop() -> bool:
            nonlocal looked
            if self.stopped.is_set():
                return True
            if rule is None or since.seconds - looked < _LOOK_SECONDS:
                return False
            looked = since.seconds
            return any(_hits(child["faults"]) > _STORM_HITS for child in _children(sandbox))

        return stop


def _token(options: Sequence[str]) -> str | None:
    """What its control API asks for: the server takes an option, or the variable."""
    if "--control-token" in options:
        return options[options.index("--control-token") + 1]
    return os.environ.get("MOCKFLOW_CONTROL_TOKEN")


def _children(sandbox: ControlClient) -> list[dict[str, Any]]:
    with suppress(ServerUnreachable):
        found: list[dict[str, Any]] = sandbox.call("GET", "sandboxes/children")["children"]
        return found
    return []


def _boxes(server: ControlClient, sandbox: ControlClient) -> Iterator[Box]:
    """What the run left: in its own sandbox, if that was used, and in those that were made through it."""
    own = sandbox.call("GET", "requests")
    if own["requests"] or own["evicted"]:
        rows = sandbox.call("GET", "data?form=rows")["rows"]
        faults = sandbox.call("GET", "faults")["faults"]
        count_ = sandbox.call("GET", "info")["requests"]
        yield _box({"name": OWN, "label": None, "rows": rows, "faults": faults, "count": count_, **own})
    for child in _children(sandbox):
        yield _box(sandbox.call("GET", f"sandboxes/children/{child['name']}"))
        if not child["gone"]:
            with suppress(MockflowError):
                server.call("DELETE", f"sandboxes/{child['name']}")


def _box(told: dict[str, Any]) -> Box:
    entries = tuple(told["requests"])
    journaled = sum(entry["fault"] == RULE_ID for entry in entries)
    return Box(
        told["name"],
        told["label"],
        tuple(told["rows"]),
        entries,
        told["evicted"],
        told["count"],
        max(_hits(told["faults"]), journaled),
    )


def _hits(faults: list[dict[str, Any]]) -> int:
    return next((rule["hits"] for rule in faults if rule["id"] == RULE_ID), 0)
