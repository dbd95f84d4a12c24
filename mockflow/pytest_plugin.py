"""The pytest plugin: a server for the session, a fresh sandbox for each test (`docs/testing.md`)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockflow.testing import Mockflow
    from mockflow.torture.coverage import Coverage

# What a run without these fixtures does not need is imported by them: every pytest run loads this module.

_Servers = Callable[[Mapping[str, Any]], "Mockflow"]

_SANDBOX = pytest.StashKey["Mockflow"]()
_COVERAGE: pytest.StashKey[Coverage] = pytest.StashKey()
_LONGEST_NAME = 150


@pytest.fixture(scope="session")
def mockflow_settings() -> Mapping[str, Any]:
    """The options of the server, as of `mockflow serve`, with `_` for `-`; override it to set some.

    A list gives an option several times: `{"seeds": "minimal", "fault": ["401"], "rate_limit": "60/60"}`.
    """
    return {}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two ways to look at what tests have sent."""
    group = parser.getgroup("mockflow")
    group.addoption(
        "--mockflow-har",
        metavar="DIR",
        help="Write the requests of each test that fails into this folder, as HAR for a browser's network panel.",
    )
    group.addoption(
        "--mockflow-coverage",
        action="store_true",
        help="Print which operations the tests called, and what kinds of answers they got.",
    )


@pytest.fixture(scope="session")
def mockflow_server(
    mockflow_settings: Mapping[str, Any], _mockflow_servers: _Servers, pytestconfig: pytest.Config
) -> Iterator[Mockflow]:
    """The server: one of its own for each session (each xdist worker), on a free port, its data in memory.

    Where MOCKFLOW_URL is set, as under `mockflow exec`, it is that one, and `mockflow_settings` has to be empty.
    What it gives is the server's `default` sandbox, or the one that MOCKFLOW_URL names.
    """
    server = _mockflow_servers(mockflow_settings)
    yield server
    _count(server, pytestconfig)


@pytest.fixture
def mockflow(
    mockflow_settings: Mapping[str, Any], _mockflow_servers: _Servers, request: pytest.FixtureRequest
) -> Iterator[Mockflow]:
    """A sandbox of its own for each test, in the state the server started with.

    Where MOCKFLOW_URL names a sandbox, they begin as that one did, with the fault rules that are in force in it.
    """
    with _mockflow_servers(mockflow_settings).sandbox(label=request.node.nodeid) as sandbox:
        request.node.stash[_SANDBOX] = sandbox
        yield sandbox
        _count(sandbox, request.config)


@pytest.fixture(scope="session")
def _mockflow_servers(pytestconfig: pytest.Config) -> Iterator[_Servers]:
    """Gives the server with some settings, which is started the first time it is asked for.

    There may be several: a folder or a module may have settings of its own.
    """
    from mockflow.errors import MockflowError
    from mockflow.testing.running import options
    from mockflow.testing.running import server as start

    found: dict[tuple[str, ...], Mockflow | str] = {}
    with ExitStack() as running:

        def server(settings: Mapping[str, Any]) -> Mockflow:
            wanted = tuple(options(settings))
            if wanted not in found:
                try:
                    found[wanted] = running.enter_context(start(**_askable(settings, pytestconfig)))
                except MockflowError as error:
                    found[wanted] = error.message
            one = found[wanted]
            if isinstance(one, str):
                pytest.fail(f"There is no mockflow server: {one}", pytrace=False)
            return one

        yield server


def _askable(settings: Mapping[str, Any], config: pytest.Config) -> Mapping[str, Any]:
    """The settings to ask for: none that `mockflow torture` has started its server with; else it is told to."""
    if "MOCKFLOW_TORTURE_SETTINGS" not in os.environ:
        return settings
    from mockflow.testing.running import options, own_settings
    from mockflow.torture.inside import WANTED

    own = own_settings(settings)
    if not own:
        return settings
    config.stash[WANTED] = options(settings)
    has_them = json.loads(os.environ["MOCKFLOW_TORTURE_SETTINGS"]) == config.stash[WANTED]
    return {name: value for name, value in settings.items() if name not in own} if has_them else settings


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Under `mockflow torture`, have it run the tests; with --mockflow-coverage, count requests."""
    if config.getoption("--mockflow-coverage"):
        from mockflow.torture.coverage import Coverage

        config.stash[_COVERAGE] = Coverage(config)
        config.pluginmanager.register(config.stash[_COVERAGE])
    address = os.environ.get("MOCKFLOW_TORTURE")
    if address is not None:
        from mockflow.torture.inside import Inside

        config.pluginmanager.register(Inside(config, address))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Add the last requests of its sandbox to the report of a test that fails."""
    outcome = yield
    report = outcome.get_result()
    sandbox = item.stash.get(_SANDBOX, None)
    # When a teardown fails the sandbox may be gone.
    if report.failed and report.when != "teardown" and sandbox is not None:
        report.sections.append((f"mockflow: last requests to {sandbox.url}", _recent(sandbox)))
        folder = item.config.getoption("--mockflow-har")
        if folder is not None:
            _write_har(sandbox, Path(folder), item.nodeid)


def _write_har(sandbox: Mockflow, folder: Path, test: str) -> None:
    """The journal of a test's sandbox, into a file named after the test."""
    from mockflow.errors import MockflowError

    with suppress(MockflowError):  # the report says already that there is no server
        har = sandbox.control.call("GET", "requests.har")
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", test).strip("-")[-_LONGEST_NAME:]
        (folder / f"{name}.har").write_text(json.dumps(har, ensure_ascii=False, indent=1), encoding="utf-8")


def _count(sandbox: Mockflow, config: pytest.Config) -> None:
    coverage = config.stash.get(_COVERAGE, None)
    if coverage is not None:
        coverage.add(sandbox.control.call("GET", "requests")["requests"])


def _recent(sandbox: Mockflow) -> str:
    from mockflow.errors import MockflowError

    try:
        return sandbox.recent()
    except MockflowError as error:
        return error.message
