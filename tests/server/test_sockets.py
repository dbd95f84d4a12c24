"""The server on real sockets: connections, bodies, limits, slow clients."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Running, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """One server for all tests of this file."""
    with serving("--memory") as running:
        yield running


def raw(server: Running, request: bytes) -> bytes:
    """Send bytes, read until the server closes."""
    with server.socket() as client:
        client.sendall(request)
        parts = []
        while part := client.recv(65536):
            parts.append(part)
    return b"".join(parts)


def memory(server: Running) -> int:
    """What the server holds, in KiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def test_a_connection_is_kept_alive(server: Running) -> None:
    connection = server.connection()
    for _ in range(3):
        connection.request("GET", "/api/v1/auth-check")
        response = connection.getresponse()
        assert (response.status, json.loads(response.read())) == (200, {"isAuthenticated": False})
        assert connection.sock is not None
    connection.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_headers_that_nobody_sends_twice_are_not_remembered(server: Running) -> None:
    head = b"GET /api/v1/auth-check HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    raw(server, head + b"\r\n")
    before = memory(server)
    for number in range(60):
        many = b"".join(b"%x:\r\n" % (number * 7000 + each) for each in range(7000))
        assert raw(server, head + many + b"\r\n").startswith(b"HTTP/1.1 200 ")
    assert memory(server) - before < 20_000


def test_localhost_is_served_over_both_families(server: Running) -> None:
    assert server.url == f"http://localhost:{server.port}"
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.bind((host, 0))
        except OSError:
            continue  # this machine does not have it
        connection = server.connection(host)
        connection.request("GET", "/api/v1/auth-check")
        assert connection.getresponse().status == 200
        connection.close()


def test_a_chunked_body_is_read(server: Running) -> None:
    connection = server.connection()
    body = json.dumps({"title": "x" * 400}).encode()
    chunks = (body[start : start + 7] for start in range(0, len(body), 7))
    headers = {"Content-Type": "application/json", "Cookie": server.cookie(), "Transfer-Encoding": "chunked"}
    connection.request("POST", "/api/v2/todo", chunks, headers, encode_chunked=True)
    response = connection.getresponse()
    assert response.status == 201
    assert json.loads(response.read())["todo"]["title"] == "x" * 400
    connection.close()


def test_a_trailer_behind_the_body_is_no_header(server: Running) -> None:
    answer = raw(
        server,
        b"POST /api/v2/todo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\n{}\r\n0\r\nX-Mockflow-Fault: status=418\r\n\r\n",
    )
    assert answer.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("size", [102_401, 1_000_000, 9_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_413_and_the_connection_goes_on(
    server: Running, size: int, chunked: bool
) -> None:
    connection = server.connection()
    headers = {"Content-Type": "application/json", "Cookie": server.cookie()}
    if chunked:
        connection.request("POST", "/api/v2/todo", (b"x" * size,), headers, encode_chunked=True)
    else:
        connection.request("POST", "/api/v2/todo", b"x" * size, headers)
    response = connection.getresponse()
    assert response.status == 413
    assert "100 KiB" in json.loads(response.read())["message"]
    connection.request("GET", "/api/v1/auth-check")
    assert connection.getresponse().status == 200
    connection.close()


def test_an_image_of_any_size_over_the_limit_is_400(server: Running) -> None:
    image = b"\x89PNG\r\n\x1a\n" + b"\0" * 20_000_000
    form = (
        b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nAnn\r\n'
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n' + image + b"\r\n--b--\r\n"
    )
    connection = server.connection()
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Cookie": server.cookie()}
    connection.request("POST", "/api/v1/user/profile", form, headers)
    response = connection.getresponse()
    assert response.status == 400
    assert json.loads(response.read())["errors"][0]["path"] == ["image"]
    connection.close()


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", 431, id="one large header"
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", 431, id="many small headers"
        ),
        pytest.param(b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431, id="a long path"),
        pytest.param(b"nonsense\r\n\r\n", 400, id="not HTTP"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, id="TLS to a plain port"),
        pytest.param(b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400, id="a path of bytes"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, id="a bad chunk"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            400,
            id="two lengths",
        ),
    ],
)
def test_requests_that_are_no_http_or_too_large_are_refused_in_the_error_shape(
    server: Running, request_bytes: bytes, status: int
) -> None:
    head, _, body = raw(server, request_bytes).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d" % status)
    error = json.loads(body)
    assert error["message"] == error["msg"]
    assert server.request("GET", "/api/v1/auth-check")[0] == 200


def test_clients_that_never_finish_block_nobody(server: Running) -> None:
    slow = [server.socket() for _ in range(64)]
    for number, client in enumerate(slow):
        head = b"POST /api/v1/user/signin HTTP/1.1\r\nHost: x\r\n"
        client.sendall(head + (b"Content-Length: 100\r\n\r\n{" if number % 2 else b"X: "))
    for _ in range(20):
        assert server.request("GET", "/api/v1/auth-check") == (200, {"isAuthenticated": False})
    for client in slow:
        client.close()


def test_pipelined_requests_are_answered_in_order(server: Running) -> None:
    one = b"GET /api/v1/auth-check HTTP/1.1\r\nHost: x\r\n\r\n"
    two = b"GET /api/v2/todo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answers = raw(server, one + two)
    assert answers.index(b"HTTP/1.1 200") < answers.index(b"HTTP/1.1 401")


def test_head_gets_the_headers_alone(server: Running) -> None:
    connection = server.connection()
    connection.request("HEAD", "/api/v1/auth-check")
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"")
    connection.close()


@pytest.mark.parametrize("offer", [b"h2c", b"websocket"])
@pytest.mark.parametrize("name", [b"Upgrade", b"UPGRADE", b"upgrade"])
def test_an_offer_to_upgrade_is_ignored_and_the_body_read(server: Running, offer: bytes, name: bytes) -> None:
    body = b'{"email": "ann@example.com", "password": "Passw0rd!"}'
    answer = raw(
        server,
        b"POST /api/v1/user/signin HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        b"Connection: close\r\n"
        b"%b: %b\r\nHTTP2-Settings: AAMAAABkAAQ\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        % (name, offer, len(body), body),
    )
    assert answer.endswith(b'{"msg":"Logged in successfully"}')
