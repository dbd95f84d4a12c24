"""A sandbox without pytest's fixtures: `sandbox()` and `server()`, in `unittest` or in any other program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from mockflow import testing
from mockflow.client import ControlClient
from mockflow.errors import ServerUnreachable, SettingsInvalid
from mockflow.testing import Mockflow
from tests.running import DEADLINE, Running
from tests.suites import environment, write


def names(url: str) -> list[str]:
    """The sandboxes of a server."""
    return [one["name"] for one in ControlClient(url, token="secret").call("GET", "sandboxes")["sandboxes"]]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server runs already."""
    monkeypatch.delenv("MOCKFLOW_URL", raising=False)


@pytest.fixture
def running(server: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """One does."""
    monkeypatch.setenv("MOCKFLOW_URL", server.url)
    monkeypatch.setenv("MOCKFLOW_CONTROL_TOKEN", "secret")
    return server


@pytest.mark.usefixtures("elsewhere")
def test_a_sandbox_brings_its_server_and_takes_it_away() -> None:
    with testing.sandbox(seeds="minimal", clock="2030-01-01", fault=["503", "401"]) as mockflow:
        assert mockflow.clock.now == "2030-01-01T00:00:00.000Z"
        assert [account.email for account in mockflow.accounts] == ["demo@flowtask.test"]
        assert requests.get(f"{mockflow.url}/api/v1/auth-check", timeout=20).status_code == 503
        assert "/s/box-" in mockflow.url
    with pytest.raises(ServerUnreachable):
        mockflow.requests()


@pytest.mark.usefixtures("elsewhere")
def test_a_setting_that_cannot_be_is_told_by_its_name() -> None:
    with pytest.raises(SettingsInvalid, match=r"seedz.*\bseeds\b") as told, testing.server(seedz="minimal"):
        raise AssertionError
    assert "--" not in told.value.message


def test_a_server_that_runs_already_is_used(running: Running) -> None:
    with testing.sandbox() as mockflow:
        assert mockflow.url.startswith(f"{running.url}/s/box-")
        assert mockflow.url.rpartition("/")[2] in names(running.url)
    assert mockflow.url.rpartition("/")[2] not in names(running.url)


@pytest.mark.usefixtures("running")
def test_settings_come_too_late_for_a_server_that_runs() -> None:
    told = "The settings rate_limit, seeds come too late: the server that MOCKFLOW_URL names runs already"
    with pytest.raises(SettingsInvalid, match=told), testing.server(seeds="minimal", rate_limit="60/60"):
        raise AssertionError


def test_each_sandbox_of_a_server_is_fresh_and_goes(running: Running) -> None:
    with testing.server() as server:
        assert server.url == running.url
        urls = set()
        for _ in range(2):
            with server.sandbox(label="mine") as mockflow:
                mockflow.assert_not_called()
                requests.get(f"{mockflow.url}/api/v1/auth-check", timeout=20)
                urls.add(mockflow.url)
        assert len(urls) == 2


def test_what_goes_wrong_inside_gets_the_last_requests_as_a_note(box: Mockflow) -> None:
    def fail() -> None:
        with box.sandbox() as mockflow:
            requests.get(f"{mockflow.url}/api/v1/auth-check", timeout=20)
            raise AssertionError("no")

    with pytest.raises(AssertionError, match="no") as caught:
        fail()
    (note,) = caught.value.__notes__
    assert "\nreq-1 GET /api/v1/auth-check -> 200 operation=checkAuth\n" in note


UNITTEST = """
    import unittest

    import requests

    from mockflow.testing import server


    class Tasks(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            cls.server = cls.enterClassContext(server(seeds="minimal"))

        def setUp(self):
            self.mockflow = self.enterContext(self.server.sandbox(label=self.id()))
            self.cookies = self.mockflow.sign_in("demo@flowtask.test")

        def add(self, title):
            todo = f"{self.mockflow.url}/api/v2/todo"
            requests.post(todo, json={"title": title}, cookies=self.cookies, timeout=20)
            return requests.get(todo, cookies=self.cookies, timeout=20).json()["todos"]

        def test_one(self):
            self.assertEqual(len(self.add("one")), 1)

        def test_another(self):
            self.assertEqual(len(self.add("another")), 1)

        def test_that_fails(self):
            self.mockflow.assert_called(operation="createTask")
"""


def test_unittest_has_a_sandbox_for_each_test(tmp_path: Path) -> None:
    write(tmp_path, {"test_it.py": UNITTEST})
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "unittest", "test_it"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=DEADLINE * 3, check=False,
    )  # fmt: skip
    assert "Ran 3 tests" in done.stderr, done.stderr
    assert done.stderr.rstrip().endswith("FAILED (failures=1)"), done.stderr
    assert "AssertionError: operation='createTask': 0 of 0 requests in the journal match" in done.stderr
