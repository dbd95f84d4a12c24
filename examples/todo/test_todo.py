"""The to-do client in trouble; each test in a sandbox of its own."""

from pathlib import Path
from typing import Any

import pytest
import requests
from todo import Flowtask

from mockflow.testing import Mockflow, Phase

TROUBLES = [{"status": 500}, {"disconnect": "empty"}, {"malformed": True}, {"latency": 1500}]


@pytest.fixture
def flowtask(mockflow: Mockflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flowtask:
    monkeypatch.setattr("todo.TIMEOUT", 0.5)
    return Flowtask(mockflow.url, tmp_path / "session")


def test_it_adds_and_ticks_off(flowtask: Flowtask) -> None:
    task = flowtask.add("Buy eggs")
    assert flowtask.done(task["id"])["completed"]


def test_it_signs_in_again(mockflow: Mockflow, flowtask: Flowtask) -> None:
    mockflow.clock.advance("P1D")
    assert flowtask.tasks()


def test_it_signs_in_again_only_once(mockflow: Mockflow, flowtask: Flowtask) -> None:
    with mockflow.fault(operation="listTasks", status=401), pytest.raises(requests.HTTPError):
        flowtask.tasks()
    mockflow.assert_called(operation="signIn", count=2)  # the first one was for the fixture


def test_it_waits_when_told_to(mockflow: Mockflow, flowtask: Flowtask) -> None:
    with mockflow.fault(operation="createTask", status=429, retry_after=1, times=1):
        flowtask.add("Buy eggs")
    mockflow.assert_called(operation="createTask", body={"title": "Buy eggs"}, count=2)


def test_it_gives_up_in_the_end(mockflow: Mockflow, flowtask: Flowtask) -> None:
    with mockflow.fault(status=503), pytest.raises(requests.HTTPError):
        flowtask.tasks()
    mockflow.assert_called(operation="listTasks", count=4)


def test_it_does_not_wait_for_ever(mockflow: Mockflow, flowtask: Flowtask) -> None:
    with mockflow.fault(hang=1), pytest.raises(requests.RequestException, match="timed out"):
        flowtask.tasks()


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_add_adds_one(mockflow: Mockflow, flowtask: Flowtask, phase: Phase, trouble: dict[str, Any]) -> None:
    flowtask.add("Buy eggs")  # there may be one of that title already
    with mockflow.fault(operation="createTask", phase=phase, times=1, **trouble):
        flowtask.add("Buy eggs")
    assert [task["title"] for task in flowtask.tasks()].count("Buy eggs") == 2


def test_a_refusal_is_taken_for_one(mockflow: Mockflow, flowtask: Flowtask) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        flowtask.add(" ")
    mockflow.assert_called(operation="createTask", count=1)


def test_a_503_is_waited_out(mockflow: Mockflow, flowtask: Flowtask) -> None:
    with mockflow.fault(operation="createTask", status=503, retry_after=1, times=1):
        test_it_adds_and_ticks_off(flowtask)
    told, again = mockflow.requests(operation="createTask")
    assert again.elapsed_ms - told.elapsed_ms >= 980
