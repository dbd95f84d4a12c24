"""The plugin in somebody's test suite: fixtures, settings, reports, xdist, a server that runs already."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from mockflow.client import ControlClient
from tests.running import Running
from tests.suites import LEAN, PYTEST, Suite, run

Factory = pytest.TempPathFactory

FRESH = """
    import pytest
    import requests

    seen = []

    @pytest.mark.parametrize("number", range(3))
    def test_fresh(mockflow, number):
        cookies = mockflow.sign_in("demo@flowtask.test")
        todo = f"{mockflow.url}/api/v2/todo"
        tasks = requests.get(todo, cookies=cookies).json()["todos"]
        assert len(mockflow.requests()) == 1
        assert mockflow.control.call("GET", "faults") == {"faults": []}
        assert mockflow.control.call("GET", "clock")["mode"] == "real"
        seen.append((mockflow.url, len(tasks)))
        requests.post(todo, cookies=cookies, json={"title": "mine"})
        mockflow.clock.freeze("2030-01-01T00:00:00Z")
        mockflow.control.call("POST", "faults", {"effect": {"status": 503}})

    def test_afterwards(mockflow_server):
        urls, counts = zip(*seen)
        assert (len(set(urls)), len(set(counts))) == (3, 1)
        assert counts[0] > 0
        names = [one["name"] for one in mockflow_server.control.call("GET", "sandboxes")["sandboxes"]]
        assert names == ["default"]

    def test_it_goes_away_by_itself_should_this_process_die(mockflow, mockflow_server):
        _, mine = mockflow_server.control.call("GET", "sandboxes")["sandboxes"]
        assert mockflow.url == mockflow_server.url + mine["path"].rstrip("/")
        assert 3000 < mine["expiresInSeconds"] <= 3600
