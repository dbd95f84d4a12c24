"""`mockflow torture` over the demo client: what a person does in it, under the likeliest faults, without a defect.

All 440 experiments take a quarter of an hour on two cores, with nothing beside them:
`mockflow torture --time 2000 --patience 8 -- pytest tests/browser/journeys.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import FLAGS
from tests.torture.conftest import torture

PLAIN = ("-p", "no:cacheprovider", "-p", "no:unraisableexception")
"""In a child of pytest that is left without further ado, Playwright leaves things that Python warns of."""
JOURNEYS = Path(__file__).with_name("journeys.py")


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[str]:
    """The address of a Chromium that all journeys share: to start one for each would take most of the time."""
    program = os.environ.get("MOCKFLOW_CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("There is no chromium.")
    command = [
        program,
        "--headless=new",
        "--remote-debugging-port=0",
        f"--user-data-dir={tmp_path / 'profile'}",
        *FLAGS,
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        yield next(
            match[1] for line in process.stderr if (match := re.match(r"DevTools listening on (\S+)", line))
        )
        process.terminate()


@pytest.mark.minutes  # run by .ci/torture, with nothing beside it
def test_torture_finds_no_defect_in_the_demo_client(chromium: str, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "pytest", "-q", "-W", "ignore", *PLAIN, str(JOURNEYS))
    run = torture(
        tmp_path,
        *("--time", "60", "--patience", "8", "--jobs", "2"),
        command=command,
        env={"DEMO_BROWSER": chromium},
    )
    assert run.code == 0, run.output + run.errors
    assert run.report["leftOut"] == []
    assert all(one["requests"] for one in run.report["results"]), "some journeys never began"
    assert run.of("defect", "note") == set(), run.output
