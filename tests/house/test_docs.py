"""Docs cannot drift: their snippets are run, and every operation, option, route and seed set is in them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile

import click
import pytest

from mockflow.app import create_app
from mockflow.cli.request import request
from mockflow.cli.serve import serve
from mockflow.cli.wait import wait
from mockflow.faults.grammar import KEYS
from mockflow.faults.presets import PRESETS
from mockflow.models.faults import EFFECTS
from mockflow.operations import OPERATIONS
from mockflow.seeding.sets import names
from mockflow.settings import Settings
from tests.running import Running, serving
from tests.terminal import PLAIN, terminal

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
STEP = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def steps(page: Path) -> list[tuple[str, str]]:
    """The commands of a page's console blocks, each with what it is to print."""
    blocks = re.findall(r"^```console\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    found = [step for block in blocks for step in STEP.findall(block)]
    return [(command, printed) for command, printed in found if "pip install" not in command]


TUTORIAL = "tutorial.md"
"""Its commands need the files that it writes between them: test_tutorial.py follows it."""
WITH_STEPS = [page for page in PAGES if page.name != TUTORIAL and steps(page)]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """What the snippets talk to, with the seeds and the options of a plain `mockflow serve`."""
    with serving("--memory", "--seeds", "demo") as running:
        yield running


def test_there_are_snippets() -> None:
    assert {page.name for page in WITH_STEPS} >= {"README.md", "control.md", "command-line.md"}


@pytest.mark.parametrize("page", WITH_STEPS, ids=lambda page: page.name)
def test_every_console_snippet_prints_what_it_says(page: Path, server: Running, tmp_path: Path) -> None:
    server.request("POST", "/_mockflow/reset", {})
    script = "\n".join(
        f"{command}; echo; echo '--- {number}'" for number, (command, _) in enumerate(steps(page))
    ).replace("localhost:4747", f"localhost:{server.port}")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # where `mockflow` is
    env = {**os.environ, "NO_PROXY": "*", "MOCKFLOW_URL": server.url, "PATH": path, **PLAIN}
    with TemporaryFile("w+") as told, terminal(["bash", "-c", script], env, tmp_path, told) as reader:
        printed = re.split(r"\n--- \d+\n", reader.end()[1])
        told.seek(0)
        errors = told.read()
    for (command, expected), actual in zip(steps(page), printed[:-1], strict=True):
        pattern = re.escape(expected.strip()).replace("…", ".+?")
        assert re.fullmatch(pattern, actual.strip()), f"{command}\nprinted {actual!r}\n{errors}"


def test_every_operation_is_documented() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    rows = re.findall(r"^\| `(\w+)`( \*)? \| (\w+) `([^`]+)` \|", page, re.MULTILINE)
    assert rows == [
        (
            operation.name,
            "" if operation.session else " *",
            operation.method,
            operation.path.replace("<", ":").replace(">", ""),
        )
        for operation in OPERATIONS
    ]


@pytest.mark.parametrize("command", [serve, wait, request], ids=lambda command: command.name)
def test_every_option_is_documented(command: click.Command) -> None:
    page = (ROOT / "docs" / "command-line.md").read_text()
    _, _, part = page.partition(f"## `mockflow {command.name}")
    part = part.partition("\n## ")[0]
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert f"`{parameter.opts[0]}" in part, parameter.opts[0]


def test_every_control_route_is_documented() -> None:
    page = (ROOT / "docs" / "control.md").read_text()
    for rule in create_app(Settings(seeds="empty")).url_map.iter_rules():
        if rule.rule.startswith("/_mockflow/"):
            assert f"`{rule.rule.removeprefix('/_mockflow/')}`" in page, rule.rule


@pytest.mark.parametrize("seeds", names())
def test_every_seed_set_is_documented(seeds: str) -> None:
    assert f"| `{seeds}` |" in (ROOT / "docs" / "seeds.md").read_text()
    assert (
        f"`{seeds}`" in (ROOT / "README.md").read_text() or f"--seeds {seeds}" in (ROOT / "README.md").read_text()
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_the_seed_file_in_the_docs_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(
        r"^```yaml\n(.*?)^```$", (ROOT / "docs/seeds.md").read_text(), re.MULTILINE | re.DOTALL
    )
    path = tmp_path / "mine.yaml"
    path.write_text(example)
    create_app(Settings(seeds=str(path)))


@pytest.mark.parametrize("word", [*KEYS, *PRESETS, *EFFECTS, "reset", "empty", "truncate", "garbage"])
def test_every_part_of_a_fault_is_documented(word: str) -> None:
    assert re.search(rf"`(effect\.)?{re.escape(word)}`", (ROOT / "docs" / "faults.md").read_text()), word


@pytest.mark.parametrize("recipe", sorted((ROOT / "examples" / "ci").glob("*.yaml")), ids=lambda path: path.name)
def test_the_recipes_for_ci_are_those_that_are_run(recipe: Path) -> None:
    assert f"```yaml\n{recipe.read_text()}```" in (ROOT / "docs" / "ci.md").read_text()
