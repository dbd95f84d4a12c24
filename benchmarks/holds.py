"""How long single requests hold the event loop: `python -m benchmarks.holds [NAME…]`.

Each of the worst requests that anybody has thought of is sent to a server under its watchdog. Printed are the
longest call of the loop (processor time of its thread), and the longest answer that another client saw meanwhile,
which shows what threads beside the loop keep from it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.hostile import Watch, running, signed_in

LARGE = 100_000
"""Tasks of a large state: about 54 MB."""


class Server:
    """A server, and a client of it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = signed_in(port)

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> bytes:
        """One request; a body of bytes is sent as it is."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", "Cookie": self.cookie}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=120)) as connection:
            connection.request(method, path, content, sent)
            return connection.getresponse().read()


def kibibytes(count: int, unit: str) -> str:
    """A text of about so many KiB, made of one piece."""
    return unit * (count * 1024 // len(unit))


def numbered(count: int) -> dict[str, int]:
    """A body of about so many KiB with many keys."""
    return {f"k{number}": 1 for number in range(count * 1024 // 10)}


# -- preparations


def full_journal(server: Server) -> None:
    """1,000 entries: bodies of 16 KiB with many keys, then queries as long as fit."""
    body = json.dumps({"title": "x", **numbered(14)}).encode()
    for _ in range(500):
        server("POST", "/api/v2/todo", body)
    for number in range(500):
        server("GET", f"/api/v2/todo/search?q=x{number}&{kibibytes(12, 'a=%41&')}", code_x="x" * 3000)


def large_state(server: Server) -> bytes:
    """A document with many tasks, loaded."""
    document = json.loads(server("GET", "/_mockflow/data"))
    task = next(task for task in document["tasks"].values() if not task["parentId"])
    for place in range(LARGE):
        made = {
            **task,
            "id": f"c{place:024}",
            "description": "d" * 100,
            "title": f"A task with the number {place}",
        }
        document["tasks"][str(1_000_000 + place)] = made
    content = json.dumps(document).encode()
    server("PUT", "/_mockflow/data", content)
    return content


# -- requests


def findings(server: Server) -> None:
    """What the coach finds in a full journal."""
    full_journal(server)
    server("GET", "/_mockflow/requests/findings")


def har(server: Server) -> None:
    """A full journal as HAR."""
    full_journal(server)
    server("GET", "/_mockflow/requests.har")


def listing(server: Server) -> None:
    """A full journal."""
    full_journal(server)
    server("GET", "/_mockflow/requests")


def listing_by_text(server: Server) -> None:
    """A text that is nowhere in a full journal."""
    full_journal(server)
    server("GET", "/_mockflow/requests?text=nowhere")


def verifying(server: Server) -> None:
    """Many keys, and many parameters, held against a full journal."""
    full_journal(server)
    body = {"match": {"body": numbered(90)}, "count": 1}
    server("POST", "/_mockflow/requests/verify", body)
    query = {f"a{number}": "1" for number in range(5000)}
    server("POST", "/_mockflow/requests/verify", {"match": {"query": query}, "count": 1})


def loading(server: Server) -> None:
    """A large state, loaded."""
    large_state(server)


def reading_data(server: Server) -> None:
    """A large state, given out."""
    large_state(server)
    server("GET", "/_mockflow/data")


def reading_rows(server: Server) -> None:
    """A large state as rows."""
    large_state(server)
    server("GET", "/_mockflow/data?form=rows")


def api_on_large(server: Server) -> None:
    """Lists and searches of somebody with 100,000 tasks."""
    large_state(server)
    server.cookie = signed_in(server.port)
    for path in (
        "todo",
        "todo/search?q=a",
        "todo/search?q=number",
        "projects",
        "projects/inbox",
        "tag",
        "projects/personal?search=",
    ):
        server("GET", f"/api/v2/{path}")
    terms = "+".join(chr(97 + number % 26) + str(number) for number in range(50))
    server("GET", f"/api/v2/todo/search?q={terms}")


def bulk_on_large(server: Server) -> None:
    """As many tasks as an address has room for, changed and deleted at once."""
    content = json.loads(large_state(server))
    server.cookie = signed_in(server.port)
    ids = [task["id"] for task in content["tasks"].values()][-2300:]
    server("PATCH", f"/api/v2/todo/bulk?todoIds={','.join(ids)}", {"completed": True})
    server("DELETE", f"/api/v2/todo/bulk?todoIds={','.join(ids)}")
    inbox = json.loads(server("GET", "/api/v2/projects"))["projects"]
    own = next(one["id"] for one in inbox if not one["isDefault"])
    server("DELETE", f"/api/v2/projects/{own}")


def snapshots(server: Server) -> None:
    """A large state, kept, forked, gone back to and forgotten."""
    large_state(server)
    server("PUT", "/_mockflow/snapshots/one")
    server("POST", "/_mockflow/sandboxes", {"name": "fork", "from": "default"})
    server("POST", "/_mockflow/snapshots/one/restore")
    server("DELETE", "/_mockflow/sandboxes/fork")
    server("POST", "/_mockflow/reset", {})
    server("DELETE", "/_mockflow/snapshots/one")


def seeding(server: Server) -> None:
    """Resets with other seeds."""
    server("POST", "/_mockflow/reset", {"seeds": "large"})
    server("POST", "/_mockflow/reset", {"seeds": "edge", "seed": 7})
    server("POST", "/_mockflow/reset", {"seeds": "demo"})
    server("PUT", "/_mockflow/snapshots/one")


def rules(server: Server) -> None:
    """1,000 fault rules with patterns, and bodies to be compared."""
    path = "/**/" + "/".join(["**", "*a*"] * 5) + "/**"
    rule = {"match": {"path": "/api/**/**/**/**", "body": {"a": [1, 2, {"b": 3}]}}, "effect": {"status": 500}}
    server("PUT", "/_mockflow/faults", [rule] * 1000)
    server("POST", "/api/v2/todo", json.dumps(numbered(90)).encode())
    server("GET", "/_mockflow/faults")
    server("PUT", "/_mockflow/faults", [{"match": {"path": path}, "effect": {"status": 500}}] * 700)
    long = {"match": {"body": {f"key{n}": n for n in range(3)}}, "effect": {"status": 500}, "probability": 0}
    server("PUT", "/_mockflow/faults", [long] * 900)
    server("POST", "/api/v2/todo", json.dumps({**numbered(90), "key0": 0, "key1": 1, "key2": 2}).encode())
    server("PUT", "/_mockflow/snapshots/one")
    server("POST", "/_mockflow/snapshots/one/restore")
    server("POST", "/_mockflow/sandboxes", {"from": "default"})


def long_queries(server: Server) -> None:
    """Queries of 60 KB."""
    for unit in (
        "%",
        "%41",
        "%7",
        "a=%",
        "a=1&",
        "code=1&",
        "&",
        "=",
        "%2",
        "%63%6f%64%65%3d1",
        "+",
        ";",
        "a[]=1&",
    ):
        server("GET", f"/api/v2/todo?{kibibytes(60, unit)}")
        server("GET", f"/_mockflow/requests?{kibibytes(60, unit)}")
    server("GET", f"/api/v2/todo?tagIds={kibibytes(60, 'a,')}")
    server("PATCH", f"/api/v2/todo/bulk?todoIds={kibibytes(60, 'a,')}", {"completed": True})
    server("GET", f"/api/v2/tag?{kibibytes(60, 'ids=a&')}")


def long_paths(server: Server) -> None:
    """Paths of 60 KB."""
    for unit in ("/", "%2f", "%", "/a", "%41", "%ff", "%252f", "/.."):
        server("GET", "/" + kibibytes(60, unit))
        server("GET", "/api/v2/" + kibibytes(60, unit))
        server("GET", "/s/" + kibibytes(60, unit))
        server("GET", "/_mockflow/" + kibibytes(60, unit))
        server("GET", "/_mockflow/guide/" + kibibytes(60, unit))


def long_headers(server: Server) -> None:
    """Headers of 60 KB."""
    names = (
        "Cookie",
        "Referer",
        "Authorization",
        "X-Mockflow-Fault",
        "Prefer",
        "Accept",
        "Content-Type",
        "Origin",
        "X-Token",
        "Content-Encoding",
        "Accept-Language",
        "If-None-Match",
        "X-Mockflow-Sandbox",
        "X-Forwarded-For",
        "Forwarded",
        "Range",
    )
    units = (
        " ",
        '"\\',
        "a=b;",
        ";",
        "%",
        "a,",
        "code=1",
        "/?%41",
        "=",
        'a="b",',
        "*/*;q=0.1,",
        "status=500;",
        "\\",
    )
    for name in names:
        for unit in units:
            server(
                "POST", "/api/v2/todo", {"title": "x"}, **{name.replace("-", "_"): "x" + kibibytes(60, unit) + "x"}
            )
            server("GET", "/_mockflow/health", **{name.replace("-", "_"): "x" + kibibytes(60, unit) + "x"})
    many = {f"h{number}": "x" for number in range(6000)}
    server("GET", "/api/v1/auth-check", **many)


def bodies(server: Server) -> None:
    """Bodies of 100 KB that are odd in some way."""
    texts = (
        "[" * 100_000,
        '{"a":' * 20_000,
        '"' + "\\u0041" * 16_000 + '"',
        '{"title":"' + "code " * 19_000 + '"}',
        '{"title": "x", "tags": [' + ",".join(["1"] * 45_000) + "]}",
        "[[]," * 24_000,
        '{"title":"x","description":"' + '{\\"password\\": ' * 5000 + '"}',
        "%" * 100_000,
        "a=1&" * 25_000,
        '{"title": "x", "description": "' + "a " * 48_000 + '"}',
        json.dumps(numbered(90)),
        json.dumps({"title": "x", "tags": [f"tag_{n:026}" for n in range(3000)]}),
        '{"password":' + "9" * 90_000 + "}",
        '"' + '\\"' * 49_000 + '"',
        "1e999999999",
        "[1e999" + ",1e999" * 15_000,
    )
    for text in texts:
        for method, path in (
            ("POST", "/api/v2/todo"),
            ("POST", "/api/v1/user/signin"),
            ("POST", "/nowhere"),
            ("PUT", "/api/v1/user/user-preferences"),
            ("POST", "/_mockflow/faults"),
            ("POST", "/_mockflow/requests/verify"),
            ("PUT", "/_mockflow/faults"),
            ("PUT", "/_mockflow/data"),
        ):
            server(method, path, text.encode())


def uploads(server: Server) -> None:
    """Avatars of 5 MB whose bytes look like boundaries."""
    head = "multipart/form-data; boundary=b"
    part = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n'
    image = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
    for content in (
        part + image + b"\x89PNG\r\n\x1a\n" + b"\r\n-" * 1_700_000 + b"\r\n--b--\r\n",
        part + image + b"\x89PNG\r\n\x1a\n" + b"x" * 5_000_000 + b"\r\n--b--\r\n",
        part + image + b"\x89PNG\r\n\x1a\n" + b"--" * 2_500_000 + b"\r\n--b--\r\n",
        part + image + b"\x89PNG\r\n\x1a\n" + b"\r\n" * 2_500_000 + b"\r\n--b--\r\n",
        part * 19 + b"--b--\r\n",
        b"x" * 5_000_000,
        b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"x\r\n" * 1_600_000 + b"\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="name"; a="' + b"\\" * 7000 + b"\r\n\r\nx\r\n--b--\r\n",
    ):
        server("POST", "/api/v1/user/profile", content, Content_Type=head)


def outbox(server: Server) -> None:
    """3,000 messages, and somebody who listens."""
    for number in range(3000):
        server("POST", "/api/v1/user/signup/send-otp", {"email": f"a{number}@example.com"})
    server("GET", "/_mockflow/outbox")
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as listening:
        listening.request("GET", "/_mockflow/events")
        listening.getresponse().read(5)
        server("POST", "/api/v1/user/signup/send-otp", {"email": "last@example.com"})
        server("POST", "/api/v1/user/signup/send-otp", {"email": "last2@example.com"})


def pages(server: Server) -> None:
    """Each page and document, for the first time."""
    for path in (
        "ui/",
        "docs",
        "openapi.json",
        "guide/",
        "demo/",
        "client.js",
        "docs/swagger-ui-bundle.js",
        "presets",
        "accounts",
        "faults/presets",
        "guide/api.html",
        "guide/faults",
        "info",
        "sandboxes",
    ):
        server("GET", f"/_mockflow/{path}")


def sandboxes(server: Server) -> None:
    """250 sandboxes that begin with 10,000 tasks."""
    server("POST", "/_mockflow/reset", {"seeds": "large"})
    for number in range(250):
        server("GET", f"/s/box{number}/api/v1/auth-check")
    server("GET", "/_mockflow/sandboxes")
    for number in range(250):
        server("POST", f"/s/box{number}/_mockflow/sessions", {"email": "demo@flowtask.test"})


def many_changes(server: Server) -> None:
    """Changes to a large state of which snapshots are taken all the time."""
    large_state(server)
    server.cookie = signed_in(server.port)
    server("PUT", "/_mockflow/snapshots/a")
    for number in range(50):
        server("POST", "/api/v2/todo", {"title": f"one {number}"})
        server("PUT", f"/_mockflow/snapshots/a{number % 9}")
    server("POST", "/_mockflow/sessions", {"email": "demo@flowtask.test"})


REQUESTS: dict[str, Callable[[Server], Any]] = {
    found.__name__.replace("_", "-"): found
    for found in (
        pages,
        seeding,
        rules,
        long_queries,
        long_paths,
        long_headers,
        bodies,
        uploads,
        listing,
        listing_by_text,
        har,
        findings,
        verifying,
        loading,
        reading_data,
        reading_rows,
        api_on_large,
        bulk_on_large,
        snapshots,
        many_changes,
        outbox,
        sandboxes,
    )
}


def main() -> None:
    """Send the requests that are named, or all."""
    for name in sys.argv[1:] or REQUESTS:
        with tempfile.TemporaryDirectory() as folder:
            notes = Path(folder, "holds")
            with running("--watchdog", str(notes)) as (port, pid):
                server = Server(port)
                time.sleep(0.5)
                watch = Watch(port, pid)
                try:
                    REQUESTS[name](server)
                finally:
                    watch.end()
            found = [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []
            found.sort(key=lambda one: -one["ms"])
            print(f"{name}: others waited up to {watch.longest:.0f} ms", flush=True)
            for one in found[:6]:
                print(
                    f"  {one['ms']:7.1f} ms  {one['request'][:110] if one['request'] else '-'}  ({one['call']})",
                    flush=True,
                )


if __name__ == "__main__":
    main()
