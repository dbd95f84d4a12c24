"""`mockflow requests list --follow`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.running import DEADLINE, Running, environment, mockflow, serving
from tests.terminal import on_terminal

CHECK = "/api/v1/auth-check"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """One server for all tests of this file, each in a sandbox of its own."""
    with serving("--memory", "--clock", "2030-01-31T09:00:00Z") as running:
        yield running


def test_a_person_sees_each_request_as_it_comes_until_ctrl_c(server: Running) -> None:
    server.request("GET", f"/s/seen{CHECK}")
    words = ("requests", "list", "--follow", "--sandbox", "seen", "--url", server.url)
    with on_terminal(*words) as terminal:
        assert "checkAuth" in terminal.until(CHECK)
        server.request("GET", "/s/seen/api/v2/todo?late=1", X_Mockflow_Fault="status=503; id=late")
        text = terminal.until("?late=1").splitlines()[-1]
        for part in ("GET", "503", "listTasks", "late", "09:00:00.000", "\x1b["):
            assert part in text
        terminal.interrupt()
        code, text = terminal.end()
    assert (code, "Traceback" in text, text.count("Method")) == (0, False, 1)


def test_a_program_gets_a_line_for_each_that_the_options_choose(server: Running) -> None:
    words = ("requests", "--sandbox", "piped", "list", "-f", "--status", "401", "--url", server.url)
    for _ in range(2):
        server.request("GET", "/s/piped/api/v2/tag")
    process = subprocess.Popen(
        [sys.executable, "-m", "mockflow", *words, "--limit", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(None),
    )  # fmt: skip
    assert process.stdout is not None
    seen = [json.loads(process.stdout.readline())]
    for path in (CHECK, "/api/v2/todo", CHECK, "/api/v2/projects"):
        server.request("GET", f"/s/piped{path}")
    seen += [json.loads(process.stdout.readline()) for _ in range(2)]
    assert [entry["id"] for entry in seen] == ["req-2", "req-4", "req-6"]
    assert seen[1] == json.loads(mockflow("requests", *words[1:3], "show", "req-4", *words[-2:]).stdout)
    server.request("POST", "/s/piped/_mockflow/reset", {})
    server.request("GET", "/s/piped/api/v2/tag")
    assert json.loads(process.stdout.readline())["id"] == "req-1"
    process.send_signal(2)
    assert (process.communicate(timeout=DEADLINE), process.returncode) == (("", ""), 0)


def test_it_ends_when_the_server_does() -> None:
    with serving("--memory") as server:
        server.request("GET", CHECK)
        with on_terminal("requests", "list", "-f", "--url", server.url) as terminal:
            terminal.until(CHECK)
            server.stop()
            code, text = terminal.end()
    assert code == 5
    assert "tells of no more requests" in text
