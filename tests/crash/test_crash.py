"""The short form of `python -m tests.crash`: real servers, killed and robbed of their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash import faults
from tests.crash.kills import killed


def test_kill_9_loses_nothing_that_a_writer_was_told(tmp_path: Path) -> None:
    tally = killed(tmp_path, rounds=4, writers=4, seed=1, show=lambda _: None)
    assert tally.lost == []
    assert tally.rounds == 4
    assert tally.acknowledged > 4
    assert tally.during_saves > 0


@pytest.mark.parametrize("fault", faults.ALL, ids=lambda fault: fault.__name__)
def test_a_server_survives(fault: faults.Fault, tmp_path: Path) -> None:
    try:
        fault(tmp_path)
    except faults.Skipped as reason:
        pytest.skip(f"NOT TRIED: {reason}")
