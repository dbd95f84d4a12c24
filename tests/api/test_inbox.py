"""The Inbox, and what goes with a project that is deleted: contract, section 5."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.support import JSON, PASSWORD, Api

PROJECTS = "/api/v2/projects"
PROJECT = ["id", "name", "personal", "slug", "isDefault", "taskDisplayPreferences", "userId", "workspaceId"]


def inbox(api: Api) -> JSON:
    return dict(api.get(f"{PROJECTS}/inbox").json["inbox"])


def ids(found: list[JSON]) -> set[str]:
    return {one["id"] for one in found}


# -- the Inbox


def test_the_inbox_is_answered_whole(ann: Api) -> None:
    response = ann.get(f"{PROJECTS}/inbox")
    assert response.status_code == 200
    assert list(response.json) == ["inbox"]
    shown = response.json["inbox"]
    assert list(shown) == [*PROJECT, "todos"]
    assert shown == {
        "id": shown["id"],
        "name": "Inbox",
        "personal": False,
        "slug": "inbox",
        "isDefault": True,
        "taskDisplayPreferences": None,
        "userId": ann.get("/api/v1/user/profile").json["user"]["id"],
        "workspaceId": None,
        "todos": [],
    }


def test_everybody_has_one_inbox_of_their_own(ann: Api, ben: Api, oli: Api) -> None:
    found = []
    for api in (ann, ben, oli):
        api.project("Inbox")
        (default,) = [project for project in api.get(PROJECTS).json["projects"] if project["isDefault"]]
        assert default == {key: value for key, value in inbox(api).items() if key != "todos"}
        found.append(default["id"])
    assert len(set(found)) == 3


def test_a_new_account_has_an_inbox(app: Flask, nobody: Api) -> None:
    email = "new@example.com"
    assert nobody.post("/api/v1/user/signup/send-otp", email=email).status_code == 200
    (message,) = nobody.get("/_mockflow/outbox", to=email).json["messages"]
    body = {"email": email, "code": message["code"], "password": PASSWORD}
    assert nobody.post("/api/v1/user/signup/verify", **body).status_code == 200
    new = Api(app).sign_in(email)
    (only,) = new.get(PROJECTS).json["projects"]
    assert (only["name"], only["slug"], only["isDefault"], only["personal"]) == ("Inbox", "inbox", True, False)
    assert inbox(new) == {**only, "todos": []}


def test_the_inbox_holds_full_task_objects(ann: Api, ben: Api) -> None:
    tag = ann.tag("urgent")
    parent = ann.task("parent", tags=[tag["id"]])
    ann.task("child", parentId=parent["id"])
    ann.task("in a project", projectId=ann.project()["id"])
    ben.task("of Ben")
    shown = inbox(ann)
    assert shown["todos"] == [task for task in ann.tasks() if task["projectId"] == shown["id"]]
    assert [task["title"] for task in shown["todos"]] == ["parent", "child"]
    assert shown["todos"][0]["children"] == shown["todos"][1:]
    assert shown["todos"][0]["tags"] == [tag]


def test_the_inbox_is_shown_by_its_id_too(ann: Api) -> None:
    ann.task()
    shown = inbox(ann)
    assert len(shown["todos"]) == 1
    assert ann.get(f"{PROJECTS}/{shown['id']}").json == {"project": shown}


@pytest.mark.parametrize("search", ["", "inbox", "Inbox", "nbo"])
def test_a_personal_search_never_finds_the_inbox(ann: Api, search: str) -> None:
    ann.project("My inbox")
    found = ann.get(f"{PROJECTS}/personal", search=search).json["personalProjects"]
    assert [project["name"] for project in found] == ["My inbox"]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Other"},
        {"name": "Other", "taskDisplayPreferences": {"viewMode": "board"}},
    ],
)
def test_the_inbox_cannot_be_renamed(ann: Api, changes: dict[str, Any]) -> None:
    before = inbox(ann)
    assert ann.put(f"{PROJECTS}/{before['id']}", **changes).status_code == 403
    assert inbox(ann) == before


def test_the_inbox_cannot_be_deleted(ann: Api) -> None:
    ann.task()
    before = inbox(ann)
    assert ann.delete(f"{PROJECTS}/{before['id']}").status_code == 403
    assert inbox(ann) == before
    assert len(before["todos"]) == 1


@pytest.mark.parametrize("mode", ["list", "board", "calendar"])
def test_the_view_of_the_inbox_may_change(ann: Api, mode: str) -> None:
    before = inbox(ann)
    response = ann.put(f"{PROJECTS}/{before['id']}", taskDisplayPreferences={"viewMode": mode})
    assert response.status_code == 200
    assert response.json["message"] == "project updated successfully"
    after = {**before, "taskDisplayPreferences": {"viewMode": mode}}
    assert {**response.json["project"], "todos": []} == after == inbox(ann)


@pytest.mark.parametrize("changes", [{}, {"name": ""}, {"taskDisplayPreferences": {"viewMode": "grid"}}])
def test_a_body_that_makes_no_sense_is_told_before_the_inbox_is_protected(
    ann: Api, changes: dict[str, Any]
) -> None:
    before = inbox(ann)
    assert ann.put(f"{PROJECTS}/{before['id']}", **changes).status_code == 400
    assert inbox(ann) == before


# -- deleting a project


def test_a_deleted_project_is_gone(ann: Api) -> None:
    project, other = ann.project("Launch"), ann.project("Other")
    path = f"{PROJECTS}/{project['id']}"
    response = ann.delete(path)
    assert response.status_code == 200
    assert response.json == {"msg": "project deleted successfully"}
    assert ids(ann.get(PROJECTS).json["projects"]) == {inbox(ann)["id"], other["id"]}
    assert ann.get(path).status_code == ann.get(f"{path}/sections").status_code == 404
    assert ann.put(path, name="Back").status_code == ann.delete(path).status_code == 404


def test_a_project_takes_its_tasks_and_their_subtasks_along_wherever_these_are(ann: Api) -> None:
    project, other = ann.project("Launch"), ann.project("Other")
    section, kept_section = ann.section(project["id"]), ann.section(other["id"], "kept")
    parent = ann.task("parent", projectId=project["id"], projectSectionId=section["id"])
    ann.task("child in the Inbox", parentId=parent["id"])
    ann.task("child elsewhere", parentId=parent["id"], projectId=other["id"], projectSectionId=kept_section["id"])
    ann.task("child beside it", parentId=parent["id"], projectId=project["id"])
    done = ann.task("done", projectId=project["id"])
    assert ann.patch(f"/api/v2/todo/{done['id']}", completed=True).status_code == 200
    kept = ann.task("kept parent", projectId=other["id"], projectSectionId=kept_section["id"])
    ann.task("kept child", parentId=kept["id"])
    ann.task("kept in the Inbox")
    assert ann.delete(f"{PROJECTS}/{project['id']}").status_code == 200
    assert {task["title"] for task in ann.tasks()} == {"kept parent", "kept child", "kept in the Inbox"}
    (shown,) = ann.get(f"{PROJECTS}/{other['id']}/sections").json["sections"]
    assert shown == {**kept_section, "todos": [ann.shown(kept["id"])]}
    assert ann.get(f"{PROJECTS}/{other['id']}").json["project"]["todos"] == [ann.shown(kept["id"])]
    assert {task["title"] for task in inbox(ann)["todos"]} == {"kept child", "kept in the Inbox"}


def test_a_project_takes_a_subtask_along_but_not_its_parent_elsewhere(ann: Api) -> None:
    project = ann.project()
    parent = ann.task("parent")
    ann.task("child", parentId=parent["id"], projectId=project["id"])
    assert ann.delete(f"{PROJECTS}/{project['id']}").status_code == 200
    (left,) = ann.tasks()
    assert (left["id"], left["children"]) == (parent["id"], [])


def test_a_project_takes_its_sections_along(ann: Api) -> None:
    project, other = ann.project("Launch"), ann.project("Other")
    gone, kept = ann.section(project["id"]), ann.section(other["id"])
    assert ann.delete(f"{PROJECTS}/{project['id']}").status_code == 200
    body = {"projectId": other["id"], "projectSectionId": gone["id"]}
    assert ann.post("/api/v2/todo", title="late", **body).status_code == 400
    assert ids(ann.get(f"{PROJECTS}/{other['id']}/sections").json["sections"]) == {kept["id"]}


def test_a_deleted_project_leaves_tags_and_other_people_alone(ann: Api, ben: Api) -> None:
    tag, project = ann.tag("urgent"), ann.project()
    ann.task(projectId=project["id"], tags=[tag["id"]])
    theirs = ben.project()
    ben.task(projectId=theirs["id"])
    before = ben.tasks(), ben.get(PROJECTS).json
    assert ann.delete(f"{PROJECTS}/{project['id']}").status_code == 200
    assert ann.get("/api/v2/tag").json["tags"] == [{**tag, "_count": {"todos": 0}}]
    assert (ben.tasks(), ben.get(PROJECTS).json) == before
