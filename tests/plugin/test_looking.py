"""What a run of pytest shows of its requests: the table of what was reached, HAR files of tests that fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.suites import run

SUITE = """
    import pytest
    import requests

    @pytest.mark.parametrize("number", range(3))
    def test_it(mockflow, number):
        cookies = mockflow.sign_in("demo@flowtask.test")
        assert requests.get(f"{mockflow.url}/api/v2/todo", cookies=cookies).status_code == 200
        assert requests.get(f"{mockflow.url}/api/v2/todo").status_code == 401
        with mockflow.fault(disconnect="empty"), pytest.raises(requests.ConnectionError):
            requests.post(f"{mockflow.url}/api/v2/todo", json={"title": "x"})
        assert number != 1

    def test_shared(mockflow_server):
        assert requests.get(f"{mockflow_server.url}/api/v1/auth-check").status_code == 200
"""


@pytest.mark.minutes
@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_what_all_tests_reached_is_a_table(tmp_path: Path, options: tuple[str, ...]) -> None:
    suite = run(tmp_path, {"test_it.py": SUITE}, "--mockflow-coverage", *options)
    _, _, table = suite.output.partition("mockflow: what the tests reached")
    lines = [line.split() for line in table.splitlines()]
    assert ["ok", "400", "401/403", "404", "429", "5xx", "lost"] in lines
    assert ["listTasks", "3", "·", "3", "·", "·", "·", "·"] in lines
    assert ["createTask", "·", "·", "·", "·", "·", "·", "3"] in lines
    assert ["checkAuth", "1", "·", "·", "·", "·", "·", "·"] in lines
    assert "3 of 34 operations were called" in table


@pytest.mark.minutes
def test_without_the_options_nothing_is_shown_nor_written(tmp_path: Path) -> None:
    suite = run(tmp_path, {"test_it.py": SUITE})
    assert "what the tests reached" not in suite.output
    assert not list(tmp_path.glob("**/*.har"))


def test_each_test_that_fails_leaves_a_har_file(tmp_path: Path) -> None:
    run(tmp_path, {"test_it.py": SUITE}, "--mockflow-har", "hars")
    (file,) = (tmp_path / "hars").iterdir()
    assert file.name == "test_it.py-test_it-1.har"
    entries = json.loads(file.read_text())["log"]["entries"]
    assert [one["response"]["status"] for one in entries] == [200, 401, 0]
