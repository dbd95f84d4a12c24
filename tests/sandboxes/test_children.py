"""Sandboxes that are made through another: they begin as that does, and leave what they held behind for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.support import Api

CONTROL = "/_mockflow"
PARENT = f"/s/parent{CONTROL}"


@pytest.fixture
def api(make_app: MakeApp) -> Api:
    """A server with a sandbox `parent`."""
    api = Api(make_app())
    assert api.post(f"{CONTROL}/sandboxes", name="parent").status_code == 201
    return api


def made(api: Api, **wanted: Any) -> str:
    """A sandbox made through `parent`: its path."""
    reply = api.post(f"{PARENT}/sandboxes", **wanted)
    assert reply.status_code == 201, reply.text
    return f"/s/{reply.json['name']}"


def children(api: Api) -> list[Any]:
    found: list[Any] = api.get(f"{PARENT}/sandboxes/children").json["children"]
    return found


def test_a_child_begins_as_its_parent_began_with_the_rules_of_now(api: Api) -> None:
    api.put(f"{PARENT}/clock", advance=60)
    api.post(f"{PARENT}/faults", id="one", match={"operation": "checkAuth"}, effect={"status": 503}, times=1)
    assert api.client.get("/s/parent/api/v1/auth-check").status_code == 503
    child = made(api)
    assert [api.client.get(f"{child}/api/v1/auth-check").status_code for _ in range(2)] == [503, 200]
    assert api.get(f"{child}{CONTROL}/clock").json["now"] == "2026-03-10T12:00:00.000Z"
    assert api.get(f"{PARENT}/faults").json["faults"][0]["hits"] == 1


def test_a_reset_brings_a_child_back_to_its_beginning_rules_included(api: Api) -> None:
    api.post(f"{PARENT}/faults", id="one", effect={"status": 503})
    child = made(api)
    api.call("DELETE", f"{child}{CONTROL}/faults", json={})
    api.post(f"{child}{CONTROL}/reset")
    assert [rule["id"] for rule in api.get(f"{child}{CONTROL}/faults").json["faults"]] == ["one"]


def test_what_is_made_through_default_knows_nothing_of_its_rules(api: Api) -> None:
    api.post(f"{CONTROL}/faults", effect={"status": 503})
    name = api.post(f"{CONTROL}/sandboxes").json["name"]
    assert api.get(f"/s/{name}{CONTROL}/faults").json == {"faults": []}


def test_a_fork_that_is_made_through_another_is_a_fork(api: Api) -> None:
    api.post(f"{PARENT}/faults", effect={"status": 503})
    child = made(api, **{"from": "default"})
    assert api.get(f"{child}{CONTROL}/faults").json == {"faults": []}


def test_a_child_that_is_gone_has_left_rows_and_journal_behind(api: Api) -> None:
    child = made(api, name="child", label="test_it")
    cookie = api.post(f"{child}{CONTROL}/sessions", email="ann@example.com").json["cookie"]
    headers = {"Cookie": cookie}
    assert api.client.post(f"{child}/api/v2/todo", json={"title": "left"}, headers=headers).status_code == 201
    assert [(one["name"], one["label"], one["gone"], one["count"]) for one in children(api)] == [
        ("child", "test_it", False, 1)
    ]
    before = api.get(f"{PARENT}/sandboxes/children/child").json
    assert api.call("DELETE", f"{CONTROL}/sandboxes/child", json={}).status_code == 200
    after = api.get(f"{PARENT}/sandboxes/children/child").json
    assert after == {**before, "gone": True}
    assert any('"title": "left"' in row for row in after["rows"])
    assert [one["operation"] for one in after["requests"]] == ["createTask"]


def test_a_parent_that_goes_takes_it_along(api: Api) -> None:
    made(api, name="child")
    api.call("DELETE", f"{CONTROL}/sandboxes/child", json={})
    api.call("DELETE", f"{CONTROL}/sandboxes/parent", json={})
    api.post(f"{CONTROL}/sandboxes", name="parent")
    assert children(api) == []


def test_only_ones_own_children_are_shown(api: Api) -> None:
    api.post(f"{CONTROL}/sandboxes", name="stranger")
    assert children(api) == []
    assert api.get(f"{PARENT}/sandboxes/children/stranger").status_code == 404


def test_of_those_that_are_gone_the_last_are_kept(api: Api) -> None:
    for number in range(258):
        made(api, name=f"child-{number}")
        api.call("DELETE", f"{CONTROL}/sandboxes/child-{number}", json={})
    assert [one["name"] for one in children(api)] == [f"child-{number}" for number in range(2, 258)]
