"""The distribution is `mockflow-server`: `mockflow` on PyPI is another project, which no page may install."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
READ = {".md", ".py", ".yaml", ".toml", ".js", ".ts", ".html", ".mjs", ""}
SOMEBODY_ELSES = re.compile(
    r"(?:(?:pip|pip3|pipx|uv|uv tool|poetry) (?:install|add) (?:[^\n`]* )?|--(?:from|with|spec)[ =])"
    r"['\"]?mockflow(?![\w/.-])"
)
"""A command that has a registry's `mockflow` installed."""


def texts() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT)
        hidden = any(part[0] == "." and part != ".ci" for part in inside.parts) or "node_modules" in inside.parts
        if not hidden and path.is_file() and path.suffix in READ and inside.parts[:2] != ("tests", "house"):
            yield path


def test_the_distribution_has_a_name_of_its_own() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == "mockflow-server"
    assert list(project["scripts"]) == ["mockflow"]
    (installed,) = entry_points(group="console_scripts", name="mockflow")
    assert installed.dist is not None
    assert installed.dist.name == project["name"]


@pytest.mark.parametrize(
    "command",
    [
        "pip install mockflow",
        "pip install 'mockflow[tls]'",
        "uv add mockflow",
        "pip install -q pytest mockflow>=1",
        "uvx --from mockflow x",
    ],
)
def test_an_instruction_to_install_another_project_is_recognized(command: str) -> None:
    assert SOMEBODY_ELSES.search(command)


@pytest.mark.parametrize(
    "command",
    [
        "pip install path/to/mockflow",
        "pip install mockflow-server",
        "pipx run --spec . mockflow",
        "pip install ./mockflow",
    ],
)
def test_an_instruction_to_install_ours_is_fine(command: str) -> None:
    assert not SOMEBODY_ELSES.search(command)


def test_no_page_and_no_message_tells_to_install_it() -> None:
    found = {
        str(path.relative_to(ROOT)): SOMEBODY_ELSES.findall(path.read_text(encoding="utf-8", errors="replace"))
        for path in texts()
    }
    assert "README.md" in found
    assert {name: lines for name, lines in found.items() if lines} == {}
