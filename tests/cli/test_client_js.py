"""`mockflow client-js FOLDER`: the handle for JavaScript tests, as files of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import mockflow

FILES = ["client.js", "client.d.ts", "package.json"]


def test_it_writes_the_handle_its_types_and_what_makes_it_a_module(tmp_path: Path) -> None:
    run = mockflow("client-js", "tests/mockflow", cwd=tmp_path)
    written = [f"tests/mockflow/{name}" for name in FILES]
    assert (run.returncode, run.stderr, json.loads(run.stdout)) == (0, "", {"written": written})
    folder = tmp_path / "tests" / "mockflow"
    assert "export async function connect(" in (folder / "client.js").read_text()
    assert "export function connect(" in (folder / "client.d.ts").read_text()
    assert json.loads((folder / "package.json").read_text())["type"] == "module"


def test_files_of_an_older_mockflow_are_replaced(tmp_path: Path) -> None:
    assert mockflow("client-js", ".", cwd=tmp_path).returncode == 0
    script = tmp_path / "client.js"
    now = script.read_text()
    script.write_text(now.partition("\n")[0] + "\n// older\n")
    assert mockflow("client-js", ".", cwd=tmp_path).returncode == 0
    assert script.read_text() == now


@pytest.mark.parametrize("name", ["client.d.ts", "package.json"])
def test_what_is_something_else_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    run = mockflow("client-js", ".", cwd=tmp_path)
    told = f"mockflow: {name} is something else, and is left as it is: name another folder.\n"
    assert (run.returncode, run.stderr) == (2, told)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "{}"
