"""A disk that is full or breaks: a clear error, and nothing is half changed or lost."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from mockflow.errors import StorageFailed
from mockflow.store import Store, storage
from tests.store.stores import (
    after_a_restart,
    content,
    failing,
    files,
    first_state,
    keeper_of,
    log_of,
    opened,
    put,
    wait_for_saves,
)

FULL = OSError(errno.ENOSPC, "No space left on device")
BROKEN = OSError(errno.EIO, "Input/output error")
OURS = ("data.json", "data.json.changes")


def small_steps(patch: pytest.MonkeyPatch, room: int) -> None:
    """Let the system take a few bytes at a time, until the disk is full."""
    real = os.write
    left = room

    def write(descriptor: int, data: Any) -> int:
        nonlocal left
        if left <= 0:
            raise FULL
        done = real(descriptor, bytes(data)[: min(7, left)])
        left -= done
        return done

    patch.setattr(os, "write", write)


# -- writes that fail


@pytest.mark.parametrize("room", [0, 1, 20, 90])
def test_a_full_disk_is_a_clear_error_and_changes_nothing_in_memory_or_on_the_disk(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    before = files(path.parent)
    with monkeypatch.context() as patch:
        small_steps(patch, room)
        with pytest.raises(StorageFailed, match=r"data\.json\.changes could not be written \(No space left"):
            put(store, 3, "three")
    assert content(store) == {1: "one", 2: "two"}
    assert files(path.parent) == before
    put(store, 4, "there is room again")
    assert after_a_restart(tmp_path / "later", files(path.parent)) == content(store)
    assert 4 in content(store)


def test_a_system_that_takes_a_few_bytes_at_a_time_gets_them_all(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        small_steps(patch, 10**6)
        put(store, 3, "three")
        assert after_a_restart(tmp_path / "killed", files(path.parent)) == {1: "one", 2: "two", 3: "three"}
        store.restore(first_state())
        assert after_a_restart(tmp_path / "reset", files(path.parent)) == {}


@pytest.mark.parametrize("name", ["open", "write", "ftruncate"])
def test_a_log_that_cannot_be_made_is_a_clear_error(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    store = opened(path)
    before = files(path.parent)
    with monkeypatch.context() as patch:
        failing(patch, name, BROKEN)
        with pytest.raises(StorageFailed, match="Input/output error"):
            put(store, 1, "one")
    assert content(store) == {}
    assert files(path.parent)["data.json"] == before["data.json"]
    put(store, 2, "two")
    assert content(store) == {2: "two"}
    store.close()
    again = opened(path)
    assert content(again) == {2: "two"}
    again.close()


def test_what_cannot_be_cut_off_again_is_not_taken_up_later(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        small_steps(patch, 90)
        failing(patch, "ftruncate", BROKEN)
        with pytest.raises(StorageFailed):
            put(store, 3, "three")
        with pytest.raises(StorageFailed):
            put(store, 3, "three, again")
    assert content(store) == {1: "one", 2: "two"}
    put(store, 4, "four")
    wait_for_saves(keeper_of(store))
    assert after_a_restart(tmp_path / "later", files(path.parent)) == {1: "one", 2: "two", 4: "four"}


def test_a_flush_that_fails_is_told_once_and_mended_when_that_is_possible(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system tells of lost writes once; what it says later about the same file means nothing."""
    keeper, reported = keeper_of(store), list[str]()
    keeper.report = reported.append
    put(store, 3, "three")
    with monkeypatch.context() as patch:
        failing(patch, "fdatasync", BROKEN)
        pauses = [keeper._flush() for _ in range(7)]
        put(store, 4, "requests go on")
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert reported == [
        f"{log_of(path)} could not be brought to the disk (Input/output error). Requests go on, and a kill loses "
        "nothing, but a power cut might. All of it is written anew as soon as that is possible."
    ]
    inode = log_of(path).stat().st_ino
    assert keeper._flush() is None
    assert reported[1:] == [f"{log_of(path)} is on the disk again, with everything in it."]
    assert log_of(path).stat().st_ino != inode
    assert after_a_restart(tmp_path / "later", files(path.parent)) == content(store)
    put(store, 5, "five")
    wait_for_saves(keeper)
    assert after_a_restart(tmp_path / "saved", files(path.parent)) == content(store)
    assert len(content(store)) == 5


