"""Projects: contract, section 5; the Inbox and sections have files of their own."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support import JSON, Api, fields_of

PROJECTS = "/api/v2/projects"
PROJECT = ["id", "name", "personal", "slug", "isDefault", "taskDisplayPreferences", "userId", "workspaceId"]
UNKNOWN = "c" + "0" * 24


def user_id(api: Api) -> str:
    return str(api.get("/api/v1/user/profile").json["user"]["id"])


def listed(api: Api) -> list[JSON]:
    return list(api.get(PROJECTS).json["projects"])


def slugs(api: Api) -> list[str]:
    return [project["slug"] for project in listed(api)]


def personal_names(api: Api, search: str) -> set[str]:
    found = api.get(f"{PROJECTS}/personal", search=search).json["personalProjects"]
    return {project["name"] for project in found}


# -- creating


def test_a_new_personal_project_is_answered_whole(ann: Api) -> None:
    response = ann.post(PROJECTS, name="Q4 Marketing Campaign", personal=True)
    assert response.status_code == 200
    assert list(response.json) == ["message", "project"]
    assert response.json["message"] == "Successfully created project"
    project = response.json["project"]
    assert list(project) == PROJECT
    assert re.fullmatch(r"c[a-z0-9]{24}", project.pop("id"))
    assert project == {
        "name": "Q4 Marketing Campaign",
        "personal": True,
        "slug": "q4-marketing-campaign",
        "isDefault": False,
        "taskDisplayPreferences": None,
        "userId": user_id(ann),
        "workspaceId": None,
    }


@pytest.mark.parametrize("extra", [{}, {"personal": False}], ids=["left out", "false"])
def test_a_new_workspace_project_is_not_personal(
    ann: Api, workspaces: dict[str, str], extra: dict[str, Any]
) -> None:
    project = ann.project("Team plan", workspaceId=workspaces["Shared"], **extra)
    assert list(project) == PROJECT
    assert (project["personal"], project["workspaceId"]) == (False, workspaces["Shared"])
    assert (project["userId"], project["isDefault"]) == (user_id(ann), False)


@pytest.mark.parametrize(
    "body",
    [{}, {"personal": False}, {"personal": True, "workspaceId": "Shared"}],
    ids=["neither", "only personal: false", "both"],
)
def test_exactly_one_of_personal_and_workspace_has_to_be_given(
    ann: Api, workspaces: dict[str, str], body: dict[str, Any]
) -> None:
    before = listed(ann)
    fields = {**body, "workspaceId": workspaces["Shared"]} if "workspaceId" in body else body
    response = ann.post(PROJECTS, name="Plan", **fields)
    assert response.status_code == 400
    assert len(response.json["errors"]) >= 1
    assert listed(ann) == before


def test_a_workspace_that_does_not_exist_is_refused(ann: Api) -> None:
    before = listed(ann)
    assert fields_of(ann.post(PROJECTS, name="Plan", workspaceId=UNKNOWN)) == [["workspaceId"]]
    assert listed(ann) == before


@pytest.mark.parametrize(
    ("body", "offending"),
    [
        ({}, ["name"]),
        ({"name": None}, ["name"]),
        ({"name": ""}, ["name"]),
        ({"name": "  "}, ["name"]),
        ({"name": 7}, ["name"]),
        ({"name": ["Plan"]}, ["name"]),
        ({"name": "Plan", "personal": "true"}, ["personal"]),
        ({"name": "Plan", "personal": 1}, ["personal"]),
        ({"name": "Plan", "personal": False, "workspaceId": 7}, ["workspaceId"]),
    ],
)
def test_nonsense_makes_no_project(ann: Api, body: dict[str, Any], offending: list[str]) -> None:
    before = listed(ann)
    assert fields_of(ann.post(PROJECTS, **{"personal": True, **body})) == [offending]
    assert listed(ann) == before


def test_what_the_server_decides_cannot_be_sent(ann: Api) -> None:
    sent = {"id": UNKNOWN, "slug": "mine", "isDefault": True, "userId": UNKNOWN, "nonsense": 1}
    project = ann.project("Plan", personal=True, **sent)
    assert list(project) == PROJECT
    assert project["id"] != UNKNOWN
    assert (project["slug"], project["isDefault"], project["userId"]) == ("plan", False, user_id(ann))


# -- slugs


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Q4 Marketing Campaign", "q4-marketing-campaign"),
        ("Launch", "launch"),
        ("Ready? Set -- Go!", "ready-set-go"),
        ("Café Zürich", "cafe-zurich"),
        ("2026", "2026"),
        ("!!! 🚀", None),
    ],
)
def test_a_slug_comes_from_the_name(ann: Api, name: str, slug: str | None) -> None:
    project = ann.project(name)
    assert (project["name"], project["slug"]) == (name, slug)


def test_names_without_a_letter_share_no_slug(ann: Api) -> None:
    assert [ann.project(name)["slug"] for name in ("???", "???", "🚀")] == [None, None, None]


def test_a_taken_slug_gets_a_number(ann: Api) -> None:
    made = [ann.project("Launch")["slug"] for _ in range(4)]
    assert made[0] == "launch"
    assert all(re.fullmatch(r"launch-[0-9]+", slug) for slug in made[1:])
    assert len(set(made)) == 4


def test_a_numbered_slug_is_not_given_twice(ann: Api) -> None:
    for name in ("Launch 1", "Launch 2", "Launch 3", "Launch", "Launch", "Launch"):
        ann.project(name)
    assert len(set(slugs(ann))) == 7  # and the Inbox


def test_a_project_named_inbox_does_not_take_the_inbox_slug(ann: Api) -> None:
    assert re.fullmatch(r"inbox-[0-9]+", ann.project("Inbox")["slug"])


def test_a_slug_stays_when_the_project_is_renamed(ann: Api) -> None:
    project = ann.project("Launch")
    renamed = ann.put(f"{PROJECTS}/{project['id']}", name="Landing").json["project"]
    assert (renamed["name"], renamed["slug"]) == ("Landing", "launch")
    assert ann.project("Launch")["slug"] != "launch"
    assert ann.project("Landing")["slug"] == "landing"


def test_a_slug_is_unique_among_all_projects_that_a_member_sees(
    ann: Api, ben: Api, workspaces: dict[str, str]
) -> None:
    ann.project("Launch")
    ben.project("Launch", workspaceId=workspaces["Shared"])
    assert len(slugs(ann)) == len(set(slugs(ann))) == 3


# -- reading


def test_all_projects_are_the_own_and_those_of_ones_workspaces(
    ann: Api, ben: Api, workspaces: dict[str, str]
) -> None:
    own, shared = ann.project("Own"), ben.project("Shared", workspaceId=workspaces["Shared"])
    ben.project("Private")
    ben.project("Team", workspaceId=workspaces["Of Ben"])
    response = ann.get(PROJECTS)
    assert list(response.json) == ["projects"]
    projects = {project["name"]: project for project in response.json["projects"]}
    assert len(response.json["projects"]) == len(projects) == 3
    assert (projects["Own"], projects["Shared"]) == (own, shared)
    assert set(projects) == {"Inbox", "Own", "Shared"}
    assert all(list(project) == PROJECT for project in projects.values())


def test_a_project_is_shown_with_full_task_objects(ann: Api) -> None:
    project, tag = ann.project(), ann.tag("urgent")
    parent = ann.task("parent", projectId=project["id"], tags=[tag["id"]])
    ann.task("child", projectId=project["id"], parentId=parent["id"])
    ann.task("elsewhere", parentId=parent["id"])
    ann.task("other")
    response = ann.get(f"{PROJECTS}/{project['id']}")
    assert response.status_code == 200
    assert list(response.json) == ["project"]
    shown = response.json["project"]
    assert list(shown) == [*PROJECT, "todos"]
    todos = shown.pop("todos")
    assert shown == project
    assert todos == [task for task in ann.tasks() if task["projectId"] == project["id"]]
    assert {task["title"] for task in todos} == {"parent", "child"}
    (shown_parent,) = [task for task in todos if task["title"] == "parent"]
    assert [child["title"] for child in shown_parent["children"]] == ["child", "elsewhere"]
    assert shown_parent["tags"] == [tag]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", {"Launch Plan", "Café", "planning"}),
        ("plan", {"Launch Plan", "planning"}),
        ("PLAN", {"Launch Plan", "planning"}),
        ("nch pl", {"Launch Plan"}),
        ("CAFÉ", {"Café"}),
        ("launch-plan", set()),
        ("nowhere", set()),
    ],
)
def test_personal_projects_are_found_by_a_part_of_the_name(
    ann: Api, ben: Api, workspaces: dict[str, str], search: str, found: set[str]
) -> None:
    for name in ("Launch Plan", "Café", "planning"):
        ann.project(name)
    ann.project("Team Plan", workspaceId=workspaces["Shared"])
    ben.project("Plan of Ben")
    assert personal_names(ann, search) == found


def test_personal_projects_are_shown_with_their_tasks(ann: Api) -> None:
    project = ann.project("Launch")
    ann.task(projectId=project["id"])
    response = ann.get(f"{PROJECTS}/personal", search="")
    assert response.status_code == 200
    assert list(response.json) == ["personalProjects"]
    (shown,) = response.json["personalProjects"]
    assert list(shown) == [*PROJECT, "todos"]
    assert shown == {**project, "todos": ann.tasks()}
    assert len(shown["todos"]) == 1


def test_a_personal_search_needs_its_parameter(ann: Api) -> None:
    assert fields_of(ann.get(f"{PROJECTS}/personal")) == [["search"]]


# -- changing


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Landing"},
        {"taskDisplayPreferences": {"viewMode": "list"}},
        {"taskDisplayPreferences": {"viewMode": "board"}},
        {"taskDisplayPreferences": {"viewMode": "calendar"}},
        {"name": "Landing", "taskDisplayPreferences": {"viewMode": "board"}},
        {"name": "Landing", "slug": "mine", "personal": False, "isDefault": True},
    ],
)
def test_name_and_view_of_a_project_can_change(ann: Api, changes: dict[str, Any]) -> None:
    project, other = ann.project("Launch"), ann.project("Other")
    expected = {**project, **{key: changes[key] for key in changes if key in ("name", "taskDisplayPreferences")}}
    response = ann.put(f"{PROJECTS}/{project['id']}", **changes)
    assert response.status_code == 200
    assert list(response.json) == ["message", "project"]
    assert response.json == {"message": "project updated successfully", "project": expected}
    assert list(response.json["project"]) == PROJECT
    assert [found for found in listed(ann) if not found["isDefault"]] == [expected, other]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"slug": "mine"},
        {"name": None},
        {"name": " "},
        {"name": 7},
        {"taskDisplayPreferences": None},
        {"taskDisplayPreferences": "board"},
        {"taskDisplayPreferences": {}},
        {"taskDisplayPreferences": {"viewMode": None}},
        {"taskDisplayPreferences": {"viewMode": "grid"}},
        {"taskDisplayPreferences": {"viewMode": "Board"}},
        {"name": "Landing", "taskDisplayPreferences": {"viewMode": "grid"}},
    ],
)
def test_nonsense_changes_no_project(ann: Api, changes: dict[str, Any]) -> None:
    project = ann.project("Launch")
    response = ann.put(f"{PROJECTS}/{project['id']}", **changes)
    assert response.status_code == 400
    assert {error["path"][0] for error in response.json["errors"]} <= {"name", "taskDisplayPreferences"}
    assert listed(ann)[1:] == [project]
