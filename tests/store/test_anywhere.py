"""A data file in places where a file can be: mounted, linked, or something else altogether."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mockflow.errors import DataUnusable
from mockflow.store import open_file, storage
from tests.store.stores import content, files, first_state, keeper_of, opened, put, wait_for_saves


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def listener(path: Path) -> Path:
    socket.socket(socket.AF_UNIX).bind(str(path))
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def linked(path: Path) -> Path:
    os.mkfifo(path.with_suffix(".pipe"))
    path.symlink_to(path.with_suffix(".pipe"))
    return path


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (pipe, "a pipe"),
        (listener, "a socket"),
        (folder, "a folder"),
        (linked, "a pipe"),
        (lambda _: Path("/dev/zero"), "a device"),
        (lambda _: Path("/dev/null"), "a device"),
    ],
)
@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_is_no_file_is_refused_without_a_look(
    tmp_path: Path, make: Callable[[Path], Path], kind: str, anew: bool
) -> None:
    path = make(tmp_path / "d.json")
    with pytest.raises(DataUnusable, match=f"{path} is {kind}"):
        open_file(path, anew=anew)
    assert not any(found.name.endswith((".lock", ".changes")) for found in tmp_path.iterdir())


def test_so_is_what_is_no_log(path: Path) -> None:
    opened(path).close()
    os.mkfifo(path.with_name("data.json.changes"))
    with pytest.raises(DataUnusable, match=r"data\.json\.changes is a pipe"):
        open_file(path)


# -- links


def second(path: Path) -> str:
    code = f"from mockflow.store import open_file; from pathlib import Path; open_file(Path({str(path)!r}))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr


def hard(path: Path, link: Path) -> None:
    link.hardlink_to(path)


def soft(path: Path, link: Path) -> None:
    link.symlink_to(path)


@pytest.mark.parametrize("make", [hard, soft])
@pytest.mark.parametrize("before", [True, False], ids=["made before the start", "made later"])
def test_a_file_is_held_under_all_its_names(
    path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path, Path], None], before: bool
) -> None:
    opened(path).close()
    link = path.with_name("link.json")
    if before:
        make(path, link)
    store = opened(path)
    if not before:
        make(path, link)
    assert "held by another process" in second(link)
    monkeypatch.setattr(storage, "_LOG_ROOM", 10)
    for number in range(1, 9):
        put(store, number, "x" * 60)
        wait_for_saves(keeper_of(store))
    assert "held by another process" in second(link)
    store.close()
    assert second(link) == ""
    assert link.stat().st_ino == path.stat().st_ino
    again = opened(link)
    assert set(content(again)) == set(range(1, 9))
    again.close()


def test_a_file_that_took_the_place_is_held_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_LOG_ROOM", 10)
    store = opened(path)
    with path.open() as first:  # while it is open, no other file gets its number
        for number in range(1, 9):
            put(store, number, "x" * 60)
            wait_for_saves(keeper_of(store))
        assert path.stat().st_ino != os.fstat(first.fileno()).st_ino
    path.with_name("link.json").hardlink_to(path)
    assert "held by another process" in second(path.with_name("link.json"))
    store.close()


# -- a single file mounted into a container


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A file, and where it is mounted."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("only root can mount a file")
    real, path = tmp_path / "real.json", tmp_path / "c" / "data.json"
    opened(real).close()
    path.parent.mkdir()
    path.touch()
    done = subprocess.run([mount, "--bind", str(real), str(path)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no file can be mounted: {done.stderr.strip()}")
    yield real, path
    subprocess.run([umount, str(path)], check=True)


def test_a_mounted_file_is_written_over(mounted: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    real, path = mounted
    reported: list[str] = []
    monkeypatch.setattr(storage, "_LOG_ROOM", 10)
    store = opened(path)
    keeper_of(store).report = reported.append
    for number in range(1, 9):
        put(store, number, "x" * 60)
        wait_for_saves(keeper_of(store))
    assert "held by another process" in second(real)
    store.close()
    assert reported == []
    assert set(files(path.parent)) == {"data.json"}
    again = opened(real)
    assert set(content(again)) == set(range(1, 9))
    again.close()


def test_a_mounted_file_survives_a_kill(mounted: tuple[Path, Path], tmp_path: Path) -> None:
    _, path = mounted
    store = opened(path)
    put(store, 1, "one")
    keeper = keeper_of(store)
    keeper._write_anew()
    path.write_bytes(b'{"half')
    shutil.copytree(path.parent, tmp_path / "killed", ignore=shutil.ignore_patterns("*.lock"))
    after = opened(tmp_path / "killed" / "data.json")
    assert content(after) == {1: "one"}
    after.close()
    store.close()


def test_a_mounted_file_can_be_started_anew(mounted: tuple[Path, Path]) -> None:
    real, path = mounted
    store = opened(path)
    put(store, 1, "one")
    store.close()
    store = open_file(path, anew=True)
    store.restore(first_state())
    put(store, 2, "two")
    store.close()
    again = opened(real)
    assert content(again) == {2: "two"}
    again.close()
