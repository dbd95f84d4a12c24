"""The server: uvicorn in one process, on sockets of our own, stopped by a signal with exit code 0."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockflow.errors import AddressUnusable, PortInUse
from mockflow.origins import is_loopback

HEAD_LIMIT = 64 * 1024
"""Bytes of a request's line and headers."""

HEAD_SECONDS = 10.0
"""How long a client may take from connecting, or from a request's first byte, to the end of its headers."""

TRANSPORT = "mockflow.transport"

KEEP_ALIVE_SECONDS = 30
_GRACE_SECONDS = 0.6
_FREE_PORT_TRIES = 20
_BACKLOG = 2048
_FEW_CYCLES = 4
_UPGRADE = re.compile(rb"\r\nupgrade(?=[ \t]*:)", re.IGNORECASE)


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets bound to an address; port 0 takes a free one.

    The default address is for `localhost`, which some clients look up as `::1`: so that is bound as well, on
    the same port, where this machine has it. Raises `PortInUse` and `AddressUnusable`.
    """
    if host != "127.0.0.1":
        return [_bound(host, port)]
    for _ in range(_FREE_PORT_TRIES):
        first = _bound(host, port)
        chosen = first.getsockname()[1]
        try:
            return [first, _bound("::1", chosen)]
        except PortInUse:
            first.close()
            if port:
                raise
        except AddressUnusable:
            return [first]
    raise PortInUse("No port is free on both 127.0.0.1 and ::1.")


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AddressUnusable(f"Cannot listen on {host}: {error.strerror or error}.") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)  # here, where a port in use can still be told; clients wait until it serves
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"Port {port} on {host} is in use. Choose another with --port; 0 takes a free one."
            ) from None
        raise AddressUnusable(f"Cannot listen on {host}: {error.strerror or error}.") from None
    return bound


def url_of(sockets: list[socket.socket], scheme: str = "http") -> str:
    """The address to give to clients. `localhost` and `127.0.0.1` are different sites to a browser's cookies."""
    host, port = sockets[0].getsockname()[:2]
    if is_loopback(host) or host in ("0.0.0.0", "::"):  # noqa: S104 - compared with, not bound to
        host = "localhost"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def run(
    app: Any,
    sockets: list[socket.socket],
    on_ready: Callable[[], None],
    on_stop: Callable[[], None],
    context: ssl.SSLContext | None = None,
) -> None:
    """Serve an ASGI app until SIGINT or SIGTERM, with a `context` over TLS; what is in flight then is answered.

    Calls `on_ready` once it listens, and `on_stop` when it begins to stop. The app finds a request's transport in
    the scope's extensions, under `TRANSPORT`.
    """
    config = uvicorn.Config(
        app,
        http=_GuardedProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    config.load()
    config.ssl = context
    config.timeout_graceful_shutdown = _GRACE_SECONDS  # type: ignore[assignment]  # passed on to asyncio as it is
    _Server(config, on_ready, on_stop).run(sockets=sockets)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets=sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but a signal is the ordinary way to stop: it is not raised again afterwards."""
        signals = (signal.SIGINT, signal.SIGTERM)
        former = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)


class _HeadTooLarge(Exception):
    """Stops the parser; the answer is on its way."""


class _Corked:
    """A transport that keeps an answer's head until there is body to go along: one write wakes the client once."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None
        self._begun = False

    def write(self, data: bytes) -> None:
        if self._begun or data.startswith(b"HTTP/1.1 100 "):
            self._transport.write(data)
        elif self._head is None:
            self._head = data
        else:
            self._begun = True
            self._transport.write(self._head + data)

    def close(self) -> None:
        if self._head is not None and not self._begun:
            self.write(b"")
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()


class _GuardedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP with what it lacks: a limit on the size of a request's head and on the time it takes, and
    refusals in the API's error shape."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head_bytes = 0
        self._in_head = True
        self._cycles: list[Any] = []
        self._tidied_at = _FEW_CYCLES
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        super().connection_lost(exc)
        # uvicorn tells only the last request of a pipeline; the others would wait for ever.
        for cycle in self._cycles:
            cycle.disconnected = cycle.disconnected or not cycle.response_complete
            cycle.message_event.set()
        self._cycles.clear()

    def data_received(self, data: bytes) -> None:
        # An offer to upgrade (curl --http2 makes one) may be ignored, but the parser would drop the body with it.
        if self._in_head and _UPGRADE.search(data):
            head, end, rest = data.partition(b"\r\n\r\n")
            data = _UPGRADE.sub(b"\r\nIgnored", head) + end + rest
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]  # not only ASGI's own
        self._head_bytes = 0
        self._in_head = True
        if self._head_timer is None:
            self._watch_head()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + len(b": \r\n"))
        if self._in_head:  # what comes behind a chunked body is no header of the request: uvicorn would add it
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_watching()
        super().on_headers_complete()
        self._cycles.append(self.cycle)
        if len(self._cycles) > self._tidied_at:  # now and then, so that a long pipeline costs no more each time
            self._cycles = [cycle for cycle in self._cycles if not cycle.response_complete]
            self._tidied_at = max(_FEW_CYCLES, 2 * len(self._cycles))
        if self.scope["method"] != "HEAD":
            self.cycle.transport = _Corked(self.transport)  # type: ignore[assignment]  # all of one it needs

    def send_400_response(self, msg: str) -> None:
        self._refuse(b"400 Bad Request", msg)

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_LIMIT:
            self._refuse(
                b"431 Request Header Fields Too Large", f"The headers are larger than {HEAD_LIMIT} bytes."
            )
            raise _HeadTooLarge

    def _watch_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _stop_watching(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        if self._head_bytes:
            self._refuse(b"408 Request Timeout", f"The headers did not come within {HEAD_SECONDS:.0f} seconds.")
        else:
            self.transport.close()  # a browser that connected ahead of time and had nothing to ask

    def _refuse(self, status: bytes, message: str) -> None:
        self._stop_watching()
        if self.transport.is_closing():
            return
        body = b'{"message":"%b","msg":"%b"}' % ((message.encode(),) * 2)
        self.transport.write(
            b"HTTP/1.1 %b\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: %d\r\n"
            b"cache-control: no-store, private\r\n"
            b"connection: close\r\n\r\n%b" % (status, len(body), body)
        )
        self.transport.close()
