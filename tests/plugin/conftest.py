"""A server for the tests of what the plugin hands out, and of how it finds a server that runs already."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from mockflow.client import ControlClient
from mockflow.testing import Mockflow
from tests.running import Running, serving

NUMBERS = count(1)


@pytest.fixture(scope="package")
def server() -> Iterator[Running]:
    """A server with the three people and a frozen clock, whose control API asks for a token."""
    with serving("--memory", "--clock", "2030-01-01T00:00:00Z", "--control-token", "secret") as running:
        yield running


@pytest.fixture
def box(server: Running) -> Mockflow:
    """A sandbox of its own for each test."""
    return Mockflow(ControlClient(server.url, sandbox=f"own-{next(NUMBERS)}", token="secret"))