"""
ALL_SETTINGS = """
    from pathlib import Path

    import pytest
    import requests

    @pytest.fixture(scope="session")
    def mockflow_settings():
        return {
            "seeds": Path(__file__).with_name("own.yaml"), "seed": 7, "clock": "2030-01-01T00:00:00Z",
            "rate_limit": "5/60", "fault": ["id=one; status=500; times=1", "id=two; status=401; times=1"],
            "cors_origin": ("https://a.example.com", "https://b.example.com"), "control_token": "secret",
            "reset": True, "open_control": False, "locale": None,
        }

    def test_it_has_all(mockflow):
        info = mockflow.control.call("GET", "info")
        assert info["seeds"].endswith("own.yaml")
        assert (info["seed"], info["clock"]["now"], info["faults"]) == (7, "2030-01-01T00:00:00.000Z", 2)
        headers = {"Origin": "https://b.example.com"}
        answers = [requests.get(f"{mockflow.url}/api/v1/auth-check", headers=headers) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [500, 401, 200, 200, 200, 429]
        assert answers[0].headers["Access-Control-Allow-Origin"] == "https://b.example.com"
        assert requests.get(f"{mockflow.url}/_mockflow/info").status_code == 401

    def test_each_test_begins_with_them(mockflow):
        assert mockflow.control.call("GET", "info")["faults"] == 2
        assert requests.get(f"{mockflow.url}/api/v1/auth-check").status_code == 500
"""
OTHER_SETTINGS = """
    from pathlib import Path

    import pytest

    @pytest.fixture(params=["empty", Path(__file__).with_name("own.yaml")])
    def mockflow_settings(request):
        return {"seeds": request.param, "seed": 8}

    def test_each(mockflow, mockflow_settings):
        assert mockflow.control.call("GET", "info")["seeds"] == str(mockflow_settings["seeds"])
"""
WRONG_SETTINGS = """
    import pytest

    @pytest.fixture(scope="session")
    def mockflow_settings():
        return {"seedz": "minimal"}

    def test_wrong(mockflow):
        raise AssertionError

    def test_wrong_too(mockflow):
        raise AssertionError
"""
REPORTS = """
    import pytest
    import requests

    def check(mockflow):
        requests.get(f"{mockflow.url}/api/v1/auth-check")

    @pytest.fixture
    def broken(mockflow):
        check(mockflow)
        raise ValueError("broken on the way")

    @pytest.fixture
    def breaking_later(mockflow):
        yield
        raise ValueError("broken at the end")

    def test_passes(mockflow):
        check(mockflow)

    def test_fails(mockflow):
        for _ in range(12):
            check(mockflow)
        raise ValueError("failed")

    def test_cannot_begin(broken):
        pass

    def test_cannot_end(mockflow, breaking_later):
        check(mockflow)

    def test_without(mockflow_server):
        raise ValueError("without a sandbox")

    def test_loses_its_server(mockflow):
        mockflow.control = type(mockflow.control)("http://localhost:1")
        raise ValueError("nobody there")
"""
OWN_SEEDS = """
    about: One account.
    personas:
      - {email: ada@example.com, password: correct horse, for: testing}
"""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: Factory) -> Suite:
    """One run over all of these files."""
    return run(
        tmp_path_factory.mktemp("suite"),
        {
            "own.yaml": OWN_SEEDS,
            "click.py": "raise ImportError('not the one that the server needs')",
            "test_fresh.py": FRESH,
            "test_all.py": ALL_SETTINGS,
            "test_other.py": OTHER_SETTINGS,
            "test_wrong.py": WRONG_SETTINGS,
            "test_reports.py": REPORTS,
        },
        env=LEAN,
    )


@pytest.mark.parametrize("file", ["test_fresh.py", "test_all.py", "test_other.py"])
def test_each_test_gets_what_it_asked_for(suite: Suite, file: str) -> None:
    outcomes = [outcome for name, outcome in suite.outcomes.items() if name.startswith(file)]
    assert len(outcomes) >= 2
    assert set(outcomes) == {"passed"}, suite.output


def test_a_wrong_setting_is_one_line(suite: Suite) -> None:
    told = "There is no mockflow server: No such option"  # click's words, which differ from version to version
    for name in ("test_wrong", "test_wrong_too"):
        assert suite.outcomes[f"test_wrong.py::{name}"] == "error"
        _, first, *others = suite.report(name).splitlines()
        assert first.startswith(told)
        assert others == []


def test_a_failing_test_shows_its_last_requests(suite: Suite) -> None:
    assert suite.outcomes["test_reports.py::test_fails"] == "failure"
    _, _, section = suite.report("test_fails").partition("mockflow: last requests to http://localhost:")
    numbers = [line.split()[0] for line in section.splitlines() if line.startswith("req-")]
    assert numbers == [f"req-{number}" for number in range(3, 13)]
    assert 'got {"isAuthenticated": false}' in section


def test_so_does_one_whose_setup_failed(suite: Suite) -> None:
    assert suite.outcomes["test_reports.py::test_cannot_begin"] == "error"
    report = suite.report("test_cannot_begin")
    assert (
        report.index("broken on the way") < report.index("mockflow: last requests to") < report.index("req-1 GET")
    )


def test_others_show_none(suite: Suite) -> None:
    assert suite.outcomes["test_reports.py::test_passes"] == "passed"
    assert "broken at the end" in suite.report("test_cannot_end")
    assert "without a sandbox" in suite.report("test_without")
    for name in ("test_cannot_end", "test_without"):
        assert "last requests" not in suite.report(name)
    assert suite.output.count("mockflow: last requests to") == 3


def test_a_report_without_a_server_says_so(suite: Suite) -> None:
    _, _, section = suite.report("test_loses_its_server").partition("mockflow: last requests to")
    assert "http://localhost:1/_mockflow/requests?limit=10: " in section


# -- a server that runs already

SHARED = """
    import pytest
    import requests

    @pytest.mark.parametrize("number", range(4))
    def test_shared(mockflow, mockflow_server, number, worker_id, record_property):
        cookies = mockflow.sign_in("demo@flowtask.test")
        todo = f"{mockflow.url}/api/v2/todo"
        assert requests.get(todo, cookies=cookies).json() == {"todos": []}
        requests.post(todo, cookies=cookies, json={"title": "mine"})
        assert "/s/" not in mockflow_server.url
        assert mockflow.url.startswith(f"{mockflow_server.url}/s/")
        with open(f"{worker_id}.txt", "a") as file:
            file.write(f"{mockflow_server.url}\\n")
"""
RUNNING = """
    def test_it(mockflow):
        mockflow.sign_in("ann@example.com")
        print(f"used {mockflow.url}")
"""
TOKEN_IN_SETTINGS = """
    import pytest

    @pytest.fixture(scope="session")
    def mockflow_settings():
        return {"control_token": "secret"}
"""
OPTIONS_IN_SETTINGS = """
    import pytest

    @pytest.fixture(scope="session")
    def mockflow_settings():
        return {"seeds": "minimal", "seed": 7, "control_token": "secret"}
"""


def servers(folder: Path) -> list[set[str]]:
    """Which servers each worker used."""
    return [set(path.read_text().split()) for path in sorted(folder.glob("gw*.txt"))]


XDIST = ("-p", "xdist", "-n", "2", "--dist", "each")


def test_each_worker_has_a_server_of_its_own(tmp_path: Path) -> None:
    suite = run(tmp_path, {"test_it.py": SHARED}, *XDIST, env={**LEAN, "MOCKFLOW_SEEDS": "minimal"})
    assert suite.code == 0, suite.output
    first, second = servers(tmp_path)
    assert len(first) == len(second) == 1
    assert first != second


def test_exec_gives_all_workers_one_server(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "mockflow", "exec", "--", *PYTEST)
    env = {**LEAN, "MOCKFLOW_SEEDS": "minimal"}
    suite = run(tmp_path, {"test_it.py": SHARED}, *XDIST, command=command, env=env)
    assert suite.code == 0, suite.output
    first, second = servers(tmp_path)
    assert len(first) == 1
    assert first == second


def on_a_running_server(folder: Path, url: str, token: str) -> Suite:
    """A run of three folders: without settings, with the right token, and with settings that come too late."""
    files = {
        "none/test_none.py": RUNNING,
        "token/conftest.py": TOKEN_IN_SETTINGS,
        "token/test_token.py": RUNNING,
        "late/conftest.py": OPTIONS_IN_SETTINGS,
        "late/test_late.py": RUNNING,
    }
    return run(folder, files, "-rP", env={**LEAN, "MOCKFLOW_URL": url, "MOCKFLOW_CONTROL_TOKEN": token})


TOO_LATE = (
    "The settings seed, seeds come too late: the server that MOCKFLOW_URL names runs already. "
    "Unset MOCKFLOW_URL, or start that server with these options."
)


@pytest.mark.parametrize("path", ["", "/s/mine/"])
def test_a_running_server_is_used(server: Running, tmp_path: Path, path: str) -> None:
    suite = on_a_running_server(tmp_path, server.url + path, "secret")
    assert list(suite.outcomes.values()) == ["error", "passed", "passed"], suite.output
    assert suite.output.count(f"used {server.url}/s/box-") == 2
    assert suite.report("test_it").splitlines()[1:] == [f"There is no mockflow server: {TOO_LATE}"]
    left = ControlClient(server.url, token="secret").call("GET", "sandboxes")["sandboxes"]
    assert not [one for one in left if one["name"].startswith("box-")]


@pytest.mark.parametrize("there", [True, False])
def test_a_running_server_that_cannot_be_used_is_one_line(server: Running, tmp_path: Path, there: bool) -> None:
    url = server.url if there else "http://localhost:1"
    suite = on_a_running_server(tmp_path, url, "wrong")
    token = "passed" if there else "error"
    assert list(suite.outcomes.values()) == ["error", "error", token], suite.output
    told = "401 The control API needs Authorization: Bearer" if there else ""
    assert f"\nThere is no mockflow server: {url}/_mockflow/ready: {told}" in suite.output


# -- what it costs those who do not use it

IMPORTS = """
    import sys

    HEAVY = {"flask", "pydantic", "urllib.request", "mockflow.client", "mockflow.process", "mockflow.testing"}

    def test_nothing_is_imported_before_a_fixture_is_used():
        assert "mockflow.pytest_plugin" in sys.modules
        assert [name for name in HEAVY if name in sys.modules] == []

    def test_what_is_needed_is_imported_then(mockflow):
        assert {"mockflow.client", "mockflow.testing"} <= set(sys.modules)
        assert "flask" not in sys.modules
"""


def test_pytest_finds_the_plugin() -> None:
    (found,) = entry_points(group="pytest11", name="mockflow")
    assert found.value == "mockflow.pytest_plugin"


def test_a_run_without_its_fixtures_imports_nothing(tmp_path: Path) -> None:
    suite = run(tmp_path, {"test_it.py": IMPORTS}, env=LEAN)
    assert list(suite.outcomes.values()) == ["passed", "passed"], suite.output
