"""Changing and deleting tasks: contract, section 4. What each field takes is in `test_task_creation.py`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mockflow.clock import Clock
from tests.support import JSON, Api, fields_of

ALONE = (
    "id title description priority dueDate dueTime isAllDay completed completedAt color sortKey reminder "
    "parentId projectId projectSectionId recurrenceRule recurrenceEndDate createdAt updatedAt"
).split()
NOWHERE = "c" + "0" * 24
NO_TAG = "tag_" + "0" * 26
TIME = "2026-03-11T09:30:00.000Z"
FILLED: JSON = {
    "description": "all of it",
    "priority": "high",
    "dueDate": "2026-03-11",
    "dueTime": TIME,
    "isAllDay": False,
    "color": "#123456",
    "reminder": True,
    "recurrenceRule": {"pattern": "weekly", "interval": 2},
    "recurrenceEndDate": "2026-12-31",
}


def path(task: JSON) -> str:
    return f"/api/v2/todo/{task['id']}"


def change(api: Api, task: JSON, **fields: Any) -> JSON:
    response = api.patch(path(task), **fields)
    assert response.status_code == 200, response.text
    return dict(response.json["todo"])


def tag_ids(api: Api, task: JSON) -> set[str]:
    shown = api.shown(task["id"])
    assert shown is not None
    return {tag["id"] for tag in shown["tags"]}


def test_a_changed_task_is_answered_with_its_fields_in_order_without_tags_and_children(ann: Api) -> None:
    task = ann.task(tags=[ann.tag()["id"]])
    ann.task(parentId=task["id"])
    response = ann.patch(path(task), title="new")
    assert list(response.json) == ["todo"]
    assert list(response.json["todo"]) == ALONE
    shown = ann.shown(task["id"])
    assert shown is not None
    assert {name: shown[name] for name in ALONE} == response.json["todo"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "new"),
        ("description", "new"),
        ("priority", "low"),
        ("dueDate", "2026-04-01"),
        ("dueTime", "2026-04-01T08:00:00.000Z"),
        ("color", "#fff"),
        ("reminder", False),
        ("recurrenceRule", {"pattern": "daily", "interval": 1}),
        ("recurrenceEndDate", "2027-01-01"),
        *((name, None) for name in FILLED if name not in ("isAllDay", "reminder")),
    ],
)
def test_a_change_leaves_the_other_fields_as_they_are(ann: Api, clock: Clock, field: str, value: Any) -> None:
    task = ann.task(tags=[ann.tag()["id"]], **FILLED)
    [before] = ann.tasks()
    clock.advance(timedelta(seconds=1))
    changed = change(ann, task, **{field: value})
    assert changed == {**task, field: value, "updatedAt": "2026-03-10T12:00:01.000Z"}
    assert ann.tasks() == [{**before, **changed}]


def test_several_fields_change_at_once(ann: Api) -> None:
    task = ann.task()
    assert change(ann, task, title="new", **FILLED) == {**task, "title": "new", **FILLED}


def test_a_change_leaves_other_tasks_as_they_are(ann: Api) -> None:
    first, second = ann.task("first"), ann.task("second")
    change(ann, first, **FILLED)
    assert ann.shown(second["id"]) == {**second, "tags": [], "children": []}


@pytest.mark.parametrize("field", ["id", "createdAt", "completedAt", "userId", "children", "unknown"])
def test_a_change_ignores_what_cannot_be_written(ann: Api, field: str) -> None:
    task = ann.task()
    assert change(ann, task, title="new", **{field: NOWHERE}) == {**task, "title": "new"}


def test_a_change_ignores_parent_id(ann: Api, ben: Api) -> None:
    parent, task = ann.task("parent"), ann.task("task")
    child = ann.task("child", parentId=parent["id"])
    for parent_id in (parent["id"], child["id"], ben.task()["id"], NOWHERE, 7):
        assert change(ann, task, parentId=parent_id)["parentId"] is None
    assert change(ann, child, parentId=None)["parentId"] == parent["id"]
    assert change(ann, child, parentId=task["id"])["parentId"] == parent["id"]


def test_an_all_day_task_loses_its_due_time(ann: Api) -> None:
    task = ann.task(isAllDay=False, dueTime=TIME)
    assert change(ann, task, isAllDay=True)["dueTime"] is None
    assert change(ann, task, isAllDay=False)["dueTime"] is None


def test_a_due_time_is_ignored_until_the_task_is_timed(ann: Api) -> None:
    task = ann.task()
    assert change(ann, task, dueTime=TIME)["dueTime"] is None
    assert change(ann, task, dueTime=TIME, isAllDay=True)["dueTime"] is None
    assert change(ann, task, dueTime=TIME, isAllDay=False)["dueTime"] == TIME


def test_tags_are_replaced_as_a_whole(ann: Api) -> None:
    one, two, three = (ann.tag(name)["id"] for name in ("one", "two", "three"))
    task = ann.task(tags=[one, two])
    change(ann, task, tags=[two, three])
    assert tag_ids(ann, task) == {two, three}
    change(ann, task, title="tags stay when they are left out")
    assert tag_ids(ann, task) == {two, three}
    change(ann, task, tags=f"{one},{three}")
    assert tag_ids(ann, task) == {one, three}
    change(ann, task, tags=[])
    assert tag_ids(ann, task) == set()


def test_tags_are_removed_by_an_empty_text(ann: Api) -> None:
    task = ann.task(tags=[ann.tag()["id"]])
    change(ann, task, tags="")
    assert tag_ids(ann, task) == set()


# -- where a task is


def test_a_task_moves_to_another_project_and_back_to_the_inbox(ann: Api) -> None:
    project, task = ann.project()["id"], ann.task()
    assert change(ann, task, projectId=project)["projectId"] == project
    assert change(ann, task, title="stays")["projectId"] == project
    assert change(ann, task, projectId=None)["projectId"] == ann.inbox_id()


def test_a_task_takes_a_section_of_its_own_project(ann: Api) -> None:
    project = ann.project()["id"]
    section, task = ann.section(project)["id"], ann.task(projectId=project)
    assert change(ann, task, projectSectionId=section)["projectSectionId"] == section
    assert change(ann, task, title="stays")["projectSectionId"] == section
    assert change(ann, task, projectId=project)["projectSectionId"] == section
    assert change(ann, task, projectSectionId=None)["projectSectionId"] is None


@pytest.mark.parametrize("to_inbox", [True, False])
def test_a_task_that_moves_loses_its_section(ann: Api, to_inbox: bool) -> None:
    project, other = ann.project("one")["id"], ann.project("two")["id"]
    task = ann.task(projectId=project, projectSectionId=ann.section(project)["id"])
    moved = change(ann, task, projectId=None if to_inbox else other)
    assert (moved["projectId"], moved["projectSectionId"]) == (ann.inbox_id() if to_inbox else other, None)


def test_a_task_that_moves_takes_the_section_that_is_named_with_the_project(ann: Api) -> None:
    project, other = ann.project("one")["id"], ann.project("two")["id"]
    task = ann.task(projectId=project, projectSectionId=ann.section(project)["id"])
    section = ann.section(other)["id"]
    moved = change(ann, task, projectId=other, projectSectionId=section)
    assert (moved["projectId"], moved["projectSectionId"]) == (other, section)


def test_a_section_of_another_project_is_refused(ann: Api) -> None:
    project, other = ann.project("one")["id"], ann.project("two")["id"]
    own, foreign = ann.section(project)["id"], ann.section(other)["id"]
    task = ann.task(projectId=project, projectSectionId=own)
    before = ann.tasks()
    for fields in (
        {"projectSectionId": foreign},
        {"projectSectionId": foreign, "projectId": project},
        {"projectSectionId": own, "projectId": other},
        {"projectSectionId": own, "projectId": None},
    ):
        assert fields_of(ann.patch(path(task), title="new", **fields)) == [["projectSectionId"]], fields
    assert ann.tasks() == before


@pytest.mark.parametrize(
    "fields", [{"projectId": NOWHERE}, {"projectSectionId": NOWHERE}, {"tags": [NO_TAG]}, {"tags": NO_TAG}]
)
def test_a_change_cannot_refer_to_what_does_not_exist(ann: Api, fields: JSON) -> None:
    task = ann.task(tags=[ann.tag()["id"]])
    before = ann.tasks()
    response = ann.patch(path(task), title="new", completed=True, **fields)
    assert {where[0] for where in fields_of(response)} == set(fields)
    assert ann.tasks() == before


def test_a_change_cannot_refer_to_what_is_somebody_elses(ann: Api, ben: Api) -> None:
    task, project = ann.task(), ben.project()["id"]
    before = ann.tasks()
    for fields in (
        {"projectId": project},
        {"projectId": ben.inbox_id()},
        {"projectSectionId": ben.section(project)["id"]},
        {"tags": [ann.tag()["id"], ben.tag()["id"]]},
    ):
        assert ann.patch(path(task), title="new", **fields).status_code == 403, fields
    assert ann.tasks() == before


# -- whose task it is


@pytest.mark.parametrize("body", [{"title": "new"}, {"title": ""}, {"projectId": NOWHERE}])
def test_a_task_that_does_not_exist_is_not_found_whatever_the_body(ann: Api, body: JSON) -> None:
    for task_id in (NOWHERE, "x"):
        assert ann.patch(f"/api/v2/todo/{task_id}", **body).status_code == 404


@pytest.mark.parametrize("body", [{"title": "new"}, {"title": ""}, {"projectId": NOWHERE}])
def test_somebody_elses_task_cannot_be_changed_whatever_the_body(ann: Api, ben: Api, body: JSON) -> None:
    task = ben.task()
    before = ben.tasks()
    assert ann.patch(path(task), **body).status_code == 403
    assert ben.tasks() == before


def test_a_shared_project_does_not_make_its_tasks_shared(ann: Api, ben: Api, workspaces: dict[str, str]) -> None:
    task = ben.task(projectId=ben.project(workspaceId=workspaces["Shared"])["id"])
    assert ann.patch(path(task), title="new").status_code == 403
    assert ann.delete(path(task)).status_code == 403
    assert ben.shown(task["id"]) == {**task, "tags": [], "children": []}


# -- deleting


def test_a_deleted_task_is_gone_for_good(ann: Api) -> None:
    kept, task = ann.task("kept"), ann.task("deleted")
    response = ann.delete(path(task))
    assert response.status_code == 200
    assert response.json == {"msg": "Todo deleted successfully"}
    assert [shown["id"] for shown in ann.tasks()] == [kept["id"]]
    assert ann.delete(path(task)).status_code == 404
    assert ann.patch(path(task), title="back").status_code == 404


def test_subtasks_are_deleted_with_their_parent(ann: Api) -> None:
    parent, other = ann.task("parent"), ann.task("other")
    children = [
        ann.task("child", parentId=parent["id"]),
        ann.task("elsewhere", parentId=parent["id"], projectId=ann.project()["id"]),
        ann.task("another day", parentId=parent["id"], dueDate="2026-04-01"),
    ]
    kept = ann.task("kept", parentId=other["id"])
    ann.delete(path(parent))
    assert {task["id"] for task in ann.tasks()} == {other["id"], kept["id"]}
    assert [ann.delete(path(child)).status_code for child in children] == [404, 404, 404]


def test_a_parent_stays_when_a_subtask_is_deleted(ann: Api) -> None:
    parent = ann.task("parent")
    first, second = ann.task("first", parentId=parent["id"]), ann.task("second", parentId=parent["id"])
    ann.delete(path(first))
    shown = ann.shown(parent["id"])
    assert shown is not None
    assert [child["id"] for child in shown["children"]] == [second["id"]]


def test_a_task_that_does_not_exist_cannot_be_deleted(ann: Api) -> None:
    assert ann.delete(f"/api/v2/todo/{NOWHERE}").status_code == 404


def test_somebody_elses_task_cannot_be_deleted(ann: Api, ben: Api) -> None:
    task = ben.task()
    assert ann.delete(path(task)).status_code == 403
    assert [shown["id"] for shown in ben.tasks()] == [task["id"]]


@pytest.mark.parametrize(
    "changes", [{}, {"title": "a task"}, {"completed": False}, {"parentId": None}, {"titel": "x"}]
)
def test_a_change_that_changes_nothing_leaves_updated_at_alone(ann: Api, clock: Clock, changes: JSON) -> None:
    task = ann.task()
    clock.advance(timedelta(seconds=5))
    assert ann.patch(f"/api/v2/todo/{task['id']}", **changes).json["todo"] == task
