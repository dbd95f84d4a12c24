"""The client's tests. `mockflow` is a sandbox of its own for each test; pytest -n 4 runs them in parallel."""

from __future__ import annotations

import pytest
from flowtask import Flowtask, SignedOut

from mockflow.testing import Mockflow

DEMO = ("demo@flowtask.test", "Passw0rd!")


@pytest.fixture
def client(mockflow: Mockflow) -> Flowtask:
    """A client that is signed in as the demo account."""
    client = Flowtask(mockflow.url)
    client.sign_in(*DEMO)
    return client


def test_sign_up_with_the_code_from_the_outbox(mockflow: Mockflow) -> None:
    client = Flowtask(mockflow.url)
    client.ask_for_code("new@example.com")
    client.sign_up("new@example.com", mockflow.outbox.code_for("new@example.com"), "correct horse")
    assert client.titles() == []


def test_a_rate_limit_is_waited_out(mockflow: Mockflow, client: Flowtask) -> None:
    with mockflow.fault(status=429, retry_after=0, operation="createTask", times=2) as limit:
        client.add("Buy milk")
    assert limit.hits == 2
    mockflow.assert_called(operation="createTask", body={"title": "Buy milk"}, count=3)
    assert client.titles().count("Buy milk") == 1


def test_a_lost_answer_does_not_create_twice(mockflow: Mockflow, client: Flowtask) -> None:
    with mockflow.fault(disconnect="empty", phase="after", operation="createTask", times=1):
        client.add("Buy milk")
    assert client.titles().count("Buy milk") == 1
    mockflow.assert_called(operation="createTask", count=1)


def test_a_request_that_never_arrived_is_sent_again(mockflow: Mockflow, client: Flowtask) -> None:
    with mockflow.fault(disconnect="reset", operation="createTask", times=1):
        client.add("Buy milk")
    assert client.titles().count("Buy milk") == 1


def test_an_expired_session_asks_for_a_new_sign_in(mockflow: Mockflow, client: Flowtask) -> None:
    mockflow.clock.advance("P1DT1S")
    with pytest.raises(SignedOut):
        client.titles()
    client.sign_in(*DEMO)
    assert client.titles()


@pytest.mark.parametrize("number", range(8))
def test_nobody_sees_what_another_test_does(mockflow: Mockflow, client: Flowtask, number: int) -> None:
    mockflow.clock.freeze(f"2030-01-0{number + 1}T00:00:00Z")
    client.sign_in(*DEMO)
    before = client.titles()
    client.add(f"task {number}")
    assert client.titles() == [*before, f"task {number}"]
    assert mockflow.clock.now == f"2030-01-0{number + 1}T00:00:00.000Z"
