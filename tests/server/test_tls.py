"""https: a certificate made up at the start, or one's own; cookies are `Secure` then."""

from __future__ import annotations

import json
import signal
import ssl
from collections.abc import Iterator
from http.client import BadStatusLine, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest
import trustme

from mockflow.client import ControlClient
from mockflow.serving.tls import certificate
from mockflow.settings import Settings
from tests.running import DEADLINE, Running, mockflow, serving


def trusting(authority: Path | str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority))


def secure(server: Running, context: ssl.SSLContext, host: str = "localhost") -> HTTPSConnection:
    return HTTPSConnection(host, server.port, timeout=DEADLINE, context=context)


def authority_of(server: Running) -> Path:
    line = next(line for line in server.banner if line.startswith("  TLS "))
    return Path(line.split("trust ")[1].removesuffix(" (curl --cacert)"))


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with serving("--memory", "--tls", "--allow-host", "mock.example.com") as running:
        yield running


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_client_that_trusts_the_authority_gets_through(server: Running, host: str) -> None:
    connection = secure(server, trusting(authority_of(server)), host)
    connection.request("GET", "/api/v1/auth-check")
    assert json.loads(connection.getresponse().read()) == {"isAuthenticated": False}
    connection.close()


@pytest.mark.parametrize("path", ["/_mockflow/docs/swagger-ui-bundle.js", "/_mockflow/data"])
def test_a_large_answer_arrives_whole(server: Running, path: str) -> None:
    connection = secure(server, trusting(authority_of(server)))
    for _ in range(2):  # the connection goes on behind it
        connection.request("GET", path)
        response = connection.getresponse()
        content = response.read()
        assert (response.status, len(content)) == (200, int(response.headers.get("Content-Length", len(content))))
        assert len(content) > 1000
    connection.close()


def test_the_address_that_is_told_says_https(server: Running) -> None:
    assert server.banner[-1] == f"MOCKFLOW READY https://localhost:{server.port}"


def test_a_client_that_does_not_is_left_to_refuse(server: Running) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        secure(server, ssl.create_default_context()).request("GET", "/")


def test_the_certificate_names_what_clients_call_the_server(server: Running) -> None:
    context = trusting(authority_of(server))
    with context.wrap_socket(server.socket(), server_hostname="mock.example.com") as client:
        told = client.getpeercert()
    assert told is not None
    named: Any = told["subjectAltName"]
    assert {"localhost", "127.0.0.1", "mockflow", "mock.example.com"} <= {name for _, name in named}


def test_the_session_cookie_is_secure(server: Running) -> None:
    connection = secure(server, trusting(authority_of(server)))
    body = json.dumps({"email": "ann@example.com", "password": "Passw0rd!"})
    connection.request("POST", "/api/v1/user/signin", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    assert response.read() == b'{"msg":"Logged in successfully"}'
    assert "; Secure;" in response.headers["Set-Cookie"]
    connection.close()


def test_tools_on_this_machine_need_not_be_told_of_the_authority(server: Running) -> None:
    assert ControlClient(server.url).ready()["status"] == "ok"
    waited = mockflow("wait", "--url", server.url, "--timeout", "1")
    assert (waited.returncode, waited.stdout) == (0, f"{server.url} is ready\n")


def test_whoever_speaks_plain_http_is_dropped_and_nobody_else_notices(server: Running) -> None:
    with server.socket() as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while plain.recv(4096):
            pass
    assert ControlClient(server.url).ready()["status"] == "ok"


@pytest.mark.parametrize("disconnect", ["reset", "empty", "garbage"])
def test_answers_break_on_an_encrypted_connection_too(server: Running, disconnect: str) -> None:
    connection = secure(server, trusting(authority_of(server)))
    connection.request("GET", "/api/v1/auth-check", headers={"X-Mockflow-Fault": f"disconnect={disconnect}"})
    with pytest.raises((OSError, BadStatusLine)):
        connection.getresponse()
    connection.close()


def test_the_authority_is_gone_with_the_server() -> None:
    with serving("--memory", "--tls") as running:
        authority = authority_of(running)
        assert authority.read_text().startswith("-----BEGIN CERTIFICATE-----")
        assert running.stop(signal.SIGTERM) == (0, "")
    assert not authority.exists()


def test_an_authority_that_was_named_stays(tmp_path: Path) -> None:
    place = tmp_path / "ca.pem"
    for _ in range(2):  # a second start takes the place of what the first has left
        with (
            serving("--memory", "--tls", "--tls-ca", str(place)) as running,
            trusting(place).wrap_socket(running.socket(), server_hostname="localhost"),
        ):
            running.stop()
    assert place.read_text().startswith("-----BEGIN CERTIFICATE-----")


@pytest.mark.parametrize("together", [True, False])
def test_ones_own_certificate_is_served(tmp_path: Path, together: bool) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    made.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    options = ["--tls-cert", str(tmp_path / "both.pem")]
    if not together:
        options = ["--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem")]
    with serving("--memory", *options) as running:
        connection = secure(running, trusting(tmp_path / "ca.pem"))
        connection.request("GET", "/_mockflow/ready")
        assert connection.getresponse().status == 200
        connection.close()


def test_the_json_line_tells_https_as_well() -> None:
    with serving("--memory", "--tls", "--log-format", "json") as running:
        assert json.loads(running.banner[-1])["url"] == f"https://localhost:{running.port}"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--tls", "--tls-cert", "cert.pem"], "Give one of --tls and --tls-cert"),
        (["--tls-key", "key.pem"], "--tls-key needs --tls-cert"),
        (["--tls-ca", "ca.pem"], "--tls-ca needs --tls"),
        (["--tls-cert", "missing.pem"], "missing.pem cannot be read"),
        (["--tls-cert", "notes.txt"], "notes.txt cannot be used as certificate and key"),
        (["--tls-cert", "cert.pem", "--tls-key", "other.pem"], "cannot be used as certificate and key"),
        (["--tls", "--tls-ca", "notes.txt"], "is no certificate; it was left as it is"),
        (["--tls", "--tls-ca", "missing/ca.pem"], "cannot be written"),
        (["--tls", "--allow-host", "my_host"], "No certificate can be made for such a --host or --allow-host"),
        (["--tls", "--allow-host", ""], "No certificate can be made for such a --host or --allow-host"),
    ],
)
def test_what_cannot_be_used_stops_with_one_line_and_exit_2(tmp_path: Path, options: list[str], told: str) -> None:
    authority = trustme.CA()
    authority.issue_cert("localhost").cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.issue_cert("localhost").private_key_pem.write_to_path(tmp_path / "other.pem")
    (tmp_path / "notes.txt").write_text("Buy milk")
    before = sorted(tmp_path.iterdir())
    run = mockflow("serve", "--port", "0", *options, cwd=tmp_path)
    assert (run.returncode, len(run.stderr.splitlines()), run.stdout) == (2, 1, "")
    assert told in run.stderr
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "notes.txt").read_text() == "Buy milk"


def test_a_machine_whose_name_no_certificate_can_have_serves_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "my_laptop")
    with certificate(Settings(tls=True)) as (context, authority):
        assert context is not None
        assert authority is not None


def test_without_trustme_the_line_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "trustme.py").write_text("raise ImportError('not installed')")
    run = mockflow("serve", "--port", "0", "--memory", "--tls", env={"PYTHONPATH": str(tmp_path)}, cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "mockflow: --tls needs the package trustme: pip install trustme.\n"
