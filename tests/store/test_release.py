"""A large state is let go of beside the others' work, and only by who gave it up."""

from __future__ import annotations

import gc
import threading
import weakref

from mockflow.store import open_memory
from mockflow.store.store import Store

MANY = 6000


def filled() -> Store:
    store = open_memory()
    with store.transaction():
        for number in range(MANY):
            store.outbox.add({"id": f"m{number}", "to": "ann@example.com", "kind": "otp"})
    return store


def wait_for_release() -> None:
    for thread in threading.enumerate():
        if thread.name == "mockflow-free":
            thread.join(20)


def test_what_was_held_is_freed() -> None:
    store, empty = filled(), open_memory().snapshot()
    gone = [weakref.ref(store.outbox.fetch(f"m{number}")) for number in (0, MANY - 1)]
    store.restore(empty)
    wait_for_release()
    gc.collect()
    assert [found() for found in gone] == [None, None]


def test_a_snapshot_keeps_what_its_store_lets_go_of() -> None:
    store, empty = filled(), open_memory().snapshot()
    kept = store.snapshot()
    store.restore(empty)
    wait_for_release()
    assert len(kept["outbox"]) == MANY
    assert next(iter(kept["outbox"]))["id"] == "m0"
    store.close()
    store = open_memory()
    store.restore(kept)
    assert len(store.outbox) == MANY
