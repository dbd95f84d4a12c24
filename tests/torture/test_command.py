"""`mockflow torture` as a command: exit codes, options, what is left out, and that it gives the same each time."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

import click
import pytest

from mockflow.cli.torture import torture as command
from mockflow.torture.judging import LEVELS
from mockflow.torture.troubles import names
from tests.running import mockflow
from tests.suites import environment, write
from tests.torture.careful import CLIENT
from tests.torture.conftest import PATIENCE, Tortured, torture
from tests.torture.planted import FIXTURE, PLANTED, Planted

ROOT = Path(__file__).parent.parent.parent
QUICK = ("--fault", "lost", "--fault", "500", "--fault", "half")
NAIVE = Planted(
    """
    class Client(Careful):
        def add(self, title, **fields):
            return self.repeat("POST", "/v2/todo", {"title": title, **fields})["todo"]

        def delete(self, task_id):
            self.repeat("DELETE", f"/v2/todo/{task_id}")

        def add_tag(self, name):
            try:
                return super().add_tag(name)
            except FlowtaskError:
                return {"id": ""}

        def change(self, task_id, **fields):
            try:
                return self.when_let("PATCH", f"/v2/todo/{task_id}", fields)["todo"]
            except NoAnswer:
                return {}
    """
)
REASONS = f"""
{dedent(FIXTURE)}
import requests
from itertools import count

@pytest.mark.skip
def test_skipped(client): ...

@pytest.mark.xfail
def test_xfailed(client):
    raise AssertionError

def test_failing(client):
    assert client.tasks() == []

def test_makes_faults(client, mockflow):
    with mockflow.fault(status=500, operation="checkAuth"):
        requests.get(f"{{mockflow.url}}/api/v1/auth-check")

def test_sends_nothing(): ...

def test_sends_too_much(mockflow):
    with requests.Session() as session:
        for _ in range(1001):
            session.get(f"{{mockflow.url}}/api/v1/auth-check")

def test_forgets(client, mockflow):
    mockflow.control.call("DELETE", "requests")
    client.tasks()

def test_differs(client, tmp_path_factory):
    from pathlib import Path
    runs = Path(__file__).with_name("runs")
    with runs.open("a") as file:
        file.write("x")
    for _ in runs.read_text():
        client.tasks()

def test_alone(client):
    client.tasks()
