"""Who may do what, on every route: sessions, unknown ids, other people's things, shared projects (contract, 1)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from mockflow.operations import OPERATIONS, Operation
from tests.support import JSON, Api

OPEN_TO_ALL = {"/api/v1/user/signup/send-otp", "/api/v1/user/signup/verify", "/api/v1/user/signin"}
GUARDED = [
    operation
    for operation in OPERATIONS
    if operation.path.startswith("/api/v2/")
    or (operation.path.startswith("/api/v1/user/") and operation.path not in OPEN_TO_ALL)
]
NAMING = [operation for operation in OPERATIONS if "<" in operation.path]
UNKNOWN = {
    "task_id": "c" + "0" * 24,
    "project_id": "c" + "1" * 24,
    "section_id": "c" + "2" * 24,
    "tag_id": "tag_" + "0" * 26,
}
NONSENSE = dict.fromkeys(UNKNOWN, "nonsense")
BODIES: list[JSON] = [
    {"name": "taken", "title": "taken"},
    {"name": 7, "title": 7, "projectId": UNKNOWN["project_id"]},
]

each_naming = pytest.mark.parametrize("operation", NAMING, ids=lambda operation: operation.name)


def call(api: Api, operation: Operation, ids: dict[str, str], body: JSON | None = None) -> int:
    path = re.sub(r"<(\w+)>", lambda match: ids[match[1]], operation.path)
    return api.call(operation.method, path, json=body).status_code


def belongings(api: Api) -> dict[str, str]:
    project, tag = api.project(), api.tag()
    section = api.section(project["id"])
    inside = {"projectId": project["id"], "projectSectionId": section["id"], "tags": [tag["id"]]}
    task = api.task(**inside)
    return {"project_id": project["id"], "section_id": section["id"], "tag_id": tag["id"], "task_id": task["id"]}


def everything(*people: Api) -> list[Any]:
    shown: list[Any] = []
    for api in people:
        projects = api.get("/api/v2/projects").json["projects"]
        shown += [api.get(path).json for path in ("/api/v2/todo", "/api/v2/tag", "/api/v2/projects/inbox")]
        shown += [api.get(f"/api/v1/user/{name}").json for name in ("profile", "user-preferences")]
        shown += [api.get(f"/api/v2/projects/{project['id']}").json for project in projects]
        shown += [api.get(f"/api/v2/projects/{project['id']}/sections").json for project in projects]
    return shown


# -- sessions


def without_session(app: Flask, kind: str) -> Api:
    api = Api(app)
    if kind == "unknown":
        api.client.set_cookie("connect.sid", "made-up")
    elif kind == "ended":
        cookie = api.post("/_mockflow/sessions", email="ann@example.com").json["value"]
        assert api.post("/api/v1/user/logout").status_code == 200
        api.client.set_cookie("connect.sid", cookie)
    elif kind == "expired":
        assert api.post("/_mockflow/sessions", email="ann@example.com").status_code == 201
        assert api.put("/_mockflow/clock", advance="P1DT1S").status_code == 200
    return api


def test_all_but_four_operations_need_a_session() -> None:
    assert len(GUARDED) == 30
    assert {operation.name for operation in OPERATIONS if operation not in GUARDED} == {
        "requestSignUpCode",
        "completeSignUp",
        "signIn",
        "checkAuth",
    }


@pytest.mark.parametrize("operation", GUARDED, ids=lambda operation: operation.name)
def test_without_a_session_nothing_is_answered(app: Flask, operation: Operation) -> None:
    path = re.sub(r"<(\w+)>", lambda match: UNKNOWN[match[1]], operation.path)
    for session in ("none", "unknown", "ended", "expired"):
        response = without_session(app, session).call(operation.method, path)
        assert response.status_code == 401, session
        assert set(response.json) == {"message", "msg", "isAuthenticated"}
        assert response.json["isAuthenticated"] is False


# -- ids in paths


def test_ten_operations_name_something_in_their_path() -> None:
    assert [operation.name for operation in NAMING] == (
        "updateTask deleteTask getProject updateProject deleteProject listSections createSection updateSection "
        "deleteSection updateTag"
    ).split()


@each_naming
@pytest.mark.parametrize("body", BODIES, ids=["good body", "bad body"])
@pytest.mark.parametrize("ids", [UNKNOWN, NONSENSE], ids=["unknown", "nonsense"])
def test_an_id_that_does_not_exist_is_not_found(
    ann: Api, operation: Operation, ids: dict[str, str], body: JSON
) -> None:
    belongings(ann)
    before = everything(ann)
    assert call(ann, operation, ids, body) == 404
    assert everything(ann) == before


@each_naming
def test_an_id_of_another_kind_is_not_found(ann: Api, operation: Operation) -> None:
    own = belongings(ann)
    before = everything(ann)
    swapped = {
        "task_id": own["project_id"],
        "tag_id": own["task_id"],
        "project_id": own["section_id"],
        "section_id": own["task_id"],
    }
    assert call(ann, operation, swapped, BODIES[0]) == 404
    assert everything(ann) == before


@each_naming
@pytest.mark.parametrize("body", BODIES, ids=["good body", "bad body"])
def test_what_is_somebody_elses_is_forbidden(ann: Api, ben: Api, operation: Operation, body: JSON) -> None:
    belongings(ann)
    theirs = belongings(ben)
    before = everything(ann, ben)
    assert call(ann, operation, theirs, body) == 403
    assert everything(ann, ben) == before


@each_naming
def test_what_was_deleted_is_not_found(ann: Api, operation: Operation) -> None:
    own = belongings(ann)
    for path in (
        f"/api/v2/projects/{own['project_id']}/sections/{own['section_id']}",
        f"/api/v2/projects/{own['project_id']}",
    ):
        assert ann.delete(path).status_code == 200
    assert ann.delete("/api/v2/tag/bulk", tagIds=own["tag_id"]).status_code == 200
    assert call(ann, operation, own, BODIES[0]) == 404


@each_naming
def test_what_is_ones_own_is_there(ann: Api, operation: Operation) -> None:
    assert call(ann, operation, belongings(ann), BODIES[0]) == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_inbox_of_somebody_else_is_forbidden(ann: Api, ben: Api, method: str) -> None:
    before = everything(ann, ben)
    path = f"/api/v2/projects/{ben.inbox_id()}"
    assert ann.call(method, path, json={"name": "taken"}).status_code == 403
    assert everything(ann, ben) == before


# -- shared projects


def test_a_workspace_of_others_is_forbidden(ann: Api, ben: Api, workspaces: dict[str, str]) -> None:
    before = everything(ann, ben)
    response = ann.post("/api/v2/projects", name="Plan", workspaceId=workspaces["Of Ben"])
    assert response.status_code == 403
    assert everything(ann, ben) == before
    assert ben.project("Plan", workspaceId=workspaces["Of Ben"])["workspaceId"] == workspaces["Of Ben"]


def test_a_shared_project_is_there_for_every_member(
    ann: Api, ben: Api, oli: Api, workspaces: dict[str, str]
) -> None:
    shared = ann.project("Team", workspaceId=workspaces["Shared"])
    for member in (ann, ben):
        assert shared in member.get("/api/v2/projects").json["projects"]
        assert member.get("/api/v2/projects/personal", search="").json == {"personalProjects": []}
    assert [project["isDefault"] for project in oli.get("/api/v2/projects").json["projects"]] == [True]


def test_a_member_can_use_a_shared_project_in_every_way(ann: Api, ben: Api, workspaces: dict[str, str]) -> None:
    shared = ann.project("Team", workspaceId=workspaces["Shared"])
    path = f"/api/v2/projects/{shared['id']}"
    theirs = ann.section(shared["id"], "of Ann")
    own = ben.section(shared["id"], "of Ben")
    task = ben.task(projectId=shared["id"], projectSectionId=theirs["id"])
    assert ben.get(path).json["project"] == {**shared, "todos": [ben.shown(task["id"])]}
    assert ben.get(path).json == ann.get(path).json
    assert ben.get(f"{path}/sections").json == ann.get(f"{path}/sections").json
    board = {"viewMode": "board"}
    assert ben.put(path, name="Ours", taskDisplayPreferences=board).json["project"]["userId"] == shared["userId"]
    assert ben.patch(f"{path}/sections/{theirs['id']}", name="ours", nextIndex=None).status_code == 200
    assert [section["name"] for section in ann.get(f"{path}/sections").json["sections"]] == ["of Ben", "ours"]
    assert ben.delete(f"{path}/sections/{theirs['id']}").status_code == 200
    assert [section["id"] for section in ann.get(f"{path}/sections").json["sections"]] == [own["id"]]
    assert ann.get(path).json["project"]["name"] == "Ours"
    assert ben.delete(path).status_code == 200
    assert ann.get(path).status_code == 404
    assert ben.tasks() == []


def test_a_shared_project_takes_the_tasks_of_all_members_along(
    ann: Api, ben: Api, workspaces: dict[str, str]
) -> None:
    shared = ann.project("Team", workspaceId=workspaces["Shared"])
    ann.task("of Ann", projectId=shared["id"])
    parent = ben.task("of Ben", projectId=shared["id"])
    ben.task("child", parentId=parent["id"])
    kept = ben.task("kept")
    assert ann.delete(f"/api/v2/projects/{shared['id']}").status_code == 200
    assert ann.tasks() == []
    assert [task["id"] for task in ben.tasks()] == [kept["id"]]


@pytest.mark.parametrize(
    "operation",
    [operation for operation in NAMING if operation.group == "projects"],
    ids=lambda operation: operation.name,
)
@pytest.mark.parametrize("workspace", ["Shared", "Of Ben"])
def test_a_project_of_a_workspace_is_closed_to_others(
    ben: Api, ann: Api, oli: Api, workspaces: dict[str, str], operation: Operation, workspace: str
) -> None:
    project = ben.project("Team", workspaceId=workspaces[workspace])
    ids = {"project_id": project["id"], "section_id": ben.section(project["id"])["id"]}
    before = everything(ben)
    outsider = oli if workspace == "Shared" else ann
    assert call(outsider, operation, ids, BODIES[0]) == 403
    assert outsider.post("/api/v2/todo", title="in", projectId=project["id"]).status_code == 403
    assert everything(ben) == before
    assert outsider.tasks() == []
