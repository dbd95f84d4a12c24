"""Completing tasks, and tasks that come back: contract, section 4."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mockflow.clock import Clock
from tests.support import JSON, Api, fields_of

NOW = "2026-03-10T12:00:00.000Z"
LATER = "2026-03-10T12:00:05.000Z"
EVERY_DAY = {"pattern": "daily", "interval": 1}
NO_TAG = "tag_" + "0" * 26


def complete(api: Api, task: JSON, **fields: Any) -> JSON:
    response = api.patch(f"/api/v2/todo/{task['id']}", **{"completed": True, **fields})
    assert response.status_code == 200, response.text
    return dict(response.json["todo"])


def reopen(api: Api, task: JSON) -> JSON:
    return complete(api, task, completed=False)


def completed(api: Api) -> dict[str, str | None]:
    return {task["title"]: task["completedAt"] for task in api.tasks() if task["completed"]}


def others(api: Api, task: JSON) -> list[JSON]:
    return [shown for shown in api.tasks() if shown["id"] != task["id"]]


def test_a_completed_task_tells_when(ann: Api, clock: Clock) -> None:
    task = ann.task()
    clock.advance(timedelta(seconds=5))
    assert complete(ann, task) == {**task, "completed": True, "completedAt": LATER, "updatedAt": LATER}


def test_completing_again_changes_nothing_but_what_else_is_sent(ann: Api, clock: Clock) -> None:
    task = ann.task()
    complete(ann, task)
    clock.advance(timedelta(seconds=5))
    again = complete(ann, task, title="new")
    assert (again["completed"], again["completedAt"], again["title"]) == (True, NOW, "new")


def test_a_reopened_task_forgets_when_it_was_completed(ann: Api) -> None:
    task = ann.task()
    complete(ann, task)
    reopened = reopen(ann, task)
    assert (reopened["completed"], reopened["completedAt"]) == (False, None)


@pytest.mark.parametrize("value", [None, "true", 1, 0, ""])
def test_completed_is_a_boolean(ann: Api, value: Any) -> None:
    task = ann.task()
    before = ann.tasks()
    assert fields_of(ann.patch(f"/api/v2/todo/{task['id']}", completed=value)) == [["completed"]]
    assert ann.tasks() == before


def test_completed_at_cannot_be_chosen(ann: Api) -> None:
    assert complete(ann, ann.task(), completedAt="2000-01-01T00:00:00.000Z")["completedAt"] == NOW


def test_subtasks_are_completed_with_their_parent(ann: Api, clock: Clock) -> None:
    parent = ann.task("parent")
    for title in ("one", "two"):
        ann.task(title, parentId=parent["id"])
    ann.task("other")
    clock.advance(timedelta(seconds=5))
    complete(ann, parent)
    assert completed(ann) == {"parent": LATER, "one": LATER, "two": LATER}


def test_a_subtask_that_is_completed_already_keeps_its_time(ann: Api, clock: Clock) -> None:
    parent = ann.task("parent")
    complete(ann, ann.task("child", parentId=parent["id"]))
    clock.advance(timedelta(seconds=5))
    complete(ann, parent)
    assert completed(ann) == {"parent": LATER, "child": NOW}


def test_subtasks_stay_completed_when_their_parent_is_reopened(ann: Api) -> None:
    parent = ann.task("parent")
    for title in ("one", "two"):
        ann.task(title, parentId=parent["id"])
    complete(ann, parent)
    reopen(ann, parent)
    assert completed(ann) == {"one": NOW, "two": NOW}


def test_a_subtask_is_completed_and_reopened_without_its_parent(ann: Api) -> None:
    parent = ann.task("parent")
    children = [ann.task(title, parentId=parent["id"]) for title in ("one", "two")]
    complete(ann, children[0])
    assert completed(ann) == {"one": NOW}
    complete(ann, parent)
    reopen(ann, children[0])
    assert completed(ann) == {"parent": NOW, "two": NOW}


def test_a_parent_stays_open_when_all_its_subtasks_are_completed(ann: Api) -> None:
    parent = ann.task("parent")
    for child in [ann.task(title, parentId=parent["id"]) for title in ("one", "two")]:
        complete(ann, child)
    assert completed(ann) == {"one": NOW, "two": NOW}


# -- recurrence


@pytest.mark.parametrize(
    ("due", "pattern", "interval", "expected"),
    [
        ("2026-03-10", "daily", 1, "2026-03-11"),
        ("2026-02-28", "daily", 1, "2026-03-01"),
        ("2028-02-28", "daily", 1, "2028-02-29"),
        ("2026-12-31", "daily", 1, "2027-01-01"),
        ("2026-03-10", "daily", 365, "2027-03-10"),
        ("2026-03-10", "weekly", 1, "2026-03-17"),
        ("2026-12-24", "weekly", 2, "2027-01-07"),
        ("2026-03-10", "monthly", 1, "2026-04-10"),
        ("2026-01-31", "monthly", 1, "2026-02-28"),
        ("2028-01-31", "monthly", 1, "2028-02-29"),
        ("2026-03-31", "monthly", 1, "2026-04-30"),
        ("2026-02-28", "monthly", 1, "2026-03-28"),
        ("2025-11-30", "monthly", 3, "2026-02-28"),
        ("2026-11-15", "monthly", 1, "2026-12-15"),
        ("2026-12-15", "monthly", 1, "2027-01-15"),
        ("2026-03-10", "monthly", 24, "2028-03-10"),
        ("2026-01-31", "montly", 1, "2026-02-28"),
        ("2026-03-10", "yearly", 1, "2027-03-10"),
        ("2028-02-29", "yearly", 1, "2029-02-28"),
        ("2028-02-29", "yearly", 4, "2032-02-29"),
        ("2020-01-01", "daily", 1, "2020-01-02"),
    ],
)
def test_a_recurring_task_comes_back_after_the_interval(
    ann: Api, due: str, pattern: str, interval: int, expected: str
) -> None:
    task = ann.task(dueDate=due, recurrenceRule={"pattern": pattern, "interval": interval})
    complete(ann, task)
    assert [shown["dueDate"] for shown in others(ann, task)] == [expected]


def test_the_task_that_comes_back_has_the_same_fields_and_tags(ann: Api, clock: Clock) -> None:
    project = ann.project()["id"]
    task = ann.task(
        "water the plants",
        description="all of them",
        priority="high",
        dueDate="2026-03-10",
        dueTime="2026-03-10T07:30:00.000Z",
        isAllDay=False,
        color="#0a0",
        reminder=True,
        tags=[ann.tag("one")["id"], ann.tag("two")["id"]],
        projectId=project,
        projectSectionId=ann.section(project)["id"],
        recurrenceRule={"pattern": "weekly", "interval": 1},
        recurrenceEndDate="2026-12-31",
    )
    [before] = ann.tasks()
    clock.advance(timedelta(seconds=5))
    answered = complete(ann, task)
    assert (answered["id"], answered["completed"], answered["dueDate"]) == (task["id"], True, "2026-03-10")
    [after] = others(ann, task)
    assert after == {
        **before,
        "id": after["id"],
        "dueDate": "2026-03-17",
        "dueTime": "2026-03-17T07:30:00.000Z",
        "createdAt": LATER,
        "updatedAt": LATER,
    }


def test_the_task_that_comes_back_is_the_last_of_its_day(ann: Api) -> None:
    for _ in range(2):
        ann.task(dueDate="2026-03-11")
    task = ann.task("daily", dueDate="2026-03-10", recurrenceRule=EVERY_DAY)
    complete(ann, task)
    [back] = [shown for shown in others(ann, task) if shown["title"] == "daily"]
    assert back["sortKey"] == "a2"


def test_the_task_that_comes_back_comes_back_again(ann: Api) -> None:
    ann.task(dueDate="2026-03-30", recurrenceRule=EVERY_DAY)
    for _ in range(3):
        complete(ann, ann.tasks(completed="false")[0])
    assert sorted(task["dueDate"] for task in ann.tasks()) == [
        "2026-03-30",
        "2026-03-31",
        "2026-04-01",
        "2026-04-02",
    ]
    assert len(ann.tasks(completed="true")) == 3


@pytest.mark.parametrize(
    ("end", "comes_back"),
    [
        ("2026-03-16", False),
        ("2026-03-17", True),
        ("2026-03-18", True),
        ("2026-03-10", False),
        ("2025-12-31", False),
    ],
)
def test_a_recurring_task_comes_back_until_its_end_date(ann: Api, end: str, comes_back: bool) -> None:
    rule = {"pattern": "weekly", "interval": 1}
    task = ann.task(dueDate="2026-03-10", recurrenceRule=rule, recurrenceEndDate=end)
    complete(ann, task)
    assert bool(others(ann, task)) is comes_back


@pytest.mark.parametrize("rule", [None, EVERY_DAY])
def test_only_a_recurring_task_comes_back(ann: Api, rule: JSON | None) -> None:
    task = ann.task(dueDate="2026-03-10", recurrenceRule=rule, recurrenceEndDate="2026-12-31")
    complete(ann, task)
    assert len(ann.tasks()) == (1 if rule is None else 2)


def test_a_recurring_task_that_is_completed_twice_comes_back_once(ann: Api) -> None:
    task = ann.task(dueDate="2026-03-10", recurrenceRule=EVERY_DAY)
    complete(ann, task)
    complete(ann, task, title="again")
    assert len(ann.tasks()) == 2


def test_a_recurring_task_does_not_come_back_when_it_changes_otherwise(ann: Api) -> None:
    task = ann.task(dueDate="2026-03-10", recurrenceRule=EVERY_DAY)
    complete(ann, task, completed=False, title="new")
    ann.patch(f"/api/v2/todo/{task['id']}", dueDate="2026-03-20")
    assert len(ann.tasks()) == 1


def test_a_rule_that_is_set_while_completing_counts(ann: Api) -> None:
    task = ann.task(dueDate="2026-03-10")
    complete(ann, task, dueDate="2026-03-12", recurrenceRule={"pattern": "weekly"})
    assert [shown["dueDate"] for shown in others(ann, task)] == ["2026-03-19"]


def test_a_rule_that_is_taken_away_while_completing_does_not_count(ann: Api) -> None:
    complete(ann, ann.task(dueDate="2026-03-10", recurrenceRule=EVERY_DAY), recurrenceRule=None)
    assert len(ann.tasks()) == 1


def test_a_recurring_subtask_comes_back_under_the_same_parent(ann: Api) -> None:
    parent = ann.task("parent")
    child = ann.task("child", parentId=parent["id"], dueDate="2026-03-10", recurrenceRule=EVERY_DAY)
    complete(ann, child)
    shown = ann.shown(parent["id"])
    assert shown is not None
    assert {(task["dueDate"], task["completed"]) for task in shown["children"]} == {
        ("2026-03-10", True),
        ("2026-03-11", False),
    }


def test_a_recurring_task_stays_as_it_was_when_its_completion_is_refused(ann: Api) -> None:
    task = ann.task(dueDate="2026-03-10", recurrenceRule=EVERY_DAY)
    ann.task("child", parentId=task["id"])
    before = ann.tasks()
    response = ann.patch(f"/api/v2/todo/{task['id']}", completed=True, tags=[NO_TAG])
    assert response.status_code == 400
    assert ann.tasks() == before


def test_the_time_of_a_recurring_task_moves_as_far_as_its_date(ann: Api) -> None:
    """Late in the evening in New York is the next day in UTC: both move by the 28 days to Mar 28."""
    task = ann.task(
        dueDate="2026-02-28",
        dueTime="2026-02-28T22:00:00-05:00",
        isAllDay=False,
        recurrenceRule={"pattern": "monthly"},
    )
    complete(ann, task)
    (following,) = others(ann, task)
    assert (following["dueDate"], following["dueTime"]) == ("2026-03-28", "2026-03-29T03:00:00.000Z")
