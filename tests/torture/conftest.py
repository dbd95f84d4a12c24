"""Runs of `mockflow torture` over the planted clients, several at once: most of their time they wait."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.suites import environment, write
from tests.torture.planted import PLANTED, Planted

PATIENCE = ("--patience", "3", "--time", "400")
_SIDE_BY_SIDE = 3


@dataclass(frozen=True)
class Tortured:
    """What a run printed, its exit code, and the JSON it wrote."""

    output: str
    errors: str
    code: int
    report: Mapping[str, Any]
    folder: Path

    def of(self, *levels: str) -> set[tuple[str, str]]:
        """Verdicts of some levels, and the operations they are about."""
        operations = {one["id"]: one["operation"] for one in self.report["plan"]}
        results = self.report["results"]
        return {(one["verdict"], operations[one["id"]]) for one in results if one["level"] in levels}


def torture(
    folder: Path, *options: str, command: tuple[str, ...] = (), env: Mapping[str, str] | None = None
) -> Tortured:
    """Torture the suite in a folder; pytest over it, unless there is another command."""
    target = folder / "torture.json"
    started = command or (sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
    variables = environment({"PYTHONDONTWRITEBYTECODE": "1", **(env or {})})
    done = subprocess.run(
        [sys.executable, "-m", "mockflow", "torture", "--json", str(target), *options, "--", *started],
        cwd=folder, env=variables, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    report = json.loads(target.read_text()) if target.exists() else {}
    return Tortured(done.stdout, done.stderr, done.returncode, report, folder)


@pytest.fixture(scope="session")
def planted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Future[Tortured]]]:
    """By name, what comes of each planted client that a test of this run is about."""
    selected = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}

    def run(one: Planted) -> Tortured:
        folder = tmp_path_factory.mktemp("planted")
        write(folder, one.files())
        return torture(folder, *PATIENCE, *one.options)

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        yield {name: pool.submit(run, one) for name, one in PLANTED.items() if name in selected}
