"""`mockflow faults`: list, add, clear and preset against a running server."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from http.client import RemoteDisconnected
from typing import Any

import pytest

from mockflow.faults.presets import PRESETS
from tests.running import Running, mockflow, serving

CHECK = "/api/v1/auth-check"


@pytest.fixture(scope="module")
def started() -> Iterator[Running]:
    """One server for all tests of this file; it has a rule from the start."""
    with serving(
        "--memory", env={"MOCKFLOW_FAULT": "id=start; 503; operation=signOut\n500; operation=listTags"}
    ) as running:
        yield running


@pytest.fixture
def server(started: Running) -> Running:
    """The server as it was at the start."""
    assert started.request("POST", "/_mockflow/reset", {})[0] == 200
    return started


def faults(server: Running, *arguments: str) -> subprocess.CompletedProcess[str]:
    return mockflow("faults", "--url", server.url, *arguments)


def in_force(server: Running) -> list[str]:
    return [rule["id"] for rule in server.request("GET", "/_mockflow/faults")[1]["faults"]]


def shown(run: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert (run.returncode, run.stderr) == (0, "")
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_list_shows_a_rule_a_line_with_its_hits(server: Running) -> None:
    server.request("GET", "/api/v2/tag")
    assert shown(faults(server, "list")) == [
        {"id": "start", "match": {"operation": "signOut"}, "effect": {"status": 503}, "matched": 0, "hits": 0},
        {"id": "fault-1", "match": {"operation": "listTags"}, "effect": {"status": 500}, "matched": 1, "hits": 1},
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("401", {"effect": {"status": 401}}),
        (
            "status=500; operation=checkAuth; times=1",
            {"match": {"operation": "checkAuth"}, "effect": {"status": 500}, "times": 1},
        ),
    ],
)
def test_add_puts_a_rule_in_force_and_shows_it(server: Running, text: str, rule: dict[str, Any]) -> None:
    assert shown(faults(server, "add", text)) == [{"id": "fault-2", **rule, "matched": 0, "hits": 0}]
    assert server.request("GET", CHECK)[0] == rule["effect"]["status"]


def test_a_rule_with_an_id_in_use_is_refused(server: Running) -> None:
    run = faults(server, "add", "id=start; 500")
    assert (run.returncode != 0, run.stdout, len(run.stderr.splitlines())) == (True, "", 1)
    assert "'start'" in run.stderr


def test_clear_takes_all_out_of_force(server: Running) -> None:
    assert shown(faults(server, "clear")) == [{"deleted": 2}]
    assert shown(faults(server, "clear")) == [{"deleted": 0}]
    assert in_force(server) == []


@pytest.mark.parametrize("named", [["start"], ["--id", "start"]])
def test_clear_takes_one_out_of_force(server: Running, named: list[str]) -> None:
    assert shown(faults(server, "clear", *named)) == [{"deleted": 1}]
    assert in_force(server) == ["fault-1"]


@pytest.mark.parametrize("name", ["nothing", "../clock", "a/b", "?", "x y", ""])
def test_clear_of_a_rule_that_is_not_there_takes_none(server: Running, name: str) -> None:
    run = faults(server, "clear", name)
    assert run.returncode != 0
    assert len(run.stderr.splitlines()) == 1
    assert in_force(server) == ["start", "fault-1"]


@pytest.mark.parametrize("name", PRESETS)
def test_preset_puts_its_rules_in_force_and_shows_them(server: Running, name: str) -> None:
    assert shown(faults(server, "preset", name)) == [
        {**rule, "matched": 0, "hits": 0} for rule in PRESETS[name].rules
    ]
    assert in_force(server) == ["start", "fault-1", *(rule["id"] for rule in PRESETS[name].rules)]


def test_preset_without_a_name_lists_them(server: Running) -> None:
    listed = {preset["name"]: preset["imitates"] for preset in shown(faults(server, "preset"))}
    assert listed == {name: preset.imitates for name, preset in PRESETS.items()}


def test_an_unknown_preset_is_told_which_there_are(server: Running) -> None:
    run = faults(server, "preset", "nothing")
    assert (run.returncode != 0, run.stdout) == (True, "")
    (line,) = run.stderr.splitlines()
    assert "lost-responses" in line


def test_a_preset_that_is_misspelt_is_told_the_nearest(server: Running) -> None:
    run = faults(server, "preset", "flakey-netwrok")
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (2, "", 1)
    assert "Did you mean flaky-network?" in run.stderr


@pytest.mark.parametrize("arguments", [["list"], ["add", "401"], ["clear"], ["preset"], ["preset", "flaky"]])
def test_without_a_server_it_stops_with_one_line(arguments: list[str]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        run = mockflow("faults", "--url", f"http://127.0.0.1:{closed.getsockname()[1]}", *arguments)
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (5, "", 1)
    assert "mockflow serve" in run.stderr


def test_url_and_token_come_from_the_environment() -> None:
    with serving("--memory", "--control-token", "s3cret") as server:
        env = {"MOCKFLOW_URL": server.url, "MOCKFLOW_CONTROL_TOKEN": "s3cret"}
        assert len(shown(mockflow("faults", "add", "401", env=env))) == 1
        del env["MOCKFLOW_CONTROL_TOKEN"]
        assert mockflow("faults", "list", env=env).returncode == 1


def test_the_start_tells_a_person_which_faults_are_active() -> None:
    with serving("--memory", "--fault", "401; id=nobody-gets-in") as server:
        assert any("nobody-gets-in" in line or "401" in line for line in server.banner[:-1])


def test_rules_given_at_the_start_are_in_force() -> None:
    with serving(
        "--memory", "--fault", "401; times=1", "--fault", "disconnect=empty; operation=listTags"
    ) as server:
        assert [server.request("GET", CHECK)[0] for _ in range(2)] == [401, 200]
        with pytest.raises(RemoteDisconnected):
            server.request("GET", "/api/v2/tag")


@pytest.mark.parametrize("value", ["", "60", "0/60", "60/0", "-1/60", "1.5/60", "a/b", "60/60/60", "60/1.5s"])
def test_a_rate_limit_that_is_none_stops_the_server_with_one_line(value: str) -> None:
    run = mockflow("serve", "--memory", "--port", "0", "--rate-limit", value)
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (2, "", 1)
    assert "--rate-limit" in run.stderr


def test_a_rate_limit_is_in_force_from_the_start() -> None:
    with serving("--memory", "--rate-limit", "1/1h") as server:
        assert [server.request("GET", CHECK)[0] for _ in range(2)] == [200, 429]
