"""Somebody else's test suite: small files, and one run of pytest over them in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

from tests.running import DEADLINE

PYTEST = (sys.executable, "-m", "pytest")


@dataclass(frozen=True)
class Suite:
    """What a run printed, its exit code, and the outcome of each test: passed, failure, error or skipped."""

    output: str
    code: int
    outcomes: dict[str, str]
    """By `file.py::name`; of a test that both failed and could not be torn down, the first."""

    def report(self, name: str) -> str:
        """What was printed about a test that did not pass."""
        _, _, part = self.output.partition(f" {name} __")
        return part.partition("\n____")[0].partition("\n====")[0].partition("\n- generated xml")[0]


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Put files there."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables without those that would reach into the run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOCKFLOW_", "PYTEST_"))}
    return {**kept, "NO_PROXY": "*", "COLUMNS": "80", **(more or {})}


LEAN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p mockflow.pytest_plugin"}
"""Variables for a run that starts faster, without the plugins that happen to be installed."""


def run(
    folder: Path,
    files: Mapping[str, str],
    *options: str,
    command: tuple[str, ...] = PYTEST,
    env: Mapping[str, str] | None = None,
) -> Suite:
    """Run pytest over the files; warnings are errors. `command` may be another way to start it."""
    write(folder, files)
    results = folder / "results.xml"
    done = subprocess.run(
        [*command, "-W", "error", f"--junitxml={results}", "-o", "junit_family=xunit1", *options],
        cwd=folder, env=environment(env), capture_output=True, text=True, timeout=DEADLINE * 3, check=False,
    )  # fmt: skip
    assert results.exists(), done.stdout + done.stderr
    outcomes: dict[str, str] = {}
    for case in ElementTree.parse(results).iter("testcase"):
        outcome = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")
        outcomes.setdefault(f"{case.get('file')}::{case.get('name')}", outcome)
    return Suite(done.stdout, done.returncode, outcomes)
