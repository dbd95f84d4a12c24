"""The manners that all commands share: where options stand, help, nearest words, tables, colour, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mockflow.cli import cli
from tests.running import Running, mockflow, serving
from tests.terminal import on_terminal, shown

CHECK = "/api/v1/auth-check"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """One server for all tests of this file."""
    with serving("--memory", "--clock", "2030-01-31T09:00:00Z", "--control-token", "s3cret") as running:
        yield running


def url(server: Running) -> dict[str, str]:
    return {"MOCKFLOW_URL": server.url, "MOCKFLOW_CONTROL_TOKEN": "s3cret"}


def test_what_says_which_server_is_taken_before_and_after_a_subcommand(server: Running) -> None:
    options = ("--url", server.url, "--sandbox", "both", "--control-token", "s3cret")
    before = mockflow("faults", *options, "add", "id=there; 401")
    after = mockflow("faults", "list", *options)
    mixed = mockflow("faults", "--sandbox", "other", "list", *options)
    first = mockflow(*options, "faults", "list")
    nearest = mockflow("--url", "http://localhost:1", "--sandbox", "other", "faults", *options, "list")
    for run in (before, after, mixed, first, nearest):
        assert (run.returncode, json.loads(run.stdout)["id"]) == (0, "there"), run.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--url", "nonsense", "faults", "list"], "'nonsense' is not a base URL"),
        (["--url", "http://localhost", "serve"], "--url is none of the options that can stand before serve"),
        (["--control-token", "x", "exec", "--", "true"], "--control-token is none of the options"),
        (["--ulr", "http://localhost", "clock"], "Did you mean --url?"),
    ],
)
def test_what_stands_before_a_command_is_for_it_or_refused(words: list[str], told: str) -> None:
    run = mockflow(*words)
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (2, "", 1)
    assert told in run.stderr


@pytest.mark.parametrize("group", ["faults", "requests", "data"])
def test_a_group_alone_shows_its_help(group: str) -> None:
    run = mockflow(group)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == mockflow(group, "--help").stdout
    assert len(run.stdout.splitlines()) > 5


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["serv"], "serve"),
        (["fautls", "list"], "faults"),
        (["faults", "claer"], "clear"),
        (["faults", "list", "--sandbx", "x"], "--sandbox"),
        (["requests", "--ulr", "http://localhost", "list"], "--url"),
        (["requests", "list", "--staus", "200"], "--status"),
        (["clock", "freze", "2030-01-31"], "freeze"),
        (["exec", "--seedss", "minimal", "--", "true"], "--seeds"),
        (["wait", "--time-out", "3"], "--timeout"),
        (["routes", "--jsn"], "--json"),
    ],
)
def test_a_wrong_word_is_answered_with_the_nearest_right_one(words: list[str], meant: str) -> None:
    run = mockflow(*words)
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (2, "", 1)
    assert f"Did you mean {meant}?" in run.stderr


def test_a_word_that_is_like_none_is_told_what_there_is() -> None:
    assert "There are add, clear, list, preset." in mockflow("faults", "xyzzy").stderr
    assert "mockflow --help" in mockflow("xyzzy").stderr


def test_a_person_reads_tables(server: Running) -> None:
    box = ("--sandbox", "tables")
    lines = shown("accounts", *box, env=url(server))
    assert [line.split()[0] for line in lines] == [
        "E-mail",
        "ann@example.com",
        "ben@example.com",
        "oli@example.com",
    ]
    at = lines[0].index("Password")
    assert {line[at - 2 : at] for line in lines} == {"  "}
    lines = shown("faults", "add", "429; retry-after=2; operation=createTask; id=slow-down", *box, env=url(server))
    assert [line.split() for line in lines] == [
        ["Id", "Rule", "Matched", "Hits"],
        ["slow-down", "operation=createTask;", "status=429;", "retry-after=2", "0", "0"],
    ]
    assert shown("clock", *box, env=url(server)) == ["now   2030-01-31T09:00:00.000Z", "mode  frozen"]
    assert shown("faults", "clear", *box, env=url(server)) == ["1 removed"]
    assert shown("faults", "list", *box, env=url(server)) == ["No rule is in force."]


def test_json_is_printed_on_a_terminal_when_asked_for(server: Running) -> None:
    for words in (["clock", "--json"], ["faults", "--json", "preset"], ["routes", "--json"]):
        assert all(isinstance(json.loads(line), dict) for line in shown(*words, env=url(server)))
    (line,) = shown("clock", env={**url(server), "MOCKFLOW_JSON": "1"})
    assert json.loads(line)["mode"] == "frozen"


@pytest.mark.parametrize(
    ("env", "colour"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_is_there_where_the_terminal_has_it_and_its_user_wants_it(
    server: Running, env: dict[str, str], colour: bool
) -> None:
    with on_terminal("accounts", env={**url(server), **env}) as terminal:
        code, text = terminal.end()
    assert (code, "\x1b[" in text) == (0, colour)


def test_in_a_pipe_there_is_no_colour(server: Running) -> None:
    assert "\x1b" not in mockflow("accounts", env={**url(server), "TERM": "xterm-256color"}).stdout


def test_what_others_sent_does_nothing_to_the_terminal(server: Running) -> None:
    server.request("GET", "/s/evil/api/v2/%1b%5d0;owned%07%E2%80%AE?q=%9b31m")
    box = ("--sandbox", "evil")
    for words in (["requests", *box, "list"], ["requests", *box, "show", "req-1"]):
        text = "\n".join(shown(*words, env=url(server)))
        assert "owned" in text
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(text)


def parameters(group: click.Group) -> Iterator[click.Option]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from (one for one in command.params if isinstance(one, click.Option) and not one.hidden)
        if isinstance(command, click.Group):
            yield from parameters(command)


_ELSEWHERE = {"body": "MOCKFLOW_BODY", "faults": "MOCKFLOW_TORTURE_FAULT", "json_file": "MOCKFLOW_TORTURE_JSON"}
"""Options whose own variable says something else to another command."""


def test_every_option_is_a_variable_too() -> None:
    for option in parameters(cli):
        name = "MOCKFLOW_" + option.opts[0].lstrip("-").replace("-", "_").upper()
        assert option.envvar in (name, _ELSEWHERE.get(option.name or ""))


def test_a_whole_state_is_saved_into_a_file_and_loaded_from_it(server: Running, tmp_path: Path) -> None:
    box = ("--sandbox", "whole")
    file = f"{tmp_path}/state.json"
    assert json.loads(mockflow("data", "save", file, *box, env=url(server)).stdout) == {"saved": file}
    saved = mockflow("data", "save", "-", *box, env=url(server)).stdout
    assert shown("data", "save", file, *box, env=url(server)) == [f"Saved to {file}."]
    mockflow("reset", "--seeds", "empty", *box, env=url(server))
    loaded = mockflow("data", *box, "load", file, env=url(server))
    assert (loaded.returncode, json.loads(loaded.stdout)["loaded"] > 3) == (0, True), loaded.stderr
    assert mockflow("data", "save", "-", *box, env=url(server)).stdout == saved


@pytest.mark.parametrize(("content", "code"), [("no json", 2), ('{"users": 1}', 1), (None, 2)])
def test_a_file_that_is_no_state_is_not_loaded(
    server: Running, tmp_path: Path, content: str | None, code: int
) -> None:
    file = tmp_path / "state.json"
    if content is not None:
        file.write_text(content)
    run = mockflow("data", "load", str(file), env=url(server))
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (code, "", 1)


def test_a_reset_is_not_misled_by_the_variables_of_a_server(server: Running) -> None:
    env = {**url(server), "MOCKFLOW_SEEDS": "/seeds/mine.yaml", "MOCKFLOW_CLOCK": "real"}
    run = mockflow("reset", "--sandbox", "vars", env=env)
    assert (run.returncode, json.loads(run.stdout)["clock"]["mode"]) == (0, "frozen"), run.stderr
    assert json.loads(mockflow("reset", "--clock", "2031-02-03", env=url(server)).stdout)["clock"] == {
        "now": "2031-02-03T00:00:00.000Z",
        "mode": "frozen",
    }
