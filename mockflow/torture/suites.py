"""The client's test suite, as torture drives it: pytest test by test, any other command as a whole."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from mockflow.clock import Stopwatch
from mockflow.errors import MockflowError, SettingsInvalid
from mockflow.torture.runs import ADDRESS, SETTINGS, Failure, Place, Run, Sent, Test

_POLL_SECONDS = 0.25
_STOP_SECONDS = 10
_WHOLE = "the whole suite"


class NothingToTorture(MockflowError):
    """The suite did not begin."""


def _tail(log: IO[bytes], lines: int = 30) -> str:
    """The last lines of what was printed into a file."""
    log.seek(0)
    return "\n".join(log.read().decode(errors="replace").strip().splitlines()[-lines:])


class Suite(Protocol):
    """What runs one test, or all of a suite that cannot be taken apart."""

    @property
    def tests(self) -> Sequence[Test]:
        """What there is to run."""

    def run(self, test: Test, url: str, options: Sequence[str], limit: float, stop: Callable[[], bool]) -> Run:
        """Run a test against a server with some options, for at most `limit` seconds or until `stop()`."""


def is_pytest(command: Sequence[str]) -> bool:
    """Whether a command starts pytest, and this system can take that apart."""
    words = [Path(word).name.removesuffix(".exe") for word in command]
    return hasattr(os, "fork") and bool({"pytest", "py.test"} & set(words))


@contextmanager
def opened(command: Sequence[str]) -> Iterator[Suite]:
    """The suite that a command runs.

    Raises `SettingsInvalid` where it cannot be started, `NothingToTorture` where it did not begin.
    """
    if is_pytest(command):
        with _collected(command) as suite:
            yield suite
    else:
        if shutil.which(command[0]) is None:
            raise SettingsInvalid(f"{command[0]} cannot be run: there is no such program.")
        yield CommandSuite(command)


# -- pytest


@dataclass
class _Waiting:
    """Somebody who waits for the end of a run."""

    over: threading.Event = field(default_factory=threading.Event)
    told: Mapping[str, Any] = field(default_factory=dict)


class PytestSuite:
    """A pytest that has collected its tests and runs each when asked to, in a child of its process."""

    def __init__(self, connection: socket.socket, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._lock = threading.Lock()
        self._waiting: dict[str, _Waiting] = {}
        self._number = 0
        self._lines = connection.makefile("rb")
        hello = json.loads(self._lines.readline() or b'{"tests": [], "broken": true}')
        self.broken = bool(hello["broken"])
        self.tests: Sequence[Test] = [_test(told) for told in hello["tests"]]
        threading.Thread(target=self._listen, daemon=True).start()

    def run(self, test: Test, url: str, options: Sequence[str], limit: float, stop: Callable[[], bool]) -> Run:
        """As `Suite.run`."""
        waiting, stopwatch = _Waiting(), Stopwatch()
        with self._lock:
            self._number += 1
            run = str(self._number)
            self._waiting[run] = waiting
            self._say({"run": run, "test": test.id, "variables": self._variables(run, url, options)})
        while not waiting.over.wait(_POLL_SECONDS):
            if stopwatch.seconds > limit or stop():
                self._stop(run)
                waiting.over.wait(_STOP_SECONDS)
                return Run("stopped", stopwatch.seconds)
        shutil.rmtree(self._temporary(run), ignore_errors=True)
        return _run(waiting.told, stopwatch.seconds)

    def close(self) -> None:
        """Tell pytest that nothing more is wanted."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _variables(self, run: str, url: str, options: Sequence[str]) -> dict[str, str]:
        temporary = str(self._temporary(run))
        return {"MOCKFLOW_URL": url, SETTINGS: json.dumps(list(options)), "PYTEST_DEBUG_TEMPROOT": temporary}

    def _temporary(self, run: str) -> Path:
        return self._folder / f"run-{run}"

    def _stop(self, run: str) -> None:
        with self._lock:
            self._say({"stop": run})

    def _say(self, message: Mapping[str, Any]) -> None:
        with suppress(OSError):  # it has ended: the listener tells everybody
            self._connection.sendall(json.dumps(message).encode() + b"\n")

    def _listen(self) -> None:
        with suppress(OSError, ValueError):
            for line in self._lines:
                told = json.loads(line)
                self._end(told["run"], told)
        for run in list(self._waiting):
            self._end(run, {"outcome": "stopped"})

    def _end(self, run: str, told: Mapping[str, Any]) -> None:
        with self._lock:
            waiting = self._waiting.pop(run, None)
        if waiting is not None:
            waiting.told = told
            waiting.over.set()


