"""Rules that are for some bodies only, and rules that are given as their flat text."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockflow.app import sandboxes_of
from mockflow.faults import engine
from mockflow.faults.parts import compared, is_part
from mockflow.operations import OPERATIONS
from tests.conftest import MakeApp
from tests.support import Api, Reply, fields_of

FAULTS = "/_mockflow/faults"
TODO = "/api/v2/todo"
CHECK = "/api/v1/auth-check"
ERROR = {"status": 503}


@pytest.fixture
def api(make_app: MakeApp) -> Api:
    return Api(make_app())


def add(api: Api, rule: Any) -> Reply:
    return api.call("POST", FAULTS, json=rule)


def hit(api: Api, content: bytes, kind: str = "application/json", encoding: str = "identity") -> bool:
    headers = {"Content-Encoding": encoding}
    reply = api.call("POST", TODO, data=content, content_type=kind, headers=headers)
    assert reply.status_code in (400, 401, 503), reply.text
    return reply.status_code == 503


# -- bodies


@pytest.mark.parametrize(
    ("part", "body", "fires"),
    [
        ({"title": "a"}, {"title": "a", "priority": "low"}, True),
        ({"title": "a"}, {"title": "b"}, False),
        ({"title": "a"}, {}, False),
        ({"tags": ["a", "b"]}, {"tags": ["a", "b"]}, True),
        ({"tags": ["a"]}, {"tags": ["a", "b"]}, False),
        ({"rule": {"pattern": "daily"}}, {"rule": {"pattern": "daily", "interval": 1}}, True),
        ({"dueDate": None}, {"dueDate": None}, True),
        ({"dueDate": None}, {}, False),
        ({"flag": True}, {"flag": 1}, False),
        ({}, {"a": 1}, True),
        ({}, [], False),
        ([], [], True),
        (None, None, True),
        ("text", "text", True),
    ],
)
def test_a_rule_is_for_requests_with_a_part_of_a_body(api: Api, part: Any, body: Any, fires: bool) -> None:
    reply = add(api, {"match": {"operation": "createTask", "body": part}, "effect": ERROR})
    assert (reply.status_code, reply.json["match"]["body"]) == (201, part)
    assert hit(api, json.dumps(body).encode()) is fires
    assert hit(api, gzip.compress(json.dumps(body).encode()), encoding="gzip") is fires
    assert api.get(FAULTS).json["faults"][0]["hits"] == 2 * fires


@pytest.mark.parametrize(
    "content", [b"{", b'{"title": "a"', b"\xff", b'{"title": "a"}' + b" " * 110_000, b"[" * 5000, b""]
)
def test_a_body_that_is_no_json_is_not_met(api: Api, content: bytes) -> None:
    add(api, {"match": {"operation": "createTask", "body": {"title": "a"}}, "effect": ERROR})
    reply = api.call("POST", TODO, data=content, content_type="application/json")
    assert reply.status_code == 401


def test_what_came_with_no_body_is_null_and_a_broken_encoding_is_nothing(api: Api) -> None:
    add(api, {"match": {"operation": "createTask", "body": None}, "effect": ERROR})
    assert hit(api, b"")
    assert not hit(api, b"{}")
    assert not hit(api, b"x", encoding="gzip")
    assert not hit(api, b"x", encoding="br")


def test_skip_and_times_count_bodies_that_match(api: Api) -> None:
    add(api, {"match": {"operation": "createTask", "body": {"a": 1}}, "effect": ERROR, "skip": 1, "times": 1})
    assert [hit(api, json.dumps({"a": number}).encode()) for number in (1, 2, 2, 1, 1)] == [
        False,
        False,
        False,
        True,
        False,
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2) | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(VALUES, VALUES)
def test_a_part_is_told_alike_with_and_without_names(expected: Any, actual: Any) -> None:
    assert is_part(expected, actual) == all(found.ok for found in compared("body", expected, actual))
    assert is_part(expected, expected)


def test_the_name_of_a_place_far_below_is_cut() -> None:
    part: Any = 1
    for _ in range(100):
        part = {"k" * 50: part}
    ((field, *_),) = compared("body", part, part)
    assert field.startswith("body.kkk")
    assert field.endswith("k…")
    assert len(field) <= 501


# -- texts


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("500", {"effect": {"status": 500}}),
        ("status=500; times=2", {"effect": {"status": 500}, "times": 2}),
        (
            "id=a; operation=createTask; disconnect=reset",
            {"match": {"operation": "createTask"}, "effect": {"disconnect": "reset"}},
        ),
    ],
)
def test_a_rule_may_be_its_text(api: Api, text: str, rule: dict[str, Any]) -> None:
    reply = add(api, text)
    assert reply.status_code == 201
    assert {key: value for key, value in reply.json.items() if key not in ("id", "matched", "hits")} == rule
    mixed = [{"id": "b", "effect": ERROR}, text, {"id": "c", **rule}]
    replaced = api.call("PUT", FAULTS, json=mixed)
    assert [one["id"] for one in replaced.json["faults"]][::2] == ["b", "c"]
    assert replaced.json["faults"][1]["effect"] == rule["effect"]


def test_a_bad_text_says_which_and_where(api: Api) -> None:
    add(api, "id=kept; 500")
    assert fields_of(add(api, "status=500; colour=red")) == [["colour"]]
    reply = api.call("PUT", FAULTS, json=["500", "status=200"])
    assert fields_of(reply) == [["effect", "status"]]
    assert reply.json["message"].startswith("Rule 1: ")
    assert [rule["id"] for rule in api.get(FAULTS).json["faults"]] == ["kept"]


# -- many


def test_a_sandbox_has_so_many_rules_and_no_more(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_RULES", 3)
    assert api.call("PUT", FAULTS, json=["500", "501", "502"]).status_code == 200
    reply = add(api, "503")
    assert (reply.status_code, "at most 3 fault rules" in reply.json["message"]) == (400, True)
    assert api.post(f"{FAULTS}/presets/flaky-network").status_code == 400
    assert api.call("PUT", FAULTS, json=["500"] * 4).status_code == 400
    assert len(api.get(FAULTS).json["faults"]) == 3


def test_a_request_looks_at_the_rules_for_its_operation_alone(api: Api) -> None:
    assert engine.MOST_RULES == 1000
    rules: list[Any] = [f"{500 + number % 90}; operation=signIn; times=1" for number in range(400)]
    rules += [{"match": {"path": "/api/v2/todo/**", "method": "DELETE"}, "effect": ERROR} for _ in range(200)]
    assert api.call("PUT", FAULTS, json=[*rules, "418; path=/api/v1/auth-check", "419"]).status_code == 200
    assert api.get(CHECK).status_code == 418
    assert api.get(TODO).status_code == 419
    assert api.call("DELETE", f"{TODO}/x").status_code == 503
    assert [api.post("/api/v1/user/signin").status_code for _ in range(3)] == [500, 501, 502]
    tried = sandboxes_of(api.app).default.faults._by_operation
    assert (len(tried["checkAuth"]), len(tried["signIn"]), len(tried["deleteTask"])) == (2, 401, 201)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_order_of_rules_is_that_in_which_they_came(api: Api, operation: Any) -> None:
    path = operation.path.replace("<", "").replace(">", "")
    for name in ("one", "two", "three"):
        add(api, f"id={name}; 503; times=1; {'operation=' + operation.name if name != 'two' else 'path=/api/**'}")
    hits = [api.call(operation.method, path).headers.get("X-Mockflow-Fault") for _ in range(4)]
    assert hits == ["one", "two", "three", None]
