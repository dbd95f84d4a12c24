"""`mockflow serve`: options, exit codes, banner, log."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.running import mockflow, serving


def one_line(text: str) -> str:
    """What a failure says: a single line."""
    lines = text.splitlines()
    assert len(lines) == 1, text
    return lines[0]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--nonsense"], "--nonsense"),
        (["--port", "seventy"], "'seventy'"),
        (["--port", "70000"], "70000"),
        (["--seeds", "nonsense"], "demo, edge, empty, large, minimal"),
        (["--seed", "x"], "'x'"),
        (["--clock", "yesterday"], "neither 'real' nor a moment"),
        (["--clock", "2026-02-30T00:00:00Z"], "neither 'real' nor a moment"),
        (["--clock", "9999-12-31T23:59:59Z"], "years 1000 to 9000"),
        (["--seed", str(2**63)], "--seed"),
        (["--control-token", ""], "must not be empty"),
        (["--control-token", "schl\u00fcssel"], "printable ASCII"),
        (["--control-token", "s3cret "], "printable ASCII"),
        (["--latency", "nan"], "not a number"),
        (["--rate-limit", "\u0663/\u0665"], "not N/SECONDS"),
        (["--fault", "status=500; message=\udcff"], "not valid UTF-8"),
        (["--locale", "xx_XX"], "no locale 'xx_XX'"),
        (["--session-ttl", "0"], "--session-ttl"),
        (["--cors-origin", "*"], "not an origin"),
        (["--cors-origin", "example.com"], "not an origin"),
        (["--log-format", "xml"], "'xml'"),
        (["--log-format", "jsn"], "Did you mean json?"),
        (["--sead", "3"], "Did you mean --seed or --seeds?"),
        (["--session-ttl", "soon"], "24h"),
        (["--session-ttl", "1500ms"], "whole number"),
        (["--latency", "2 seconds"], "2s"),
        (["--memory", "--data", "x.json"], "not both"),
        (["--host", "0.0.0.0"], "--control-token"),
        (["--host", "192.0.2.1", "--open-control"], "Cannot listen on 192.0.2.1"),
        (["surplus"], "surplus"),
    ],
)
def test_an_option_that_cannot_be_used_stops_with_one_line_and_exit_2(
    tmp_path: Path, options: list[str], told: str
) -> None:
    run = mockflow("serve", *options, cwd=tmp_path)
    assert run.returncode == 2
    assert told in one_line(run.stderr)
    assert run.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_command_stops_with_one_line_and_exit_2() -> None:
    run = mockflow("serv")
    assert (run.returncode, one_line(run.stderr)) == (2, "mockflow: No such command: serv. Did you mean serve?")


def test_a_port_in_use_is_exit_3_and_touches_no_data(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = mockflow("serve", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert run.returncode == 3
    assert "in use" in one_line(run.stderr)
    assert list(tmp_path.iterdir()) == []


def test_a_data_file_that_cannot_be_read_is_exit_4_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes")
    run = mockflow("serve", "--port", "0", "--data", str(path), "--reset")
    assert run.returncode == 4
    assert "not a JSON file" in one_line(run.stderr)
    assert path.read_text() == "my notes"


def test_a_folder_as_the_data_file_is_exit_4(tmp_path: Path) -> None:
    run = mockflow("serve", "--port", "0", "--data", str(tmp_path))
    assert run.returncode in (2, 4)
    one_line(run.stderr)
    assert list(tmp_path.iterdir()) == []


def test_two_servers_do_not_share_a_port() -> None:
    with serving("--memory") as server:
        run = mockflow("serve", "--memory", "--port", str(server.port))
        assert run.returncode == 3


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    with serving("--memory", stderr=Path("/dev/full")) as server:
        for _ in range(3):
            assert server.request("GET", "/api/v1/auth-check")[0] == 200


def test_a_data_file_in_use_is_exit_4_and_the_first_server_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    with serving("--data", str(path)) as server:
        run = mockflow("serve", "--port", "0", "--data", str(path))
        assert run.returncode == 4
        assert "another process" in one_line(run.stderr)
        assert server.request("GET", "/_mockflow/ready")[0] == 200


def test_a_person_sees_what_is_needed_to_begin() -> None:
    with serving("--memory", "--seeds", "minimal") as server:
        banner = "\n".join(server.banner)
        for part in (f"{server.url}/api", "demo@flowtask.test / Passw0rd!", "minimal", "memory"):
            assert part in banner
        assert server.banner[-1] == f"MOCKFLOW READY {server.url}"


def test_data_is_kept_in_mockflow_json_unless_told_otherwise(tmp_path: Path) -> None:
    with serving(cwd=tmp_path) as server:
        assert server.request("GET", "/_mockflow/info")[1]["data"] == str(tmp_path / "mockflow.json")
        assert (tmp_path / "mockflow.json").exists()


def test_a_file_that_was_made_from_other_seeds_is_told(tmp_path: Path) -> None:
    with serving("--seeds", "minimal", cwd=tmp_path) as server:
        server.stop()
    with serving("--seeds", "demo", "--seed", "9", cwd=tmp_path) as server:
        banner = "\n".join(server.banner)
        assert "minimal (seed 42)" in banner
        assert "kept from before; --reset would start from demo (seed 9)" in banner


def test_every_option_is_a_variable_too() -> None:
    env = {
        "MOCKFLOW_MEMORY": "1",
        "MOCKFLOW_SEEDS": "minimal",
        "MOCKFLOW_SEED": "9",
        "MOCKFLOW_CLOCK": "2030-01-01T00:00:00Z",
        "MOCKFLOW_CONTROL_TOKEN": "s3cret",
    }
    with serving(env=env) as server:
        assert server.request("GET", "/_mockflow/info")[0] == 401
        info = server.request("GET", "/_mockflow/info", Authorization="Bearer s3cret")[1]
        assert (info["seeds"], info["seed"], info["data"]) == ("minimal", 9, "memory")
        assert info["clock"] == {"now": "2030-01-01T00:00:00.000Z", "mode": "frozen"}


def test_a_variable_with_a_fault_a_line_may_have_blank_ones() -> None:
    with serving(
        "--memory", env={"MOCKFLOW_FAULT": "\n401; operation=checkAuth\r\n\n  status=503; path=/api/v2/**\n"}
    ) as server:
        assert server.request("GET", "/api/v1/auth-check")[0] == 401
        assert server.request("GET", "/api/v2/todo")[0] == 503


def test_each_request_is_one_log_line_without_secrets() -> None:
    with serving("--memory") as server:
        signin = {"email": "ann@example.com", "password": "Passw0rd!"}
        server.request("POST", "/api/v1/user/signin?token=s3cret", signin)
        server.request("GET", "/api/v2/todo%0aFAKE%1b[31m")
        _, log = server.stop()
    first, second = log.splitlines()
    assert "POST /api/v1/user/signin 200" in first
    assert "signIn" in first
    assert "GET /api/v2/todo%0aFAKE%1b[31m 404" in second
    assert "Passw0rd" not in log
    assert "s3cret" not in log


def test_the_log_can_be_json_lines() -> None:
    with serving("--memory", "--log-format", "json") as server:
        server.request("GET", "/api/v2/todo", Cookie=server.cookie())
        assert [json.loads(line)["event"] for line in server.banner] == ["ready"]
        _, log = server.stop()
    last = json.loads(log.splitlines()[-1])
    assert (last["event"], last["method"], last["path"], last["status"]) == ("request", "GET", "/api/v2/todo", 200)
    assert (last["operation"], last["user"], last["sandbox"]) == ("listTasks", "ann@example.com", "default")


def test_sessions_and_cookies_live_as_long_as_told() -> None:
    with serving("--memory", "--session-ttl", "1m", "--clock", "2030-01-01") as server:
        cookie = server.cookie()
        for seconds, status in ((59, 200), (1, 401)):
            server.request("PUT", "/_mockflow/clock", {"advance": seconds})
            assert server.request("GET", "/api/v2/todo", Cookie=cookie)[0] == status


@pytest.mark.parametrize("command", [[], ["serve"], ["wait"], ["request"], ["routes"], ["seeds"]])
def test_help_is_there(command: list[str]) -> None:
    run = mockflow(*command, "--help")
    assert run.returncode == 0
    assert "Usage: " in run.stdout


def test_a_file_leads_tools_to_a_server_on_any_port(tmp_path: Path) -> None:
    place = tmp_path / "ready"
    place.write_text("http://localhost:1\n")  # of a server that was killed
    found = {"MOCKFLOW_READY_FILE": str(place)}
    with serving("--memory", env=found) as server:
        assert place.read_text() == f"{server.url}\n"
        waited = mockflow("wait", "--timeout", "1", env=found)
        assert (waited.returncode, waited.stdout) == (0, f"{server.url} is ready\n")
        assert "ann@example.com" in mockflow("accounts", env=found).stdout
        assert server.stop()[0] == 0
    assert not place.exists()


def test_a_ready_file_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    run = mockflow(
        "serve", "--memory", "--port", "0", "--ready-file", str(tmp_path / "no" / "ready"), cwd=tmp_path
    )
    assert (run.returncode, "cannot be written" in one_line(run.stderr)) == (2, True)


@pytest.mark.parametrize("content", [b"Buy milk", b"\xff\xfe", b"http://localhost:1\nand more"])
def test_a_file_that_is_something_else_is_not_taken_for_a_ready_file(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "notes.txt"
    place.write_bytes(content)
    run = mockflow("serve", "--memory", "--port", "0", "--ready-file", str(place), cwd=tmp_path)
    assert (run.returncode, "it was left as it is" in one_line(run.stderr)) == (2, True)
    assert place.read_bytes() == content


def test_the_data_file_is_not_taken_for_a_ready_file(tmp_path: Path) -> None:
    run = mockflow("serve", "--data", "data.json", "--port", "0", "--ready-file", "data.json", cwd=tmp_path)
    assert (run.returncode, "it was left as it is" in one_line(run.stderr)) == (2, True)
