"""Long lists are put together while they are sent; here, long is more than a few bytes."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from mockflow.app import service_of
from mockflow.domain import rendering
from mockflow.http import tasklists
from mockflow.http.arrival import Arrival, Reply, Unfinished
from tests.support import JSON, Api

LISTS = (
    "todo",
    "todo?completed=true",
    "projects/inbox",
    "projects/personal?search=",
    "projects/{}",
    "projects/{}/sections",
)


@pytest.fixture
def project(ann: Api) -> JSON:
    """A project of Ann, who has tasks of all kinds in it and elsewhere."""
    sail, _ = ann.project("Sail"), ann.project("Empty")
    section, tag = ann.section(sail["id"]), ann.tag("wind")
    parent = ann.task("Parent")
    for number in range(8):
        place = {"projectId": sail["id"], "projectSectionId": section["id"], "tags": [tag["id"]]}
        task = ann.task(f"Task {number} \\u0000", **(place if number % 2 else {}))
        ann.task(f"Subtask {number}", parentId=(task if number > 5 else parent)["id"])
        ann.patch(f"/api/v2/todo/{task['id']}", completed=number % 3 == 0)
    return sail


def asked(ann: Api, path: str = "todo", method: str = "GET") -> Arrival:
    session = ann.client.get_cookie("connect.sid")
    assert session is not None
    path, _, query = path.partition("?")
    return Arrival(method, f"/api/v2/{path}", query, headers=(("HTTP_COOKIE", f"connect.sid={session.value}"),))


def answered(app: Flask, request: Arrival) -> Reply:
    """The answer of a server."""
    found = service_of(app).respond(request)
    while isinstance(found, Unfinished):
        found = found.finish(found.later.result)
    return found


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


@pytest.mark.usefixtures("project")
def test_tasks_that_change_while_they_are_rendered_are_shown_as_they_are_at_the_end(
    app: Flask, ann: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "MANY", 3)
    tag = ann.get("/api/v2/tag").json["tags"][0]
    ann.patch(f"/api/v2/tag/{tag['id']}", name="another")  # so that many have to be rendered anew
    found, steps = service_of(app).respond(asked(ann)), 0
    assert isinstance(found, Unfinished)
    while not (step := found.later.step())[0]:
        steps += 1
        ann.task(f"new {steps}")
        assert ann.patch(f"/api/v2/tag/{tag['id']}", name=f"name {steps}").status_code == 200
    assert steps > 1
    reply = found.finish(lambda: step[1])
    assert isinstance(reply, Reply)
    assert json.loads(reply.body)["todos"] == ann.tasks()


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
