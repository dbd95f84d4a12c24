"""Listing tasks: contract, section 4."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from mockflow.clock import Clock
from tests.support import JSON, Api, fields_of

TASK = (
    "id title description priority dueDate dueTime isAllDay completed completedAt color sortKey reminder tags "
    "parentId children projectId projectSectionId recurrenceRule recurrenceEndDate createdAt updatedAt"
).split()


def titles(tasks: list[JSON]) -> list[str]:
    return [task["title"] for task in tasks]


def test_a_new_account_has_no_tasks(ann: Api) -> None:
    response = ann.get("/api/v2/todo")
    assert response.status_code == 200
    assert response.json == {"todos": []}


def test_a_listed_task_has_every_field_in_order(ann: Api) -> None:
    ann.task()
    [task] = ann.tasks()
    assert list(task) == TASK


def test_a_subtask_has_every_field_in_order_inside_its_parent(ann: Api) -> None:
    ann.task(parentId=ann.task()["id"])
    [child] = ann.tasks()[0]["children"]
    assert list(child) == TASK


def test_a_listed_task_is_the_created_one_with_tags_and_children(ann: Api) -> None:
    created = ann.task("write", description="soon", priority="low", color="#abc")
    assert ann.tasks() == [{**created, "tags": [], "children": []}]


def test_a_task_has_an_id_in_the_style_of_cuid_and_timestamps_in_utc_with_milliseconds(ann: Api) -> None:
    task = ann.task()
    assert re.fullmatch(r"c[a-z0-9]{24}", task["id"])
    assert task["createdAt"] == task["updatedAt"] == "2026-03-10T12:00:00.000Z"


def test_tags_are_shown_with_id_name_and_color(ann: Api) -> None:
    tag = ann.tag("urgent", color="red")
    task = ann.task(tags=[tag["id"]])
    ann.task(parentId=task["id"], tags=[tag["id"]])
    parent, child = ann.tasks()
    assert parent["tags"] == child["tags"] == parent["children"][0]["tags"]
    assert [list(shown.items()) for shown in parent["tags"]] == [
        [("id", tag["id"]), ("name", "urgent"), ("color", "red")]
    ]


def test_a_subtask_is_listed_at_top_level_and_inside_its_parent(ann: Api) -> None:
    parent = ann.task("parent")
    child = ann.task("child", parentId=parent["id"])
    shown = {**child, "tags": [], "children": []}
    assert ann.tasks() == [{**parent, "tags": [], "children": [shown]}, shown]


def test_subtasks_are_ordered_by_sort_key_then_creation(ann: Api) -> None:
    parent = ann.task("parent", dueDate="2026-01-01")["id"]
    for title, day in (("first", "2026-03-01"), ("last", "2026-03-01"), ("second", "2026-03-02")):
        ann.task(title, parentId=parent, dueDate=day)
    shown = ann.shown(parent)
    assert shown is not None
    assert titles(shown["children"]) == ["first", "second", "last"]


def test_only_the_callers_tasks_are_listed(ann: Api, ben: Api, workspaces: dict[str, str]) -> None:
    shared = ann.project("together", workspaceId=workspaces["Shared"])["id"]
    ann.task("of Ann", projectId=shared)
    ben.task("of Ben", projectId=shared)
    assert titles(ann.tasks()) == ["of Ann"]
    assert titles(ben.tasks()) == ["of Ben"]


def test_tasks_are_ordered_by_sort_key_then_creation(ann: Api) -> None:
    for title, day in (("1", "2026-05-02"), ("4", "2026-05-02"), ("2", "2026-05-01"), ("3", None)):
        ann.task(title, dueDate=day)
    assert [task["sortKey"] for task in ann.tasks()] == ["a0", "a0", "a0", "a1"]
    assert titles(ann.tasks()) == ["1", "2", "3", "4"]


def test_a_change_does_not_move_a_task_among_those_with_the_same_key(ann: Api) -> None:
    for number in range(1, 4):
        ann.task(f"task {number}", dueDate=f"2026-05-0{number}")
    ann.patch(f"/api/v2/todo/{ann.tasks()[0]['id']}", color="#123")
    assert titles(ann.tasks()) == ["task 1", "task 2", "task 3"]


def test_the_filter_completed_divides_the_tasks(ann: Api) -> None:
    ann.task("open")
    done = ann.task("done")
    ann.patch(f"/api/v2/todo/{done['id']}", completed=True)
    assert titles(ann.tasks()) == ["open", "done"]
    assert titles(ann.tasks(completed="true")) == ["done"]
    assert titles(ann.tasks(completed="false")) == ["open"]


def test_completed_tasks_are_listed_with_the_newest_completion_first(ann: Api, clock: Clock) -> None:
    ids = {title: ann.task(title)["id"] for title in ("a", "b", "c", "d")}
    for title in ("b", "d", "a"):
        clock.advance(timedelta(seconds=1))
        ann.patch(f"/api/v2/todo/{ids[title]}", completed=True)
    assert titles(ann.tasks(completed="true")) == ["a", "d", "b"]
    assert titles(ann.tasks()) == ["a", "b", "c", "d"]


def test_tasks_completed_at_once_are_ordered_by_sort_key_then_creation(ann: Api) -> None:
    for title in ("a", "b", "c"):
        ann.patch(f"/api/v2/todo/{ann.task(title)['id']}", completed=True)
    assert titles(ann.tasks(completed="true")) == ["a", "b", "c"]


@pytest.mark.parametrize("value", ["", "yes", "1", "0", "TRUE", "False", "null", "true,false", " true"])
def test_the_filter_completed_refuses_anything_but_true_and_false(ann: Api, value: str) -> None:
    assert fields_of(ann.get("/api/v2/todo", completed=value)) == [["completed"]]


def test_the_filter_tag_ids_matches_tasks_with_any_of_the_tags(ann: Api) -> None:
    red, blue, unused = (ann.tag(name)["id"] for name in ("red", "blue", "unused"))
    for title, tags in (("red", [red]), ("blue", [blue]), ("both", [red, blue]), ("none", [])):
        ann.task(title, tags=tags)
    assert titles(ann.tasks(tagIds=red)) == ["red", "both"]
    assert titles(ann.tasks(tagIds=f"{red},{blue}")) == ["red", "blue", "both"]
    assert titles(ann.tasks(tagIds=f"{unused},{blue}")) == ["blue", "both"]
    assert titles(ann.tasks(tagIds=unused)) == []
    assert titles(ann.tasks(tagIds="tag_nosuch")) == []


def test_both_filters_together_keep_what_matches_both(ann: Api) -> None:
    tag = ann.tag()["id"]
    for title, tags, completed in (("1", [tag], True), ("2", [tag], False), ("3", [], True)):
        ann.patch(f"/api/v2/todo/{ann.task(title, tags=tags)['id']}", completed=completed)
    assert titles(ann.tasks(tagIds=tag, completed="true")) == ["1"]
    assert titles(ann.tasks(tagIds=tag, completed="false")) == ["2"]


def test_a_subtask_that_matches_a_filter_is_listed_without_its_parent(ann: Api) -> None:
    tag = ann.tag()["id"]
    parent = ann.task("parent")["id"]
    ann.patch(f"/api/v2/todo/{ann.task('child', parentId=parent, tags=[tag])['id']}", completed=True)
    assert titles(ann.tasks(tagIds=tag)) == ["child"]
    assert titles(ann.tasks(completed="true")) == ["child"]


CHANGES: dict[str, Callable[[Api, JSON, JSON], object]] = {
    "a new task": lambda ann, _task, _tag: ann.task("new"),
    "a subtask": lambda ann, task, _tag: ann.task("new", parentId=task["id"]),
    "another title": lambda ann, task, _tag: ann.patch(f"/api/v2/todo/{task['id']}", title="another"),
    "another tag": lambda ann, task, _tag: ann.patch(f"/api/v2/todo/{task['id']}", tags=[]),
    "a completed task": lambda ann, task, _tag: ann.patch(f"/api/v2/todo/{task['id']}", completed=True),
    "a deleted task": lambda ann, task, _tag: ann.delete(f"/api/v2/todo/{task['id']}"),
    "another name of a tag": lambda ann, _task, tag: ann.patch(f"/api/v2/tag/{tag['id']}", name="another"),
    "a deleted tag": lambda ann, _task, tag: ann.delete("/api/v2/tag/bulk", tagIds=tag["id"]),
    "a state of before": lambda ann, _task, _tag: ann.post("/_mockflow/snapshots/before/restore"),
    "another clock": lambda ann, _task, _tag: ann.put("/_mockflow/clock", now="2030-01-01T00:00:00Z"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_list_that_was_asked_for_before_shows_what_has_changed_since(ann: Api, change: str) -> None:
    tag = ann.tag("wind")
    ann.task("before")
    ann.put("/_mockflow/snapshots/before")
    task = ann.task("a task", tags=[tag["id"]])
    for _ in range(2):
        assert len(ann.tasks()) == 2
    CHANGES[change](ann, task, tag)
    in_inbox = ann.get("/api/v2/projects/inbox").json["inbox"]["todos"]
    assert {task["id"]: task for task in ann.tasks()} == {task["id"]: task for task in in_inbox}
    assert ann.tasks() == ann.tasks()
