"""Inside the client's pytest: tests are collected once, and each run of one is a child of that process.

So a run costs no start of Python, has nothing from runs before it, and can be stopped whatever it does. It is
driven over a socket with a JSON object a line (`suites.py` has the other end). Needs `os.fork`.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from mockflow.clock import Stopwatch
from mockflow.torture.failures import failure_of, frames_out, is_library, is_test_file, place_at
from mockflow.torture.runs import ADDRESS, Failure, Place, Sent

WANTED = pytest.StashKey[list[str]]()
"""In the configuration's stash: the options of the server that a test wanted, where it had another."""

_METHODS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ")
_LITERALS = (str, int, float, bool, type(None))
# Options of other plugins that would run tests elsewhere or more than once.
_PLAIN: Mapping[str, Any] = {
    "dist": "no",
    "numprocesses": None,
    "tx": [],
    "reruns": 0,
    "basetemp": None,
    "maxfail": 0,
}
_SLEEP, _SLEEP_ASYNC = time.sleep, asyncio.sleep


class Inside:
    """The plugin that takes the place of pytest's own loop over the tests."""

    def __init__(self, config: pytest.Config, address: str) -> None:
        os.environ.pop(ADDRESS, None)  # a pytest that a test starts is nobody's business
        self._address = address
        for name, value in _PLAIN.items():
            if hasattr(config.option, name):
                setattr(config.option, name, value)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Tell which tests there are, and run what is asked for."""
        import mockflow.process  # late: a plain pytest run needs neither; the children find them imported
        import mockflow.testing  # noqa: F401

        for item in session.items:
            _leave_out_faker(item)
        gc.freeze()  # what is there by now stays, and is shared with the children
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self._address)
            _Loop(session, connection).serve()
        return True


class _Loop:
    """Starts children, passes on what they tell, and stops them."""

    def __init__(self, session: pytest.Session, connection: socket.socket) -> None:
        self._items = {item.nodeid: item for item in session.items}
        self._connection = connection
        self._children: dict[str, int] = {}
        self._waiting = selectors.DefaultSelector()
        self._broken = session.testsfailed
        self._rest, self._left = b"", False

    def serve(self) -> None:
        """Until the other end has had enough."""
        self._say({"tests": [_described(item) for item in self._items.values()], "broken": self._broken})
        self._waiting.register(self._connection, selectors.EVENT_READ)
        try:
            while not self._left:
                for key, _ in self._waiting.select():
                    if key.fileobj is self._connection:
                        self._read()
                    else:
                        self._ended(key.fileobj, key.data)
        finally:
            for child in self._children.values():
                _kill(child)
            self._waiting.close()

    def _read(self) -> None:
        """Do what the other end asks for; once it has left, nothing more."""
        received = self._connection.recv(65536)
        self._left = not received
        *lines, self._rest = (self._rest + received).split(b"\n")
        for line in lines:
            order = json.loads(line)
            if "stop" not in order:
                self._start(order)
            elif order["stop"] in self._children:
                _kill(self._children[order["stop"]])

    def _start(self, order: Mapping[str, Any]) -> None:
        reading, writing = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Python warns where there are threads; a test's client starts its own later
            child = os.fork()
        if child == 0:
            os.close(reading)
            self._connection.close()
            _run_and_leave(self._items[order["test"]], order, writing)
        os.close(writing)
        self._children[order["run"]] = child
        pipe = os.fdopen(reading, "rb", buffering=0)
        self._waiting.register(pipe, selectors.EVENT_READ, order["run"])

    def _ended(self, pipe: Any, run: str) -> None:
        self._waiting.unregister(pipe)
        with pipe:
            told = pipe.readall()
        child = self._children.pop(run)
        _kill(child)  # and what it has started
        os.waitpid(child, 0)
        report = json.loads(told) if told else {"outcome": "stopped"}
        _import(report.pop("imported", ()))
        self._say({"run": run, **report})

    def _say(self, message: Mapping[str, Any]) -> None:
        self._connection.sendall(json.dumps(message).encode() + b"\n")


def _import(modules: Iterable[str]) -> None:
    """Import what a child had to, so that no other child has to: it would be the longest part of most tests."""
    for name in modules:
        if name not in sys.modules:
            with suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                importlib.import_module(name)
            gc.freeze()


def _kill(child: int) -> None:
    for kill in (os.killpg, os.kill):  # it may not have a group of its own yet
        try:
            kill(child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def _leave_out_faker(item: pytest.Item) -> None:
    """Spare a test what it has not asked for: Faker's plugin, which comes with mockflow, prepares a generator.

    That takes as long as a small test. `fixturenames` is pytest's own list of what a test gets, in 8.3 to 9.x.
    """
    names = getattr(item, "fixturenames", [])
    if "faker" not in names and "_session_faker" in names:
        names.remove("_session_faker")


def _described(item: pytest.Item) -> dict[str, Any]:
    path, line, _ = item.location
    function = getattr(item, "function", None)
    values = dict(getattr(getattr(item, "callspec", None), "params", {}))
    name = getattr(item, "originalname", None) or item.name
    cls = getattr(item, "cls", None)
    return {
        "id": item.nodeid,
        "place": {"file": str(item.path), "line": (line or 0) + 1, "text": f"def {name}(…)"},
        "copy_of": item.nodeid.partition("[")[0] if values else None,
        "call": {
            "function": name,
            "class": cls.__name__ if cls else None,
            "unittest": function is None or hasattr(cls, "assertEqual"),
            "arguments": list(getattr(getattr(item, "_fixtureinfo", None), "argnames", ())),
            "values": {key: value for key, value in values.items() if isinstance(value, _LITERALS)},
            "parameters": sorted(values),
            "async": asyncio.iscoroutinefunction(function),
        },
        "file": path,
    }


def _run_and_leave(item: pytest.Item, order: Mapping[str, Any], writing: int) -> None:
    """Run one test in this child, tell what came of it, and end the process without anything further."""
    try:
        os.setsid()
        os.environ.update(order["variables"])
        Path(os.environ["PYTEST_DEBUG_TEMPROOT"]).mkdir(parents=True, exist_ok=True)
        recorder = _Recorder(item)
        item.config.pluginmanager.register(recorder)
        recorder.run()
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            json.dump(recorder.told(), pipe)
    finally:
        os._exit(0)


class _Recorder:
    """Keeps what the judge has to know of one run."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._file = str(item.path)
        self._phase = "setup"
        self._outcome = "passed"
        self._failure: Failure | None = None
        self._sent: list[Sent] = []
        self._sleeps = True
        self._looked = False
        self._stopwatch = Stopwatch()
        self._modules = set(sys.modules)

    def run(self) -> None:
        """The test, with its fixtures from the session's on."""
        self._watch_control()
        sys.addaudithook(self._audit)
        try:
            self._item.config.hook.pytest_runtest_protocol(item=self._item, nextitem=None)
        except BaseException as error:  # pytest.exit(), SystemExit, an error in another plugin
            self._outcome = "failed"
            self._failure = self._failure or failure_of(error, self._file, looked=False)

    def told(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return {
            "outcome": self._outcome,
            "seconds": self._stopwatch.seconds,
            "failure": None if self._failure is None else asdict(self._failure),
            "sent": [asdict(one) for one in self._sent],
            "sleeps": self._sleeps,
            "imported": [name for name in sorted(set(sys.modules) - self._modules) if _is_of_library(name)],
            "wants": self._item.config.stash.get(WANTED, None),
        }

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Note how a phase ended."""
        looked = self._looked  # the plugin looks at the journal, too, once a test has failed
        self._sleeps = self._sleeps and _really_sleeps(item)
        report = yield
        if report.skipped and self._outcome == "passed":
            self._outcome = "xfailed" if hasattr(report, "wasxfail") else "skipped"
        elif hasattr(report, "wasxfail"):
            self._outcome = "xfailed"
        elif report.failed and self._failure is None:
            self._outcome = "failed"
            if call.excinfo is not None:
                self._failure = failure_of(call.excinfo.value, self._file, looked=looked)
        self._phase = {"setup": "call", "call": "teardown"}.get(call.when, "teardown")
        return report

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note each API request that goes out over `http.client`, as requests and urllib do it."""
        if event != "http.client.send":
            return
        data = arguments[1]
        if isinstance(data, bytes) and data.startswith(_METHODS):
            target = data.split(b" ", 2)[1]
            if b"/_mockflow/" not in target and b"/api/" in target:
                self._sent.append(Sent(self._phase, self._place()))

    def _place(self) -> Place | None:
        found = [
            frame for frame in frames_out(sys._getframe()) if is_test_file(frame.f_code.co_filename, self._file)
        ]
        return place_at(found[-1], found[-1].f_lineno) if found else None

    def _watch_control(self) -> None:
        """Note whether the test looks at the journal. In this child only, which ends with the test."""
        from mockflow.client import ControlClient

        call = ControlClient.call

        def noted(client: ControlClient, method: str, path: str, body: Any = None) -> Any:
            self._looked = self._looked or path.lstrip("/").startswith(("requests", "faults"))
            return call(client, method, path, body)

        ControlClient.call = noted  # type: ignore[method-assign, assignment]


def _is_of_library(name: str) -> bool:
    """Whether a module is installed, and not the client's own."""
    file = getattr(sys.modules.get(name), "__file__", None)
    return file is not None and name != "__main__" and is_library(file)


def _really_sleeps(item: pytest.Item) -> bool:
    """Whether nobody has put something else in the place of what sleeps."""
    patches = getattr(getattr(item, "funcargs", None) or {}, "get", lambda _: None)("monkeypatch")
    patched = any("sleep" in str(name) for _, name, *_ in getattr(patches, "_setattr", ()))
    return time.sleep is _SLEEP and asyncio.sleep is _SLEEP_ASYNC and not patched
