"""What all tests of the store have in common."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockflow.store import Store, keeper
from tests.store.stores import opened, put


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests open hundreds of stores, and cut no power. Nothing is flushed but when a test says so."""
    monkeypatch.setattr(keeper, "FLUSH_SECONDS", 3600)
    monkeypatch.setattr(os, "fdatasync", lambda _: None, raising=False)
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store is kept."""
    return tmp_path / "kept" / "data.json"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A store with one message in its file and one in its log."""
    first = opened(path)
    put(first, 1, "one")
    first.close()
    store = opened(path)
    put(store, 2, "two")
    yield store
    store.close()
