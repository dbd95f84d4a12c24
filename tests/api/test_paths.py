"""Paths count as they were sent: an empty segment and an escaped slash lead nowhere (contract, section 1)."""

from __future__ import annotations

from http.client import HTTPConnection

import pytest

from tests.running import DEADLINE, Running, serving
from tests.support import Api

PATHS = [
    "//api/v2/todo",
    "/api//v2/todo",
    "/api/v2//todo",
    "/api/v2/todo%2Fsearch?q=a",
    "/api/v2/todo%2fsearch?q=a",
    "/api%2Fv2/todo",
    "/s/box//api/v2/todo",
    "/s/box/api/v2%2Ftodo",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_with_an_empty_segment_or_an_escaped_slash_is_unknown(ann: Api, path: str) -> None:
    reply = ann.client.open(path, method="GET")
    assert reply.status_code == 404, reply.text


def test_the_journal_shows_such_paths_as_they_were_sent() -> None:
    with serving("--memory") as server:
        seen = [(sent(server, path), journaled(server, path)) for path in PATHS[:6]]
    assert seen == [(404, path.partition("?")[0]) for path in PATHS[:6]]


def sent(server: Running, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def journaled(server: Running, path: str) -> str:
    assert path
    found = server.request("GET", "/_mockflow/requests?limit=1")[1]["requests"]
    return str(found[0]["path"])