@contextmanager
def _collected(command: Sequence[str]) -> Iterator[PytestSuite]:
    with tempfile.TemporaryDirectory(prefix="mockflow-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with socket.socket(socket.AF_UNIX) as listening, (folder / "log").open("w+b") as log:
            listening.bind(str(folder / "socket"))
            listening.listen(1)
            process = _start(command, folder, log)
            try:
                connection = _accepted(listening, process, log)
                with connection:
                    suite = PytestSuite(connection, folder)
                    if suite.broken:
                        raise NothingToTorture(f"pytest could not collect the tests:\n{_tail(log)}")
                    yield suite
                    suite.close()
            finally:
                _end(process)


def _start(command: Sequence[str], folder: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    mine = {
        ADDRESS: str(folder / "socket"),
        "MOCKFLOW_URL": "http://localhost:9",  # for what looks at it while tests are collected
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS: the children talk to nobody but the server
    }
    try:
        return subprocess.Popen(  # noqa: S603 - the user's own command
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **mine},
            start_new_session=True,  # Ctrl-C is for who started the torture
        )
    except OSError as error:
        raise SettingsInvalid(f"{command[0]} cannot be run: {error.strerror or error}.") from None


def _accepted(listening: socket.socket, process: subprocess.Popen[bytes], log: IO[bytes]) -> socket.socket:
    listening.settimeout(_POLL_SECONDS)
    while True:
        try:
            connection, _ = listening.accept()
        except TimeoutError:
            if process.poll() is not None:
                hint = "" if process.returncode else "\nIs mockflow installed where that pytest is?"
                raise NothingToTorture(
                    f"pytest ended before it ran a test (exit {process.returncode}):\n{_tail(log)}{hint}"
                ) from None
        else:
            connection.settimeout(None)
            return connection


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process ends by itself once its connection is closed; one that does not is killed."""
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _test(told: Mapping[str, Any]) -> Test:
    return Test(told["id"], Place(**told["place"]), told["copy_of"], told["call"])


def _run(told: Mapping[str, Any], seconds: float) -> Run:
    failure = told.get("failure")
    wants = told.get("wants")
    return Run(
        told["outcome"],
        told.get("seconds", seconds),
        failure=None if failure is None else Failure(**{**failure, "place": _place(failure["place"])}),
        sent=tuple(Sent(one["phase"], _place(one["place"])) for one in told.get("sent", ())),
        sleeps=told.get("sleeps", True),
        wants=None if wants is None else tuple(wants),
    )


def _place(told: Mapping[str, Any] | None) -> Place | None:
    return None if told is None else Place(**told)


# -- any command


class CommandSuite:
    """A command that runs all of its tests at once; what each did is seen by the sandbox it made."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self.tests: Sequence[Test] = [Test(_WHOLE, is_suite=True)]

    def run(self, test: Test, url: str, options: Sequence[str], limit: float, stop: Callable[[], bool]) -> Run:  # noqa: ARG002
        """As `Suite.run`."""
        stopwatch = Stopwatch()
        with tempfile.TemporaryFile("w+b") as log:
            process = subprocess.Popen(  # noqa: S603 - the user's own command
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "MOCKFLOW_URL": url},
                start_new_session=sys.platform != "win32",
            )
            stopped = False
            while True:
                try:
                    process.wait(_POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    if stopwatch.seconds > limit or stop():
                        stopped = True
                        _kill(process)
            outcome = "stopped" if stopped else "passed" if process.returncode == 0 else "failed"
            return Run(outcome, stopwatch.seconds, output=_tail(log, 12))


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
