"""How tests of the journal read it."""

from __future__ import annotations

from typing import Any

from tests.support import JSON, Api

CONTROL = "/_mockflow"
REQUESTS = f"{CONTROL}/requests"
CHECK = "/api/v1/auth-check"
TASKS = "/api/v2/todo"
SIGN_IN = "/api/v1/user/signin"


def listed(api: Api, **query: Any) -> list[JSON]:
    """The journaled requests, oldest first."""
    reply = api.call("GET", REQUESTS, query_string=query)
    assert reply.status_code == 200, reply.text
    return list(reply.json["requests"])


def last(api: Api) -> JSON:
    """The newest of them."""
    return listed(api, limit=1)[0]


def ids(api: Api, **query: Any) -> list[str]:
    """Their ids."""
    return [entry["id"] for entry in listed(api, **query)]


def forget(api: Api) -> int:
    """Empty the journal; how many requests were in it."""
    return int(api.call("DELETE", REQUESTS, json={}).json["deleted"])
