"""Disks that are slow, or fail at random, made by a preloaded library: no answer is false, nothing is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from mockflow.clock import Stopwatch
from tests.crash.faults import Skipped, found_again, written
from tests.crash.kills import Rounds
from tests.crash.servers import server

_ROUNDS = 4
_WRITERS = 4
_CREATES = 50
_SLOW = 200
_PATIENCE = 3.0


def shim(folder: Path, **settings: int) -> tuple[str, ...]:
    """What starts a command on such a disk, for the files in a folder. Raises `Skipped`."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        raise Skipped("there is no C compiler, or libraries cannot be preloaded")
    library = folder.with_name(f"{folder.name}.so")
    source = Path(__file__).with_name("shim.c")
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skipped(f"the library cannot be compiled: {done.stderr.strip()}")
    values = [f"SHIM_{name.upper()}={value}" for name, value in settings.items()]
    return ("env", f"LD_PRELOAD={library}", f"SHIM_FOLDER={folder}", *values)


def a_slow_disk(folder: Path) -> None:
    """Nobody waits for a flush; a kill loses nothing all the same."""
    data = folder / "data.json"
    with server(data, under=shim(folder, slow=_SLOW)) as running:
        cookie = running.cookie()
        stopwatch = Stopwatch()
        told = written(running, cookie, _CREATES)
        assert stopwatch.seconds < _PATIENCE, stopwatch.seconds
        running.kill()
    found_again(data, told)


def a_disk_that_fails_at_random(folder: Path) -> None:
    """A change that was told is there after a kill, one that was refused is not, and none is there by half."""
    storms(folder, rounds=_ROUNDS)


def storms(folder: Path, *, rounds: int) -> str:
    """Some rounds of that, and what they came to."""
    all_rounds = Rounds(folder, _WRITERS, 7, under=shim(folder, fail=100, seed=7), storm=folder / "storm")
    for _ in range(rounds):
        all_rounds.kill()
    all_rounds.stop()
    assert all_rounds.tally.lost == [], all_rounds.tally.lost
    assert all_rounds.tally.refused > 0
    return str(all_rounds.tally)


ALL = (a_slow_disk, a_disk_that_fails_at_random)
