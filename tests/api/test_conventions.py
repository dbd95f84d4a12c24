"""What all operations share: errors, routes, sizes, the order of checks, shapes (contract, section 1)."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from mockflow.clock import Clock
from tests.support import Api, fields_of

LIMIT = 102_400
MISSING = "c" + "0" * 24
RECORD_ID = re.compile(r"c[a-z0-9]{24}")
TAG_ID = re.compile(r"tag_[a-z0-9]{26}")

USER, TODO, PROJECTS, TAG = "/api/v1/user", "/api/v2/todo", "/api/v2/projects", "/api/v2/tag"

NEED_A_SESSION = [
    *[
        (method, f"{USER}/{name}")
        for method, name in (("POST", "logout"), ("GET", "profile"), ("POST", "profile"))
    ],
    *[("PUT", f"{USER}/{name}") for name in ("name", "password", "user-preferences")],
    ("GET", f"{USER}/user-preferences"),
    *[("GET", path) for path in (TODO, f"{TODO}/search", PROJECTS, TAG, f"{TAG}/count")],
    *[("GET", f"{PROJECTS}/{path}") for path in ("inbox", "personal", MISSING, f"{MISSING}/sections")],
    *[("POST", path) for path in (TODO, PROJECTS, f"{PROJECTS}/{MISSING}/sections", TAG)],
    *[(method, f"{TODO}/{name}") for method in ("PATCH", "DELETE") for name in ("bulk", MISSING)],
    *[(method, f"{PROJECTS}/{MISSING}") for method in ("PUT", "DELETE")],
    *[(method, f"{PROJECTS}/{MISSING}/sections/{MISSING}") for method in ("PATCH", "DELETE")],
    ("PATCH", f"{TAG}/{MISSING}"),
    ("DELETE", f"{TAG}/bulk"),
]


def _padded(size: int, filler: str = "x") -> bytes:
    empty = json.dumps({"reminderBefore": 5, "padding": ""}).encode()
    room = size - len(empty)
    padding = filler.encode() * (room // len(filler.encode()))
    return empty[:-2] + padding + b"x" * (room - len(padding)) + empty[-2:]


def _send(api: Api, method: str, path: str, body: bytes, content_type: str = "application/json") -> Any:
    return api.call(method, path, data=body, content_type=content_type)


# -- who needs a session


@pytest.mark.parametrize(("method", "path"), NEED_A_SESSION)
def test_a_stranger_is_told_to_sign_in(nobody: Api, method: str, path: str) -> None:
    response = nobody.call(method, path)
    assert response.status_code == 401
    assert set(response.json) == {"message", "msg", "isAuthenticated"}
    assert response.json["isAuthenticated"] is False
    assert response.headers["Cache-Control"] == "no-store, private"


def test_thirty_of_the_operations_need_a_session() -> None:
    assert len(set(NEED_A_SESSION)) == 30


@pytest.mark.parametrize("path", [f"{USER}/signup/send-otp", f"{USER}/signup/verify", f"{USER}/signin"])
def test_signing_up_and_in_needs_no_session(nobody: Api, path: str) -> None:
    assert nobody.post(path).status_code == 400


# -- error bodies


def test_an_invalid_body_or_query_is_answered_with_every_offending_field(ann: Api) -> None:
    response = ann.put(f"{USER}/user-preferences", emailEnabled="yes", reminderBefore=-1, dailyDigest=True)
    assert response.status_code == 400
    assert set(response.json) == {"message", "msg", "errors"}
    assert response.json["message"] == response.json["msg"]
    assert sorted(fields_of(response)) == [["emailEnabled"], ["reminderBefore"]]
    for error in [*response.json["errors"], *ann.get(TODO, completed="yes").json["errors"]]:
        assert set(error) == {"path", "message", "code"}
        assert error["message"]
        assert error["code"]


@pytest.mark.parametrize(
    "body", [b"{", b"not json", b'{"name": "A",}', b"{'name': 'A'}", b'{"name": "\xff"}', b"[]", b'"A"', b"null"]
)
def test_a_body_that_is_not_a_json_object_is_refused(ann: Api, body: bytes) -> None:
    response = _send(ann, "PUT", f"{USER}/name", body)
    assert response.status_code == 400
    assert "errors" in response.json
    assert ann.get(f"{USER}/profile").json["user"]["name"] == "Ann"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_body_that_is_sent_as_something_else_is_refused(ann: Api, content_type: str) -> None:
    assert _send(ann, "PUT", f"{USER}/name", b'{"name": "A"}', content_type).status_code == 400
    assert ann.get(f"{USER}/profile").json["user"]["name"] == "Ann"


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
def test_json_is_read_and_answered_as_utf_8(ann: Api, content_type: str) -> None:
    name = "Zoë Ünal 株式会社 🎈"
    body = json.dumps({"name": name}, ensure_ascii=False).encode()
    response = _send(ann, "PUT", f"{USER}/name", body, content_type)
    assert response.json["msg"] == f"Name updated sucessfully to {name}"
    assert name in response.text


def test_a_failure_of_ours_shows_no_stack_trace(ann: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret of the inside")

    monkeypatch.setattr("mockflow.domain.users.preferences", fail)
    response = ann.get(f"{USER}/user-preferences")
    assert response.status_code == 500
    assert set(response.json) == {"message", "msg"}
    for inside in ("Traceback", "ZeroDivisionError", "secret", "<"):
        assert inside not in response.text


# -- routes


@pytest.mark.parametrize(
    "path",
    [
        *("/api", "/api/v2", "/api/v2/tasks", f"{USER}/signup", f"{USER}/nothing", "/api/v1/todo"),
        *("/api/v2/auth-check", "/avatars", f"/avatars/{MISSING}_abcdefg", "/api//v1/auth-check", "/%3Cb%3E%00"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_an_unknown_route_is_a_404_in_json(nobody: Api, method: str, path: str) -> None:
    response = nobody.call(method, path)
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("application/json")
    assert set(response.json) == {"message", "msg"}
    assert response.json["message"] == response.json["msg"]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        (f"{USER}/signup/send-otp", {"POST"}),
        (f"{USER}/signup/verify", {"POST"}),
        (f"{USER}/signin", {"POST"}),
        ("/api/v1/auth-check", {"GET"}),
        (f"{USER}/logout", {"POST"}),
        (f"{USER}/profile", {"GET", "POST"}),
        (f"{USER}/name", {"PUT"}),
        (f"{USER}/password", {"PUT"}),
        (f"{USER}/user-preferences", {"GET", "PUT"}),
        (TODO, {"GET", "POST"}),
        (f"{TODO}/{MISSING}", {"PATCH", "DELETE"}),
        (PROJECTS, {"GET", "POST"}),
        (f"{PROJECTS}/{MISSING}", {"GET", "PUT", "DELETE"}),
        (f"{PROJECTS}/{MISSING}/sections", {"GET", "POST"}),
        (f"{PROJECTS}/{MISSING}/sections/{MISSING}", {"PATCH", "DELETE"}),
        (TAG, {"GET", "POST"}),
        (f"{TAG}/{MISSING}", {"PATCH"}),
    ],
)
def test_a_known_route_with_another_method_is_a_404_that_says_which_there_are(
    nobody: Api, path: str, methods: set[str]
) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
        response = nobody.call(method, path)
        assert response.status_code == 404, method
        assert set(response.headers["Allow"].split(", ")) == methods
        assert set(response.json) == {"message", "msg"}


@pytest.mark.parametrize("path", [TODO, PROJECTS, TAG])
def test_the_base_of_a_group_may_end_in_a_slash(ann: Api, path: str) -> None:
    assert ann.get(f"{path}/").json == ann.get(path).json


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/auth-check", 200),
        ("POST", TODO, 400),
        ("GET", f"{PROJECTS}/{MISSING}", 404),
        ("GET", "/api/v2/nothing", 404),
        ("DELETE", f"{USER}/profile", 404),
    ],
)
def test_no_answer_may_be_cached(ann: Api, method: str, path: str, status: int) -> None:
    response = ann.call(method, path)
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store, private"


# -- sizes


@pytest.mark.parametrize("filler", ["x", "é", "🎈"])
def test_a_json_body_of_100_kib_is_read(ann: Api, filler: str) -> None:
    body = _padded(LIMIT, filler)
    assert len(body) == LIMIT
    assert _send(ann, "PUT", f"{USER}/user-preferences", body).status_code == 200


@pytest.mark.parametrize("size", [LIMIT + 1, 20 * LIMIT, 100 * LIMIT])
@pytest.mark.parametrize("filler", ["x", "é"])
def test_a_json_body_over_100_kib_is_refused(ann: Api, size: int, filler: str) -> None:
    response = _send(ann, "PUT", f"{USER}/user-preferences", _padded(size, filler))
    assert response.status_code == 413
    assert set(response.json) == {"message", "msg"}
    assert response.headers["Cache-Control"] == "no-store, private"
    assert ann.get(f"{USER}/user-preferences").json["reminderBefore"] == 30


def test_unknown_fields_of_a_body_are_ignored(ann: Api) -> None:
    response = ann.put(f"{USER}/name", name="A", email="else@example.com", id=MISSING, isOAuthLinked=True)
    assert response.status_code == 200
    user = ann.get(f"{USER}/profile").json["user"]
    assert (user["name"], user["email"], user["isOAuthLinked"]) == ("A", "ann@example.com", False)
    assert user["id"] != MISSING


# -- the order of checks: route, session, path ids, body, references, state


@pytest.mark.parametrize("body", [b"{", b"{}", _padded(LIMIT + 1)])
def test_route_session_path_and_body_are_checked_in_this_order(
    nobody: Api, ann: Api, ben: Api, body: bytes
) -> None:
    bens = ben.task()["id"]
    assert _send(nobody, "PATCH", "/api/v2/nothing", body).status_code == 404
    assert _send(nobody, "PUT", f"{TODO}/{MISSING}", body).status_code == 404
    assert _send(nobody, "PATCH", f"{TODO}/{MISSING}", body).status_code == 401
    assert _send(nobody, "PUT", f"{USER}/name", body).status_code == 401
    assert _send(ann, "PATCH", f"{TODO}/{MISSING}", body).status_code == 404
    assert _send(ann, "PATCH", f"{TODO}/{bens}", body).status_code == 403
    assert _send(ann, "PUT", f"{PROJECTS}/{MISSING}", body).status_code == 404
    assert _send(ann, "POST", f"{PROJECTS}/{ben.inbox_id()}/sections", body).status_code == 403


def test_the_body_is_checked_before_what_it_refers_to(ann: Api, ben: Api) -> None:
    bens = ben.project()["id"]
    assert fields_of(ann.post(TODO, title=" ", projectId=bens)) == [["title"]]
    assert ann.post(TODO, title="a task", projectId=bens).status_code == 403


def test_the_query_is_checked_before_what_the_body_refers_to(ann: Api, ben: Api) -> None:
    body = {"projectId": ben.project()["id"]}
    assert fields_of(ann.call("PATCH", f"{TODO}/bulk", json=body)) == [["todoIds"]]
    query = {"todoIds": ann.task()["id"]}
    assert ann.call("PATCH", f"{TODO}/bulk", json=body, query_string=query).status_code == 403


def test_what_the_body_refers_to_is_checked_before_what_the_state_allows(ann: Api, ben: Api) -> None:
    subtask = ann.task(parentId=ann.task()["id"])["id"]
    assert ann.post(TODO, title="too deep", parentId=subtask, projectId=ben.project()["id"]).status_code == 403
    assert ann.post(TODO, title="too deep", parentId=subtask).status_code == 400


def test_the_body_is_checked_before_what_the_state_allows(ann: Api) -> None:
    inbox = f"{PROJECTS}/{ann.inbox_id()}"
    assert fields_of(ann.put(inbox, name="")) == [["name"]]
    assert ann.put(inbox, name="Mine").status_code == 403


# -- shapes


def test_ids_have_the_shapes_of_their_kinds(ann: Api) -> None:
    project = ann.project()["id"]
    for found in (
        ann.get(f"{USER}/profile").json["user"]["id"],
        ann.task()["id"],
        project,
        ann.section(project)["id"],
    ):
        assert RECORD_ID.fullmatch(found)


def test_tag_ids_are_made_of_the_letters_of_base32(ann: Api) -> None:
    ids = [ann.tag(f"tag {number}")["id"] for number in range(40)]
    assert all(TAG_ID.fullmatch(found) for found in ids)
    assert len({letter for found in ids for letter in found.removeprefix("tag_")}) <= 32


@pytest.mark.parametrize(
    ("later", "shown"),
    [(0, "2026-03-10T12:00:00.000Z"), (5, "2026-03-10T12:00:00.005Z"), (43_200_000, "2026-03-11T00:00:00.000Z")],
)
def test_timestamps_are_utc_with_milliseconds(ann: Api, clock: Clock, later: int, shown: str) -> None:
    clock.advance(timedelta(milliseconds=later))
    ann.sign_in("ann@example.com")
    assert ann.task()["createdAt"] == shown


def test_the_date_is_that_of_the_sandboxs_clock(ann: Api, clock: Clock) -> None:
    assert ann.get("/api/v1/auth-check").headers["Date"] == "Tue, 10 Mar 2026 12:00:00 GMT"
    clock.advance(timedelta(days=1400, seconds=1))
    assert ann.get("/api/v1/auth-check").headers["Date"] == "Tue, 08 Jan 2030 12:00:01 GMT"
