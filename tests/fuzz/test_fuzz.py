"""Whatever is sent is answered, and never with a 5xx that nobody asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.driving import Driver
from tests.fuzz.inputs import Document, Sent, attempts
from tests.running import serving

_EXAMPLES = 150


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    """A client of a server that is there for all examples."""
    with serving("--memory") as server:
        yield Driver(server)


def test_no_input_is_answered_with_a_failure_of_ours(driver: Driver) -> None:
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(attempts)
    def send(inputs: list[Sent | Document]) -> None:
        driver(inputs)

    send()
    # They were worth sending: most of them reach something, and few answers are 404.
    answered = sum(driver.statuses.values())
    assert answered > driver.sent / 2
    assert sum(count for status, count in driver.statuses.items() if status < 300) > answered / 10
    assert {200, 201, 400, 401, 404} <= set(driver.statuses)
