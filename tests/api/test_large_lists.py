"""Long lists are put together while they are sent; here, long is more than a few bytes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask

from mockflow.app import service_of
from mockflow.domain import rendering
from mockflow.http import tasklists
from mockflow.http.arrival import Arrival, Unfinished
from mockflow.http.arrival import Reply as Answer
from tests.support import JSON, Api, Reply

LISTS = (
    "todo",
    "todo?completed=true",
    "projects/inbox",
    "projects/personal?search=",
    "projects/{}",
    "projects/{}/sections",
)


def planted(ann: Api) -> JSON:
    """A new project of Ann's, who has tasks of all kinds in it and elsewhere."""
    sail, _ = ann.project("Sail"), ann.project("Empty")
    section, tag = ann.section(sail["id"]), ann.tag("wind")
    parent = ann.task("Parent")
    for number in range(8):
        place = {"projectId": sail["id"], "projectSectionId": section["id"], "tags": [tag["id"]]}
        task = ann.task(f"Task {number} \\u0000", **(place if number % 2 else {}))
        ann.task(f"Subtask {number}", parentId=(task if number > 5 else parent)["id"])
        ann.patch(f"/api/v2/todo/{task['id']}", completed=number % 3 == 0)
    return sail


@pytest.fixture
def project(ann: Api) -> JSON:
    return planted(ann)


def asked(ann: Api, path: str = "todo", method: str = "GET") -> Arrival:
    session = ann.client.get_cookie("connect.sid")
    assert session is not None
    path, _, query = path.partition("?")
    named = ann.client.environ_base.get("HTTP_X_MOCKFLOW_SANDBOX", "default")
    headers = (("HTTP_COOKIE", f"connect.sid={session.value}"), ("HTTP_X_MOCKFLOW_SANDBOX", named))
    return Arrival(method, f"/api/v2/{path}", query, headers=headers)


def finished(found: Answer | Unfinished) -> Answer:
    while isinstance(found, Unfinished):
        found = found.finish(found.later.result)
    return found


def answered(app: Flask, request: Arrival) -> Answer:
    """The answer of a server."""
    return finished(service_of(app).respond(request))


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(("piece", "many"), [(1, 1), (100, 3), (400, 1000)])
def test_in_pieces_they_are_the_same(
    app: Flask, ann: Api, project: JSON, monkeypatch: pytest.MonkeyPatch, path: str, piece: int, many: int
) -> None:
    path = path.format(project["id"])
    whole = ann.call("GET", f"/api/v2/{path}")
    monkeypatch.setattr(tasklists, "FEW", 0)
    assert ann.call("GET", f"/api/v2/{path}").content == whole.content
    monkeypatch.setattr(tasklists, "PIECE", piece)
    monkeypatch.setattr(rendering, "MANY", many)
    reply = answered(app, asked(ann, path))
    pieces = list(reply.pieces or ())
    assert b"".join([reply.body, *pieces]) == whole.content
    assert pieces
    assert dict(reply.headers)["Content-Length"] == str(len(whole.content))
    assert [name for name, _ in reply.headers] == [name for name, _ in whole.headers]
    first, second = ann.get("/_mockflow/requests").json["requests"][-2:]
    assert first["response"]["bodySize"] == second["response"]["bodySize"] == len(whole.content)
    nothing = answered(app, asked(ann, path, "HEAD"))
    assert (nothing.body, nothing.pieces) == (b"", None)
    assert dict(nothing.headers)["Content-Length"] == str(len(whole.content))


@pytest.mark.usefixtures("project")
def test_they_show_one_moment_whatever_changes_while_they_are_sent(
    app: Flask, ann: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasklists, "PIECE", 1)
    before, tag = ann.tasks(), ann.get("/api/v2/tag").json["tags"][0]
    reply = answered(app, asked(ann))
    assert reply.pieces is not None
    first, second, *_ = before
    assert ann.patch(f"/api/v2/todo/{second['id']}", title="changed").status_code == 200
    assert ann.patch(f"/api/v2/tag/{tag['id']}", name="another").status_code == 200
    assert ann.delete(f"/api/v2/todo/{first['id']}").status_code == 200
    assert json.loads(b"".join([reply.body, *reply.pieces]))["todos"] == before
    assert ann.tasks() != before


BETWEEN: dict[str, Callable[[Api, JSON], Reply]] = {
    "a new task": lambda ann, _: ann.call("POST", "/api/v2/todo", json={"title": "new"}),
    "another title": lambda ann, kept: ann.patch(f"/api/v2/todo/{kept['first']}", title="another"),
    "a deleted task": lambda ann, kept: ann.delete(f"/api/v2/todo/{kept['first']}"),
    "another name of a tag": lambda ann, kept: ann.patch(f"/api/v2/tag/{kept['tag']}", name="another"),
    "a deleted tag": lambda ann, kept: ann.delete("/api/v2/tag/bulk", tagIds=kept["tag"]),
    "a deleted project": lambda ann, kept: ann.delete(f"/api/v2/projects/{kept['project']}"),
    "the end of the session": lambda ann, _: ann.call("DELETE", "/_mockflow/sessions", json={}),
    "a reset": lambda ann, _: ann.post("/_mockflow/reset"),
    "a state of before": lambda ann, _: ann.post("/_mockflow/snapshots/before/restore"),
    "other data": lambda ann, kept: ann.call("PUT", "/_mockflow/data", json=kept["other"]),
    "the end of the sandbox": lambda ann, _: ann.call("DELETE", "/_mockflow/sandboxes/mine", json={}),
}


@pytest.mark.parametrize("path", ["todo", "projects/inbox", "projects/{}"])
@pytest.mark.parametrize("change", BETWEEN)
def test_they_show_the_moment_they_were_asked_for_whatever_comes_while_they_are_rendered(
    app: Flask, monkeypatch: pytest.MonkeyPatch, change: str, path: str
) -> None:
    monkeypatch.setattr(rendering, "MANY", 1)
    monkeypatch.setattr(rendering, "_STEP", 1)
    ann = Api(app)
    assert ann.post("/_mockflow/sandboxes", name="mine").status_code == 201
    ann.client.environ_base["HTTP_X_MOCKFLOW_SANDBOX"] = "mine"
    other = ann.get("/_mockflow/data").json
    ann.put("/_mockflow/snapshots/before")
    project = planted(ann.sign_in("ann@example.com"))
    path = path.format(project["id"])
    tag = ann.get("/api/v2/tag").json["tags"][0]["id"]
    kept = {"first": ann.tasks()[0]["id"], "tag": tag, "project": project["id"], "other": other}
    before = ann.call("GET", f"/api/v2/{path}").content
    found = service_of(app).respond(asked(ann, path))
    assert isinstance(found, Unfinished)
    assert not found.later.step()[0]
    done = BETWEEN[change](ann, kept)
    assert done.status_code < 300, done.text
    assert finished(found).body == before


@pytest.mark.parametrize(
    "fault", ["disconnect=truncate; phase=after", "malformed=true; phase=after", "bytes-per-second=900000"]
)
@pytest.mark.usefixtures("project")
def test_a_fault_has_to_do_with_all_of_them(
    app: Flask, ann: Api, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    whole = ann.call("GET", "/api/v2/todo").content
    monkeypatch.setattr(tasklists, "PIECE", 1)
    assert ann.call("POST", "/_mockflow/faults", json=f"{fault}; operation=listTasks").status_code == 201
    reply = answered(app, asked(ann))
    assert reply.pieces is None
    assert whole.startswith(reply.body)
    assert len(reply.body) >= len(whole) // 2
