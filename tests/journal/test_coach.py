"""The coach: each rule with the smallest client that breaks it, and one beside it that does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockflow.journal.coach import RULES
from tests.support import PASSWORD, Api

TODO, TAG, SIGN_IN = "/api/v2/todo", "/api/v2/tag", "/api/v1/user/signin"
ANN = {"email": "ann@example.com", "password": PASSWORD}
FULL: dict[str, Any] = {"title": "x", "priority": None, "dueDate": None, "dueTime": None, "isAllDay": True}
Client = Callable[[Api], Any]


def send(api: Api, method: str, path: str, json: Any = None, **headers: str) -> Any:
    """A request that may be as bad as it likes."""
    return api.client.open(path, method=method, json=json, headers=headers)


def refused(api: Api, status: int, **effect: Any) -> None:
    api.post("/_mockflow/faults", effect={"status": status, **effect}, times=1)
    send(api, "POST", TODO, FULL)


def advance(api: Api, seconds: float) -> None:
    api.put("/_mockflow/clock", advance=seconds)


def comes_too_soon(api: Api) -> None:
    refused(api, 429, retryAfter=30)
    advance(api, 10)
    send(api, "POST", TODO, FULL)


def comes_in_time(api: Api) -> None:
    refused(api, 503, retryAfter=30)
    advance(api, 30)
    send(api, "POST", TODO, FULL)


def times(count: int, status: int) -> Client:
    def client(api: Api) -> None:
        api.post("/_mockflow/faults", effect={"status": status})
        for _ in range(count):
            send(api, "GET", TODO)

    return client


def repeats_a_refusal(api: Api) -> None:
    for _ in range(2):
        send(api, "POST", TAG, {"name": " ", "color": "red"})


def repeats_once_it_can_work(api: Api) -> None:
    tag = api.tag("urgent", color="red")
    send(api, "POST", TAG, {"name": "urgent", "color": "red"})
    api.delete(f"{TAG}/bulk", tagIds=tag["id"])
    send(api, "POST", TAG, {"name": "urgent", "color": "red"})


def repeats_without_a_session(api: Api) -> None:
    api.call("DELETE", "/_mockflow/sessions", json={})
    for _ in range(2):
        send(api, "GET", TODO)


def signs_in_and_repeats(api: Api) -> None:
    api.call("DELETE", "/_mockflow/sessions", json={})
    send(api, "GET", TODO)
    send(api, "POST", SIGN_IN, ANN)
    send(api, "GET", TODO)


def signs_in_for_ever(rounds: int) -> Client:
    def client(api: Api) -> None:
        api.post("/_mockflow/faults", match={"operation": "listTasks"}, effect={"status": 401})
        for _ in range(rounds):
            send(api, "GET", TODO)
            send(api, "POST", SIGN_IN, ANN)

    return client


def loses_its_cookie(api: Api) -> None:
    send(api, "POST", SIGN_IN, ANN)
    api.client.delete_cookie("connect.sid")
    send(api, "GET", TODO)


def signs_out(api: Api) -> None:
    send(api, "POST", SIGN_IN, ANN)
    send(api, "POST", "/api/v1/user/logout")
    send(api, "GET", TODO)


def deletes(count: int) -> Client:
    def client(api: Api) -> None:
        tasks = [api.task(**FULL) for _ in range(count)]
        api.call("DELETE", "/_mockflow/requests", json={})
        for task in tasks:
            api.delete(f"{TODO}/{task['id']}")

    return client


def sends(method: str, path: str, body: Any = None) -> Client:
    return lambda api: send(api, method, path, body)


BREAKS: list[tuple[str, Client]] = [
    ("retry-after-ignored", comes_too_soon),
    ("retry-storm", times(11, 500)),
    ("refusal-repeated", repeats_a_refusal),
    ("unauthorized-repeated", repeats_without_a_session),
    ("sign-in-loop", signs_in_for_ever(5)),
    ("cookie-lost", loses_its_cookie),
    ("no-such-path", sends("GET", "/api/v2/todos")),
    ("secret-in-url", sends("GET", f"{TODO}?token=abc")),
    ("n-plus-1", deletes(6)),
    ("unknown-field", sends("POST", TODO, {**FULL, "prio": "high"})),
    ("deployed-differs", sends("POST", TODO, {"title": "x", "isAllDay": True})),
]
KEEPS: list[Client] = [
    comes_in_time,
    times(10, 500),
    repeats_once_it_can_work,
    signs_in_and_repeats,
    signs_in_for_ever(2),
    signs_out,
    sends("GET", "/api/v2/tag/count"),
    sends("GET", f"{TODO}/search?q=token"),
    deletes(5),
    sends("POST", TODO, FULL),
]
DIFFERS = [
    ("POST", TODO, {**FULL, "dueTime": "2026-03-10T12:00:00Z"}, "keeps the time"),
    ("POST", TODO, {**FULL, "recurrenceRule": {"pattern": "monthly"}}, "montly"),
    ("POST", TODO, {"title": "x", "priority": None, "dueDate": None, "dueTime": None}, "isAllDay"),
    ("PATCH", f"{TODO}/x", {"projectId": None}, "projectId null"),
    ("PATCH", f"{TODO}/bulk?todoIds=x", {"projectId": "x"}, "500"),
    ("POST", TAG, {"name": "x", "color": "pink"}, "pink"),
    ("GET", f"{TAG}?ids[]=x", None, "ignores"),
    ("POST", SIGN_IN, {"email": "Ann@example.com", "password": "x"}, "capitals"),
    ("PUT", "/api/v1/user/user-preferences", {"taskRemainders": True}, "alone"),
    ("PUT", "/api/v1/user/user-preferences", {"digestTime": None, "dailyDigest": True}, "digestTime"),
]


def findings(api: Api) -> list[Any]:
    found: list[Any] = api.get("/_mockflow/requests/findings").json["findings"]
    return found


def test_every_rule_is_broken_here() -> None:
    assert [rule for rule, _ in BREAKS] == list(RULES)


@pytest.mark.parametrize(("rule", "client"), BREAKS, ids=list(RULES))
def test_a_client_that_breaks_a_rule_is_told(ann: Api, rule: str, client: Client) -> None:
    ann.call("DELETE", "/_mockflow/requests", json={})
    client(ann)
    (found,) = findings(ann)
    assert (found["rule"], found["level"]) == (rule, "note" if rule == "deployed-differs" else "warning")
    assert found["message"].endswith((".", "!"))
    known = {entry["id"] for entry in ann.get("/_mockflow/requests").json["requests"]}
    assert found["requests"]
    assert set(found["requests"]) <= known


@pytest.mark.parametrize("client", KEEPS, ids=range(len(KEEPS)))
def test_a_client_that_keeps_it_is_not(ann: Api, client: Client) -> None:
    ann.call("DELETE", "/_mockflow/requests", json={})
    client(ann)
    assert findings(ann) == []


@pytest.mark.parametrize(("method", "path", "body", "told"), DIFFERS)
def test_what_the_deployed_server_takes_otherwise_is_a_note(
    ann: Api, method: str, path: str, body: Any, told: str
) -> None:
    ann.call("DELETE", "/_mockflow/requests", json={})
    send(ann, method, path, body)
    (found,) = findings(ann)
    assert (found["rule"], found["level"]) == ("deployed-differs", "note")
    assert told in found["message"]
