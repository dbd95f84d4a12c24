"""A disk that is full or breaks, and files that somebody takes away: a clear error, and nothing is lost."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockflow.errors import StorageFailed
from mockflow.store import Store, storage
from mockflow.store.changelog import Renewal
from tests.store.stores import after_a_restart, content, files, first_state, laid_out, opened, put
from tests.store.test_machine import keeper_of, wait_for_saves

FULL = OSError(errno.ENOSPC, "No space left on device")
BROKEN = OSError(errno.EIO, "Input/output error")
OURS = ("data.json", "data.json.changes")
LATER = pytest.mark.parametrize("later", [False, True], ids=["each alone", "in groups"])


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


def log_of(path: Path) -> Path:
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


@LATER
@pytest.mark.parametrize("room", [0, 1, 20, 90])
def test_a_full_disk_is_a_clear_error_and_changes_nothing_in_memory_or_on_the_disk(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, later: bool
) -> None:
    keeper_of(store).sync_later = later
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
        failing(patch, "fdatasync", BROKEN)
        failing(patch, "ftruncate", BROKEN)
        with pytest.raises(StorageFailed):
            put(store, 3, "three")
        with pytest.raises(StorageFailed):
            put(store, 3, "three, again")
    assert content(store) == {1: "one", 2: "two"}
    put(store, 4, "four")
    assert after_a_restart(tmp_path / "later", files(path.parent)) == {1: "one", 2: "two", 4: "four"}


def test_after_a_flush_that_failed_the_next_change_saves_all(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system tells of lost writes once; what it says later about the same file means nothing."""
    with monkeypatch.context() as patch:
        failing(patch, "fdatasync", BROKEN)
        with pytest.raises(StorageFailed, match="nothing was changed"):
            put(store, 3, "three")
    assert content(store) == {1: "one", 2: "two"}
    put(store, 4, "four")
    assert set(files(path.parent)) == {"data.json"}
    assert after_a_restart(tmp_path / "later", files(path.parent)) == {1: "one", 2: "two", 4: "four"}


