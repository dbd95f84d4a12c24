"""Garbage is looked for in what is new, but not in a large state that has just been loaded."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from mockflow.serving.collecting import EVERY, MOST_NEW, Collector, collecting


@pytest.fixture
def looked() -> Iterator[list[str]]:
    """How often the collector has looked."""
    found: list[str] = []

    def note(phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            found.append(phase)

    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)


def answer(collector: Collector) -> None:
    for _ in range(EVERY):
        collector.answered()


def test_after_so_many_requests_what_is_new_is_looked_at(looked: list[str]) -> None:
    with collecting() as collector:
        looked.clear()
        answer(collector)
        assert len(looked) == 1


def test_a_large_state_is_not_looked_at(looked: list[str]) -> None:
    with collecting() as collector:
        looked.clear()
        state = [{"id": [number]} for number in range(MOST_NEW)]
        answer(collector)
        assert looked == []
        answer(collector)
        assert len(looked) == 1
        assert len(state) == MOST_NEW
