"""What is done to a server by hand, by shells and by supervisors: it behaves as a process should."""

from __future__ import annotations

import fcntl
import os
import signal
import ssl
import subprocess
import sys
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
import trustme

from mockflow.clock import wall
from tests.faults.test_wire import until
from tests.running import DEADLINE, Running, environment, mockflow, serving

CHECK = "/api/v1/auth-check"


def test_it_runs_without_standard_streams(tmp_path: Path) -> None:
    place = tmp_path / "ready"
    script = 'exec "$0" -m mockflow serve --memory --port 0 --seeds minimal --ready-file "$1" <&- >&- 2>&-'
    process = subprocess.Popen(["sh", "-c", script, sys.executable, str(place)], env=environment(None))
    try:
        until(lambda: place.exists() and place.read_text().endswith("\n"))
        assert mockflow("wait", "--url", place.read_text().strip()).returncode == 0
        process.terminate()
        assert process.wait(DEADLINE) == 0
    finally:
        process.kill()
        process.wait()


def test_the_address_that_is_printed_can_be_reached(tmp_path: Path) -> None:
    place = tmp_path / "ready"
    with serving("--memory", "--host", "127.0.0.2", "--ready-file", str(place)) as server:
        assert server.url == f"http://127.0.0.2:{server.port}"
        assert place.read_text() == f"{server.url}\n"
        assert mockflow("wait", "--url", server.url).returncode == 0
        assert mockflow("accounts", env={"MOCKFLOW_READY_FILE": str(place)}).returncode == 0


def test_the_origin_of_an_app_that_is_no_web_page_is_allowed() -> None:
    with serving("--memory", "--cors-origin", "capacitor://localhost", "--cors-origin", "app://shell") as server:
        for origin in ("capacitor://localhost", "app://shell"):
            connection = server.connection()
            connection.request("GET", CHECK, headers={"Origin": origin})
            assert connection.getresponse().getheader("Access-Control-Allow-Origin") == origin
            connection.close()


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_the_signals_that_end_it_are_no_failure(tmp_path: Path, how: signal.Signals) -> None:
    with serving("--data", str(tmp_path / "data.json")) as server:
        server.request("POST", "/api/v2/todo", {"title": "kept"}, Cookie=server.cookie())
        assert server.stop(how)[0] == 0
    assert "kept" in (tmp_path / "data.json").read_text()


def test_it_outlives_its_terminal_when_told_to() -> None:
    command = [sys.executable, "-m", "mockflow", "serve", "--memory", "--port", "0", "--seeds", "empty"]
    process = subprocess.Popen(
        ["sh", "-c", 'trap "" HUP; exec "$0" "$@"', *command],  # as nohup does
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(None),
    )  # fmt: skip
    try:
        server = Running(process)
        process.send_signal(signal.SIGHUP)
        assert server.request("GET", CHECK)[0] == 200
        assert server.stop()[0] == 0
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("days", "told"), [((-9, -1), "expired"), ((1, 9), "not yet valid")])
def test_a_certificate_that_no_client_would_take_is_refused(
    tmp_path: Path, days: tuple[int, int], told: str
) -> None:
    since, until_day = (wall() + timedelta(days=number) for number in days)
    made = trustme.CA().issue_cert("localhost", not_before=since, not_after=until_day)
    place = tmp_path / "cert.pem"
    made.private_key_and_cert_chain_pem.write_to_path(place)
    run = mockflow("serve", "--memory", "--port", "0", "--tls-cert", str(place))
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (2, "", 1)
    assert told in run.stderr


def test_a_certificate_that_is_valid_is_taken(tmp_path: Path) -> None:
    authority = trustme.CA()
    place = tmp_path / "cert.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(place)
    with serving("--memory", "--tls-cert", str(place)) as server:
        assert server.url.startswith("https://localhost:")
        assert ssl.get_server_certificate(("localhost", server.port))


def test_a_log_that_nobody_reads_stalls_nothing() -> None:
    with serving("--memory", "--seeds", "empty") as server:
        assert server.process.stderr is not None
        room = fcntl.fcntl(server.process.stderr.fileno(), fcntl.F_GETPIPE_SZ)
        connection = HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
        long = "x" * 900
        for _ in range(room // 900 + 300):
            connection.request("GET", f"{CHECK}/{long}")
            assert connection.getresponse().read()
        connection.close()
        code, log = server.stop()
    assert code == 0
    assert len(log) >= room // 2
    assert os.linesep in log
