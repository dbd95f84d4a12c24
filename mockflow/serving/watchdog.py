"""For those who work on mockflow: which requests hold the event loop, and for how long (`serve --watchdog FILE`).

What counts is processor time of the loop's thread, not time on the clock: a busy machine makes nobody suspect.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from time import thread_time
from typing import Any, cast

from mockflow.http.arrival import Arrival, Reply, Unfinished
from mockflow.http.service import Service

WORTH_NOTING_SECONDS = 0.01
"""Calls that take less are not written down."""

_LONGEST = 200


class _Asked:
    """What a connection has asked for last."""

    last = "no request yet"


_asked: ContextVar[_Asked] = ContextVar("asked")


class Watchdog:
    """Measures each call from an event loop, and writes those that take long to a file, one line of JSON each:
    `{"ms", "request", "call"}`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def call(self, callback: Callable[..., Any], *arguments: Any) -> Any:
        """Make a call of the loop's."""
        began = thread_time()
        try:
            return callback(*arguments)
        finally:
            spent = thread_time() - began
            if spent >= WORTH_NOTING_SECONDS:
                self._note(spent, callback)

    def _note(self, seconds: float, callback: Callable[..., Any]) -> None:
        asked = _asked.get(None)
        found = {
            "ms": round(seconds * 1000, 1),
            "request": None if asked is None else asked.last,
            "call": getattr(callback, "__qualname__", repr(callback))[:_LONGEST],
        }
        with self._path.open("a") as file:  # in one write, for other servers may note here as well
            file.write(f"{json.dumps(found)}\n")

    def service(self, service: Service) -> Service:
        """A service whose requests are known by name."""
        return cast(Service, _Named(service))

    def loop(self, kind: type[asyncio.AbstractEventLoop]) -> asyncio.AbstractEventLoop:
        """An event loop of some kind whose calls are measured."""
        made: Any = type("WatchedLoop", (_Watched, kind), {})()
        made.watchdog = self
        return cast(asyncio.AbstractEventLoop, made)


class _Named:
    """A service that says what it is asked."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def respond(self, request: Arrival) -> Reply | Unfinished:
        """Answer a request, and be known to do so."""
        query = "?" if request.query else ""
        shown = f"{request.method} {request.target}{query}{request.query}"
        _asked.get().last = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}… ({len(shown)})"
        return self._service.respond(request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)


class _Watched:
    """What a loop calls, measured: mixed into a kind of loop, whose methods these stand before."""

    watchdog: Watchdog

    def call_soon(self, callback: Any, *args: Any, **options: Any) -> Any:
        return super().call_soon(*self._watched(callback), *args, **options)  # type: ignore[misc]

    def call_soon_threadsafe(self, callback: Any, *args: Any, **options: Any) -> Any:
        return super().call_soon_threadsafe(*self._watched(callback), *args, **options)  # type: ignore[misc]

    def call_at(self, when: float, callback: Any, *args: Any, **options: Any) -> Any:
        return super().call_at(when, *self._watched(callback), *args, **options)  # type: ignore[misc]

    def call_later(self, delay: float, callback: Any, *args: Any, **options: Any) -> Any:
        return super().call_later(delay, *self._watched(callback), *args, **options)  # type: ignore[misc]

    def _watched(self, callback: Any) -> tuple[Any, ...]:
        """A callback as it is measured; one of these methods may call another."""
        return (callback,) if callback == self.watchdog.call else (self.watchdog.call, callback)

    async def create_server(self, protocol_factory: Any, *args: Any, **options: Any) -> Any:
        watched = lambda: _WatchedProtocol(self.watchdog, protocol_factory())  # noqa: E731
        return await super().create_server(watched, *args, **options)  # type: ignore[misc]


class _WatchedProtocol(asyncio.Protocol):
    """What a transport calls, measured."""

    def __init__(self, watchdog: Watchdog, protocol: asyncio.Protocol) -> None:
        self._watchdog, self._protocol = watchdog, protocol
        self._asked = _Asked()

    def _call(self, callback: Callable[..., Any], *arguments: Any) -> Any:
        _asked.set(self._asked)
        return self._watchdog.call(callback, *arguments)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._call(self._protocol.connection_made, transport)

    def data_received(self, data: bytes) -> None:
        self._call(self._protocol.data_received, data)

    def eof_received(self) -> bool | None:
        return cast("bool | None", self._call(self._protocol.eof_received))

    def connection_lost(self, exc: Exception | None) -> None:
        self._call(self._protocol.connection_lost, exc)

    def pause_writing(self) -> None:
        self._call(self._protocol.pause_writing)

    def resume_writing(self) -> None:
        self._call(self._protocol.resume_writing)
