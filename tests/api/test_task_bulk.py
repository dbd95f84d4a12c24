"""Changing and deleting many tasks at once: contract, section 4."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from mockflow.clock import Clock
from tests.support import JSON, Api, Reply, fields_of

NOWHERE = "c" + "0" * 24
NO_TAG = "tag_" + "0" * 26
BULK = "/api/v2/todo/bulk"
TIME = "2026-03-11T09:30:00.000Z"


def ids(tasks: Iterable[JSON]) -> str:
    return ",".join(task["id"] for task in tasks)


def bulk(api: Api, todo_ids: str, **body: Any) -> Reply:
    return api.call("PATCH", BULK, query_string={"todoIds": todo_ids}, json=body)


def three(api: Api, **fields: Any) -> list[JSON]:
    return [api.task(title, **fields) for title in ("a", "b", "c")]


@pytest.mark.parametrize(
    ("field", "value", "before"),
    [
        ("priority", "high", {}),
        ("priority", None, {"priority": "low"}),
        ("dueDate", "2026-03-11", {}),
        ("dueDate", None, {"dueDate": "2026-03-10"}),
        ("dueTime", TIME, {"isAllDay": False}),
        ("dueTime", None, {"isAllDay": False, "dueTime": TIME}),
        ("isAllDay", False, {}),
        ("isAllDay", True, {"isAllDay": False}),
        ("reminder", True, {}),
    ],
)
def test_a_field_changes_in_the_named_tasks_alone(
    ann: Api, clock: Clock, field: str, value: Any, before: JSON
) -> None:
    named, other = three(ann, **before), ann.task("other", **before)
    shown = {task["id"]: task for task in ann.tasks()}
    clock.advance(timedelta(seconds=1))
    response = bulk(ann, ids(named), **{field: value})
    assert response.status_code == 200
    assert response.json == {"todos": 3}
    for task in named:
        shown[task["id"]].update({field: value, "updatedAt": "2026-03-10T12:00:01.000Z"})
    assert {task["id"]: task for task in ann.tasks()} == shown
    assert shown[other["id"]][field] != value


def test_completed_tags_project_and_section_change_too(ann: Api) -> None:
    tags = [ann.tag("one")["id"], ann.tag("two")["id"]]
    project = ann.project()["id"]
    section = ann.section(project)["id"]
    tasks = three(ann, tags=[ann.tag("old")["id"]])
    response = bulk(
        ann, ids(tasks), completed=True, tags=tags, projectId=project, projectSectionId=section, priority="low"
    )
    assert response.json == {"todos": 3}
    for task in ann.tasks():
        assert (task["completed"], task["completedAt"]) == (True, "2026-03-10T12:00:00.000Z")
        assert {tag["id"] for tag in task["tags"]} == set(tags)
        assert (task["projectId"], task["projectSectionId"], task["priority"]) == (project, section, "low")
    assert bulk(ann, ids(tasks), completed=False, tags=",".join(tags[:1]), projectId=None).json == {"todos": 3}
    for task in ann.tasks():
        assert (task["completed"], task["completedAt"]) == (False, None)
        assert [tag["id"] for tag in task["tags"]] == tags[:1]
        assert (task["projectId"], task["projectSectionId"]) == (ann.inbox_id(), None)


def test_a_due_time_is_ignored_in_tasks_that_are_all_day(ann: Api) -> None:
    tasks = [ann.task(), ann.task(isAllDay=False)]
    bulk(ann, ids(tasks), dueTime=TIME)
    assert [task["dueTime"] for task in ann.tasks()] == [None, TIME]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "new"),
        ("title", ""),
        ("description", "new"),
        ("color", "#fff"),
        ("color", "red"),
        ("sortKey", "a9"),
        ("prevIndex", "a9"),
        ("nextIndex", "nonsense"),
        ("parentId", NOWHERE),
        ("recurrenceRule", {"pattern": "daily"}),
        ("recurrenceEndDate", "2026-02-30"),
        ("id", NOWHERE),
        ("completedAt", TIME),
        ("unknown", 1),
    ],
)
def test_another_field_is_ignored_and_not_enough_alone(ann: Api, field: str, value: Any) -> None:
    tasks = three(ann)
    before = ann.tasks()
    assert bulk(ann, ids(tasks), **{field: value}).status_code == 400
    assert ann.tasks() == before
    assert bulk(ann, ids(tasks), **{field: value, "reminder": True}).json == {"todos": 3}
    assert ann.tasks() == [{**task, "reminder": True} for task in before]


def test_a_bulk_update_needs_something_to_change(ann: Api) -> None:
    assert bulk(ann, ann.task()["id"]).status_code == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("completed", "true"),
        ("completed", None),
        ("priority", "urgent"),
        ("dueDate", "2026-02-30"),
        ("dueTime", "14:30"),
        ("isAllDay", None),
        ("reminder", 1),
        ("tags", 1),
        ("projectId", 1),
        ("projectSectionId", 1),
    ],
)
def test_a_bulk_update_checks_its_fields(ann: Api, field: str, value: Any) -> None:
    tasks = three(ann)
    before = ann.tasks()
    assert fields_of(bulk(ann, ids(tasks), **{"priority": "low", field: value})) == [[field]]
    assert ann.tasks() == before


@pytest.mark.parametrize("query", [{}, {"todoIds": ""}, {"todoIds": " "}, {"todoIds": ","}])
def test_a_bulk_call_needs_ids(ann: Api, query: dict[str, str]) -> None:
    ann.task()
    before = ann.tasks()
    assert fields_of(ann.call("PATCH", BULK, query_string=query, json={"reminder": True})) == [["todoIds"]]
    assert fields_of(ann.call("DELETE", BULK, query_string=query)) == [["todoIds"]]
    assert ann.tasks() == before


def test_a_bulk_update_skips_ids_that_are_unknown_or_somebody_elses(ann: Api, ben: Api) -> None:
    own, foreign = three(ann), ben.task()
    before = ben.tasks()
    named = f"{NOWHERE},{own[0]['id']},{foreign['id']},x, {own[2]['id']}"
    assert bulk(ann, named, priority="high").json == {"todos": 2}
    assert [task["priority"] for task in ann.tasks()] == ["high", None, "high"]
    assert ben.tasks() == before


def test_a_bulk_update_of_nothing_that_is_the_callers_counts_none(ann: Api, ben: Api) -> None:
    assert bulk(ann, f"{NOWHERE},{ben.task()['id']}", priority="high").json == {"todos": 0}


def test_a_task_that_is_named_twice_counts_once(ann: Api) -> None:
    task = ann.task()["id"]
    assert bulk(ann, f"{task},{task}", priority="high").json == {"todos": 1}
    assert ann.delete(BULK, todoIds=f"{task},{task}").json == {"deletedCount": 1}


def test_subtasks_that_are_completed_along_do_not_count(ann: Api) -> None:
    parent, other = ann.task("parent"), ann.task("other")
    for title in ("one", "two"):
        ann.task(title, parentId=parent["id"])
    assert bulk(ann, ids([parent, other]), completed=True).json == {"todos": 2}
    assert len(ann.tasks(completed="true")) == 4


def test_a_subtask_that_is_named_itself_counts(ann: Api) -> None:
    parent = ann.task("parent")
    child = ann.task("child", parentId=parent["id"])
    assert bulk(ann, ids([parent, child]), completed=True, priority="low").json == {"todos": 2}
    assert [(task["completed"], task["priority"]) for task in ann.tasks()] == [(True, "low"), (True, "low")]


def test_recurring_tasks_come_back_after_a_bulk_update(ann: Api) -> None:
    for day in ("2026-03-10", "2026-03-20"):
        ann.task(dueDate=day, recurrenceRule={"pattern": "weekly"})
    assert bulk(ann, ids(ann.tasks()), completed=True).json == {"todos": 2}
    assert [task["dueDate"] for task in ann.tasks(completed="false")] == ["2026-03-17", "2026-03-27"]


@pytest.mark.parametrize("fields", [{"projectId": NOWHERE}, {"projectSectionId": NOWHERE}, {"tags": [NO_TAG]}])
def test_a_bulk_update_cannot_refer_to_what_does_not_exist(ann: Api, fields: JSON) -> None:
    tasks = three(ann)
    before = ann.tasks()
    assert {path[0] for path in fields_of(bulk(ann, ids(tasks), completed=True, **fields))} == set(fields)
    assert ann.tasks() == before


@pytest.mark.parametrize("fields", [{"projectId": NOWHERE}, {"projectSectionId": NOWHERE}, {"tags": [NO_TAG]}])
def test_a_bulk_update_checks_what_it_refers_to_even_when_it_skips_every_id(ann: Api, fields: JSON) -> None:
    assert bulk(ann, NOWHERE, **fields).status_code == 400


def test_a_bulk_update_cannot_refer_to_what_is_somebody_elses(ann: Api, ben: Api) -> None:
    tasks, project = three(ann), ben.project()["id"]
    before = ann.tasks()
    for fields in (
        {"projectId": project},
        {"projectSectionId": ben.section(project)["id"]},
        {"tags": [ann.tag()["id"], ben.tag()["id"]]},
    ):
        assert bulk(ann, ids(tasks), completed=True, **fields).status_code == 403, fields
    assert ann.tasks() == before


def test_a_bulk_update_that_one_task_does_not_allow_changes_none(ann: Api) -> None:
    project = ann.project()["id"]
    section = ann.section(project)["id"]
    inside, outside = ann.task("inside", projectId=project), ann.task("outside")
    before = ann.tasks()
    for tasks in ([inside, outside], [outside, inside]):
        response = bulk(ann, ids(tasks), projectSectionId=section, completed=True)
        assert fields_of(response) == [["projectSectionId"]]
        assert ann.tasks() == before


def test_many_tasks_are_deleted_at_once(ann: Api, ben: Api) -> None:
    tasks, foreign = three(ann), ben.task()
    response = ann.delete(BULK, todoIds=f"{NOWHERE},{ids(tasks[:2])},{foreign['id']}")
    assert response.status_code == 200
    assert response.json == {"deletedCount": 2}
    assert [task["title"] for task in ann.tasks()] == ["c"]
    assert [task["id"] for task in ben.tasks()] == [foreign["id"]]
    assert ann.delete(BULK, todoIds=ids(tasks[:2])).json == {"deletedCount": 0}


def test_subtasks_that_are_deleted_along_do_not_count(ann: Api) -> None:
    parent, other = ann.task("parent"), ann.task("other")
    for title in ("one", "two"):
        ann.task(title, parentId=parent["id"])
    kept = ann.task("kept")
    assert ann.delete(BULK, todoIds=ids([parent, other])).json == {"deletedCount": 2}
    assert [task["id"] for task in ann.tasks()] == [kept["id"]]


@pytest.mark.parametrize("child_first", [False, True])
def test_a_subtask_that_is_completed_with_its_parent_does_not_come_back_in_any_order(
    ann: Api, child_first: bool
) -> None:
    parent = ann.task("parent")
    child = ann.task("child", parentId=parent["id"], recurrenceRule={"pattern": "daily"}, dueDate="2026-03-10")
    ids = [child["id"], parent["id"]] if child_first else [parent["id"], child["id"]]
    reply = ann.call(
        "PATCH", "/api/v2/todo/bulk", query_string={"todoIds": ",".join(ids)}, json={"completed": True}
    )
    assert reply.json == {"todos": 2}
    assert [(task["title"], task["completed"]) for task in ann.tasks()] == [("parent", True), ("child", True)]
