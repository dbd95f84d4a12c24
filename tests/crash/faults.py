"""What else a server on a data file has to survive, with kill -9 at the end of each."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random  # noqa: TID251 - of when to kill, not of what mockflow does

from mockflow.clock import Stopwatch
from mockflow.store import open_file
from tests.crash.servers import Server, Tasks, in_file, server, started
from tests.running import DEADLINE

KIB = 1024
_MOST_WRITES = 2000


class Skipped(Exception):
    """This machine cannot do that; the message says why."""


def two_processes_on_one_file(folder: Path) -> None:
    """The second says so in one line and exits with 4; the first goes on unharmed."""
    data = folder / "data.json"
    with server(data) as first:
        cookie = first.cookie()
        told = written(first, cookie, 5)
        for options in ([], ["--reset"]):
            second = started(data, *options, stderr=subprocess.PIPE)
            output, error = second.communicate(timeout=DEADLINE)
            assert second.returncode == 4, (second.returncode, error)
            assert "MOCKFLOW READY" not in output
            assert error.splitlines() == [
                f"mockflow: {data} is held by another process. Stop it, or choose another file."
            ]
        told |= written(first, cookie, 5)
        assert first.tasks() == told
        first.kill()
    found_again(data, told)


def files_taken_away(folder: Path) -> None:
    """Deleted, replaced, emptied, edited or made read-only: the next change makes both files whole again."""
    data = folder / "data.json"
    log = data.with_name("data.json.changes")
    with server(data, room=10**6) as running:
        cookie = running.cookie()
        told = written(running, cookie, 3)
        for what in (deleted, replaced, emptied, edited, read_only):
            for victim in (data, log):
                what(victim)
                told |= written(running, cookie, 2)
                assert running.tasks() == told
                kept = folder / f"{what.__name__} {victim.name}"
                kept.mkdir()
                copied(running, kept)
                with closing(open_file(kept / data.name)) as store:  # as after a kill
                    assert {task["id"]: task["title"] for task in store.tasks.records()} == told
        running.kill()
    found_again(data, told)


def a_file_deleted_after_a_kill(folder: Path) -> None:
    """The start is refused in one line, whatever is left stays; `--reset` starts anew."""
    data = folder / "data.json"
    with server(data, room=10**6) as running:
        written(running, running.cookie(), 3)
        running.kill()
    data.unlink()
    log = data.with_name("data.json.changes")
    before = log.read_bytes()
    process = started(data, stderr=subprocess.PIPE)
    _, error = process.communicate(timeout=DEADLINE)
    assert process.returncode == 4
    assert len(error.splitlines()) == 1
    assert "start anew with --reset" in error
    assert log.read_bytes() == before
    assert not data.exists()
    with server(data, "--reset") as running:
        assert running.tasks() == {}
        assert running.stop()[0] == 0
    assert in_file(data) == {}


def a_read_only_folder(folder: Path) -> None:
    """A clear 500 while a log would have to be made, with nothing changed; then it goes on."""
    data = folder / "data.json"
    with server(data, under=without_power()) as running:
        assert running.stop()[0] == 0
    with server(data, under=without_power()) as running:
        folder.chmod(0o555)
        try:
            status, answer = running.request("POST", "/_mockflow/sessions", {"email": "ann@example.com"})
            assert (status, "Permission denied" in answer["message"]) == (500, True), (status, answer)
        finally:
            folder.chmod(0o755)
        told = written(running, running.cookie(), 3)
        assert running.tasks() == told
        running.kill()
    found_again(data, told)


def a_full_disk(folder: Path) -> None:
    """Clear 500s that change nothing, through a kill and a stop; when there is room again, it goes on."""
    with small_disk(folder / "disk") as disk:
        data, log = disk / "data.json", folder / "full.log"
        filler = disk / "filler"
        filler.write_bytes(bytes(128 * KIB))  # as much as a whole save will need
        with server(data, log=log) as running:
            cookie = running.cookie()
            told = written_until_full(running, cookie)
            assert running.tasks() == told
            running.kill()
        with server(data, log=log) as running:
            assert running.tasks() == told
            told |= written_until_full(running, cookie)
            assert running.stop()[0] == 0
        with server(data, log=log) as running:
            assert running.tasks() == told
            filler.unlink()
            told |= written(running, cookie, 5)
            assert running.tasks() == told
            running.kill()
        found_again(data, told, log=log)


def a_broken_disk(folder: Path) -> None:
    """While nothing can be brought to the disk, requests go on and the log says so; once it can be, all is."""
    data, log = folder / "data.json", folder / "broken.log"
    broken = folder / "broken"
    with server(data, log=log) as running:
        cookie = running.cookie()
        told = written(running, cookie, 3)
        broken.touch()
        told |= written(running, cookie, 3)
        wait_until(lambda: "could not be brought to the disk (Input/output error)" in log.read_text())
        told |= written(running, cookie, 3)
        assert running.tasks() == told
        broken.unlink()
        wait_until(lambda: "is on the disk again" in log.read_text())
        told |= written(running, cookie, 3)
        assert running.tasks() == told
        running.kill()
    found_again(data, told)


def recovery_in_the_log(folder: Path) -> None:
    """One line, as text or as JSON; none after a clean stop."""
    data = folder / "data.json"
    with server(data, room=10**6) as running:
        written(running, running.cookie(), 3)
        running.kill()
    left = {path: path.read_bytes() for path in (data, data.with_name("data.json.changes"))}
    line = f"{data} was not closed: 4 logged changes taken up."
    json_line = json.dumps({"event": "report", "message": line})
    for log_format, wanted in (("text", [line]), ("json", [json_line]), ("text", [])):
        if wanted:
            for path, content in left.items():
                path.write_bytes(content)
        with server(data, "--log-format", log_format) as running:
            assert running.recoveries() == wanted
            assert running.stop()[0] == 0


def kills_at_the_start(folder: Path) -> None:
    """A start that is killed at any moment leaves what the next one can use."""
    data = folder / "data.json"
    random = Random(1)
    with server(data, room=10**6) as running:
        told = written(running, running.cookie(), 3)
        running.kill()
    for _ in range(4):
        process = started(data, stderr=subprocess.DEVNULL)
        try:
            process.wait(random.uniform(0.2, 0.6))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
    found_again(data, told)


Fault = Callable[[Path], None]

ALL: tuple[Fault, ...] = (
    two_processes_on_one_file,
    files_taken_away,
    a_file_deleted_after_a_kill,
    a_read_only_folder,
    a_full_disk,
    a_broken_disk,
    recovery_in_the_log,
    kills_at_the_start,
)


# -- what they need


def written(running: Server, cookie: str, count: int) -> Tasks:
    """Some new tasks, as the server told of them."""
    told: Tasks = {}
    for number in range(count):
        status, answer = running.create(f"task {number}", cookie)
        assert status == 201, answer
        told[answer["todo"]["id"]] = answer["todo"]["title"]
    return told


def written_until_full(running: Server, cookie: str) -> Tasks:
    """New tasks until there is no room for a large one, nor for a small one."""
    told: Tasks = {}
    for description in ("x" * 4 * KIB, "x"):
        for number in range(_MOST_WRITES):
            status, answer = running.create(f"task {number}", cookie, description=description)
            if status != 201:
                assert (status, "No space left on device" in answer["message"]) == (500, True), answer
                break
            told[answer["todo"]["id"]] = answer["todo"]["title"]
        else:
            raise AssertionError("the disk does not become full")
    assert running.tasks().items() >= told.items()
    return told


def found_again(data: Path, told: Tasks, *, log: Path | None = None) -> None:
    """A start finds what was told, and a clean stop leaves it in one file."""
    with server(data, log=log) as running:
        assert running.tasks() == told
        assert running.stop()[0] == 0
    assert in_file(data) == told


def copied(running: Server, folder: Path) -> None:
    """Copy what a kill at this moment would leave."""
    running.process.send_signal(signal.SIGSTOP)
    try:
        for path in (running.data, running.data.with_name(f"{running.data.name}.changes")):
            if path.exists():
                shutil.copy(path, folder)
    finally:
        running.process.send_signal(signal.SIGCONT)


def wait_until(happened: Callable[[], bool]) -> None:
    """Return when something has happened."""
    stopwatch = Stopwatch()
    while not happened():
        assert stopwatch.seconds < DEADLINE
        threading.Event().wait(0.02)


def deleted(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    other = path.with_suffix(".other")
    other.write_bytes(b"{}")
    other.replace(path)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def edited(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def read_only(path: Path) -> None:
    path.chmod(0o444)


def without_power() -> tuple[str, ...]:
    """What starts a command as somebody whom rights hold back. Raises `Skipped`."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Skipped("root may write everywhere, and there is no setpriv to give that up with")
    return (setpriv, "--bounding-set", "-dac_override,-dac_read_search")


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 200 KiB. Raises `Skipped` where none can be mounted."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        raise Skipped("only root can mount a small file system")
    folder.mkdir()
    command = [mount, "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        raise Skipped(f"no small file system can be mounted: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run([umount, str(folder)], check=True)
