"""Whatever a client sends: a documented answer in the error shape, nothing stored, never a 500."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockflow.app import create_app
from mockflow.operations import OPERATIONS, Operation
from mockflow.settings import Settings
from tests.conftest import NOW, PEOPLE
from tests.support import BOUND, Api

WRITES = [operation for operation in OPERATIONS if "body" in BOUND[operation.name].takes]
DOCUMENTED = {200, 201, 400, 401, 403, 404, 413, 429}

MALFORMED = {
    "cut off": b"{",
    "single quotes": b"{'a': 1}",
    "trailing comma": b'{"a": 1,}',
    "NaN": b'{"a": NaN}',
    "a number beyond numbers": b'{"a": 1e999}',
    "a lone surrogate": b'{"title": "\\ud800"}',
    "a lone surrogate in bytes": b'{"title": "\xed\xa0\x80"}',
    "not UTF-8": b'{"title": "\xff"}',
    "a byte order mark": b'\xef\xbb\xbf{"title": "x"}',
    "UTF-16": '{"title": "x"}'.encode("utf-16"),
    "deep objects": b'{"a":' * 50_000,
    "deep arrays": b"[" * 100_000,
    "an array": b"[]",
    "a number": b"3",
    "a string": b'"x"',
    "null": b"null",
    "true": b"true",
    "a space": b" ",
}


def path_of(operation: Operation, ids: dict[str, str]) -> str:
    path = operation.path
    for name, value in ids.items():
        path = path.replace(f"<{name}>", value)
    return path


def existing(api: Api) -> dict[str, str]:
    project = api.project()
    return {
        "task_id": api.task()["id"],
        "project_id": project["id"],
        "section_id": api.section(project["id"])["id"],
        "tag_id": api.tag()["id"],
    }


def stored(api: Api) -> Any:
    return [api.get(f"/api/v2/{path}").content for path in ("todo", "tag", "projects", "projects/inbox")]


@pytest.fixture
def shared_query() -> dict[str, str]:
    return {"todoIds": "c0", "tagIds": "tag_0", "q": "x", "search": "x"}


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
def test_a_body_that_is_no_json_object_is_refused(
    ann: Api, operation: Operation, shared_query: dict[str, str]
) -> None:
    path = path_of(operation, existing(ann))
    before = stored(ann)
    for what, body in MALFORMED.items():
        reply = ann.call(
            operation.method, path, data=body, content_type="application/json", query_string=shared_query
        )
        assert reply.status_code == (413 if len(body) > 102_400 else 400), (what, reply.text)
        assert stored(ann) == before, what


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense"]
)
def test_a_body_of_another_content_type_is_refused_by_name(
    ann: Api, operation: Operation, content_type: str | None, shared_query: dict[str, str]
) -> None:
    reply = ann.call(
        operation.method,
        path_of(operation, existing(ann)),
        data=b'{"title": "x", "name": "x"}',
        content_type=content_type,
        query_string=shared_query,
    )
    assert reply.status_code == 400
    assert "application/json" in reply.json["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v2/todo?completed=true&completed=true"),
        ("GET", "/api/v2/todo?tagIds=a&tagIds=b"),
        ("GET", "/api/v2/todo/search?q=a&q=b"),
        ("GET", "/api/v2/projects/personal?search=&search="),
        ("PATCH", "/api/v2/todo/bulk?todoIds=a&todoIds=b"),
        ("DELETE", "/api/v2/tag/bulk?tagIds=a&tagIds=b"),
    ],
)
def test_a_query_parameter_that_is_there_twice_is_refused(ann: Api, method: str, path: str) -> None:
    reply = ann.call(method, path, json={"completed": True} if method == "PATCH" else None)
    assert reply.status_code == 400
    assert reply.json["errors"][0]["message"] == "Given more than once."


@pytest.mark.parametrize(
    "path", ["/api/v2/todo/search?q=%00", "/api/v2/tag?search=%00", "/api/v2/projects/personal?search=a%00"]
)
def test_nul_in_a_query_is_refused(ann: Api, path: str) -> None:
    assert ann.call("GET", path).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/api/v2/todo?completed=%ff", "/api/v2/todo/%00", "/api/v2/todo/%ff%fe", "/api/v2/todo/../../etc",
     "//api//v2//todo", "/api/v2/todo/" + "a" * 5000, "/avatars/%2e%2e%2fx", "/api/v2/todo%0d%0aX: y"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH"])
def test_strange_paths_are_404_or_400(ann: Api, method: str, path: str) -> None:
    reply = ann.call(method, path, json={} if method == "PATCH" else None)
    assert reply.status_code in (400, 404)
    assert reply.json["message"]


@pytest.mark.parametrize("number", [-1, 0.5, 2**31, 2**63, 2**64 - 1, 10**20, 1e300, True, "30"])
def test_a_number_out_of_range_is_refused_and_not_stored(ann: Api, number: Any) -> None:
    before = ann.get("/api/v1/user/user-preferences").json
    assert ann.put("/api/v1/user/user-preferences", reminderBefore=number).status_code == 400
    assert ann.get("/api/v1/user/user-preferences").json == before


# -- looking for a 500

TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["\0", "\u202e", "\U0001f600", "a" * 3000, " ", "2026-02-30", "a0", "zz", "-1", "#fff", "montly"]
    ),
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


def bodies(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    names = list(BOUND[operation.name].takes["body"].model_fields)
    return st.dictionaries(st.sampled_from(names), VALUES, max_size=len(names))


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
def test_no_body_brings_out_a_500(operation: Operation) -> None:
    reports: list[str] = []
    app = create_app(Settings(seeds=PEOPLE, clock=NOW), report=reports.append)
    api = Api(app).sign_in("ann@example.com")
    ids = existing(api)

    @settings(
        max_examples=60,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(bodies(operation), st.dictionaries(st.sampled_from(["todoIds", "tagIds"]), TEXTS))
    def attack(body: dict[str, Any], query: dict[str, str]) -> None:
        path = path_of(operation, ids)
        data = json.dumps(body, ensure_ascii=False).encode(errors="replace")
        reply = api.call(
            operation.method,
            path,
            data=data,
            content_type="application/json",
            query_string={"todoIds": ids["task_id"], **query},
        )
        assert reply.status_code in DOCUMENTED, reply.text
        assert not reports

    attack()
    assert api.get("/api/v2/todo").status_code == 200


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(
    st.sampled_from(OPERATIONS),
    st.dictionaries(
        st.sampled_from(["q", "ids", "ids[]", "search", "tagIds", "completed", "todoIds"]), TEXTS, max_size=4
    ),
    TEXTS,
)
def test_no_query_and_no_path_brings_out_a_500(operation: Operation, query: dict[str, str], text: str) -> None:
    api = _reading_client()
    path = path_of(
        operation, dict.fromkeys(("task_id", "project_id", "section_id", "tag_id"), quote(text, safe=""))
    )
    reply = api.call(operation.method, path, query_string=query, data=text.encode(errors="replace"))
    assert reply.status_code in DOCUMENTED, reply.text


def _reading_client() -> Api:
    return Api(create_app(Settings(seeds=PEOPLE, clock=NOW))).sign_in("ann@example.com")
