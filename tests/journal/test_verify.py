"""`POST requests/verify`: whether a client sent what it was to send; if not, what came closest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.journal.reading import CHECK, REQUESTS, SIGN_IN, TASKS, forget, ids, last, listed
from tests.support import JSON, Api, fields_of

CREATE = {"operation": "createTask"}


@pytest.fixture
def asked(api: Api) -> Api:
    """A journal with three createTask and two checkAuth."""
    for title in "abc":
        api.post(TASKS, title=title, list=[1, 2])
    for _ in range(2):
        api.get(CHECK)
    return api


def verified(api: Api, match: Any = None, count: Any = None) -> JSON:
    """The verdict."""
    body = {name: value for name, value in (("match", match), ("count", count)) if value is not None}
    reply = api.post(f"{REQUESTS}/verify", **body)
    assert reply.status_code == 200, reply.text
    assert list(reply.json) == ["ok", "count", "message", "closest", "evicted"]
    return dict(reply.json)


def matched(api: Api, body: Any, content: bytes) -> bool:
    """Whether a request with this content has such a body."""
    forget(api)
    api.client.post(TASKS, data=content, content_type="application/json")
    return bool(verified(api, {**CREATE, "body": body}, 1)["ok"])


# -- counting


@pytest.mark.parametrize(
    ("count", "ok", "expected"),
    [
        (None, True, "at least 1"),
        (3, True, "exactly 3"),
        (3.0, True, "exactly 3"),
        (2, False, "exactly 2"),
        (4, False, "exactly 4"),
        (0, False, "exactly 0"),
        ({"atLeast": 3}, True, "at least 3"),
        ({"atLeast": 4}, False, "at least 4"),
        ({"atLeast": 0}, True, "at least 0"),
        ({"atMost": 3}, True, "at most 3"),
        ({"atMost": 2}, False, "at most 2"),
        ({"atLeast": 2, "atMost": 4}, True, "2 to 4"),
        ({"atLeast": 4, "atMost": 5}, False, "4 to 5"),
        ({"atLeast": 1, "atMost": 2}, False, "1 to 2"),
        ({"atLeast": 3, "atMost": 3}, True, "exactly 3"),
        ({"atMost": None}, True, "at least 0"),
    ],
)
def test_a_count_is_exact_or_has_bounds(asked: Api, count: Any, ok: bool, expected: str) -> None:
    verdict = verified(asked, CREATE, count)
    assert (verdict["ok"], verdict["count"], verdict["evicted"]) == (ok, 3, 0)
    assert verdict["message"] == f"3 of 5 requests in the journal match, expected {expected}."
    assert bool(verdict["closest"]) is not ok


@pytest.mark.parametrize(
    ("match", "count"),
    [
        (None, 5),
        ({}, 5),
        ({"operation": "checkAuth"}, 2),
        ({"operation": "signOut"}, 0),
        ({"method": "POST"}, 3),
        ({"method": "post"}, 3),
        ({"status": 401}, 3),
        ({"status": 500}, 0),
        ({"path": TASKS}, 3),
        ({"path": "/api/*/todo"}, 3),
        ({"path": "/api/**"}, 5),
        ({"path": "/no/operation/has/this"}, 0),
        ({"method": "POST", "status": 200}, 0),
        ({"operation": "createTask", "method": "POST", "path": TASKS, "status": 401, "body": {"title": "b"}}, 1),
        ({"body": {"list": [1, 2]}}, 3),
    ],
)
def test_a_request_has_to_match_in_every_field_that_is_named(asked: Api, match: Any, count: int) -> None:
    assert verified(asked, match, count)["ok"]
    assert verified(asked, match, count)["count"] == count


def test_nothing_is_expected_of_an_empty_journal_but_nothing(api: Api) -> None:
    assert verified(api, CREATE, 0)["ok"]
    verdict = verified(api, CREATE)
    assert (verdict["ok"], verdict["closest"]) == (False, [])
    assert verdict["message"] == "0 of 0 requests in the journal match, expected at least 1."


def test_verifying_is_not_journaled_and_changes_nothing(asked: Api) -> None:
    before = asked.call("GET", REQUESTS).content
    assert verified(asked, CREATE, 9) == verified(asked, CREATE, 9)
    assert asked.call("GET", REQUESTS).content == before


def test_each_sandbox_verifies_its_own(asked: Api) -> None:
    assert asked.post(f"/s/other{REQUESTS}/verify", match=CREATE, count=0).json["ok"]


# -- bodies


@pytest.mark.parametrize(
    ("asked_for", "sent", "same"),
    [
        # An object may have more keys than are named.
        ({}, {"a": 1}, True),
        ({}, {}, True),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, False),
        ({"a": {}}, {"a": {"b": 1}}, True),
        ({"a": {}}, {"a": []}, False),
        ({"a": {}}, {"a": None}, False),
        ({"a": {"b": 1}}, {"a": 1}, False),
        ({}, [], False),
        # An array has as many elements.
        ([], [], True),
        ([], [1], False),
        ([1], [], False),
        ([1, 2], [1, 2], True),
        ([2, 1], [1, 2], False),
        ([1], [1, 2], False),
        ([{"a": 1}, {}], [{"a": 1, "b": 2}, {"c": 3}], True),
        ([{"a": 1}], [{"a": 2}], False),
        ({"a": []}, {"a": []}, True),
        ({"a": []}, {"a": [1]}, False),
        ({"a": []}, {"a": {}}, False),
        ([[1]], [[1]], True),
        ([[1]], [[2]], False),
        # true is not 1, and 1 is 1.0.
        ({"a": True}, {"a": True}, True),
        ({"a": True}, {"a": 1}, False),
        ({"a": 1}, {"a": True}, False),
        ({"a": False}, {"a": 0}, False),
        ({"a": 0}, {"a": None}, False),
        ({"a": False}, {"a": None}, False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1.5}, {"a": 1.5}, True),
        ({"a": 1}, {"a": "1"}, False),
        ({"a": 2**64}, {"a": 2**64}, True),
        ([1, True], [True, 1], False),
        # null is a value; a key that is not there has none.
        ({"a": None}, {"a": None}, True),
        ({"a": None}, {}, False),
        ({"a": None}, {"a": ""}, False),
        ({"a": ""}, {"a": ""}, True),
        # Not only objects are bodies.
        ("text", "text", True),
        ("text", "other", False),
        (None, None, True),
        (None, {}, False),
        (7, 7, True),
        ({"ü": "é"}, {"ü": "é", "b": 1}, True),
    ],
)
def test_a_body_is_compared_by_the_part_that_is_named(api: Api, asked_for: Any, sent: Any, same: bool) -> None:
    assert matched(api, asked_for, json.dumps(sent).encode()) is same


@pytest.mark.parametrize(
    ("asked_for", "content", "same"),
    [
        (None, b"", True),
        ({}, b"", False),
        (None, b"\x89PNG\0", False),
        ("{", b"{", True),
        ({"a": 1}, b'{"a": 1', False),
        ('{"a": 1', b'{"a": 1', True),
        ("plain", b"plain", True),
    ],
)
def test_a_body_that_is_no_json_is_compared_as_text(api: Api, asked_for: Any, content: bytes, same: bool) -> None:
    assert matched(api, asked_for, content) is same


# -- what came closest


def test_the_closest_is_shown_field_by_field(api: Api) -> None:
    api.post(TASKS, title="Buy milk", flag=1, nested={"a": [1, {"b": 2}]}, empty=[])
    match = {
        "operation": "createTask",
        "method": "put",
        "status": 401,
        "path": "/api/v2/*",
        "body": {
            "a": {}, "empty": [1], "flag": True, "more": None, "nested": {"a": [1, {"b": 3}]},
            "title": "Buy bread",
        },
    }  # fmt: skip
    (closest,) = verified(api, match)["closest"]
    fields = closest.pop("fields")
    entry = last(api)
    assert closest == {key: value for key, value in entry.items() if key not in ("request", "response")}
    assert fields == [
        {"field": "operation", "expected": "createTask", "actual": "createTask", "ok": True},
        {"field": "method", "expected": "PUT", "actual": "POST", "ok": False},
        {"field": "status", "expected": 401, "actual": 401, "ok": True},
        {"field": "path", "expected": "/api/v2/*", "actual": TASKS, "ok": True},
        {"field": "body.a", "expected": {}, "missing": True, "ok": False},
        {"field": "body.empty", "expected": [1], "actual": [], "ok": False},
        {"field": "body.flag", "expected": True, "actual": 1, "ok": False},
        {"field": "body.more", "expected": None, "missing": True, "ok": False},
        {"field": "body.nested.a[0]", "expected": 1, "actual": 1, "ok": True},
        {"field": "body.nested.a[1].b", "expected": 3, "actual": 2, "ok": False},
        {"field": "body.title", "expected": "Buy bread", "actual": "Buy milk", "ok": False},
    ]


@pytest.mark.parametrize(
    ("asked_for", "content", "field"),
    [
        ({"a": 1}, b"", {"field": "body", "expected": {"a": 1}, "actual": None, "ok": False}),
        ({"a": 1}, b"[1]", {"field": "body", "expected": {"a": 1}, "actual": [1], "ok": False}),
        ([1], b"[1, 2]", {"field": "body", "expected": [1], "actual": [1, 2], "ok": False}),
        (None, b"\0", {"field": "body", "expected": None, "missing": True, "ok": False}),
        ({}, b'{"a": 1}', {"field": "body", "expected": {}, "actual": {"a": 1}, "ok": True}),
    ],
)
def test_a_body_without_parts_to_compare_is_shown_as_a_whole(
    api: Api, asked_for: Any, content: bytes, field: JSON
) -> None:
    assert matched(api, asked_for, content) is field["ok"]
    assert verified(api, {"body": asked_for}, 9)["closest"][0]["fields"] == [field]


def test_of_the_same_operation_come_first_then_those_with_least_against_them_then_the_newest(api: Api) -> None:
    api.post(TASKS, a=1, b=1)  # two of three
    api.post(TASKS, a=2, b=2)
    api.call(
        "PATCH", f"{TASKS}/x", json={"a": 1, "b": 1, "c": 1}
    )  # another operation, though nothing else is wrong
    api.post(TASKS, a=1, b=1)
    api.post(TASKS, a=1, b=2)
    closest = verified(api, {**CREATE, "body": {"a": 1, "b": 1, "c": 1}})["closest"]
    assert [one["id"] for one in closest] == ["req-4", "req-1", "req-5"]


def test_another_operation_is_shown_where_there_is_no_other(api: Api) -> None:
    api.get(CHECK)
    (closest,) = verified(api, CREATE)["closest"]
    assert closest["fields"] == [
        {"field": "operation", "expected": "createTask", "actual": "checkAuth", "ok": False}
    ]


def test_where_too_many_match_those_are_shown(asked: Api) -> None:
    closest = verified(asked, {"operation": "checkAuth"}, 1)["closest"]
    assert [one["id"] for one in closest] == ["req-5", "req-4"]
    assert all(field["ok"] for one in closest for field in one["fields"])
    assert len(verified(asked, {}, 0)["closest"]) == 3


# -- what the journal has lost


@pytest.fixture
def full(api: Api) -> Api:
    """A journal that has lost one request of a thousand and one."""
    api.post(TASKS, title="gone")
    for _ in range(1000):
        api.client.get(CHECK)
    return api


def test_what_may_be_gone_never_passes(full: Api) -> None:
    lost = " 1 older ones are gone from it, so this cannot be told for sure. DELETE requests before the part"
    for match, count, ok, certain in (
        (CREATE, 0, False, False),
        (CREATE, {"atMost": 5}, False, False),
        (CREATE, None, False, False),
        ({"operation": "checkAuth"}, 1000, False, False),
        ({"operation": "checkAuth"}, {"atLeast": 1000, "atMost": 2000}, False, False),
        ({"operation": "checkAuth"}, {"atLeast": 1000}, True, True),  # more of them would do as well
        ({"operation": "checkAuth"}, {"atMost": 999}, False, True),  # and less would not be
    ):
        verdict = verified(full, match, count)
        assert (verdict["ok"], verdict["evicted"]) == (ok, 1)
        assert (lost not in verdict["message"]) is certain, verdict["message"]
    forget(full)
    assert verified(full, CREATE, 0)["ok"]


LONG = b'{"title": "' + b"a" * 20_000 + b'"}'


def test_a_body_that_was_cut_never_passes(api: Api) -> None:
    def sent(content: bytes, path: str = TASKS) -> None:
        api.client.post(path, data=content, content_type="application/json")

    sent(LONG)
    match = {**CREATE, "body": {"title": "x"}}
    verdict = verified(api, match, 0)
    assert (verdict["ok"], verdict["count"]) == (False, 0)
    assert " What req-1 sent is not in it whole" in verdict["message"]
    assert verdict["closest"][0]["fields"][1] == {
        "field": "body", "expected": {"title": "x"}, "note": "The journal does not have all of this.", "ok": False,
    }  # fmt: skip
    assert not verified(api, match)["ok"]
    assert verified(api, {**match, "status": 500}, 0)["ok"]  # it is not the body that speaks against it
    sent(b'{"title": "x"}')
    assert not verified(api, match, 1)["ok"]
    assert verified(api, match, {"atLeast": 1})["ok"]
    assert not verified(api, match, {"atMost": 1})["ok"]
    for _ in range(4):
        sent(LONG)
    assert "What req-1, req-3, req-4 sent" in verified(api, match, 1)["message"]


@pytest.mark.parametrize(
    ("content", "asked_for", "kept"),
    [
        (b'{"password": "a"}', {"password": "a"}, {"password": "[removed]"}),
        (b'{"password": "a"}', {"password": "b"}, {"password": "[removed]"}),
        (b'[{"password": "a"}]', [{"password": "a"}], [{"password": "[removed]"}]),
        (b'{"password": ["a"]}', {"password": ["a"]}, {"password": "[removed]"}),
        (b'{"password": "a"', '{"password": "a"', '{"password[removed]'),
    ],
)
def test_a_secret_never_passes(api: Api, content: bytes, asked_for: Any, kept: Any) -> None:
    api.client.post(SIGN_IN, data=content, content_type="application/json")
    for count in (0, 1, {"atMost": 1}):
        verdict = verified(api, {"body": asked_for}, count)
        assert not verdict["ok"]
        assert "cannot be compared" in verdict["message"]
    assert verified(api, {"body": kept}, 1)["ok"]  # that there was one can be told
    (field,) = verified(api, {"body": kept}, 2)["closest"][0]["fields"]
    assert (field["expected"], field["actual"], field["ok"]) == (field["expected"], field["expected"], True)
    assert verified(api, {"operation": "createTask", "body": asked_for}, 0)["ok"]


# -- bad matchers


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"match": {"operation": "creatTask"}}, ["match", "operation"]),
        ({"match": {"operation": 1}}, ["match", "operation"]),
        ({"match": {"operation": None}}, ["match", "operation"]),
        ({"match": {"method": 1}}, ["match", "method"]),
        ({"match": {"path": "todo"}}, ["match", "path"]),
        ({"match": {"path": ""}}, ["match", "path"]),
        ({"match": {"path": "/" + "a" * 201}}, ["match", "path"]),
        ({"match": {"status": "200"}}, ["match", "status"]),
        ({"match": {"status": True}}, ["match", "status"]),
        ({"match": {"status": 99}}, ["match", "status"]),
        ({"match": {"status": 600}}, ["match", "status"]),
        ({"match": {"operaton": "createTask"}}, ["match", "operaton"]),
        ({"match": {"user": "ann@example.com"}}, ["match", "user"]),
        ({"match": []}, ["match"]),
        ({"match": "createTask"}, ["match"]),
        ({"match": None}, ["match"]),
        ({"count": -1}, ["count", "atLeast"]),
        ({"count": 1.5}, ["count", "atLeast"]),
        ({"count": "1"}, ["count"]),
        ({"count": True}, ["count"]),
        ({"count": None}, ["count"]),
        ({"count": []}, ["count"]),
        ({"count": {}}, ["count"]),
        ({"count": {"atLeast": "1"}}, ["count", "atLeast"]),
        ({"count": {"atLeast": None}}, ["count", "atLeast"]),
        ({"count": {"atMost": -1}}, ["count", "atMost"]),
        ({"count": {"atLeast": 2, "atMost": 1}}, ["count"]),
        ({"count": {"exactly": 1}}, ["count", "exactly"]),
        ({"counts": 1}, ["counts"]),
        ({"operation": "createTask"}, ["operation"]),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_bad_matcher_is_refused_by_its_place_and_changes_nothing(
    asked: Api, body: JSON, place: list[str]
) -> None:
    before = asked.call("GET", REQUESTS).content
    reply = asked.post(f"{REQUESTS}/verify", **body)
    assert place in fields_of(reply)
    assert ".".join(place) in reply.json["message"] or reply.json["message"] == reply.json["errors"][0]["message"]
    assert asked.call("GET", REQUESTS).content == before


@pytest.mark.parametrize("unit", ['{"a":', "["])
@pytest.mark.parametrize("depth", [100, 101, 300, 600, 1000])
def test_a_body_that_is_nested_too_deeply_is_refused(asked: Api, unit: str, depth: int) -> None:
    body = unit * depth + ("1" if unit != "[" else "") + {"[": "]"}.get(unit, "}") * depth
    path = f"{REQUESTS}/verify"
    reply = asked.call("POST", path, data=f'{{"match": {{"body": {body}}}}}', content_type="application/json")
    if depth > 100:
        assert fields_of(reply) == [["match", "body"]]
    else:
        assert reply.json["count"] == 0
        assert matched(asked, json.loads(body), body.encode())


def test_a_misspelt_operation_is_told_what_it_could_be(asked: Api) -> None:
    reply = asked.post(f"{REQUESTS}/verify", match={"operation": "creatTask"})
    assert "createTask" in reply.json["message"]
    assert ids(asked) == [entry["id"] for entry in listed(asked)]
