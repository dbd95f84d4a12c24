"""Whatever happens, in whatever order: a store in a file holds what a plain dictionary would."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockflow.errors import NotFound, StorageFailed, WrongCode
from mockflow.store import Snapshot, storage
from tests.store.stores import Content, content, keeper_of, opened, put, wait_for_saves

TEXT = st.one_of(st.none(), st.text(max_size=30))
PUTS = st.lists(st.tuples(st.integers(1, 4), TEXT), min_size=1, max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("change"), PUTS),
    st.tuples(st.just("fail"), PUTS),
    st.tuples(st.just("fail_and_keep"), PUTS),
    st.tuples(st.just("find_the_disk_full"), PUTS),
    st.tuples(st.sampled_from("save wait stop kill reset snapshot touch_file cut_log delete_log sync".split())),
)


class Kept:
    """A store in a file beside the dictionary that it should be like."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number = folder, 0
        self.state: Content = {}
        self.store = opened(self.path)
        self.saved: tuple[Snapshot, Content] = (self.store.snapshot(), {})

    @property
    def path(self) -> Path:
        return self.folder / str(self.number) / "data.json"

    def check(self) -> None:
        assert list(content(self.store).items()) == list(self.state.items())

    def change(self, puts: list[tuple[int, str | None]]) -> None:
        with self.store.transaction():
            for number, text in puts:
                put(self.store, number, text)
        for number, text in puts:
            if text is None:
                self.state.pop(number, None)
            else:
                self.state[number] = text

    def fail(self, puts: list[tuple[int, str | None]]) -> None:
        before = dict(self.state)
        with pytest.raises(NotFound), self.store.transaction():  # noqa: PT012 - the error comes after the changes
            self.change(puts)
            raise NotFound("enough")
        self.state = before

    def fail_and_keep(self, puts: list[tuple[int, str | None]]) -> None:
        with pytest.raises(WrongCode), self.store.transaction():  # noqa: PT012
            self.change(puts)
            raise WrongCode("counted")

    def find_the_disk_full(self, puts: list[tuple[int, str | None]]) -> None:
        wait_for_saves(keeper_of(self.store))
        before = dict(self.state)
        room = 25

        def write(descriptor: int, data: Any) -> int:
            nonlocal room
            if room <= 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            done = real(descriptor, bytes(data)[:room])
            room -= done
            return done

        with pytest.MonkeyPatch.context() as patch:
            real = os.write
            patch.setattr(os, "write", write)
            try:
                self.change(puts)
            except StorageFailed:
                self.state = before

    def save(self) -> None:
        keeper_of(self.store).save()

    def wait(self) -> None:
        wait_for_saves(keeper_of(self.store))

    def sync(self) -> None:
        keeper_of(self.store).sync()

    def stop(self) -> None:
        self.store.close()
        assert not self.path.with_name("data.json.changes").exists()
        self.store = opened(self.path)

    def kill(self) -> None:
        wait_for_saves(keeper_of(self.store))
        before = self.path.parent
        self.number += 1
        shutil.copytree(before, self.path.parent, ignore=shutil.ignore_patterns("*.lock"))
        self.store.close()
        self.store = opened(self.path)

    def snapshot(self) -> None:
        self.saved = (self.store.snapshot(), dict(self.state))

    def reset(self) -> None:
        self.store.restore(self.saved[0])
        self.state = dict(self.saved[1])

    def touch_file(self) -> None:
        os.utime(self.path, (1, 1))

    def cut_log(self) -> None:
        log = self.path.with_name("data.json.changes")
        if log.exists():
            os.truncate(log, log.stat().st_size // 2)
            self.change([(1, "written after that")])

    def delete_log(self) -> None:
        self.path.with_name("data.json.changes").unlink(missing_ok=True)
        self.change([(1, "written after that")])


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=25), st.sampled_from([10, 400, 1024 * 1024]))
def test_a_store_in_a_file_holds_what_a_dictionary_would(steps: list[tuple[Any, ...]], room: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage, "_LOG_ROOM", room)
        kept = Kept(Path(folder))
        try:
            for name, *arguments in steps:
                getattr(kept, name)(*arguments)
                kept.check()
            kept.kill()
            kept.check()
            kept.stop()
            kept.check()
        finally:
            kept.store.close()
