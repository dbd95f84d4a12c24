"""`mockflow requests`: list, show and clear the journal of a running server."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.running import Running, mockflow, serving

CHECK = "/api/v1/auth-check"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all tests of this file."""
    log = tmp_path_factory.mktemp("requests") / "log"
    with serving("--memory", "--clock", "2030-01-01T00:00:00Z", stderr=log) as running:
        yield running


@pytest.fixture
def server(started: Running) -> Running:
    """The server with three requests in its journal, and one in that of another sandbox."""
    assert started.request("POST", "/_mockflow/reset", {})[0] == 200
    started.request("GET", f"{CHECK}?a=b")
    started.request("POST", "/api/v2/todo", {"title": "Käse 🧀"})
    started.request("GET", "/elsewhere")
    started.request("POST", "/s/red/_mockflow/reset", {})
    started.request("GET", f"/s/red{CHECK}")
    return started


def requests(server: Running, *arguments: str) -> subprocess.CompletedProcess[str]:
    return mockflow("requests", *arguments, env={"MOCKFLOW_URL": server.url})


def shown(run: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The JSON of each line."""
    assert (run.returncode, run.stderr) == (0, "")
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_list_shows_a_request_a_line_as_the_control_api_does(server: Running) -> None:
    assert shown(requests(server, "list")) == server.request("GET", "/_mockflow/requests")[1]["requests"]
    assert "Käse 🧀" in requests(server, "list").stdout


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (["--method", "get", "--status", "200"], "1"),
        (["--path", "/api/v2/**"], "2"),
        (["--operation", "createTask"], "2"),
        (["--since", "req-1", "--limit", "1"], "3"),
        (["--since", "2030-01-01T00:00:00+00:00"], "123"),
        (["--status", "500"], ""),
    ],
)
def test_options_choose_which(server: Running, options: list[str], numbers: str) -> None:
    assert [entry["id"] for entry in shown(requests(server, "list", *options))] == [
        f"req-{number}" for number in numbers
    ]


def test_another_sandbox_has_other_requests(server: Running) -> None:
    run = mockflow("requests", "--url", server.url, "--sandbox", "red", "list")
    assert [entry["path"] for entry in shown(run)] == [CHECK]


def test_list_says_that_older_ones_are_gone(server: Running) -> None:
    connection = server.connection()
    for _ in range(1000):
        connection.request("GET", CHECK)
        connection.getresponse().read()
    connection.close()
    run = requests(server, "list", "--limit", "1")
    assert (run.returncode, run.stderr) == (0, "mockflow: 3 older ones are gone from the journal\n")
    assert json.loads(run.stdout)["id"] == "req-1003"


def test_show_shows_one(server: Running) -> None:
    (entry,) = shown(requests(server, "show", "req-2"))
    assert entry == server.request("GET", "/_mockflow/requests/req-2")[1]


def test_clear_forgets_all(server: Running) -> None:
    assert shown(requests(server, "clear")) == [{"deleted": 3}]
    assert shown(requests(server, "list")) == []
    assert len(server.request("GET", "/s/red/_mockflow/requests")[1]["requests"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["list", "--operation", "creatTask"], 1, "createTask"),
        (["list", "--limit", "0"], 1, "limit"),
        (["list", "--statsu", "200"], 2, "--statsu"),
        (["show"], 2, "ID"),
        (["show", ""], 2, "empty"),
        (["show", "req-9"], 1, "req-9"),
        (["show", "../info"], 1, "404"),
        (["show", "?limit=1"], 1, "limit=1"),
    ],
)
def test_a_mistake_is_told_in_one_line(server: Running, arguments: list[str], code: int, told: str) -> None:
    run = requests(server, *arguments)
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (code, "", 1)
    assert told in run.stderr
    assert len(server.request("GET", "/_mockflow/requests")[1]["requests"]) == 3


@pytest.mark.parametrize("arguments", [["list"], ["show", "req-1"], ["clear"]])
def test_without_a_server_it_stops_with_one_line(arguments: list[str]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        run = mockflow("requests", "--url", f"http://127.0.0.1:{closed.getsockname()[1]}", *arguments)
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (5, "", 1)