def test_when_a_group_cannot_be_flushed_nobody_is_told_of_it_until_all_is_saved(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = keeper_of(store)
    keeper.sync_later = True
    put(store, 3, "three")
    with monkeypatch.context() as patch:
        failing(patch, "fdatasync", BROKEN, times=1)
        with pytest.raises(StorageFailed, match=r"The change was made, but a power cut would undo it\."):
            keeper.sync()
        with pytest.raises(StorageFailed):
            keeper.sync()  # the disk works again, but who knows what it has
    assert content(store) == {1: "one", 2: "two", 3: "three"}
    put(store, 4, "four")
    keeper.sync()
    assert set(files(path.parent)) == {"data.json"}
    put(store, 5, "five")
    keeper.sync()
    assert after_a_restart(tmp_path / "later", files(path.parent)) == content(store)


@pytest.mark.parametrize("name", ["open", "write", "fdatasync", "replace"])
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


def test_a_reset_to_what_the_file_has_that_fails_loses_nothing(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log must not say that the file has all up to here: it would look true."""
    store = opened(path)
    put(store, 1, "one")
    with monkeypatch.context() as patch:
        failing(patch, "replace", BROKEN)
        with pytest.raises(StorageFailed):
            store.restore(first_state())
    put(store, 2, "two")
    assert after_a_restart(tmp_path / "later", files(path.parent)) == {1: "one", 2: "two"}
    store.close()


def test_after_a_reset_that_failed_no_line_says_too_much(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    log = keeper_of(store).storage.log
    with monkeypatch.context() as patch:
        failing(patch, "replace", BROKEN)
        with pytest.raises(StorageFailed):
            store.restore(first_state())
    assert log.file.synced <= log.size


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


@LATER
@pytest.mark.parametrize(
    ("name", "after"),
    [("open", 0), ("write", 1), ("write", 3), ("fdatasync", 1), ("fdatasync", 2), ("replace", 0), ("replace", 1)],
)
def test_a_save_in_the_background_that_fails_is_told_and_tried_again_later(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, after: int, later: bool
) -> None:
    keeper = keeper_of(store)
    reported: list[str] = []
    keeper.report, keeper.sync_later = reported.append, later
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


@pytest.mark.parametrize("moment", ["copy", "finish"])
@pytest.mark.parametrize("victim", ["data.json", "data.json.changes"])
def test_files_that_are_taken_away_during_a_save_are_written_again(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, victim: str
) -> None:
    real = getattr(Renewal, moment)

    def robbed(renewal: Renewal) -> None:
        path.with_name(victim).write_bytes(b"")
        real(renewal)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "_LOG_ROOM", 10)
        patch.setattr(Renewal, moment, robbed)
        keeper = keeper_of(store)
        while not keeper.is_saving:
            put(store, 3, "x" * 50)
        wait_for_saves(keeper)
    put(store, 4, "four")
    assert after_a_restart(tmp_path / "later", files(path.parent)) == content(store)
    assert set(content(store)) == {1, 2, 3, 4}


def test_a_log_that_is_taken_away_just_as_it_is_opened_is_not_written_to(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = laid_out(tmp_path / "killed", files(path.parent))
    again = opened(killed)
    real = os.open

    def robbed(name: Any, *arguments: Any, **options: Any) -> int:
        if Path(name) == log_of(killed):
            replace(log_of(killed))
        return real(name, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", robbed)
        with pytest.raises(StorageFailed, match="somebody took it away"):
            put(again, 3, "three")
    assert log_of(killed).read_bytes() == b"something else"
    put(again, 4, "four")
    left = {name: held for name, held in files(killed.parent).items() if name in OURS}
    assert after_a_restart(tmp_path / "later", left) == {**content(store), 4: "four"}
    again.close()


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
    with pytest.raises(StorageFailed, match=r"data\.json was closed; nothing was changed"):
        put(first, 3, "three")
    with pytest.raises(StorageFailed, match="was closed"):
        first.restore(first_state())
    before = files(path.parent)
    reported: list[str] = []
    keeper_of(first).report = reported.append
    first.close()
    assert (files(path.parent), reported) == (before, [])
    assert content(first) == {1: "one"}
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


# -- files that somebody takes away under a running server


def delete(path: Path) -> None:
    path.unlink()


def move_away(path: Path) -> None:
    path.rename(path.with_suffix(".elsewhere"))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace(path: Path) -> None:
    other = path.with_suffix(".other")
    other.write_bytes(b"something else")
    other.replace(path)


def edit(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def touch(path: Path) -> None:
    os.utime(path, (1, 1))


@pytest.mark.parametrize("what", [delete, move_away, empty, replace, edit])
@pytest.mark.parametrize("victim", ["data.json", "data.json.changes"])
@LATER
def test_the_next_change_makes_whole_what_somebody_took_away(
    store: Store, path: Path, tmp_path: Path, what: Callable[[Path], None], victim: str, later: bool
) -> None:
    keeper = keeper_of(store)
    keeper.sync_later = later
    what(path.with_name(victim))
    for number in (3, 4):
        put(store, number, "after")
        keeper.sync()
        left = {name: held for name, held in files(path.parent).items() if name in OURS}
        assert after_a_restart(tmp_path / str(number), left) == content(store)
    assert set(content(store)) == {1, 2, 3, 4}


@pytest.mark.parametrize("what", [delete, move_away, empty, replace, edit])
@pytest.mark.parametrize("victim", ["data.json", "data.json.changes"])
def test_a_clean_stop_makes_whole_what_somebody_took_away(
    path: Path, what: Callable[[Path], None], victim: str
) -> None:
    store = opened(path)
    put(store, 1, "one")
    what(path.with_name(victim))
    store.close()
    again = opened(path)
    assert content(again) == {1: "one"}
    again.close()


@pytest.mark.parametrize("what", [delete, move_away, empty, replace, edit])
def test_a_clean_stop_puts_a_file_back_that_had_it_all(path: Path, what: Callable[[Path], None]) -> None:
    store = opened(path)
    put(store, 1, "one")
    store.close()
    again = opened(path)
    what(path)
    again.close()
    third = opened(path)
    assert content(third) == {1: "one"}
    third.close()


def test_the_whole_folder_can_go(store: Store, path: Path) -> None:
    reported: list[str] = []
    keeper_of(store).report = reported.append
    shutil.rmtree(path.parent)
    with pytest.raises(StorageFailed, match="No such file or directory"):
        put(store, 3, "three")
    assert content(store) == {1: "one", 2: "two"}
    store.close()
    assert reported == [f"{path} could not be written (No such file or directory); nothing was changed."]
    path.parent.mkdir()


def test_a_folder_in_the_place_of_the_file_is_a_clear_error(store: Store, path: Path) -> None:
    path.unlink()
    path.mkdir()
    with pytest.raises(StorageFailed, match="Is a directory"):
        put(store, 3, "three")
    path.rmdir()
    put(store, 4, "four")
    assert set(content(store)) == {1, 2, 4}


def test_a_file_that_was_only_touched_costs_one_save(store: Store, path: Path) -> None:
    touch(path)
    put(store, 3, "three")
    assert set(files(path.parent)) == {"data.json"}
    put(store, 4, "four")
    assert set(files(path.parent)) == {"data.json", "data.json.changes"}


# -- rights


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666])
def test_a_log_has_the_rights_of_its_file(path: Path, mode: int) -> None:
    opened(path).close()
    path.chmod(mode)
    store = opened(path)
    put(store, 1, "one")
    assert (rights(path), rights(log_of(path))) == (mode, mode)
    store.close()
    assert rights(path) == mode


def test_rights_that_change_under_a_running_server_count_from_the_next_change_on(store: Store, path: Path) -> None:
    path.chmod(0o600)
    put(store, 3, "three")
    put(store, 4, "four")
    assert (rights(path), rights(log_of(path))) == (0o600, 0o600)


def test_a_file_that_is_read_only_is_replaced_all_the_same(path: Path, tmp_path: Path) -> None:
    opened(path).close()
    path.chmod(0o444)
    store = opened(path)
    put(store, 1, "one")
    assert (rights(path), rights(log_of(path))) == (0o444, 0o644)
    store.close()
    assert rights(path) == 0o444
    path.chmod(0o644)
    assert after_a_restart(tmp_path / "later", files(path.parent)) == {1: "one"}


def test_a_file_system_without_rights_will_do(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(path).close()
    with monkeypatch.context() as patch:
        failing(patch, "fchmod", OSError(errno.EPERM, "Operation not permitted"))
        store = opened(path)
        put(store, 1, "one")
        assert rights(log_of(path)) == 0o600
        store.close()


def test_a_system_without_some_calls_will_do(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS has no fdatasync, Windows no fchmod either, and flushes no folders."""
    real = os.open

    def no_folders(name: Any, *arguments: Any, **options: Any) -> int:
        if Path(name).is_dir():
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(name, *arguments, **options)

    opened(path).close()
    with monkeypatch.context() as patch:
        patch.delattr(os, "fdatasync")
        patch.delattr(os, "fchmod")
        patch.setattr(os, "open", no_folders)
        store = opened(path)
        put(store, 1, "one")
        store.close()
    again = opened(path)
    assert content(again) == {1: "one"}
    again.close()


def test_changes_lie_beside_the_file_that_a_link_points_at(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "here").mkdir()
    link = tmp_path / "here" / "data.json"
    link.symlink_to(tmp_path / "real" / "data.json")
    store = opened(link)
    put(store, 1, "one")
    assert [found.name for found in link.parent.iterdir()] == ["data.json"]
    assert set(files(tmp_path / "real")) == {"data.json", "data.json.changes"}
    assert after_a_restart(tmp_path / "killed", files(tmp_path / "real")) == {1: "one"}
    store.close()
    assert link.is_symlink()
