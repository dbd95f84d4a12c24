"""Creating tasks, and what each writable field takes: contract, section 4."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import JSON, Api, fields_of

ALONE = (
    "id title description priority dueDate dueTime isAllDay completed completedAt color sortKey reminder "
    "parentId projectId projectSectionId recurrenceRule recurrenceEndDate createdAt updatedAt"
).split()
NOWHERE = "c" + "0" * 24
NO_TAG = "tag_" + "0" * 26

NOT_A_DATE = (
    "2023-02-29 1900-02-29 2026-02-30 2026-04-31 2026-13-01 2026-00-10 2026-01-00 2026-3-1 26-03-10 20260310 "
    "2026-W10-2 2026-069 10/03/2026 2026-03-10T00:00:00.000Z tomorrow ２０２６-０３-１０"
).split()
NOT_A_MOMENT = (
    "2026-03-10 14:30 14:30:00Z 2026-02-30T10:00:00Z 2026-13-01T10:00:00Z 2026-03-10T25:00:00Z "
    "2026-03-10T10:60:00Z 2026-03-10T10:00:00X 1773144000000 noon"
).split()

ACCEPTED: dict[str, list[Any]] = {
    "title": ["x", "x" * 500, "ü" * 500, "<b>&amp;</b> 🚀"],
    "description": [None, "", "two\nlines", "x" * 2000],
    "priority": ["high", "medium", "low", None],
    "dueDate": [None, "2026-03-10", "2024-02-29", "2000-02-29", "1999-12-31"],
    "isAllDay": [True, False],
    "color": [None, "#abc", "#ABC", "#09f", "#a1B2c3"],
    "reminder": [True, False],
    "recurrenceRule": [
        None,
        {"pattern": "daily", "interval": 1},
        {"pattern": "weekly", "interval": 2},
        {"pattern": "monthly", "interval": 364},
        {"pattern": "yearly", "interval": 365},
    ],
    "recurrenceEndDate": [None, "2028-02-29"],
}
REFUSED: dict[str, list[Any]] = {
    "title": [None, "", " ", "\t\n", "x" * 501, 7, ["x"], {}, True],
    "description": [7, ["x"], {}, False],
    "priority": ["urgent", "HIGH", "", "none", 1, ["high"]],
    "dueDate": [*NOT_A_DATE, "", "2026-03-10\n", " 2026-03-10", 20260310, True, ["2026-03-10"]],
    "recurrenceEndDate": [*NOT_A_DATE, "", 0],
    "dueTime": [*NOT_A_MOMENT, "", 1773144000000, True, ["2026-03-10T14:30:00.000Z"]],
    "isAllDay": [None, "true", 1, 0, ""],
    "color": ["red", "abc", "#ab", "#abcd", "#abcdefa", "#ggg", "", "#abc\n", " #abc", 123],
    "reminder": [None, "false", 1, 0],
    "tags": [[1], [None], {}, 1, True],
    "parentId": [1, ["x"], False],
    "projectId": [1, ["x"], False],
    "projectSectionId": [1, ["x"], False],
    "recurrenceRule": [
        *("daily", ["daily"], {}, 1, {"interval": 1}),
        *({"pattern": pattern} for pattern in (None, "hourly", "Daily", "", 1)),
        *({"pattern": "daily", "interval": number} for number in (0, -1, 366, 1.5, "1", None, True)),
    ],
}


def test_a_new_task_is_answered_with_its_fields_in_order_without_tags_and_children(ann: Api) -> None:
    response = ann.post("/api/v2/todo", title="write", tags=[ann.tag()["id"]])
    assert response.status_code == 201
    assert list(response.json) == ["msg", "todo"]
    assert response.json["msg"] == "todo added sucessfully"
    assert list(response.json["todo"]) == ALONE


def test_a_title_is_all_a_task_needs(ann: Api) -> None:
    task = ann.post("/api/v2/todo", title="write").json["todo"]
    given = ("id", "createdAt", "updatedAt")
    assert {name: value for name, value in task.items() if name not in given} == {
        "title": "write",
        "description": None,
        "priority": None,
        "dueDate": None,
        "dueTime": None,
        "isAllDay": True,
        "completed": False,
        "completedAt": None,
        "color": None,
        "sortKey": "a0",
        "reminder": False,
        "parentId": None,
        "projectId": ann.inbox_id(),
        "projectSectionId": None,
        "recurrenceRule": None,
        "recurrenceEndDate": None,
    }


def test_a_task_needs_a_title(ann: Api) -> None:
    assert fields_of(ann.post("/api/v2/todo", description="no title")) == [["title"]]
    assert ann.tasks() == []


@pytest.mark.parametrize("field", ACCEPTED)
def test_a_field_takes(ann: Api, field: str) -> None:
    filled = {"description": "d", "priority": "low", "dueDate": "2026-01-01", "color": "#fff"}
    for value in ACCEPTED[field]:
        created, other = ann.task(**{field: value}), ann.task("another", **filled)
        assert created[field] == value
        response = ann.patch(f"/api/v2/todo/{other['id']}", **{field: value})
        assert response.status_code == 200, value
        assert response.json["todo"][field] == value
        shown = [ann.shown(created["id"]), ann.shown(other["id"])]
        assert [task and task[field] for task in shown] == [value, value]


@pytest.mark.parametrize("field", REFUSED)
def test_a_field_refuses(ann: Api, field: str) -> None:
    path = f"/api/v2/todo/{ann.task('kept', isAllDay=False)['id']}"
    before = ann.tasks()
    for value in REFUSED[field]:
        refused = [ann.post("/api/v2/todo", **{"title": "new", field: value})]
        if field != "parentId":  # which a change ignores
            refused.append(ann.patch(path, **{"description": "new", field: value}))
        for response in refused:
            assert {where[0] for where in fields_of(response)} == {field}, value
        assert ann.tasks() == before


def test_every_offending_field_is_named(ann: Api) -> None:
    response = ann.post("/api/v2/todo", title=" ", priority="urgent", dueDate="2026-02-30", color="#fff")
    assert sorted(fields_of(response)) == [["dueDate"], ["priority"], ["title"]]
    for error in response.json["errors"]:
        assert list(error) == ["path", "message", "code"]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-03-10T14:30:00.000Z", "2026-03-10T14:30:00.000Z"),
        ("2026-03-10T14:30:00Z", "2026-03-10T14:30:00.000Z"),
        ("2026-03-10T14:30Z", "2026-03-10T14:30:00.000Z"),
        ("2026-03-10T14:30:00.5Z", "2026-03-10T14:30:00.500Z"),
        ("2026-03-10T14:30:00.123456Z", "2026-03-10T14:30:00.123Z"),
        ("2026-03-10T14:30:00+02:00", "2026-03-10T12:30:00.000Z"),
        ("2026-03-10T23:30:00-05:30", "2026-03-11T05:00:00.000Z"),
        ("2024-02-29T00:00:00+00:00", "2024-02-29T00:00:00.000Z"),
    ],
)
def test_a_due_time_is_shown_in_utc_with_milliseconds(ann: Api, sent: str, shown: str) -> None:
    task = ann.task(isAllDay=False, dueTime=sent)
    assert task["dueTime"] == shown
    other = ann.task(isAllDay=False)
    assert ann.patch(f"/api/v2/todo/{other['id']}", dueTime=sent).json["todo"]["dueTime"] == shown


@pytest.mark.parametrize("fields", [{}, {"isAllDay": True}])
def test_a_due_time_is_ignored_while_the_task_is_all_day(ann: Api, fields: JSON) -> None:
    task = ann.task(dueTime="2026-03-10T14:30:00.000Z", **fields)
    assert (task["isAllDay"], task["dueTime"]) == (True, None)
    assert ann.tasks()[0]["dueTime"] is None


def test_a_recurrence_without_an_interval_comes_back_with_one(ann: Api) -> None:
    assert ann.task(recurrenceRule={"pattern": "weekly"})["recurrenceRule"] == {"pattern": "weekly", "interval": 1}


def test_montly_is_accepted_as_monthly(ann: Api) -> None:
    rule = ann.task(recurrenceRule={"pattern": "montly", "interval": 2})["recurrenceRule"]
    assert rule == {"pattern": "monthly", "interval": 2}


@pytest.mark.parametrize("separator", [None, ",", ", "])
def test_tags_come_as_an_array_or_separated_by_commas(ann: Api, separator: str | None) -> None:
    wanted = [ann.tag("one")["id"], ann.tag("two")["id"]]
    ann.task(tags=wanted if separator is None else separator.join(wanted))
    assert sorted(tag["id"] for tag in ann.tasks()[0]["tags"]) == sorted(wanted)


def test_a_tag_named_twice_is_there_once(ann: Api) -> None:
    tag = ann.tag()["id"]
    ann.task(tags=[tag, tag])
    assert [shown["id"] for shown in ann.tasks()[0]["tags"]] == [tag]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("completed", True),
        ("completed", "not even a boolean"),
        ("completedAt", "2026-01-01T00:00:00.000Z"),
        ("sortKey", "a9"),
        ("sortKey", "nonsense!"),
        ("prevIndex", "a5"),
        ("nextIndex", "a0"),
        ("id", NOWHERE),
        ("createdAt", "2000-01-01T00:00:00.000Z"),
        ("userId", NOWHERE),
    ],
)
def test_a_new_task_ignores(ann: Api, field: str, value: Any) -> None:
    plain = ann.task()
    task = ann.task(**{field: value})
    assert task == {**plain, "id": task["id"], "sortKey": "a1"}
    assert task["id"] not in (plain["id"], NOWHERE)


# -- what a task refers to


def test_a_task_goes_where_it_is_told(ann: Api) -> None:
    project = ann.project()["id"]
    section = ann.section(project)["id"]
    task = ann.task(projectId=project, projectSectionId=section)
    assert (task["projectId"], task["projectSectionId"]) == (project, section)


def test_a_task_goes_to_the_inbox_when_its_project_is_null(ann: Api) -> None:
    assert ann.task(projectId=None)["projectId"] == ann.inbox_id()


def test_a_member_adds_tasks_to_a_project_of_the_workspace(ann: Api, ben: Api, workspaces: dict[str, str]) -> None:
    shared = ben.project("together", workspaceId=workspaces["Shared"])["id"]
    assert ann.task(projectId=shared)["projectId"] == shared


def test_a_section_needs_the_project_it_belongs_to(ann: Api) -> None:
    section = ann.section(ann.project("its own")["id"])["id"]
    for fields in ({}, {"projectId": None}, {"projectId": ann.project("another")["id"]}):
        response = ann.post("/api/v2/todo", title="x", projectSectionId=section, **fields)
        assert fields_of(response) == [["projectSectionId"]]
    assert ann.tasks() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"projectId": NOWHERE},
        {"projectSectionId": NOWHERE},
        {"parentId": NOWHERE},
        {"parentId": ""},
        {"projectId": "no id at all"},
        {"tags": [NO_TAG]},
        {"tags": NO_TAG},
    ],
)
def test_a_new_task_cannot_refer_to_what_does_not_exist(ann: Api, fields: JSON) -> None:
    response = ann.post("/api/v2/todo", title="x", **fields)
    assert {path[0] for path in fields_of(response)} == set(fields)
    assert ann.tasks() == []


def test_a_new_task_cannot_refer_to_what_is_somebody_elses(ann: Api, ben: Api) -> None:
    project = ben.project()["id"]
    for fields in (
        {"projectId": project},
        {"projectId": ben.inbox_id()},
        {"projectId": project, "projectSectionId": ben.section(project)["id"]},
        {"parentId": ben.task()["id"]},
        {"tags": [ann.tag()["id"], ben.tag()["id"]]},
    ):
        assert ann.post("/api/v2/todo", title="x", **fields).status_code == 403, fields
    assert ann.tasks() == []


def test_a_subtask_cannot_have_subtasks(ann: Api) -> None:
    parent = ann.task("parent")
    child = ann.task("child", parentId=parent["id"])
    assert child["parentId"] == parent["id"]
    before = ann.tasks()
    response = ann.post("/api/v2/todo", title="grandchild", parentId=child["id"])
    assert fields_of(response) == [["parentId"]]
    assert response.json["message"] == "Cannot create subtask of a subtask"
    assert ann.tasks() == before


def test_the_body_is_checked_before_what_it_refers_to(ann: Api, ben: Api) -> None:
    response = ann.post("/api/v2/todo", title="x", dueDate="2026-02-30", projectId=ben.inbox_id())
    assert fields_of(response) == [["dueDate"]]
