"""Those who use a server while it is soaked: each does one thing again and again."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import count
from random import Random  # noqa: TID251 - the chance of clients, not of mockflow
from typing import Any

from tests.running import Running

Client = Callable[[Running, Random], None]

_numbers = count(1)
_PNG = b"\x89PNG\r\n\x1a\n"
_HEAD = "{} {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"


def _call(server: Running, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """A call that is to be answered without a failure of the server's."""
    status, found = server.request(method, path, body, **headers)
    assert status < 500, (method, path, status, found)
    return found


def _sandbox(server: Running, **options: Any) -> str:
    return str(_call(server, "POST", "/_mockflow/sandboxes", options)["name"])


def works_in_a_sandbox(server: Running, random: Random) -> None:
    """A test: makes a sandbox, signs in, creates, lists, completes, deletes, and drops it."""
    name = _sandbox(server, label="soak", ttlSeconds=60)
    base = f"/s/{name}"
    cookie = _call(server, "POST", f"{base}/_mockflow/sessions", {"email": "ann@example.com"})["cookie"]
    tag = _call(server, "POST", f"{base}/api/v2/tag", {"name": "t"}, Cookie=cookie)["tag"]["id"]
    for number in range(random.randint(1, 20)):
        task = {"title": f"task {number}", "tags": [tag], "description": "d" * random.randint(0, 3000)}
        made = _call(server, "POST", f"{base}/api/v2/todo", task, Cookie=cookie)["todo"]
        _call(server, "PATCH", f"{base}/api/v2/todo/{made['id']}", {"completed": True}, Cookie=cookie)
    _call(server, "GET", f"{base}/api/v2/todo", Cookie=cookie)
    _call(server, "GET", f"{base}/api/v2/todo/search?q=task", Cookie=cookie)
    _call(server, "GET", f"{base}/_mockflow/requests", Cookie=cookie)
    if random.random() < 0.7:  # the others stay until their time is over
        _call(server, "DELETE", f"/_mockflow/sandboxes/{name}")


def writes_to_the_file(server: Running, random: Random) -> None:
    """Creates and deletes in `default`, whose data is in a file."""
    cookie = _call(server, "POST", "/_mockflow/sessions", {"email": "ben@example.com"}).get("cookie", "")
    made = []
    for _ in range(10):
        told = _call(server, "POST", "/api/v2/todo", {"title": "x" * random.randint(1, 500)}, Cookie=cookie)
        if "todo" in told:  # else another has reset the sandbox
            made.append(told["todo"]["id"])
    _call(server, "DELETE", f"/api/v2/todo/bulk?todoIds={','.join(made)}", Cookie=cookie)
    _call(server, "POST", "/api/v1/user/logout", Cookie=cookie)


def signs_up(server: Running, random: Random) -> None:
    """One-time codes, the outbox, and resets, which take accounts away again."""
    email = f"new{next(_numbers)}@example.com"
    _call(server, "POST", "/api/v1/user/signup/send-otp", {"email": email})
    found = _call(server, "GET", f"/_mockflow/outbox?to={email}")["messages"]
    if found:
        body = {"email": email, "code": found[-1]["code"], "password": "Passw0rd!"}
        _call(server, "POST", "/api/v1/user/signup/verify", body)
    if random.random() < 0.1:
        _call(server, "POST", "/_mockflow/reset", random.choice([{}, {}, {}, {"seeds": "demo"}, {"seed": 7}]))


def uploads(server: Running, random: Random) -> None:
    """Avatars, some of them large, some of them none."""
    cookie = _call(server, "POST", "/_mockflow/sessions", {"email": "ann@example.com"}).get("cookie", "")
    head = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nAnn\r\n'
    file = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
    content = head + file + random.choice([_PNG, b"GIF8"]) + b"x" * random.choice([10, 500_000]) + b"\r\n--b--\r\n"
    connection = server.connection()
    try:
        sent = {"Content-Type": "multipart/form-data; boundary=b", "Cookie": cookie}
        connection.request("POST", "/api/v1/user/profile", content, sent)
        assert connection.getresponse().status in (201, 400, 401)
    finally:
        connection.close()


