"""Small stores in files: numbered messages, and what a folder holds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockflow.store import Keeper, Snapshot, Store, open_file, open_memory
from mockflow.store.schema import VERSION

Content = dict[int, str]
"""What a store holds in these tests: texts, by number."""

Files = dict[str, bytes]

SENT = "2026-03-10T12:00:00.000Z"


def first_state() -> Snapshot:
    """A start state without anybody."""
    store = open_memory()
    with store.transaction():
        store.meta.add({"id": "meta", "schema": VERSION, "seeds": "x", "seed": 1, "draws": 0, "personas": []})
    return store.snapshot()


def opened(path: Path, *, anew: bool = False) -> Store:
    """A store in a file, as a server opens it."""
    store = open_file(path, anew=anew)
    if not store.existed:
        store.restore(first_state())
    return store


def put(store: Store, number: int, text: str | None) -> None:
    """One request: add, change or drop a message."""
    with store.transaction():
        found = store.outbox.find(str(number))
        if text is None:
            if found is not None:
                store.outbox.drop(found)
        elif found is None:
            store.outbox.add(
                {
                    "id": str(number),
                    "to": "",
                    "kind": "",
                    "subject": "",
                    "text": text,
                    "code": None,
                    "sentAt": SENT,
                }
            )
        else:
            store.outbox.change(found, text=text)


def content(store: Store) -> Content:
    """What it holds."""
    return {int(record["id"]): record["text"] for record in store.outbox.records()}


def files(folder: Path) -> Files:
    """What is in a folder, but for the lock, whose content says nothing."""
    return {found.name: found.read_bytes() for found in folder.iterdir() if found.suffix != ".lock"}


def laid_out(folder: Path, held: Files) -> Path:
    """A folder with these files; gives the path of the data file."""
    folder.mkdir(parents=True)
    for name, held_bytes in held.items():
        (folder / name).write_bytes(held_bytes)
    return folder / "data.json"


def found_in(folder: Path, held: Files) -> Content:
    """What a store has that finds these files, and leaves one plain file."""
    store = opened(laid_out(folder, held))
    found = content(store)
    store.close()
    assert set(files(folder)) == {"data.json"}
    return found


def after_a_restart(folder: Path, held: Files) -> Content:
    """The same; and it can be written to before it is closed."""
    path = laid_out(folder, held)
    store = opened(path)
    found = content(store)
    put(store, 10**6, "writable")
    store.close()
    again = opened(path)
    assert content(again) == {**found, 10**6: "writable"}
    again.close()
    assert set(files(folder)) == {"data.json"}
    return found


def log_of(path: Path) -> Path:
    """The log beside a data file."""
    return path.with_name("data.json.changes")


def failing(patch: pytest.MonkeyPatch, name: str, error: OSError, *, times: int = 1000, after: int = 0) -> None:
    """Let a call of the system fail for some times, after it has worked for some."""
    real: Callable[..., Any] = getattr(os, name, os.fsync)
    count = 0

    def call(*arguments: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        if after < count <= after + times:
            raise error
        return real(*arguments, **options)

    patch.setattr(os, name, call, raising=False)


def keeper_of(store: Store) -> Keeper:
    """What keeps a store in its file."""
    assert store.keeper is not None
    return store.keeper


def wait_for_saves(keeper: Keeper) -> None:
    """Return when nothing is being saved in the background."""
    while keeper.is_saving:
        assert keeper._saving is not None
        keeper._saving.join()
