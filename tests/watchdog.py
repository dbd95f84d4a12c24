"""`pytest --watchdog`: a test fails in which a request held the event loop for more than 100 ms of processor time.

Servers that tests start are watched by themselves (`serve --watchdog`); where a test needs no server, each step of
a request's way is measured which would have been taken in the loop.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import thread_time
from typing import Any

import pytest

from mockflow.cli.serve import warm_up
from mockflow.http.exchange import Exchange
from mockflow.http.service import Service
from tests.running import WATCHDOG

MOST_MS = 100.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """Off by default: on a slow machine ordinary requests may take so long."""
    parser.addoption(
        "--watchdog",
        action="store_true",
        help="fail tests in which a request holds the event loop for over 100 ms",
    )


@pytest.fixture(scope="session")
def holds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """Where it is noted what held the loop; None without the option."""
    if not request.config.getoption("--watchdog"):
        yield None
        return
    path = tmp_path_factory.mktemp("watchdog") / "holds"
    path.touch()
    warm_up()
    os.environ[WATCHDOG] = str(path)
    patch = pytest.MonkeyPatch()
    patch.setattr(Service, "_replied", _measured(Service._replied, path))
    yield path
    patch.undo()
    del os.environ[WATCHDOG]


@pytest.fixture(autouse=True)
def _watched(holds: Path | None) -> Iterator[None]:
    """Look after each test at what was noted meanwhile."""
    if holds is None:
        yield
        return
    before = holds.stat().st_size
    yield
    with holds.open() as file:
        file.seek(before)
        found = [json.loads(line) for line in file]
    worst = [hold for hold in found if hold["ms"] > MOST_MS and hold["request"]]
    assert not worst, f"the event loop was held: {worst}"


def _measured(step: Callable[..., Any], path: Path) -> Callable[..., Any]:
    def measured(service: Service, exchange: Exchange, answer: Callable[[], Any]) -> Any:
        gc.disable()  # as a server does
        began = thread_time()
        try:
            return step(service, exchange, answer)
        finally:
            ms = (thread_time() - began) * 1000
            gc.enable()
            if ms > MOST_MS and not exchange.delivers:
                with path.open("a") as file:
                    file.write(
                        json.dumps({"ms": ms, "request": f"{exchange.method} {exchange.path}"[:200]}) + "\n"
                    )

    return measured
