"""The short form of `python -m tests.crash`: real servers, killed and robbed of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.crash import faults, storms
from tests.crash.kills import killed
from tests.running import DEADLINE


def kills(folder: Path) -> None:
    """A few rounds of kill -9 under writers."""
    tally = killed(folder, rounds=4, writers=4, seed=1, show=lambda _: None)
    assert tally.lost == []
    assert tally.rounds == 4
    assert tally.acknowledged > 4


ALL = (kills, *faults.ALL, *storms.ALL)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Callable[[Path], None], Future[None]]]:
    """What comes of each; they have nothing to do with each other, and most of the time they wait."""
    with ThreadPoolExecutor(4) as pool:
        yield {fault: pool.submit(fault, tmp_path_factory.mktemp(fault.__name__)) for fault in ALL}


@pytest.mark.minutes
@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.__name__)
def test_a_server_survives(
    fault: Callable[[Path], None], outcomes: dict[Callable[[Path], None], Future[None]]
) -> None:
    try:
        outcomes[fault].result(DEADLINE * 3)
    except faults.Skipped as reason:
        pytest.skip(f"NOT TRIED: {reason}")
