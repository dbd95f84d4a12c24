"""docs/tutorial.md: followed from its first line to its last, as a reader would, in a fresh folder."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.test_docs import STEP
from tests.running import Running, serving
from tests.suites import environment
from tests.terminal import PLAIN, terminal

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "examples" / "todo"
PAGE = (ROOT / "docs" / "tutorial.md").read_text()
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def server() -> Iterator[Running]:
    """What the page starts, on a free port."""
    (setup,) = (text for kind, text in BLOCKS if kind == "sh")
    (options,) = re.findall(r"^mockflow serve (.*)$", setup, re.MULTILINE)
    with serving(*options.split()) as running:
        yield running


@pytest.mark.minutes
def test_whoever_follows_the_page_sees_what_it_shows(server: Running, tmp_path: Path) -> None:
    sources = iter(["todo.py", "test_todo.py", "test_todo.py"])
    for kind, text in BLOCKS:
        if kind == "python":
            with (tmp_path / next(sources)).open("a") as file:  # the last one goes to the end of a file
                file.write(f"\n\n{text}" if file.tell() else text)
        elif kind == "diff":
            change(tmp_path / "todo.py", text)
        elif kind == "console":
            for command, shown in STEP.findall(text):
                see(command, shown, server, tmp_path)
    for name in ("todo.py", "test_todo.py"):
        assert (tmp_path / name).read_text() == (EXAMPLE / name).read_text()


def change(file: Path, diff: str) -> None:
    """Do what a diff says; its parts have `@@` between them."""
    text = file.read_text()
    for part in diff.split("@@\n"):
        lines = part.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] != "+")
        assert text.count(before) == 1, f"not once in {file.name}:\n{before}"
        text = text.replace(before, "".join(line[1:] for line in lines if line[0] != "-"))
    file.write_text(text)


def see(command: str, shown: str, server: Running, folder: Path) -> None:
    """Run a command in the reader's second terminal, and compare what it prints."""
    address = f"localhost:{server.port}"
    more = {
        "FLOWTASK_URL": f"http://{address}",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTEST_ADDOPTS": "-W error",
        **PLAIN,
    }
    if command.startswith("mockflow"):  # not for the plugin, which is to start a server of its own
        more["MOCKFLOW_URL"] = server.url
    words = ["bash", "-c", command.replace("localhost:4747", address)]
    with terminal(words, environment(more), folder) as reader:
        _, printed = reader.end()
    expected = re.escape(shown.strip().replace("localhost:4747", address)).replace("…", ".+?")
    assert re.fullmatch(expected, printed.strip()), f"{command}\n{printed}"