"""


def planted(folder: Path, one: Planted) -> Path:
    write(folder, one.files())
    return folder


def results(run: Tortured) -> list[tuple[str, str, str]]:
    """Test, fault and verdict of each experiment; without what differs, such as seconds."""
    plan = {one["id"]: one for one in run.report["plan"]}
    return [(one["id"], plan[one["id"]]["rule"], one["verdict"]) for one in run.report["results"]]


@pytest.mark.minutes
def test_the_verdicts_are_the_same_with_any_number_of_jobs_and_pruned_or_not(tmp_path: Path) -> None:
    planted(tmp_path, NAIVE)
    first = torture(tmp_path, *QUICK, *PATIENCE)
    assert first.of("defect") >= {
        ("duplicate", "createTask"), ("trips-over-retry", "deleteTask"), ("wrong-data", "updateTask"),
    }  # fmt: skip
    assert results(torture(tmp_path, *QUICK, *PATIENCE, "--jobs", "1")) == results(first)
    assert results(torture(tmp_path, *QUICK, *PATIENCE, "--jobs", "16")) == results(first)
    thorough = torture(tmp_path, *QUICK, *PATIENCE, "--all")
    assert thorough.of("defect") == first.of("defect")
    assert len(thorough.report["plan"]) > len(first.report["plan"])


def test_the_report_has_what_convinces_and_json_is_as_documented(tmp_path: Path) -> None:
    run = torture(planted(tmp_path, PLANTED["duplicate"]), "--fault", "lost", "--annotate", "--junit", "junit.xml")
    for part in ("duplicate · createTask", 'client.add("Buy milk")', "clean", "tortured", "← lost", "--again"):
        assert part in run.output
    assert set(run.report) == {"version", "plan", "results", "leftOut"}
    (planned,) = (one for one in run.report["plan"] if one["operation"] == "createTask")
    assert planned == {
        "id": planned["id"], "test": "test_client.py::test_it_adds", "operation": "createTask", "nth": 1,
        "fault": "lost", "phase": "after",
        "rule": "operation=createTask; disconnect=empty; phase=after; times=1",
    }  # fmt: skip
    assert {tuple(one) for one in run.report["results"]} == {
        ("id", "verdict", "level", "detail", "requests", "seconds")
    }
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert re.search(
        r"^::error file=test_client.py,line=\d+,title=duplicate%3A createTask", run.output, re.MULTILINE
    )
    again = torture(tmp_path, "--again", planned["id"])
    assert (again.code, again.output.count("← lost")) == (1, 1)
    assert [one["id"] for one in again.report["plan"]] == [planned["id"]]
    assert torture(tmp_path, "--again", "nothing").code == 2


@pytest.mark.minutes
def test_known_findings_may_be_accepted_with_a_reason(tmp_path: Path) -> None:
    planted(tmp_path, PLANTED["duplicate"])
    known = (
        '[[accept]]\nverdict = "duplicate"\noperation = "createTask"\nfault = "lost"\nreason = "until spring"\n'
    )
    gone = known.replace("lost", "half").replace("duplicate", "lost")
    (tmp_path / "accepted.toml").write_text(known + gone)
    run = torture(tmp_path, "--fault", "lost", "--accept", "accepted.toml")
    assert (run.code, "until spring" in run.output, "not found any more" in run.output) == (0, True, True)
    for wrong in (known.replace('"lost"', '"losst"'), known.replace("reason", "raison"), "accept = 1", "x"):
        (tmp_path / "accepted.toml").write_text(wrong)
        run = torture(tmp_path, "--fault", "lost", "--accept", "accepted.toml")
        assert (run.code, run.errors.startswith("mockflow: accepted.toml")) == (2, True), run.errors


@pytest.mark.minutes
def test_notes_count_where_they_are_asked_to(tmp_path: Path) -> None:
    planted(tmp_path, PLANTED["not lost: it says that it gave up"])
    assert torture(tmp_path, "--fault", "lost").code == 0
    assert torture(tmp_path, "--fault", "lost", "--strict").code == 1


@pytest.mark.minutes
def test_what_cannot_be_tortured_is_left_out_with_its_reason(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"careful.py": CLIENT, "client.py": "from careful import Careful as Client", "test_them.py": REASONS},
    )
    run = torture(tmp_path, "--fault", "lost", "--jobs", "1")
    reasons = {one["test"].partition("::")[2]: one["reason"].partition(":")[0] for one in run.report["leftOut"]}
    assert reasons == {
        "test_skipped": "is skipped",
        "test_xfailed": "is expected to fail",
        "test_failing": "fails",
        "test_makes_faults": "makes faults itself",
        "test_sends_nothing": "sends nothing to the server",
        "test_sends_too_much": "sends more requests than the journal keeps",
        "test_forgets": "empties the journal",
        "test_differs": "sends other requests each time",
    }
    assert {one["test"] for one in run.report["plan"]} == {"test_them.py::test_alone"}
    assert run.code == 0


@pytest.mark.minutes
def test_a_suite_with_a_server_of_its_own_and_one_that_shares_a_sandbox_are_tortured(tmp_path: Path) -> None:
    test = f"""
{dedent(FIXTURE)}
@pytest.fixture(scope="session")
def mockflow_settings():
    return {{"seeds": "minimal", "clock": "2030-01-31T09:00:00Z", "control_token": "secret"}}

def test_it_adds(client, mockflow):
    client.add("Buy milk")
    assert mockflow.clock.now == "2030-01-31T09:00:00.000Z"

def test_it_shares(mockflow_server):
    client = Client(mockflow_server.url)
    client.sign_in("demo@flowtask.test", "Passw0rd!")
    client.add("Buy eggs")
