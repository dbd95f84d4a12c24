"""Fixtures: how the data is kept is nothing to the journal, so most tests share an app in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from mockflow.app import create_app, sandboxes_of
from mockflow.settings import Settings
from tests.conftest import NOW, PEOPLE
from tests.journal.reading import CONTROL
from tests.running import Running, serving
from tests.support import Api


@pytest.fixture(scope="module")
def shared() -> Iterator[Flask]:
    """One app for the tests of a file."""
    app = create_app(Settings(seeds=PEOPLE, clock=NOW))
    yield app
    sandboxes_of(app).close()


@pytest.fixture
def api(shared: Flask) -> Api:
    """A client of it, without a session, as it was at the start."""
    api = Api(shared)
    assert api.post(f"{CONTROL}/reset").status_code == 200
    for found in api.get(f"{CONTROL}/sandboxes").json["sandboxes"][1:]:
        api.call("DELETE", f"{CONTROL}/sandboxes/{found['name']}", json={})
    return api


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for most tests of a file; it stops well in the end."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving("--memory", "--clock", "2030-01-01T00:00:00Z", stderr=log) as running:
        yield running
        running.stop()
        assert running.process.returncode == 0
    assert "Traceback" not in log.read_text()
