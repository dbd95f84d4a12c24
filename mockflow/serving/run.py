"""The server: one process, one event loop, stopped by a signal with exit code 0."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from mockflow.http.service import Service
from mockflow.serving.collecting import collecting
from mockflow.serving.hub import Hub

if TYPE_CHECKING:
    from mockflow.serving.watchdog import Watchdog

_GRACE_SECONDS = 0.6


def run(
    service: Service,
    sockets: list[socket.socket],
    on_ready: Callable[[], None],
    context: ssl.SSLContext | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, with a `context` over TLS; what is in flight then is answered.

    Calls `on_ready` in the event loop, once it listens.
    """
    watchdog = _watchdog(service)
    if watchdog is None:
        factory: Callable[[], asyncio.AbstractEventLoop] = _loop_kind()
    else:
        factory, service = partial(watchdog.loop, _loop_kind()), watchdog.service(service)
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(service, sockets, on_ready, context))


def stop_signals() -> list[signal.Signals]:
    """What stops the server: also the end of its terminal, unless it was told to outlive that (`nohup`)."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # Windows has none
        signals.append(signal.SIGHUP)
    return signals


def _loop_kind() -> type[asyncio.AbstractEventLoop]:
    """uvloop, where it is to be had; Windows has asyncio's own."""
    if sys.platform == "win32":
        return asyncio.ProactorEventLoop
    import uvloop

    return uvloop.Loop


def _watchdog(service: Service) -> Watchdog | None:
    path = service.sandboxes.settings.watchdog
    if path is None:
        return None
    from mockflow.serving.watchdog import Watchdog  # late: for those alone who work on mockflow

    return Watchdog(path)


def _bury(*_: object) -> None:
    """Take note that processes have ended whose parent did not: they are the first process's business."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


async def _serve(
    service: Service,
    sockets: list[socket.socket],
    on_ready: Callable[[], None],
    context: ssl.SSLContext | None,
) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    former = {
        number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set)) for number in stop_signals()
    }
    held = ExitStack()
    if os.getpid() == 1:
        signal.signal(signal.SIGCHLD, _bury)
    hub = Hub(service, held.enter_context(collecting()))
    servers = [await loop.create_server(hub.connect, sock=bound, ssl=context) for bound in sockets]
    try:
        on_ready()
        await stop.wait()
    finally:
        for server in servers:
            server.close()
        await hub.stop(_GRACE_SECONDS)
        held.close()
        for number, handler in former.items():
            signal.signal(number, handler)
