"""Fixtures: the same suite runs on every store; the clock stands still."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import mockflow
from mockflow.app import create_app, sandboxes_of
from mockflow.clock import Clock
from mockflow.sandbox import Sandbox
from mockflow.settings import Settings
from tests.support import Api

pytest_plugins = ["tests.watchdog"]
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PEOPLE = str(Path(__file__).parent / "people.yaml")

MakeApp = Callable[..., Flask]


def pytest_configure(config: pytest.Config) -> None:
    """Give each worker few tests at a time: else one gets all of the browser's.

    Let Python write bytecode, also where it is told not to (as in many images): else each of the many servers,
    commands and workers that tests start would compile all modules again. And let Ctrl-C and the end of a
    terminal be heard by those that a run in the background starts, where both are ignored otherwise.
    """
    if getattr(config.option, "maxschedchunk", 0) is None:
        config.option.maxschedchunk = 8
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)  # nothing to this process, and not inherited


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """With `-n auto`, half as many workers again as processors: what drives servers and a browser waits."""
    return max(1, (os.cpu_count() or 1) * 3 // 2)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Bring the handbook of a clone up to date, once, before there are workers; an installed wheel has its own."""
    build = Path(mockflow.__file__).parent.parent / "handbook" / "build.py"
    if hasattr(session.config, "workerinput") or not build.exists():
        return
    if subprocess.run([sys.executable, build, "--if-stale"], check=False).returncode:
        pytest.exit("The handbook could not be made: are all tools of pyproject's `dev` installed?", 1)


@pytest.fixture
def make_app() -> Iterator[MakeApp]:
    """Makes apps that are closed after the test; in memory, three people, a frozen clock unless told otherwise."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        app = create_app(Settings(**{"seeds": PEOPLE, "clock": NOW, **settings}))
        made.append(app)
        return app

    yield make
    for app in made:
        sandboxes_of(app).close()


@pytest.fixture(params=["file", pytest.param("memory", marks=pytest.mark.minutes)])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Where the data of `app` is kept."""
    return None if request.param == "memory" else tmp_path / "data.json"


@pytest.fixture
def app(make_app: MakeApp, data: Path | None) -> Flask:
    """A mockflow with three people, on each kind of store."""
    return make_app(data=data)


@pytest.fixture
def sandbox(app: Flask) -> Sandbox:
    """The sandbox behind `app`."""
    return sandboxes_of(app).default


@pytest.fixture
def clock(sandbox: Sandbox) -> Clock:
    """The clock of `app`: frozen at 2026-03-10T12:00:00.000Z, a Tuesday."""
    return sandbox.world.clock


@pytest.fixture
def nobody(app: Flask) -> Api:
    """A client without a session."""
    return Api(app)


@pytest.fixture
def ann(app: Flask) -> Api:
    """Ann's client: shares the workspace `Shared` with Ben."""
    return Api(app).sign_in("ann@example.com")


@pytest.fixture
def ben(app: Flask) -> Api:
    """Ben's client: somebody else, also a member of `Of Ben`."""
    return Api(app).sign_in("ben@example.com")


@pytest.fixture
def oli(app: Flask) -> Api:
    """Oli's client: the account came through Google and has no password."""
    api = Api(app)
    assert api.post("/_mockflow/sessions", email="oli@example.com").status_code == 201
    return api


@pytest.fixture
def workspaces(sandbox: Sandbox) -> dict[str, str]:
    """The ids of the workspaces, by name; no operation of the API shows them."""
    return {workspace["name"]: workspace["id"] for workspace in sandbox.store.workspaces.records()}
