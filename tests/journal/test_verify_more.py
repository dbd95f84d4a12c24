"""Verifying by query and headers, within bounds, and in steps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockflow.faults.matching import PathPattern
from mockflow.journal import Entry, Journal, Part
from mockflow.journal.criteria import Criteria
from mockflow.journal.listing import listing
from mockflow.journal.verdict import finished, verify, verifying
from tests.journal.reading import CHECK, REQUESTS, TASKS, last
from tests.journal.test_verify import verified
from tests.support import JSON, Api, fields_of

SEARCH = f"{TASKS}/search"


def closest(api: Api, match: JSON) -> list[JSON]:
    """How the closest request compares; more are asked for than there are."""
    fields: list[JSON] = verified(api, match, 9)["closest"][0]["fields"]
    return fields


def got(api: Api, headers: dict[str, str]) -> None:
    api.app.test_client(use_cookies=False).get(CHECK, headers=headers)


# -- queries


@pytest.mark.parametrize(
    ("asked_for", "sent", "same"),
    [
        ({}, "", True),
        ({}, "q=a", True),
        ({"q": "a"}, "q=a", True),
        ({"q": "a"}, "q=a&x=1", True),
        ({"q": "a", "x": "1"}, "x=1&q=a", True),
        ({"q": "a"}, "q=b", False),
        ({"q": "a"}, "Q=a", False),
        ({"q": "a"}, "", False),
        ({"q": "a b/\u00e9"}, "q=a+b%2F%C3%A9", True),
        ({"q": ""}, "q=", True),
        ({"q": ""}, "q", True),
        ({"q": ""}, "", False),
        ({"q": "a"}, "q=a&q=b", False),
        ({"q": ["a", "b"]}, "q=a&q=b", True),
        ({"q": ["b", "a"]}, "q=a&q=b", False),
        ({"q": ["a"]}, "q=a", True),
        ({"q": ["a"]}, "q=b", False),
        ({"ids[]": "1"}, "ids[]=1", True),
    ],
)
def test_a_query_is_compared_by_its_names(api: Api, asked_for: Any, sent: str, same: bool) -> None:
    api.client.get(f"{SEARCH}?{sent}")
    assert verified(api, {"query": asked_for}, 1)["ok"] is same


def test_a_query_is_shown_name_by_name(api: Api) -> None:
    api.client.get(f"{SEARCH}?a=1&b=2&b=3")
    assert closest(api, {"query": {"a": "1", "b": "2", "c": "3", "a ": ["1"]}}) == [
        {"field": "query.a", "expected": "1", "actual": "1", "ok": True},
        {"field": "query.a ", "expected": ["1"], "missing": True, "ok": False},
        {"field": "query.b", "expected": "2", "actual": ["2", "3"], "ok": False},
        {"field": "query.c", "expected": "3", "missing": True, "ok": False},
    ]


# -- headers


@pytest.mark.parametrize("name", ["X-Thing", "x-thing", "X-THING"])
def test_a_header_is_found_in_any_case(api: Api, name: str) -> None:
    api.client.get(CHECK, headers={"x-Thing": "Value"})
    assert verified(api, {"headers": {name: "Value"}}, 1)["ok"]
    assert not verified(api, {"headers": {name: "value"}}, 1)["ok"]
    assert verified(api, {"headers": {"X-Other": "Value"}}, 0)["ok"]


def test_headers_are_shown_one_by_one(api: Api) -> None:
    api.client.get(CHECK, headers={"X-One": "1", "Authorization": "Bearer secret"})
    asked_for = {"x-one": "1", "X-Two": "2", "Authorization": "Bearer other"}
    assert closest(api, {"operation": "checkAuth", "headers": asked_for})[1:] == [
        {
            "field": "headers.Authorization",
            "expected": "Bearer other",
            "note": "The journal does not have all of this.",
            "ok": False,
        },
        {"field": "headers.X-Two", "expected": "2", "missing": True, "ok": False},
        {"field": "headers.x-one", "expected": "1", "actual": "1", "ok": True},
    ]


def test_content_type_and_length_are_headers_too(api: Api) -> None:
    api.post(TASKS, title="a")
    assert verified(api, {"headers": {"content-type": "application/json"}}, 1)["ok"]
    assert verified(api, {"headers": {"content-length": last(api)["request"]["headers"]["Content-Length"]}}, 1)[
        "ok"
    ]


@pytest.mark.parametrize(
    ("match", "send"),
    [
        ({"headers": {"X-Api-Key": "a"}}, lambda api: got(api, {"X-Api-Key": "a"})),
        (
            {"headers": {"Cookie": "a=b"}},
            lambda api: api.app.test_client(False).get(CHECK, headers={"Cookie": "a=c"}),
        ),
        ({"query": {"code": "a"}}, lambda api: api.client.get(f"{CHECK}?code=b")),
        (
            {"headers": {"X-Last": "a"}},
            lambda api: api.client.get(CHECK, headers={"X-Fill": "x" * 17_000, "X-Last": "b"}),
        ),
        ({"query": {"last": "a"}}, lambda api: api.client.get(f"{CHECK}?fill={'x' * 17_000}&last=b")),
    ],
    ids=["header", "cookie", "query", "cut headers", "cut query"],
)
def test_what_is_not_kept_never_passes(api: Api, match: JSON, send: Callable[[Api], object]) -> None:
    send(api)
    for count in (0, 1, {"atMost": 1}):
        verdict = verified(api, match, count)
        assert not verdict["ok"]
        assert "What req-1 sent is not in it whole and cannot be compared" in verdict["message"]


def test_headers_that_made_room_are_not_known() -> None:
    part = Part.kept("X-A: 1", b"", 0)
    part.forget()
    entry = made(1, b"", request=part)
    (found,) = Criteria(headers={"X-A": "1"}).compare(entry)
    assert (found.ok, found.unknown) == (False, True)


# -- bounds


MANY = {str(number): "x" for number in range(51)}


@pytest.mark.parametrize(
    ("match", "place"),
    [
        ({"query": {"a": 1}}, ["match", "query", "a"]),
        ({"query": {"a": []}}, ["match", "query", "a"]),
        ({"query": "a=1"}, ["match", "query"]),
        ({"query": None}, ["match", "query"]),
        ({"query": MANY}, ["match", "query"]),
        ({"headers": {"a": 1}}, ["match", "headers", "a"]),
        ({"headers": {"a": ["1"]}}, ["match", "headers", "a"]),
        ({"headers": []}, ["match", "headers"]),
        ({"headers": MANY}, ["match", "headers"]),
        ({"body": [0] * 1000}, ["match", "body"]),
        ({"body": {str(number): number for number in range(6000)}}, ["match", "body"]),
        ({"body": [[{"a": [1, 2]}] * 100] * 10}, ["match", "body"]),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_too_much_to_compare_is_refused_by_its_place(api: Api, match: JSON, place: list[str]) -> None:
    reply = api.post(f"{REQUESTS}/verify", match=match)
    assert any(path[: len(place)] == place for path in fields_of(reply)), reply.text


def test_a_thousand_values_are_compared(api: Api) -> None:
    body = {"a": [*range(997)]}
    api.post(TASKS, **body)
    assert verified(api, {"body": body}, 1)["ok"]
    assert not verified(api, {"body": {"a": [*range(996), 0]}}, 1)["ok"]


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("/**/a" * 40, True),
        ("/**" * 60, True),
        ("/**/**/x", False),
        ("/**/a*" * 10, True),
        ("/**/*a*" * 10, True),
        ("/*" * 10, False),
        ("/*" * 10 + "/**", True),
        ("/**" + "/a" * 90 + "/b", False),
    ],
)
def test_a_path_of_wildcards_is_that_of_what_it_says(path: str, fits: bool) -> None:
    assert Criteria(path=path).matches(made(1, b"", path=("/" + "a/" * 2000)[:2000])) is fits


@pytest.mark.parametrize("path", ["/*" * 11, "/**/a*" * 33, "/**/*a*" * 28])
def test_a_path_of_too_many_wildcards_is_refused(api: Api, path: str) -> None:
    reply = api.post(f"{REQUESTS}/verify", match={"path": path})
    assert fields_of(reply) == [["match", "path"]]
    assert "at most 10 segments" in reply.json["message"]
    assert fields_of(api.call("GET", REQUESTS, query_string={"path": path})) == [["path"]]


PATHS = st.lists(st.sampled_from(["a", "b", "ab", "aab", "[a]", "?", "<id>"]), max_size=6)
PATTERNS = st.lists(
    st.sampled_from(["**", "*", "a*", "*b", "a*b", "*a*", "a", "b", "[a]", "?", "**b"]), max_size=6
)


@settings(max_examples=2000, deadline=None, derandomize=True, database=None)
@given(PATTERNS, PATHS)
def test_a_pattern_fits_what_an_expression_would(pattern: list[str], path: list[str]) -> None:
    parts = ("(?:/[^/]+)*" if part == "**" else "/" + re.escape(part).replace("\\*", "[^/]*") for part in pattern)
    expression = re.compile("".join(parts))
    fits = PathPattern("/" + "/".join(pattern), ()).matches("/" + "/".join(path))
    assert fits == (expression.fullmatch("".join(f"/{part}" for part in path)) is not None)


# -- steps


def made(number: int, body: bytes, *, path: str = TASKS, request: Part | None = None) -> Entry:
    sent = request or Part.kept("A: b", body, len(body))
    return Entry(
        number=number, at=datetime(2026, 1, 1, tzinfo=UTC), method="POST", path=path, query="",
        operation="createTask", user=None, status=201, seconds=0.1, fault=None, error=None, request=sent,
        response=Part.kept("", b"{}", 2),
    )  # fmt: skip


@pytest.fixture
def journal() -> Journal:
    """Ten requests."""
    journal = Journal()
    for number in range(1, 11):
        journal.keep(made(journal.next_number(), b'{"a": %d}' % (number % 3)))
    return journal


def test_a_verdict_is_reached_in_a_step_for_each_request(journal: Journal) -> None:
    criteria = Criteria(body={"a": 1})
    assert sum(1 for _ in verifying(journal, criteria, 1, None)) == 10
    assert finished(verifying(journal, criteria, 1, 2)) == verify(journal, criteria, 1, 2)


def test_each_body_is_read_once_and_those_that_are_shown_once_more(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Part] = []
    whole = Part.content
    monkeypatch.setattr(Part, "content", lambda part: (read.append(part), whole(part))[1])  # type: ignore[func-returns-value]
    verify(journal, Criteria(body={"a": 1}), 9, None)
    assert len(read) == 10 + 3


def test_a_listing_is_the_answer_in_pieces(journal: Journal, api: Api) -> None:
    pieces = list(listing(journal.entries(), 7))
    assert len(pieces) == 11
    assert json.loads(b"".join(pieces)) == {
        "requests": [one.described() for one in journal.entries()],
        "evicted": 7,
    }
    assert json.loads(b"".join(listing([], 0))) == {"requests": [], "evicted": 0}
    api.get(CHECK)
    assert api.call("GET", REQUESTS).headers["Content-Type"] == "application/json; charset=utf-8"