def forks_and_goes_back(server: Running, random: Random) -> None:
    """Snapshots of a fork, taken and restored; whole states, taken out and put back."""
    name = _sandbox(server, **{"from": "default", "ttlSeconds": 30})
    base = f"/s/{name}/_mockflow"
    for _ in range(3):
        _call(server, "PUT", f"{base}/snapshots/{random.choice('ab')}")
    kept = _call(server, "GET", f"{base}/snapshots")["snapshots"][0]["name"]
    _call(server, "POST", f"{base}/snapshots/{kept}/restore", {})
    data = _call(server, "GET", f"{base}/data")
    _call(server, "PUT", f"{base}/data", data)
    _call(server, "GET", f"{base}/data?form=rows")
    _call(server, "DELETE", f"/_mockflow/sandboxes/{name}")


def listens(server: Running, random: Random) -> None:
    """An event stream that is read for a while, or not at all, and left."""
    with server.socket() as client:
        client.sendall(b"GET /_mockflow/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        if random.random() < 0.5:
            client.recv(4096)
        for _ in range(5):
            _call(server, "GET", "/api/v1/auth-check")


def meets_faults(server: Running, random: Random) -> None:
    """Rules of each kind in a sandbox, and requests that meet them; hangs that the client does not wait for."""
    name = _sandbox(server, ttlSeconds=20)
    base = f"/s/{name}"
    rules = [
        "503",
        "malformed=true",
        "disconnect=reset",
        "disconnect=truncate",
        "disconnect=garbage",
        "hang=30",
        "latency=50",
        "expire-session=true",
        "500; phase=after",
        "latency=1; bytes-per-second=100",
    ]
    for rule in random.sample(rules, 4):
        _call(server, "POST", f"{base}/_mockflow/faults", f"{rule}; times=1")
        with server.socket() as client:
            client.settimeout(0.3)
            client.sendall(_HEAD.format("GET", f"{base}/api/v1/auth-check", 0).encode())
            with suppress(OSError):
                client.recv(4096)
    _call(server, "POST", f"{base}/_mockflow/faults/presets/flaky", {})
    _call(server, "GET", f"{base}/_mockflow/requests/findings")
    _call(server, "GET", f"{base}/_mockflow/requests.har")


def dies_midway(server: Running, random: Random) -> None:
    """Leaves in the middle of a head, a body, an answer or a pipeline."""
    body = json.dumps({"title": "x" * 50_000})
    whole = (_HEAD.format("POST", "/api/v2/todo", len(body)) + body).encode()
    large = b"GET /_mockflow/data HTTP/1.1\r\nHost: localhost\r\n\r\n"
    sent = random.choice([whole[:30], whole[: len(whole) // 2], large, large * 50, whole + large])
    with server.socket() as client:
        if random.random() < 0.5:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        client.sendall(sent)


def tortures(server: Running, random: Random) -> None:
    """As `mockflow torture` does: a sandbox, a child made through it with a rule, rows and journal at the end."""
    outer = _sandbox(server, label="torture", ttlSeconds=60)
    base = f"/s/{outer}/_mockflow"
    inner = _call(server, "POST", f"{base}/sandboxes", {"label": "one", "ttlSeconds": 60})["name"]
    _call(
        server,
        "POST",
        f"/s/{inner}/_mockflow/faults",
        random.choice(["500; times=1", "401", "disconnect=empty; phase=after"]),
    )
    connection = server.connection()
    with closing(connection), suppress(OSError):
        connection.request("GET", f"/s/{inner}/api/v1/auth-check")
        connection.getresponse().read()
    _call(server, "DELETE", f"/_mockflow/sandboxes/{inner}")
    _call(server, "GET", f"{base}/sandboxes/children")
    _call(server, "GET", f"{base}/sandboxes/children/{inner}")
    _call(server, "DELETE", f"/_mockflow/sandboxes/{outer}")


def reads_pages(server: Running, random: Random) -> None:
    """The console, the handbook, the document; paths that are none."""
    paths = ("ui/", "guide/", "demo/", "client.js", "nowhere", "ui/nowhere.js")
    connection = server.connection()
    try:
        connection.request("GET", f"/_mockflow/{random.choice(paths)}")
        connection.getresponse().read()
    finally:
        connection.close()
    _call(server, "GET", "/_mockflow/openapi.json")
    _call(server, "GET", f"/nowhere/{next(_numbers)}?{'q' * random.randint(0, 20_000)}")


CLIENTS: tuple[Client, ...] = (
    works_in_a_sandbox,
    writes_to_the_file,
    signs_up,
    uploads,
    forks_and_goes_back,
    listens,
    meets_faults,
    dies_midway,
    tortures,
    reads_pages,
)
