"""`mockflow exec`: options of the server, orphans, signals, and a server that does not last."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import DEADLINE, environment, mockflow

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
INFO = (
    "import os, json, urllib.request; "
    "info = json.load(urllib.request.urlopen(os.environ['MOCKFLOW_URL'] + '/_mockflow/info')); "
    "print(info['seeds'], info['faults'], info['data'], info['clock']['mode'])"
)


def test_it_takes_the_options_of_serve_before_the_command(tmp_path: Path) -> None:
    options = ["--seeds", "minimal", "--fault", "401", "--fault=503; times=1", "--clock", "2030-01-31"]
    run = mockflow("exec", *options, "--", sys.executable, "-c", INFO)
    assert (run.returncode, run.stdout, run.stderr) == (0, "minimal 2 memory frozen\n", "")
    kept = tmp_path / "kept.json"
    run = mockflow("exec", "--data", str(kept), sys.executable, "-c", INFO, cwd=tmp_path)
    assert (run.returncode, run.stdout) == (0, f"demo 0 {kept} real\n")
    assert kept.exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--seeds", "nonsense"], "no seed set"),
        (["--clock", "soon"], "--clock"),
        (["--rate-limit", "many"], "N/SECONDS"),
        (["--seeds"], "--seeds"),
    ],
)
def test_an_option_that_cannot_be_used_stops_with_one_line(options: list[str], told: str) -> None:
    run = mockflow("exec", *options, "--", sys.executable, "-c", "1")
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (2, "", 1)
    assert told in run.stderr


def test_what_stands_behind_the_command_is_its_own() -> None:
    code = "import sys; print(sys.argv[1:])"
    run = mockflow("exec", "--", sys.executable, "-c", code, "--seeds", "--", "-x")
    assert (run.returncode, run.stdout) == (0, "['--seeds', '--', '-x']\n")


KILL_THE_SERVER = """
import os, pathlib, signal, sys
for found in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        parent = (found / "stat").read_text().rpartition(")")[2].split()[1]
        words = (found / "cmdline").read_text()
    except OSError:
        continue
    if parent == str(os.getppid()) and found.name != str(os.getpid()) and "attended" in words:
        os.kill(int(found.name), signal.SIGKILL)
        while found.exists():  # until exec has seen it
            os.sched_yield()
sys.exit(int(sys.argv[1]))
"""


@LINUX
@pytest.mark.parametrize(("code", "expected"), [("0", 1), ("7", 7)])
def test_a_server_that_ends_first_is_told_in_one_line_and_is_a_failure(code: str, expected: int) -> None:
    run = mockflow("exec", "--", sys.executable, "-c", KILL_THE_SERVER, code)
    assert run.returncode == expected
    (line,) = run.stderr.splitlines()
    assert "the server ended before" in line


@LINUX
def test_the_last_words_of_a_server_that_ends_first_are_told() -> None:
    ask = "import os, urllib.request as r\nr.urlopen(os.environ['MOCKFLOW_URL'] + '/api/v1/auth-check').read()\n"
    run = mockflow("exec", "--", sys.executable, "-c", ask + KILL_THE_SERVER, "0")
    assert run.returncode == 1
    assert "GET /api/v1/auth-check" in run.stderr


# Orphans come to it as to the first process of a container.
AS_FIRST = """
import ctypes, os, sys
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER
os.execv(sys.executable, [sys.executable, "-m", "mockflow", "exec", *sys.argv[1:]])
"""
LEAVE_AN_ORPHAN = """
import os, pathlib, sys
read, write = os.pipe()
if os.fork() == 0:
    orphan = os.fork()
    if orphan:
        os.write(write, str(orphan).encode())
        os._exit(0)
    os.close(write)
    os._exit(3)
os.wait()
orphan = pathlib.Path("/proc", os.read(read, 99).decode())
while orphan.exists():  # a zombie, until somebody takes note of its end
    os.sched_yield()
sys.exit(7)
"""


@LINUX
def test_orphans_are_buried_and_the_commands_own_end_is_told() -> None:
    assert hasattr(ctypes.CDLL(None), "prctl")
    run = subprocess.run(
        [sys.executable, "-c", AS_FIRST, "--", sys.executable, "-c", LEAVE_AN_ORPHAN],
        capture_output=True, text=True, env=environment(None), timeout=DEADLINE, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (7, "")


WAIT = """
import signal, sys, threading
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda got, _: sys.exit(40 + got))
print("waiting", flush=True)
while True:
    signal.pause()
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_signals_that_end_it_are_passed_on(how: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mockflow", "exec", "--", sys.executable, "-c", WAIT],
        stdout=subprocess.PIPE, text=True, env=environment(None),
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(how)
    process.communicate(timeout=DEADLINE)
    assert process.returncode == 40 + how


def test_ctrl_c_is_the_commands_business() -> None:
    code = "import os, signal\nsignal.signal(signal.SIGINT, lambda *_: exit(9))\nprint(flush=True)\nsignal.pause()"
    process = subprocess.Popen(
        [sys.executable, "-m", "mockflow", "exec", "--", sys.executable, "-c", code],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(None), process_group=0,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    assert (process.communicate(timeout=DEADLINE)[1], process.returncode) == ("", 9)
