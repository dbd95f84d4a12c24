"""The pytest plugin: a server for the session, a fresh sandbox for each test (`docs/testing.md`)."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockflow.testing import Mockflow

# What a run without these fixtures does not need is imported by them: every pytest run loads this module.

_SANDBOX = pytest.StashKey["Mockflow"]()
_TTL_SECONDS = 3600
"""After which a sandbox goes away by itself, should a worker die."""


@pytest.fixture(scope="session")
def mockflow_settings() -> Mapping[str, Any]:
    """The options of the server, as of `mockflow serve`, with `_` for `-`; override it to set some.

    A list gives an option several times: `{"seeds": "minimal", "fault": ["401"], "rate_limit": "60/60"}`.
    """
    return {}


@pytest.fixture(scope="session")
def mockflow_server(mockflow_settings: Mapping[str, Any]) -> Iterator[Mockflow]:
    """The server: one of its own for each session (each xdist worker), on a free port, its data in memory.

    Where MOCKFLOW_URL is set, as under `mockflow exec`, it is that one, and `mockflow_settings` has to be empty.
    What it gives is the server's `default` sandbox.
    """
    from mockflow.client import ControlClient
    from mockflow.process import running_server
    from mockflow.testing import Mockflow

    running = os.environ.get("MOCKFLOW_URL")
    token = mockflow_settings.get("control_token") or os.environ.get("MOCKFLOW_CONTROL_TOKEN")
    if not running:
        with running_server(_options(mockflow_settings)) as url:
            yield Mockflow(ControlClient(url, token=token))
        return
    if set(mockflow_settings) - {"control_token"}:
        raise pytest.UsageError("mockflow_settings cannot change the running server that MOCKFLOW_URL names.")
    yield Mockflow(ControlClient(re.sub(r"/s/[^/]+/?$", "", running), token=token))


@pytest.fixture
def mockflow(mockflow_server: Mockflow, request: pytest.FixtureRequest) -> Iterator[Mockflow]:
    """A sandbox of its own for each test, in the state the server started with."""
    from mockflow.client import ControlClient
    from mockflow.testing import Mockflow

    control = mockflow_server.control
    name = control.call("POST", "sandboxes", {"ttlSeconds": _TTL_SECONDS})["name"]
    sandbox = Mockflow(ControlClient(control.url, sandbox=name, token=control.token))
    request.node.stash[_SANDBOX] = sandbox
    yield sandbox
    control.call("DELETE", f"sandboxes/{name}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Add the last requests of its sandbox to the report of a test that fails."""
    outcome = yield
    report = outcome.get_result()
    sandbox = item.stash.get(_SANDBOX, None)
    if report.failed and report.when == "call" and sandbox is not None:
        report.sections.append((f"mockflow: last requests to {sandbox.url}", _recent(sandbox)))


def _recent(sandbox: Mockflow) -> str:
    from mockflow.errors import MockflowError

    try:
        return sandbox.recent()
    except MockflowError as error:
        return error.message


def _options(settings: Mapping[str, Any]) -> list[str]:
    options = []
    for name, value in settings.items():
        flag = f"--{name.replace('_', '-')}"
        values = value if isinstance(value, list | tuple) else [value]
        for one in values:
            if isinstance(one, bool):
                options += [flag] if one else []
            else:
                options += [flag, str(one)]
    return options
