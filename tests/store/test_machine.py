"""A kill at each step of what the store does with its files, and a power cut: nothing that was told is lost."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mockflow.errors import StorageFailed
from mockflow.store import Store, storage
from tests.store.machine import DEADLINE, Left, Machine, Requests
from tests.store.stores import Content, content, files, first_state, keeper_of, opened, put, wait_for_saves

FLUSH = pytest.mark.parametrize("flush", [True, False], ids=["flushed at once", "flushed later"])


def running(
    folder: Path,
    patch: pytest.MonkeyPatch,
    *,
    anew: bool = False,
    found: Content | None = None,
) -> Requests:
    """A store on a machine that is watched from the start, and what it finds there."""
    folder.mkdir(exist_ok=True)
    machine = Machine(folder, patch)
    machine.asked(found or {})
    machine.answered()
    machine.flushed()
    if anew:
        machine.asked({})
    store = opened(folder / "data.json", anew=anew)
    machine.answered()
    machine.flushed()
    return Requests(machine, store)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store is kept."""
    return tmp_path / "kept"


@pytest.fixture
def killed(folder: Path) -> Path:
    """The same, after a kill: a message, and half of another one, are in the log."""
    store = opened(folder / "data.json")
    put(store, 1, "one")
    put(store, 2, "two")
    left = files(folder)
    store.close()
    for name, held in left.items():
        (folder / name).write_bytes(held[:-5] if name == "data.json.changes" else held)
    return folder


@FLUSH
def test_a_request_is_there_or_not_and_an_answered_one_is(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flush: bool
) -> None:
    with monkeypatch.context() as patch:
        requests = running(folder, patch)
        for number in (1, 2, 3):
            requests.put(number, "x")
            requests.answer(flush=flush)
        requests.put(2, "y")
        requests.put(1, None)
        requests.answer(flush=flush)
    requests.machine.check(tmp_path / "checked")
    requests.store.close()


@FLUSH
def test_a_clean_stop_can_be_interrupted(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flush: bool
) -> None:
    with monkeypatch.context() as patch:
        requests = running(folder, patch)
        requests.put(2, "two")
        requests.answer(flush=flush)
        requests.store.close()
    assert set(files(folder)) == {"data.json"}
    requests.machine.check(tmp_path / "checked")


@pytest.mark.parametrize("back", [False, True], ids=["to another state", "to what the file has"])
def test_a_reset_can_be_interrupted(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, back: bool
) -> None:
    with monkeypatch.context() as patch:
        requests = running(folder, patch)
        requests.put(1, "one")
        state, after = (first_state(), {}) if back else (requests.store.snapshot(), {1: "one"})
        requests.put(2, "two")
        requests.put(1, "changed")
        requests.answer(flush=True)
        requests.restore(state, after)
        requests.put(3, "three")
        requests.answer(flush=True)
    requests.machine.check(tmp_path / "checked")
    requests.store.close()


