"""What a start imports: nothing that it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import DEADLINE

START = """
import sys
from pathlib import Path
from mockflow.app import create_app, sandboxes_of
from mockflow.serving import listening, run
from mockflow.settings import Settings
app = create_app(Settings(data=Path(sys.argv[1]) if sys.argv[1] else None, seeds=sys.argv[2]))
sandboxes_of(app).close()
print(*sorted({name if name.startswith("mockflow") else name.partition(".")[0] for name in sys.modules}))
"""


def imported(data: str, seeds: str) -> set[str]:
    """The packages that are loaded once an app is made; of ours, all modules."""
    run = subprocess.run(
        [sys.executable, "-c", START, data, seeds], capture_output=True, text=True, timeout=DEADLINE, check=True
    )
    return set(run.stdout.split())


def test_a_start_with_a_data_file_reads_no_seeds(tmp_path: Path) -> None:
    path = str(tmp_path / "data.json")
    assert "yaml" in imported(path, "demo")
    assert imported(path, "demo").isdisjoint({"yaml", "faker"})


def test_a_start_with_a_data_file_needs_no_shapes_nor_what_only_the_control_api_does(tmp_path: Path) -> None:
    path = str(tmp_path / "data.json")
    assert "pydantic" in imported(path, "demo")
    found = imported(path, "demo")
    assert "pydantic" not in found
    assert found & {"mockflow.http.control.routes", "mockflow.http.api.tasks"}
    late = "http.control.state http.control.journal journal.verdict journal.coach journal.har models.tasks torture"
    assert found.isdisjoint({f"mockflow.{name}" for name in late.split()})


@pytest.mark.parametrize("seeds", ["demo", "empty", "minimal"])
def test_most_starts_need_no_faker(seeds: str) -> None:
    assert "faker" not in imported("", seeds)


def test_faker_is_there_where_something_is_invented() -> None:
    assert "faker" in imported("", "edge")
