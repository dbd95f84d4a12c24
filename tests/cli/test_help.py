"""`--help` that a newcomer understands, each with examples that work; completion for shells; `--version`."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

import mockflow
from mockflow.cli import cli
from mockflow.faults.presets import PRESETS
from mockflow.seeding.sets import names
from tests.running import DEADLINE, environment
from tests.running import mockflow as run


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command that does something, and of every group."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        yield (*path, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))


COMMANDS = sorted(commands(cli))


def test_there_are_commands() -> None:
    assert {("serve",), ("faults", "add"), ("requests", "show")} <= set(COMMANDS)


def parsed(words: list[str]) -> None:
    """Read a command line as it would be run; raises what is wrong with it."""
    command: click.Command = cli
    context = click.Context(cli, info_name="mockflow")
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, words
        command, words = found, words[1:]
        if isinstance(command, click.Group):
            context = click.Context(command, parent=context)
    command.make_context(command.name, list(words), parent=context)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_does_and_shows_examples_that_can_be_run(words: tuple[str, ...]) -> None:
    shown = run(*words, "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert re.search(r"^  [A-Z]\w+", shown.stdout, re.MULTILINE)
    examples = re.split(r"^  Examples?:\n", shown.stdout, flags=re.MULTILINE)[1].splitlines()
    assert examples
    for example in examples:
        inner = re.sub(r'^eval "\$\((.*)\)"$', r"\1", example.strip())
        line = [word for word in shlex.split(inner) if not word.startswith("MOCKFLOW_")]
        line = line[: line.index(">")] if ">" in line else line
        assert line[0] == "mockflow"
        assert " ".join(line[1:]).startswith(" ".join(words))
        parsed(line[1:])


def test_an_example_that_could_not_be_run_would_be_seen() -> None:
    for line in (["serve", "--prot", "1"], ["clock", "jump"], ["faults", "add"]):
        with pytest.raises(click.UsageError):
            parsed(line)


def test_the_version_is_told() -> None:
    assert run("--version").stdout == f"mockflow, version {mockflow.__version__}\n"


def completed(*words: str, shell: str = "bash") -> list[str]:
    """What the shell would offer for the last word."""
    done = subprocess.run(
        [sys.executable, "-c", "from mockflow.cli import main; main()"],
        capture_output=True, text=True, timeout=DEADLINE, check=True,
        env={
            **environment(None), "_MOCKFLOW_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": shlex.join(["mockflow", *words]), "COMP_CWORD": str(len(words)),
        },
    )  # fmt: skip
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["se"], ["plain,serve", "plain,seeds"]),
        (["serve", "--tls-"], ["plain,--tls-ca", "plain,--tls-cert", "plain,--tls-key"]),
        (["serve", "--seeds", "e"], ["plain,edge", "plain,empty"]),
        (["serve", "--seeds", "./m"], ["file,./m"]),
        (["serve", "--log-format", ""], ["plain,text", "plain,json"]),
        (["clock", "f"], ["plain,freeze"]),
        (["faults", "preset", "flaky"], ["plain,flaky", "plain,flaky-network"]),
        (["requests", "list", "--operation", "createT"], ["plain,createTask", "plain,createTag"]),
    ],
)
def test_a_shell_completes_commands_options_and_values(words: list[str], offered: list[str]) -> None:
    assert completed(*words) == offered


def test_all_seed_sets_and_presets_are_offered() -> None:
    assert completed("serve", "--seeds", "") == [f"plain,{name}" for name in names()]
    assert completed("faults", "preset", "") == [f"plain,{name}" for name in PRESETS]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_to_load(shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from mockflow.cli import main; main()"],
        capture_output=True, text=True, timeout=DEADLINE, check=True,
        env={**os.environ, "_MOCKFLOW_COMPLETE": f"{shell}_source"},
    )  # fmt: skip
    assert "_MOCKFLOW_COMPLETE" in done.stdout
