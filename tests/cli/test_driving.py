"""`mockflow exec`, `env`, and the commands that drive a running server."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.running import Running, mockflow, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """One server for all tests of this file, each in a sandbox of its own."""
    with serving("--memory", "--clock", "2030-01-01T00:00:00Z") as running:
        yield running


def driven(server: Running, *arguments: str) -> list[Any]:
    """The JSON that a command prints."""
    run = mockflow(*arguments, env={"MOCKFLOW_URL": server.url})
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_clock_shows_and_moves(server: Running) -> None:
    box = ("--sandbox", "clock")
    for arguments, now in (
        ([], "2030-01-01T00:00:00.000Z"),
        (["advance", "90"], "2030-01-01T00:01:30.000Z"),
        (["advance", "PT5M"], "2030-01-01T00:06:30.000Z"),
        (["advance", "24h"], "2030-01-02T00:06:30.000Z"),
        (["advance", "--", "-1d"], "2030-01-01T00:06:30.000Z"),
        (["set", "2030-01-31"], "2030-01-31T00:00:00.000Z"),
        (["set", "2031-01-01T00:00:00Z"], "2031-01-01T00:00:00.000Z"),
        (["freeze", "2032-01-01T00:00:00Z"], "2032-01-01T00:00:00.000Z"),
    ):
        assert driven(server, "clock", *box, *arguments) == [{"now": now, "mode": "frozen"}]
    assert driven(server, "clock", *box, "real")[0]["mode"] == "real"
    assert driven(server, "clock")[0]["now"] == "2030-01-01T00:00:00.000Z"


def test_reset_brings_back_the_start_or_another(server: Running) -> None:
    box = ("--sandbox", "reset")
    driven(server, "clock", *box, "advance", "5")
    assert driven(server, "reset", *box)[0]["clock"]["now"] == "2030-01-01T00:00:00.000Z"
    (other,) = driven(
        server, "reset", *box, "--seeds", "minimal", "--seed", "3", "--clock", "2040-01-01T00:00:00Z"
    )
    assert (other["seeds"], other["seed"], other["clock"]["now"]) == ("minimal", 3, "2040-01-01T00:00:00.000Z")


def test_outbox_shows_filters_and_empties(server: Running) -> None:
    box = ("--sandbox", "mail")
    for email in ("a@example.com", "b+c@example.com"):
        server.request("POST", "/s/mail/api/v1/user/signup/send-otp", {"email": email})
    assert [message["to"] for message in driven(server, "outbox", *box)] == ["a@example.com", "b+c@example.com"]
    assert len(driven(server, "outbox", *box, "--to", "b+c@example.com")) == 1
    assert driven(server, "outbox", *box, "--clear") == [{"deleted": 2}]
    assert driven(server, "outbox", *box) == []


def test_accounts_shows_the_personas(server: Running) -> None:
    assert [persona["name"] for persona in driven(server, "accounts")] == ["Ann", "Ben", "Oli"]


def test_snapshot_saves_restores_and_deletes(server: Running) -> None:
    box = ("--sandbox", "shot")
    driven(server, "snapshot", *box, "save", "before")
    driven(server, "clock", *box, "advance", "60")
    assert driven(server, "snapshot", *box, "restore", "before") == [{"restored": "before"}]
    assert driven(server, "clock", *box)[0]["now"] == "2030-01-01T00:00:00.000Z"
    assert [found["name"] for found in driven(server, "snapshot", *box)] == ["before"]
    driven(server, "snapshot", *box, "delete", "before")
    assert driven(server, "snapshot", *box) == []


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["clock", "freeze"], 2, "takes a value"),
        (["clock", "real", "now"], 2, "takes no value"),
        (["clock", "advance", "soon"], 1, "Expected seconds"),
        (["snapshot", "restore"], 2, "needs the name"),
        (["snapshot", "restore", "nothing"], 1, "no snapshot"),
        (["reset", "--seeds", "nonsense"], 1, "no seed set"),
        (["accounts", "--sandbox", "No_Name"], 1, "1 to 40"),
        (["accounts", "--url", "http://127.0.0.1:1"], 5, "127.0.0.1:1"),
        (["accounts", "--url", "http://127.0.0.1:1"], 5, "`mockflow serve`"),
        (["accounts", "--url", "127.0.0.1:4747"], 2, "not a base URL"),
        (["clock", "advnace", "5"], 2, "Did you mean advance?"),
        (["snapshot", "restrore", "x"], 2, "Did you mean restore?"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    server: Running, arguments: list[str], code: int, told: str
) -> None:
    run = mockflow(*arguments, env={"MOCKFLOW_URL": server.url})
    assert (run.returncode, len(run.stderr.splitlines())) == (code, 1)
    assert told in run.stderr


def test_env_prints_the_address_of_a_server_or_a_sandbox(server: Running) -> None:
    assert mockflow("env", "--url", server.url).stdout == f"export MOCKFLOW_URL={server.url}\n"
    named = mockflow("env", "--url", server.url, "--sandbox", "gw0").stdout
    assert named == f"export MOCKFLOW_URL={server.url}/s/gw0\n"
    assert mockflow("env", "--url", "http://127.0.0.1:1").returncode == 5


def test_exec_runs_a_command_against_a_server_of_its_own() -> None:
    code = (
        "import os, json, urllib.request; "
        "print(json.load(urllib.request.urlopen(os.environ['MOCKFLOW_URL'] + '/_mockflow/info'))['seeds'])"
    )
    run = mockflow(
        "exec", "--", sys.executable, "-c", code, env={"MOCKFLOW_SEEDS": "minimal", "MOCKFLOW_PORT": "1"}
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "minimal\n", "")


@pytest.mark.parametrize(
    ("code", "expected"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_exec_ends_with_the_exit_code_of_its_command(code: str, expected: int) -> None:
    assert mockflow("exec", "--", sys.executable, "-c", code).returncode == expected


def test_exec_passes_options_of_the_command_on() -> None:
    run = mockflow("exec", sys.executable, "--version", "--help")
    assert run.stdout.startswith(("Python ", "usage:"))


@pytest.mark.parametrize(
    ("command", "env", "told"),
    [
        (["nonesuch-command"], {}, "nonesuch-command cannot be run"),
        ([sys.executable, "-c", "1"], {"MOCKFLOW_SEEDS": "nonsense"}, "no seed set"),
        ([], {}, "COMMAND"),
    ],
)
def test_exec_says_in_one_line_why_it_cannot(command: list[str], env: dict[str, str], told: str) -> None:
    run = mockflow("exec", "--", *command, env=env)
    assert (run.returncode, len(run.stderr.splitlines())) == (2, 1)
    assert told in run.stderr
