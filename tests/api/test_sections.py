"""Sections of projects: contract, section 5; their order has a file of its own."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support import JSON, Api, fields_of

SECTION = ["id", "name", "sortKey", "projectId"]
UNKNOWN = "c" + "0" * 24


def sections_path(project: JSON) -> str:
    return f"/api/v2/projects/{project['id']}/sections"


def path_of(section: JSON) -> str:
    return f"/api/v2/projects/{section['projectId']}/sections/{section['id']}"


def shown(api: Api, project: JSON) -> list[JSON]:
    return list(api.get(sections_path(project)).json["sections"])


def in_section(section: JSON) -> JSON:
    return {"projectId": section["projectId"], "projectSectionId": section["id"]}


# -- creating and reading


def test_a_new_section_is_answered_whole(ann: Api) -> None:
    project = ann.project()
    response = ann.post(sections_path(project), name="To do")
    assert response.status_code == 200
    assert list(response.json) == ["msg", "section"]
    assert response.json["msg"] == "project section created"
    section = response.json["section"]
    assert list(section) == SECTION
    assert re.fullmatch(r"c[a-z0-9]{24}", section["id"])
    assert section == {"id": section["id"], "name": "To do", "sortKey": "a0", "projectId": project["id"]}


def test_new_sections_go_to_the_end_of_their_project(ann: Api) -> None:
    project, other = ann.project("Launch"), ann.project("Other")
    made = [ann.section(project["id"], name) for name in ("To do", "To do", "Done")]
    assert [section["sortKey"] for section in made] == ["a0", "a1", "a2"]
    assert ann.section(other["id"])["sortKey"] == "a0"
    assert [section["id"] for section in shown(ann, project)] == [section["id"] for section in made]


def test_a_project_without_sections_has_an_empty_list(ann: Api) -> None:
    response = ann.get(sections_path(ann.project()))
    assert response.status_code == 200
    assert response.json == {"sections": []}


@pytest.mark.parametrize("name", [None, "", "  ", 7, ["Done"]])
def test_a_section_needs_a_name(ann: Api, name: Any) -> None:
    project = ann.project()
    assert fields_of(ann.post(sections_path(project))) == [["name"]]
    assert fields_of(ann.post(sections_path(project), name=name)) == [["name"]]
    assert shown(ann, project) == []


def test_what_the_server_decides_cannot_be_sent(ann: Api) -> None:
    project, other = ann.project("Launch"), ann.project("Other")
    sent = {"id": UNKNOWN, "sortKey": "a9", "projectId": other["id"], "nonsense": 1}
    section = ann.post(sections_path(project), name="Done", **sent).json["section"]
    assert list(section) == SECTION
    assert section["id"] != UNKNOWN
    assert (section["sortKey"], section["projectId"]) == ("a0", project["id"])


def test_sections_are_shown_with_full_task_objects(ann: Api) -> None:
    project, tag = ann.project(), ann.tag("urgent")
    first, second = ann.section(project["id"], "first"), ann.section(project["id"], "second")
    parent = ann.task("parent", **in_section(first), tags=[tag["id"]])
    ann.task("child", **in_section(first), parentId=parent["id"])
    ann.task("child elsewhere", parentId=parent["id"])
    ann.task("without a section", projectId=project["id"])
    response = ann.get(sections_path(project))
    assert response.status_code == 200
    assert list(response.json) == ["sections"]
    found = response.json["sections"]
    assert [list(section) for section in found] == [[*SECTION, "todos"]] * 2
    expected = [task for task in ann.tasks() if task["projectSectionId"] == first["id"]]
    assert found == [{**first, "todos": expected}, {**second, "todos": []}]
    assert {task["title"] for task in expected} == {"parent", "child"}
    (shown_parent,) = [task for task in found[0]["todos"] if task["title"] == "parent"]
    assert len(shown_parent["children"]) == 2
    assert shown_parent["tags"] == [tag]


# -- changing


def test_a_section_can_be_renamed(ann: Api) -> None:
    project = ann.project()
    section, other = ann.section(project["id"], "Doing"), ann.section(project["id"], "Done")
    response = ann.patch(path_of(section), name="Started", nonsense=1)
    assert response.status_code == 200
    assert list(response.json) == ["msg", "updatedSection"]
    assert response.json["msg"] == "project section updated sucessfully"
    assert list(response.json["updatedSection"]) == SECTION
    assert response.json["updatedSection"] == {**section, "name": "Started"}
    assert shown(ann, project) == [{**section, "name": "Started", "todos": []}, {**other, "todos": []}]


@pytest.mark.parametrize(
    ("changes", "offending"),
    [
        ({"name": None}, ["name"]),
        ({"name": ""}, ["name"]),
        ({"name": " "}, ["name"]),
        ({"name": 7}, ["name"]),
        ({"projectId": 7}, ["projectId"]),
        ({"projectId": [UNKNOWN]}, ["projectId"]),
        ({"projectId": UNKNOWN}, ["projectId"]),
        ({"projectId": ""}, ["projectId"]),
        ({"name": "Started", "projectId": UNKNOWN}, ["projectId"]),
        ({"name": 7, "nextIndex": None}, ["name"]),
    ],
)
def test_nonsense_changes_no_section(ann: Api, changes: dict[str, Any], offending: list[str]) -> None:
    project = ann.project()
    section = ann.section(project["id"])
    ann.section(project["id"], "other")
    ann.task(**in_section(section))
    before = shown(ann, project)
    assert fields_of(ann.patch(path_of(section), **changes)) == [offending]
    assert shown(ann, project) == before


# -- moving to another project


def test_a_section_takes_its_tasks_along_to_another_project(ann: Api) -> None:
    project, other = ann.project("Launch"), ann.project("Other")
    section, beside = ann.section(project["id"], "moving"), ann.section(project["id"], "beside")
    moving = ann.task("moving", **in_section(section))
    child = ann.task("child", **in_section(section), parentId=moving["id"])
    staying = [ann.task("beside", **in_section(beside)), ann.task("loose", projectId=project["id"])]
    unmoved = [ann.shown(task["id"]) for task in staying]
    response = ann.patch(path_of(section), projectId=other["id"])
    assert response.status_code == 200
    moved = response.json["updatedSection"]
    assert list(moved) == SECTION
    assert moved == {**section, "sortKey": moved["sortKey"], "projectId": other["id"]}
    todos = [ann.shown(task["id"]) for task in (moving, child)]
    assert [task and (task["projectId"], task["projectSectionId"]) for task in todos] == [
        (other["id"], section["id"])
    ] * 2
    assert shown(ann, other) == [{**moved, "todos": todos}]
    assert [found["id"] for found in shown(ann, project)] == [beside["id"]]
    assert [ann.shown(task["id"]) for task in staying] == unmoved
    assert ann.get(f"/api/v2/projects/{other['id']}").json["project"]["todos"] == todos


def test_a_moved_section_is_at_home_in_its_new_project_alone(ann: Api) -> None:
    project, other = ann.project("Launch"), ann.project("Other")
    section = ann.section(project["id"])
    moved = ann.patch(path_of(section), projectId=other["id"], name="there").json["updatedSection"]
    assert moved["name"] == "there"
    assert ann.patch(path_of(section), name="back").status_code == 404
    assert ann.delete(path_of(section)).status_code == 404
    assert ann.patch(path_of(moved), name="here").status_code == 200


def test_naming_its_own_project_moves_no_section(ann: Api) -> None:
    project = ann.project()
    section = ann.section(project["id"])
    ann.section(project["id"], "other")
    ann.task(**in_section(section))
    before = shown(ann, project)
    response = ann.patch(path_of(section), projectId=project["id"])
    assert response.json["updatedSection"] == section
    assert shown(ann, project) == before


def test_a_section_cannot_move_to_somebody_elses_project(ann: Api, ben: Api) -> None:
    project, theirs = ann.project(), ben.project()
    section = ann.section(project["id"])
    ann.task(**in_section(section))
    before = shown(ann, project)
    assert ann.patch(path_of(section), projectId=theirs["id"], name="taken").status_code == 403
    assert shown(ann, project) == before
    assert shown(ben, theirs) == []


def test_a_section_can_move_to_a_shared_project(ann: Api, ben: Api, workspaces: dict[str, str]) -> None:
    shared = ben.project("Team", workspaceId=workspaces["Shared"])
    section = ann.section(ann.project()["id"])
    moved = ann.patch(path_of(section), projectId=shared["id"]).json["updatedSection"]
    assert shown(ben, shared) == [{**moved, "todos": []}]


# -- deleting


def test_a_deleted_section_keeps_its_tasks(ann: Api) -> None:
    project = ann.project()
    section, other = ann.section(project["id"], "gone"), ann.section(project["id"], "kept")
    parent = ann.task("parent", **in_section(section))
    child = ann.task("child", **in_section(section), parentId=parent["id"])
    beside = ann.task("beside", **in_section(other))
    response = ann.delete(path_of(section))
    assert response.status_code == 200
    assert response.json == {"msg": "section deleted sucessfully"}
    assert shown(ann, project) == [{**other, "todos": [ann.shown(beside["id"])]}]
    for task in (parent, child):
        left = ann.shown(task["id"])
        assert left is not None
        assert (left["projectId"], left["projectSectionId"]) == (project["id"], None)
    assert len(ann.get(f"/api/v2/projects/{project['id']}").json["project"]["todos"]) == 3
    assert ann.delete(path_of(section)).status_code == 404


# -- in the project of the path


@pytest.mark.parametrize("section_id", [UNKNOWN, "nonsense", "of another project", "of somebody else"])
def test_a_section_that_is_not_in_the_project_of_the_path_is_not_found(
    ann: Api, ben: Api, section_id: str
) -> None:
    project, other, theirs = ann.project("Launch"), ann.project("Other"), ben.project()
    elsewhere = {
        "of another project": ann.section(other["id"])["id"],
        "of somebody else": ben.section(theirs["id"])["id"],
    }
    before = shown(ann, other), shown(ben, theirs)
    path = f"{sections_path(project)}/{elsewhere.get(section_id, section_id)}"
    assert ann.patch(path, name="found").status_code == 404
    assert ann.patch(path, name=7, projectId=UNKNOWN).status_code == 404
    assert ann.delete(path).status_code == 404
    assert (shown(ann, other), shown(ben, theirs)) == before


def test_a_section_does_not_move_where_an_owner_of_its_tasks_is_not_let_in(
    ann: Api, ben: Api, workspaces: dict[str, str]
) -> None:
    shared, own = ann.project(workspaceId=workspaces["Shared"]), ann.project("own")
    section = ann.section(shared["id"])
    task = ben.task(projectId=shared["id"], projectSectionId=section["id"])
    reply = ann.patch(f"/api/v2/projects/{shared['id']}/sections/{section['id']}", projectId=own["id"])
    assert reply.status_code == 403
    shown = ben.shown(task["id"])
    assert shown is not None
    assert (shown["projectId"], shown["projectSectionId"]) == (shared["id"], section["id"])


@pytest.mark.parametrize("place", [{"prevIndex": "!!"}, {"prevIndex": "a1", "nextIndex": "a0"}])
def test_a_place_that_is_none_is_told_before_a_project_that_is_foreign(ann: Api, ben: Api, place: JSON) -> None:
    project, foreign = ann.project(), ben.project()
    section = ann.section(project["id"])
    path = f"/api/v2/projects/{project['id']}/sections/{section['id']}"
    assert ann.patch(path, projectId=foreign["id"], **place).status_code == 400
