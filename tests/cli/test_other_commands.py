"""`mockflow wait`, `request`, `routes`, `seeds`."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest

from mockflow.operations import OPERATIONS
from tests.running import mockflow, serving
from tests.terminal import shown


def test_wait_returns_when_the_server_is_ready() -> None:
    with serving("--memory") as server:
        run = mockflow("wait", "--url", server.url, "--timeout", "10")
        assert (run.returncode, run.stdout) == (0, f"{server.url} is ready\n")


def test_wait_gives_up_with_exit_5() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        run = mockflow("wait", "--url", f"http://127.0.0.1:{closed.getsockname()[1]}", "--timeout", "0.2")
    assert run.returncode == 5
    assert "not ready after 0.2 seconds" in run.stderr


def test_wait_asks_with_the_token() -> None:
    with serving("--memory", "--control-token", "s3cret") as server:
        assert mockflow("wait", "--url", server.url, "--timeout", "30").returncode == 1  # at once
        env = {"MOCKFLOW_CONTROL_TOKEN": "s3cret", "MOCKFLOW_URL": server.url}
        assert mockflow("wait", env=env).returncode == 0


def test_request_prints_the_body() -> None:
    run = mockflow("request", "GET", "/api/v1/auth-check", "--as", "demo@flowtask.test", "--seeds", "minimal")
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout) == {"isAuthenticated": True, "email": "demo@flowtask.test"}


def test_request_sends_a_body_and_repeats_itself() -> None:
    command = ["request", "post", "/api/v2/todo", "--data", '{"title": "x"}', "--as", "demo@flowtask.test"]
    frozen = ["--seeds", "minimal", "--clock", "2030-01-01T00:00:00Z"]
    first, second = (mockflow(*command, *frozen).stdout for _ in range(2))
    assert first == second
    assert json.loads(first)["todo"]["title"] == "x"


def test_request_acts_on_a_data_file_when_told(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    with serving("--data", str(path)) as server:
        server.stop()
    options = ["--as", "ann@example.com", "--data-file", str(path)]
    mockflow("request", "POST", "/api/v2/todo", "--data", '{"title": "kept"}', *options)
    run = mockflow("request", "GET", "/api/v2/todo", *options)
    assert [task["title"] for task in json.loads(run.stdout)["todos"]] == ["kept"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["GET", "/api/v2/todo"], 1),
        (["GET", "/nothing"], 1),
        (["GET", "api/v2/todo"], 2),
        (["GET", "/api/v2/todo", "--as", "nobody@example.com"], 2),
        (["GET", "/api/v2/todo", "--seeds", "nonsense"], 2),
        (["GET"], 2),
    ],
)
def test_request_fails_with_an_exit_code(arguments: list[str], code: int) -> None:
    run = mockflow("request", *arguments)
    assert run.returncode == code
    assert len(run.stderr.splitlines()) == 1


def test_routes_lists_every_operation() -> None:
    listed = [json.loads(line) for line in mockflow("routes").stdout.splitlines()]
    assert len(listed) == 34
    assert [one["name"] for one in listed] == [operation.name for operation in OPERATIONS]
    assert (listed[13]["method"], listed[13]["path"]) == ("PATCH", "/api/v2/todo/:task_id")
    lines = shown("routes")
    assert [line.split()[2] for line in lines[1:]] == [operation.name for operation in OPERATIONS]
    assert lines[0].split()[:3] == ["Method", "Path", "Name"]


def test_seeds_lists_every_set_with_its_people() -> None:
    found = {one["name"]: one for one in map(json.loads, mockflow("seeds").stdout.splitlines())}
    assert list(found) == ["demo", "edge", "empty", "large", "minimal"]
    assert found["minimal"]["accounts"][0]["email"] == "demo@flowtask.test"
    listed = re.sub(" {2,}", " / ", "\n".join(shown("seeds")))
    for part in (
        "demo / ",
        "edge / ",
        "empty / ",
        "large / ",
        "minimal / ",
        "demo@flowtask.test / Passw0rd!",
        "through google",
    ):
        assert part in listed