def test_a_start_anew_can_be_interrupted(killed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        requests = running(killed, patch, anew=True, found={1: "one"})
        requests.put(3, "three")
        requests.answer(flush=True)
    requests.machine.check(tmp_path / "checked")
    requests.store.close()


@FLUSH
def test_a_store_that_was_killed_can_be_killed_again(
    killed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flush: bool
) -> None:
    with monkeypatch.context() as patch:
        requests = running(killed, patch, found={1: "one"})
        requests.put(3, "three")
        requests.answer(flush=flush)
        requests.store.close()
    requests.machine.check(tmp_path / "checked")


def test_a_change_that_failed_does_not_come_back_on_top_of_what_was_saved_later(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of it was written, and could not be cut off again."""
    half = 0

    def broken(name: str) -> None:
        nonlocal half
        half += name == "write"
        if name == "ftruncate" or half > 1:
            raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        requests = running(folder, patch)
        requests.put(1, "one")
        requests.answer(flush=True)
        real = os.write
        patch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data)[: len(data) // 2 + 1]))
        works, requests.machine.before_step = requests.machine.before_step, broken
        with pytest.raises(StorageFailed):
            requests.put(2, "two")
        requests.machine.before_step = works
        requests.state = {1: "one"}
        requests.put(3, "three")
        requests.answer(flush=True)
        wait_for_saves(keeper_of(requests.store))
    requests.machine.check(tmp_path / "checked")
    requests.store.close()


@pytest.mark.parametrize("meanwhile", [None, "three"], ids=["alone", "with a change before it is well again"])
def test_what_could_not_be_flushed_is_written_anew(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str | None
) -> None:
    with monkeypatch.context() as patch:
        requests = running(folder, patch)
        keeper, reported = keeper_of(requests.store), list[str]()
        keeper.report = reported.append
        requests.put(1, "one")
        requests.answer(flush=True)
        requests.put(2, "two")
        requests.answer()
        requests.machine.broken = True
        assert keeper._flush() == 1
        assert keeper._flush() == 2
        if meanwhile:
            requests.put(3, meanwhile)
            requests.answer()
        requests.machine.broken = False
        assert keeper._flush() is None
        requests.machine.flushed()
        requests.put(4, "four")
        requests.answer(flush=True)
        wait_for_saves(keeper)
        requests.put(5, "five")
        requests.answer(flush=True)
        requests.store.close()
    requests.machine.check(tmp_path / "checked")
    assert ["could not be brought to the disk (Input/output error)" in line for line in reported] == [True, False]
    assert "is on the disk again" in reported[1]
    assert set(files(folder)) == {"data.json"}


def test_a_stop_while_nothing_could_be_flushed_writes_all_anew(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        requests = running(folder, patch)
        requests.put(1, "one")
        requests.answer()
        requests.machine.broken = True
        assert keeper_of(requests.store)._flush() == 1
        requests.machine.broken = False
        requests.store.close()
        requests.machine.flushed()
    requests.machine.check(tmp_path / "checked")
    assert set(files(folder)) == {"data.json"}


@pytest.mark.parametrize("back", [False, True], ids=["after changes", "after a reset"])
def test_a_file_that_cannot_be_replaced_is_written_over(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, back: bool
) -> None:
    opened(folder / "data.json").close()
    inode = (folder / "data.json").stat().st_ino
    with monkeypatch.context() as patch:
        patch.setattr(storage, "_LOG_ROOM", 10)
        requests = running(folder, patch)
        requests.machine.mounted = {"data.json"}
        for number in (1, 2, 3):
            requests.put(number, "x" * 60)
            requests.answer(flush=True)
            wait_for_saves(keeper_of(requests.store))
        if back:
            requests.restore(first_state(), {})
        requests.put(4, "four")
        requests.answer(flush=True)
        wait_for_saves(keeper_of(requests.store))
        requests.put(5, "five")
        requests.answer(flush=True)
        requests.store.close()
    requests.machine.check(tmp_path / "checked")
    assert (set(files(folder)), (folder / "data.json").stat().st_ino) == ({"data.json"}, inode)


# -- a save in the background, with something that happens before one of its steps


class Pausing:
    """Lets the saving thread of a store wait before one of its steps."""

    def __init__(self, machine: Machine, step: int) -> None:
        self.reached, self._go = threading.Event(), threading.Event()
        self._step, self._count = step, 0
        machine.before_step = self._before

    def go_on(self) -> None:
        self._go.set()

    def _before(self, _: str) -> None:
        if threading.current_thread().name == "mockflow-save":
            self._count += 1
            if self._count == self._step:
                self.reached.set()
                assert self._go.wait(DEADLINE)


def change(requests: Requests) -> None:
    requests.put(8, "meanwhile")
    requests.put(2, "changed meanwhile")


def reset(requests: Requests) -> None:
    requests.restore(first_state(), {})
    requests.put(8, "after the reset")


@pytest.mark.minutes
@FLUSH
@pytest.mark.parametrize("meanwhile", [change, reset])
def test_a_save_in_the_background_can_be_interrupted_and_does_not_mind_what_happens_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Requests], None], flush: bool
) -> None:
    step, reached = 0, True
    found: dict[Left, Content] = {}
    while reached:
        step += 1
        with monkeypatch.context() as patch:
            patch.setattr(storage, "_LOG_ROOM", 10)
            requests = running(tmp_path / f"kept {step}", patch)
            reached = saved_with(requests, Pausing(requests.machine, step), meanwhile, flush=flush)
        assert content(requests.store) == requests.state
        requests.machine.check(tmp_path / f"checked {step}", found)
        requests.store.close()
    assert step > 15


def saved_with(
    requests: Requests, pausing: Pausing, meanwhile: Callable[[Requests], None], *, flush: bool
) -> bool:
    """Make requests until a save begins, others when it is at a step; and whether it came to that."""
    keeper = keeper_of(requests.store)
    reported: list[str] = []
    keeper.report = reported.append
    number = 1
    requests.put(number, "x" * 50)
    while (thread := keeper._saving) is None:
        requests.answer(flush=flush)
        number += 1
        requests.put(number, "x" * 50)
    while thread.is_alive() and not pausing.reached.wait(0.005):
        pass
    reached = pausing.reached.is_set()
    log = keeper.storage.log
    if not reached or log.file._lock.locked() or not lock_is_free(requests.store):
        pausing.go_on()  # what comes now has to wait for this step
    meanwhile(requests)
    requests.answer(flush=flush and not (log.file._lock.locked() or log.flushing.locked()))
    pausing.go_on()
    wait_for_saves(keeper)
    requests.put(9, "afterwards")
    requests.answer(flush=flush)
    wait_for_saves(keeper)
    assert reported == []
    return reached


def lock_is_free(store: Store) -> bool:
    free = store._lock.acquire(blocking=False)
    if free:
        store._lock.release()
    return free
