"""Each planted client gets its verdict, each near miss gets none; and the tests to keep are worth keeping."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future

import pytest

from tests.suites import environment
from tests.torture.careful import LEAN
from tests.torture.conftest import Tortured
from tests.torture.planted import PLANTED

DEFECTIVE = [name for name, one in PLANTED.items() if one.found]
Runs = Mapping[str, Future[Tortured]]


pytestmark = pytest.mark.minutes


@pytest.mark.parametrize("name", PLANTED)
def test_a_client_gets_the_verdicts_it_earns_and_no_others(name: str, planted: Runs) -> None:
    one, run = PLANTED[name], planted[name].result()
    assert run.of("defect") == one.found, run.output
    assert {verdict for verdict, _ in run.of("note", "void")} <= one.notes, run.output
    assert run.code == (1 if one.found else 0), run.errors
    assert run.report["leftOut"] == []


@pytest.mark.parametrize("name", DEFECTIVE)
def test_each_test_to_keep_fails_with_the_defect_and_passes_on_the_careful_client(
    name: str, planted: Runs
) -> None:
    run = planted[name].result()
    kept = list(kept_tests(run.output))
    assert kept, run.output
    place = run.folder / "test_client.py"
    before = place.read_text()
    place.write_text("\n\n".join([before, *kept]))
    names = [found for text in kept for found in re.findall(r"^def (\w+)", text, re.MULTILINE)]
    assert outcomes(run) == dict.fromkeys(names, "FAILED")
    (run.folder / "client.py").write_text(LEAN)
    assert outcomes(run) == dict.fromkeys(names, "PASSED")


@pytest.mark.parametrize(
    ("name", "said"), [("retry-storm", True), ("impatient", False), ("crash: a bare JSON error", False)]
)
def test_the_report_has_what_the_coach_says_beyond_the_verdict(name: str, said: bool, planted: Runs) -> None:
    output = planted[name].result().output
    told = re.findall(
        r"^  coach: (\w+) failed \d+ times in a row and was sent again each time\.$", output, re.MULTILINE
    )
    assert bool(told) is said
    assert output.count("coach: ") == len(told)


def kept_tests(output: str) -> Iterator[str]:
    """The functions that a report prints."""
    for part in output.split("a test to keep, in test_client.py:\n")[1:]:
        lines = []
        for line in part.splitlines():
            if line and not line.startswith("    "):
                break
            lines.append(line[4:])
        yield "\n".join(lines).strip()


def outcomes(run: Tortured) -> dict[str, str]:
    """What becomes of the tests that were kept."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-k", "_under_", "-W", "error"],
        cwd=run.folder, env=environment({"PYTHONDONTWRITEBYTECODE": "1"}), capture_output=True, text=True,
        timeout=200, check=False,
    )  # fmt: skip
    return dict(re.findall(r"::(\w+) (PASSED|FAILED|ERROR)", done.stdout))
