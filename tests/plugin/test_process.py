"""`running_server`: a server for a while, which outlives nobody."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mockflow.client import ControlClient
from mockflow.errors import ServerUnreachable, SettingsInvalid
from mockflow.process import running_server
from tests.running import DEADLINE
from tests.suites import LEAN, environment, write


@pytest.fixture(autouse=True)
def _own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOCKFLOW_URL", "MOCKFLOW_SEEDS", "MOCKFLOW_CONTROL_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_it_takes_options_and_variables_but_for_those_of_another_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("MOCKFLOW_SEEDS", "minimal"),
        ("MOCKFLOW_SEED", "7"),
        ("MOCKFLOW_PORT", "1"),
        ("MOCKFLOW_HOST", "example.com"),
        ("MOCKFLOW_DATA", "data.json"),
        ("MOCKFLOW_URL", "http://localhost:1"),
        ("MOCKFLOW_LOG_FORMAT", "json"),
    ):
        monkeypatch.setenv(name, value)
    given = "--seed 8 --fault 401 --fault status=500;operation=listTags --log-format json".split()
    with running_server(given) as url:
        info = ControlClient(url).call("GET", "info")
    assert (info["seeds"], info["seed"], info["faults"], info["data"]) == ("minimal", 8, 2, "memory")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ServerUnreachable):
        ControlClient(url).ready()


def test_it_stops_where_its_user_fails() -> None:
    urls = []

    def fail() -> None:
        with running_server(["--seeds", "empty"]) as url:
            urls.append(url)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with pytest.raises(ServerUnreachable):
        ControlClient(urls[0]).ready()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--seedz", "demo"], r"No such option.*--seeds"),
        (["--seeds", "nonsense"], "nonsense"),
        (["--rate-limit", "lots"], r"'lots' is not N/SECONDS, such as 60/60\."),
        (["--data", "file.json"], r"Give one of --data and --memory, not both\."),
    ],
)
def test_it_says_why_it_did_not_start(options: list[str], told: str) -> None:
    with pytest.raises(SettingsInvalid, match=told), running_server(options):
        raise AssertionError


USER = """
    import os, socket, threading
    from mockflow.process import running_server

    def tell(url):
        with socket.create_connection(("localhost", int(os.environ["TELL"]))) as connection:
            connection.sendall(url.encode())
        threading.Event().wait()

    if __name__ == "__main__":
        with running_server(["--seeds", "empty"]) as url:
            tell(url)
"""
WAITING_TEST = """
    from user import tell

    def test_that_waits(mockflow_server):
        tell(mockflow_server.url)
"""


@pytest.mark.parametrize(("command", "how"), [("user.py", signal.SIGKILL), ("-m pytest", signal.SIGINT)])
def test_the_server_goes_with_its_user(tmp_path: Path, command: str, how: signal.Signals) -> None:
    write(tmp_path, {"user.py": USER, "test_waits.py": WAITING_TEST})
    with socket.create_server(("localhost", 0)) as told:
        told.settimeout(DEADLINE)
        user = subprocess.Popen(
            [sys.executable, *command.split()],
            cwd=tmp_path, env=environment({**LEAN, "TELL": str(told.getsockname()[1])}), stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            with told.accept()[0] as connection:
                url = connection.makefile().read()
            with socket.create_connection(("localhost", urlsplit(url).port or 0), timeout=DEADLINE) as open_one:
                user.send_signal(how)
                with contextlib.suppress(ConnectionResetError):
                    assert open_one.recv(1) == b""
        finally:
            user.kill()
            user.wait()
    with pytest.raises(ServerUnreachable):
        ControlClient(url).ready()