"""
    write(tmp_path, {**PLANTED["duplicate"].files(), "test_client.py": test})
    run = torture(tmp_path, "--fault", "lost", "--operation", "createTask")
    assert run.report["leftOut"] == []
    assert [one["verdict"] for one in run.report["results"]] == ["duplicate", "duplicate"]


@pytest.mark.minutes
@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"test_none.py": "def test_it(): ..."}, "no request reached the server"),
        ({"test_none.py": ""}, "there is no test"),
        ({"test_none.py": "def test_it(: ..."}, "could not collect"),
        ({"test_none.py": "def test_it(mockflow):\n    assert False"}, "no request reached the server"),
    ],
)
def test_where_nothing_was_tortured_the_exit_code_is_6(tmp_path: Path, files: dict[str, str], told: str) -> None:
    write(tmp_path, files)
    run = torture(tmp_path)
    assert (run.code, told in run.errors) == (6, True), run.errors


def test_a_request_that_was_not_asked_for_leaves_nothing(tmp_path: Path) -> None:
    run = torture(planted(tmp_path, PLANTED["duplicate"]), "--operation", "deleteTags")
    assert (run.code, "no request is one that was asked for" in run.errors) == (6, True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--fault", "losst", "--", "pytest"), "Did you mean lost"),
        (("--operation", "createTaks", "--", "pytest"), "createTask"),
        (("--", "no-such-program"), "no such program"),
        (("--json", "nowhere/x.json", "--", "pytest"), "no such folder"),
        ((), "COMMAND"),
    ],
)
def test_what_cannot_be_used_is_told_with_exit_code_2(options: tuple[str, ...], told: str) -> None:
    done = mockflow("torture", *options)
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr


@pytest.mark.minutes
def test_ctrl_c_ends_it_with_the_report_of_what_there_is(tmp_path: Path) -> None:
    client = """
        class Client(Careful):
            timeout = None

            def send(self, method, path, body):
                with open("sent", "a") as file:
                    file.write(".")
                return super().send(method, path, body)
    """
    planted(tmp_path, Planted(client, tests=PLANTED["no-timeout"].tests))
    process = subprocess.Popen(
        [sys.executable, "-m", "mockflow", "torture", "--fault", "hang", "--fault", "lost", "--patience", "300",
         "--time", "300", "--json", "torture.json", "--", sys.executable, "-m", "pytest"],
        cwd=tmp_path, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    sent = tmp_path / "sent"
    clean, experiments = 4, 10  # requests: what is lost is sent once more, and then all that there is hangs
    while process.poll() is None and not (sent.exists() and len(sent.read_text()) >= clean + experiments):
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "before Ctrl-C" in output
    report = json.loads((tmp_path / "torture.json").read_text())
    assert len(report["results"]) < len(report["plan"])


def test_the_faults_are_listed_as_rules_of_the_flat_grammar() -> None:
    done = mockflow("torture", "--list")
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    assert list(dict.fromkeys(name for name, _ in lines)) == names()
    page = (ROOT / "docs" / "torture.md").read_text()
    for name, rule in lines:
        assert f"| `{name}` | `{rule}` |" in page


@pytest.mark.parametrize("option", [one.opts[0] for one in command.params if isinstance(one, click.Option)])
def test_every_option_is_documented(option: str) -> None:
    assert re.search(rf"^\| `{option}[ `]", (ROOT / "docs" / "torture.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("verdict", LEVELS)
def test_every_verdict_is_documented(verdict: str) -> None:
    assert f"`{verdict}`" in (ROOT / "docs" / "torture.md").read_text()


@pytest.mark.minutes
def test_any_command_is_tortured_as_a_whole(tmp_path: Path) -> None:
    suite = """
        import os, re, unittest
        from client import Client
        from mockflow.client import ControlClient

        class TasksTest(unittest.TestCase):
            def setUp(self):
                control = ControlClient(os.environ["MOCKFLOW_URL"])
                self.name = control.call("POST", "sandboxes", {"label": self.id()})["name"]
                self.addCleanup(control.call, "DELETE", f"sandboxes/{self.name}")
                self.client = Client(re.sub("/s/.*", "", control.url) + f"/s/{self.name}")
                self.client.sign_in("demo@flowtask.test", "Passw0rd!")

            def test_it_adds(self):
                self.client.add("Buy milk")

            def test_it_lists(self):
                self.client.tasks()
    """
    write(tmp_path, {**PLANTED["duplicate"].files(), "suite.py": suite})
    command = (sys.executable, "-m", "unittest", "suite.py")
    run = torture(tmp_path, *QUICK, command=command)
    assert run.of("defect") == {("duplicate", "createTask")}
    assert "in suite.TasksTest.test_it_adds" in run.output
    assert run.code == 1
    (tmp_path / "client.py").write_text("from careful import Careful as Client")
    run = torture(tmp_path, *QUICK, command=command)
    assert (run.of("defect", "note", "void"), run.code) == (set(), 0)


def test_who_has_no_pytest_can_torture_other_suites() -> None:
    script = "import sys, mockflow.torture.campaign, mockflow.torture.exports; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
