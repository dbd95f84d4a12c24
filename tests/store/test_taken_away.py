"""Files that somebody takes away, changes or locks under a running store: nothing is lost."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mockflow.errors import StorageFailed
from mockflow.store import Store, disk, storage
from mockflow.store.renewal import Renewal
from tests.store.stores import (
    after_a_restart,
    content,
    failing,
    files,
    keeper_of,
    laid_out,
    log_of,
    opened,
    put,
    wait_for_saves,
)

OURS = ("data.json", "data.json.changes")


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
def test_the_next_change_makes_whole_what_somebody_took_away(
    store: Store, path: Path, tmp_path: Path, what: Callable[[Path], None], victim: str
) -> None:
    keeper = keeper_of(store)
    what(path.with_name(victim))
    for number in (3, 4):
        put(store, number, "after")
        keeper.sync()
        wait_for_saves(keeper)
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


def test_a_folder_in_the_place_of_the_file_is_told_and_all_is_in_the_log(
    store: Store, path: Path, tmp_path: Path
) -> None:
    reported: list[str] = []
    keeper_of(store).report = reported.append
    path.unlink()
    path.mkdir()
    put(store, 3, "three")
    wait_for_saves(keeper_of(store))
    assert reported == [
        f"{path} could not be written (Is a directory); nothing was changed. All changes are in {log_of(path)}."
    ]
    path.rmdir()
    put(store, 4, "four")
    wait_for_saves(keeper_of(store))
    assert set(content(store)) == {1, 2, 3, 4}
    assert after_a_restart(tmp_path / "later", files(path.parent)) == content(store)


def test_a_file_that_was_only_touched_costs_one_save(store: Store, path: Path) -> None:
    touch(path)
    put(store, 3, "three")
    wait_for_saves(keeper_of(store))
    assert set(files(path.parent)) == {"data.json"}
    put(store, 4, "four")
    assert set(files(path.parent)) == {"data.json", "data.json.changes"}


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
    wait_for_saves(keeper)
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
    wait_for_saves(keeper_of(again))
    left = {name: held for name, held in files(killed.parent).items() if name in OURS}
    assert after_a_restart(tmp_path / "later", left) == {**content(store), 4: "four"}
    again.close()


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
    assert (rights(path), rights(log_of(path))) == (0o600, 0o600)
    wait_for_saves(keeper_of(store))
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
        # For the module that calls them: filelock's own way on such systems is another.
        lacking = {name: value for name, value in vars(os).items() if name not in ("fdatasync", "fchmod")}
        patch.setattr(disk, "os", SimpleNamespace(**{**lacking, "open": no_folders}))
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
