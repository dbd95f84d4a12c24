"""A sandbox that is closed leaves nothing for a search for garbage."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockflow.errors import StorageFailed
from mockflow.sandbox import Sandbox, Seeding
from mockflow.settings import Settings
from mockflow.store import open_file, open_memory
from tests.conftest import NOW, PEOPLE


@pytest.fixture
def no_search() -> Iterator[None]:
    """Nothing but the last reference frees anything."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_search")
@pytest.mark.parametrize("kind", ["memory", "file"])
def test_records_go_with_their_sandbox(tmp_path: Path, kind: str) -> None:
    seeding = Seeding(Settings(seeds=PEOPLE, clock=NOW))
    store = open_memory() if kind == "memory" else open_file(tmp_path / "data.json")
    sandbox = Sandbox("box", store, seeding, seeding.first)
    with store.transaction():
        tag = {"id": "t", "userId": store.users.records()[0]["id"], "name": "n", "color": "red"}
        gone: list[weakref.ref[Any]] = [
            weakref.ref(store.tags.add(tag)),
            weakref.ref(sandbox),
            weakref.ref(sandbox.journal),
        ]
    sandbox.save("kept")
    sandbox.close()
    with pytest.raises(StorageFailed, match="closed; nothing was changed"), store.transaction():
        store.tags.add({"id": "t"})
    del sandbox, store
    assert [found() for found in gone] == [None] * 3
