"""What holds the event loop is noted with the request that did it; what is large by right does not hold it."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from time import thread_time
from typing import Any

import pytest
from flask import Flask

from mockflow.app import sandboxes_of, service_of
from mockflow.http.arrival import Arrival, Reply, Unfinished
from mockflow.sandbox import Seeding
from mockflow.serving.collecting import Collector
from mockflow.serving.hub import Hub
from mockflow.serving.watchdog import WORTH_NOTING_SECONDS, Watchdog
from tests.conftest import MakeApp
from tests.running import serving
from tests.server.wires import Net, Wire, on_the_net, statuses, turns

ASK = b"GET /api/v1/auth-check HTTP/1.1\r\nHost: localhost\r\n\r\n"


def work(seconds: float) -> None:
    """Keep a processor busy, by its own time."""
    until = thread_time() + seconds
    while thread_time() < until:
        pass


def notes(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_call_that_takes_long_is_noted_and_a_short_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "holds"
    watchdog = Watchdog(path)
    watchdog.call(work, WORTH_NOTING_SECONDS / 20)
    assert notes(path) == []
    watchdog.call(work, WORTH_NOTING_SECONDS)
    (found,) = notes(path)
    assert found["ms"] >= WORTH_NOTING_SECONDS * 1000
    assert (found["request"], found["call"]) == (None, "work")


def test_the_time_that_a_call_waits_does_not_count(tmp_path: Path) -> None:
    path, waiting = tmp_path / "holds", threading.Event()
    Watchdog(path).call(waiting.wait, 2 * WORTH_NOTING_SECONDS)
    assert notes(path) == []


@pytest.mark.parametrize("later", [False, True])
def test_each_call_of_a_loop_is_watched(tmp_path: Path, later: bool) -> None:
    path = tmp_path / "holds"
    loop = Watchdog(path).loop(asyncio.SelectorEventLoop)

    async def task() -> None:
        await asyncio.sleep(0)
        work(WORTH_NOTING_SECONDS)

    async def main() -> None:
        loop.call_later(0, work, WORTH_NOTING_SECONDS) if later else loop.call_soon(work, WORTH_NOTING_SECONDS)
        await task()
        await asyncio.sleep(0.001)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())
    assert len(notes(path)) == 2


def test_the_request_that_held_the_loop_is_named(make_app: MakeApp, tmp_path: Path) -> None:
    path = tmp_path / "holds"
    watchdog, service = Watchdog(path), service_of(make_app())
    real = service.respond

    def respond(request: Arrival) -> Reply | Unfinished:
        work(WORTH_NOTING_SECONDS if request.query else 0)
        return real(request)

    service.respond = respond  # type: ignore[method-assign]

    async def main() -> None:
        hub = Hub(watchdog.service(service), Collector())
        server = await asyncio.get_running_loop().create_server(hub.connect, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for query in (b"", b"?slow", b""):
            writer.write(ASK.replace(b"-check", b"-check" + query))
            await reader.readuntil(b"}")
        writer.close()
        server.close()
        await hub.stop(0)

    with asyncio.Runner(loop_factory=lambda: watchdog.loop(asyncio.SelectorEventLoop)) as runner:
        runner.run(main())
    assert [hold["request"] for hold in notes(path)] == ["GET /api/v1/auth-check?slow"]


def test_a_server_is_watched_that_is_told_so(tmp_path: Path) -> None:
    with serving("--memory", "--watchdog", str(tmp_path / "holds")) as server:
        assert server.request("GET", "/api/v1/auth-check") == (200, {"isAuthenticated": False})
        assert server.stop()[0] == 0


# -- large by right


class Held:
    """Work in a thread that does not end before it is let go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        self.go_on = threading.Event()
        real = getattr(owner, name)

        def waits(*arguments: Any, **options: Any) -> Any:
            assert self.go_on.wait(20)
            return real(*arguments, **options)

        monkeypatch.setattr(owner, name, waits)


def request(method: str, path: str, body: Any) -> bytes:
    content = json.dumps(body)
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n{content}".encode()


async def answered_beside(net: Net, asked: bytes, held: Held) -> Wire:
    """Ask for something that is held, and see that others are answered meanwhile; gives its connection."""
    first, second = net.wire(), net.wire()
    first.protocol.data_received(asked)
    second.protocol.data_received(ASK)
    await turns()
    assert (statuses(first.sent), statuses(second.sent)) == ([], [200])
    held.go_on.set()
    while not first.sent:
        await asyncio.sleep(0.001)
    return first


def test_others_are_answered_while_the_seeds_of_a_reset_are_planted(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    held = Held(monkeypatch, Seeding, "_plant")

    async def meet(net: Net) -> None:
        wire = await answered_beside(net, request("POST", "/_mockflow/reset", {"seeds": "minimal"}), held)
        assert b'"seeds":"minimal"' in wire.sent

    on_the_net(app, meet)


def test_others_are_answered_while_the_first_sandbox_beside_a_data_file_is_planted(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sandboxes_of(make_app(data=tmp_path / "data.json")).close()
    app = make_app(data=tmp_path / "data.json")
    held = Held(monkeypatch, Seeding, "_plant")

    async def meet(net: Net) -> None:
        for path in ("/s/gw0/api/v1/auth-check", "/s/gw1/_mockflow/info"):
            wire = await answered_beside(net, ASK.replace(b"/api/v1/auth-check", path.encode()), held)
            assert statuses(wire.sent) == [200]
            break

    on_the_net(app, meet)


@pytest.mark.parametrize("call", ["reset", "snapshots/a/restore", "data"])
def test_others_are_answered_while_a_whole_state_is_made_ready_for_the_file(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: str
) -> None:
    app: Flask = make_app(data=tmp_path / "data.json")
    client = app.test_client()
    client.put("/_mockflow/snapshots/a", json={})
    document = client.get("/_mockflow/data").json
    held = Held(monkeypatch, type(sandboxes_of(app).default.store), "line_of")
    asked = request("PUT" if call == "data" else "POST", f"/_mockflow/{call}", document if call == "data" else {})

    async def meet(net: Net) -> None:
        assert statuses((await answered_beside(net, asked, held)).sent) == [200]

    on_the_net(app, meet)
