"""docs/javascript.md: its tests are run as they stand, and whatever the handle has is on the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.javascript.test_handle import TYPES, keys, node
from tests.running import mockflow, serving

PAGE = (Path(__file__).parent.parent.parent / "docs" / "javascript.md").read_text()
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TESTS = {
    text.partition("\n")[0].removeprefix("// "): text for kind, text in BLOCKS if text.startswith("// tests/")
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of somebody's, as the page says to begin one."""
    made = tmp_path_factory.mktemp("project")
    (made / "package.json").write_text('{"type": "module"}')
    assert mockflow("client-js", "tests/mockflow", cwd=made).returncode == 0
    for name, text in TESTS.items():
        (made / name).write_text(text)
    return made


@pytest.mark.minutes
def test_every_recipe_does_what_it_says(folder: Path) -> None:
    with serving("--memory", "--seeds", "demo") as server:
        done = node("--test", "--test-reporter=tap", *TESTS, cwd=folder, env={"MOCKFLOW_URL": server.url})
        assert server.request("GET", "/_mockflow/sandboxes")[1]["sandboxes"][1:] != []  # of the one that fails
    passed, failed = (re.findall(rf"^# {word} (\d+)", done.stdout, re.MULTILINE) for word in ("pass", "fail"))
    assert (passed, failed) == (["6"], ["1"]), done.stdout
    (shown,) = (text for kind, text in BLOCKS if kind == "text")
    told = shown.removeprefix("AssertionError: ").splitlines()
    assert [line for line in told if line.strip() not in done.stdout] == []


@pytest.mark.parametrize("holder", ["Mockflow", "Sandbox", "Clock", "Outbox", "Fault"])
def test_everything_the_handle_has_is_on_the_page(holder: str) -> None:
    body = TYPES.partition(f"export interface {holder} ")[2].partition("\n}")[0]
    before = {"Clock": "mf.clock.", "Outbox": "mf.outbox.", "Fault": "fault."}.get(holder, "mf.")
    for name in re.findall(r"^  (\w+)(?:<[^>]*>)?\(", body, re.MULTILINE):
        assert f"`{before}{name}(" in PAGE, name


@pytest.mark.parametrize("shape", ["Match", "Filter", "ConnectOptions"])
def test_every_argument_is_on_the_page(shape: str) -> None:
    table = PAGE.partition("## What there is")[2].partition("\n## ")[0]
    for name in keys(shape):
        assert re.search(rf"\b{name}\b", table), name