def test_what_is_copied_from_a_log_in_doubt_is_what_was_written(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a flush that failed, the system may read from the disk what never got there."""
    keeper = keeper_of(store)
    with monkeypatch.context() as patch:
        failing(patch, "fdatasync", BROKEN, times=1)
        real, robbed = storage.JournaledJSONStorage.standing_alone, list[int]()

        def while_it_is_written(kept: Any, tables: Any, offset: int) -> Any:
            if not robbed:
                robbed.append(offset)
                put(store, 3, "three")
                with log_of(path).open("r+b") as log:
                    log.seek(offset + 20)
                    log.write(b"\0\0\0")
            return real(kept, tables, offset)

        patch.setattr(storage.JournaledJSONStorage, "standing_alone", while_it_is_written)
        assert keeper._flush() == 1
        assert keeper._flush() is None
    assert after_a_restart(tmp_path / "later", files(path.parent)) == {1: "one", 2: "two", 3: "three"}


def test_requests_never_flush(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        for name in ("fdatasync", "fsync"):
            failing(patch, name, BROKEN)
        for number in range(3, 9):
            put(store, number, "x")
        store.restore(first_state())
        put(store, 1, "one")
    assert content(store) == {1: "one"}


@pytest.mark.parametrize("name", ["write"])
def test_a_reset_that_fails_changes_nothing(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = files(path.parent)
    with monkeypatch.context() as patch:
        failing(patch, name, FULL)
        with pytest.raises(StorageFailed, match="No space left on device"):
            store.restore(first_state())
    assert content(store) == {1: "one", 2: "two"}
    assert files(path.parent) == before
    put(store, 3, "three")
    assert after_a_restart(tmp_path / "later", files(path.parent)) == {1: "one", 2: "two", 3: "three"}


def test_a_stop_that_cannot_save_leaves_the_log_and_says_so(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(path)
    reported: list[str] = []
    keeper_of(store).report = reported.append
    put(store, 1, "one")
    with monkeypatch.context() as patch:
        failing(patch, "write", FULL)
        store.close()
    assert reported == [
        f"{path} could not be written (No space left on device); nothing was changed. "
        f"All changes are in {log_of(path)}."
    ]
    assert after_a_restart(tmp_path / "later", files(path.parent)) == {1: "one"}


# -- saves in the background that fail


@pytest.mark.parametrize(
    ("name", "after"),
    [("open", 0), ("write", 1), ("write", 3), ("fdatasync", 1), ("fdatasync", 2), ("replace", 0), ("replace", 1)],
)
def test_a_save_in_the_background_that_fails_is_told_and_tried_again_later(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, after: int
) -> None:
    keeper = keeper_of(store)
    reported: list[str] = []
    keeper.report = reported.append
    with monkeypatch.context() as patch:
        patch.setattr(storage, "_LOG_ROOM", 10)
        patch.setattr(keeper.storage, "_base", keeper.storage._base)
        failing(patch, name, FULL, after=after, times=1)
        for number in range(3, 9):
            put(store, number, "x" * 60)
            wait_for_saves(keeper)
    told = [line for line in reported if "No space left on device" in line]
    assert len(told) <= 1
    for number in range(9, 30):
        put(store, number, "x" * 600)
        wait_for_saves(keeper)
    keeper.sync()
    assert after_a_restart(tmp_path / "later", files(path.parent)) == content(store)
    assert len(content(store)) == 29


class NoThreads:
    def __init__(self, **_: object) -> None:
        raise RuntimeError("can't start new thread")


def test_a_save_that_cannot_even_begin_is_told_and_the_change_stays(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[str] = []
    keeper_of(store).report = reported.append
    with monkeypatch.context() as patch:
        patch.setattr(storage, "_LOG_ROOM", 10)
        patch.setattr(threading, "Thread", NoThreads)
        for number in range(3, 20):
            put(store, number, "x" * 50)
    assert 1 <= len(reported) <= 4
    assert "can't start new thread" in reported[0]
    assert f"All changes are in {log_of(path)}." in reported[0]
    assert after_a_restart(tmp_path / "later", files(path.parent)) == content(store)
    assert len(content(store)) == 19


# -- a store that was closed


def test_a_closed_store_does_not_touch_what_may_be_anothers(path: Path) -> None:
    first = opened(path)
    put(first, 1, "one")
    first.close()
    second = opened(path)
    put(second, 2, "two")
    keeper_of(second).save()
    with pytest.raises(StorageFailed, match="is closed; nothing was changed"):
        put(first, 3, "three")
    with pytest.raises(StorageFailed, match="was closed"):
        first.restore(first_state())
    before = files(path.parent)
    reported: list[str] = []
    keeper_of(first).report = reported.append
    first.close()
    assert (files(path.parent), reported) == (before, [])
    second.close()


def test_a_store_can_be_closed_in_another_thread(path: Path) -> None:
    store = opened(path)
    put(store, 1, "one")
    thread = threading.Thread(target=store.close)
    thread.start()
    thread.join()
    again = opened(path)
    assert content(again) == {1: "one"}
    again.close()
