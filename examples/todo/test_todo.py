"""The to-do client in trouble; each test in a sandbox of its own."""

from pathlib import Path
from typing import Any

import pytest
import requests
from todo import Flowtask

from mockflow.testing import Mockflow

TROUBLES = [{"status": 500}, {"disconnect": "empty"}, {"malformed": True}, {"latency": 4000}]


@pytest.fixture
def flowtask(mockflow: Mockflow, tmp_path: Path) -> Flowtask:
    return Flowtask(mockflow.url, tmp_path / "session")


def test_it_signs_in_again_once(mockflow: Mockflow, flowtask: Flowtask) -> None:
    mockflow.clock.advance("P1D")
    flowtask.tasks()
    mockflow.assert_called(operation="signIn", count=2)


def test_it_waits_when_told_to(mockflow: Mockflow, flowtask: Flowtask) -> None:
    with mockflow.fault(operation="createTask", status=429, retry_after=1, times=1):
        flowtask.add("Buy eggs")
    mockflow.assert_called(operation="createTask", body={"title": "Buy eggs"}, count=2)


def test_it_gives_up_in_the_end(mockflow: Mockflow, flowtask: Flowtask) -> None:
    with mockflow.fault(status=503), pytest.raises(requests.HTTPError):
        flowtask.tasks()
    mockflow.assert_called(operation="listTasks", count=4)


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_task_is_made_once(mockflow: Mockflow, flowtask: Flowtask, phase: str, trouble: dict[str, Any]) -> None:
    with mockflow.fault(operation="createTask", phase=phase, times=1, **trouble):
        flowtask.add("Buy eggs")
    assert [task["title"] for task in flowtask.tasks()].count("Buy eggs") == 1


def test_a_refusal_is_taken_for_one(mockflow: Mockflow, flowtask: Flowtask) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        flowtask.add(" ")
    mockflow.assert_called(operation="createTask", count=1)
