"""Sort keys: contract, section 4."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import JSON, Api, fields_of

NOT_A_KEY: list[Any] = [
    *("", " ", "a", "0", "first", "b0", "a0 ", " a0", "a0\n", "a-1", "a0.5", "a00", "a0V0", "é0"),
    *(0, 1.5, True, ["a0"]),
]


def move(api: Api, task: JSON, **fields: Any) -> str:
    response = api.patch(f"/api/v2/todo/{task['id']}", **fields)
    assert response.status_code == 200, response.text
    return str(response.json["todo"]["sortKey"])


def titles(api: Api) -> list[str]:
    return [task["title"] for task in api.tasks()]


def three(api: Api) -> list[JSON]:
    return [api.task(title) for title in ("a", "b", "c")]


def test_new_tasks_of_one_day_are_numbered(ann: Api) -> None:
    keys = [ann.task(dueDate="2026-03-10")["sortKey"] for _ in range(12)]
    assert keys == ["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "aA", "aB"]


def test_each_day_and_no_day_have_keys_of_their_own(ann: Api) -> None:
    days = ("2026-03-10", None, "2026-03-11", "2026-03-10", None, "2026-03-10")
    assert [ann.task(dueDate=day)["sortKey"] for day in days] == ["a0", "a0", "a0", "a1", "a1", "a2"]


def test_each_user_has_keys_of_their_own(ann: Api, ben: Api) -> None:
    three(ann)
    assert ben.task()["sortKey"] == "a0"
    assert ann.task()["sortKey"] == "a3"


def test_a_days_keys_are_shared_by_projects_subtasks_and_completed_tasks(ann: Api) -> None:
    first = ann.task("first")
    assert ann.task("elsewhere", projectId=ann.project()["id"])["sortKey"] == "a1"
    assert ann.task("child", parentId=first["id"])["sortKey"] == "a2"
    for task in ann.tasks():
        ann.patch(f"/api/v2/todo/{task['id']}", completed=True)
    assert ann.task("last")["sortKey"] == "a3"


def test_a_new_task_goes_after_the_last_key_not_after_the_last_made(ann: Api) -> None:
    a, b, _ = three(ann)
    move(ann, a, sortKey="a7")
    assert ann.task("d")["sortKey"] == "a8"
    ann.delete(f"/api/v2/todo/{b['id']}")
    assert ann.task("e")["sortKey"] == "a9"


def test_a_task_moved_to_another_day_counts_there(ann: Api) -> None:
    a, _, c = three(ann)
    ann.patch(f"/api/v2/todo/{c['id']}", dueDate="2026-03-20", sortKey="a4")
    assert ann.task(dueDate="2026-03-20")["sortKey"] == "a5"
    assert ann.task()["sortKey"] == "a2"
    assert a["sortKey"] == "a0"


@pytest.mark.parametrize(
    ("before", "after", "key", "order"),
    [
        ("a0", "a1", "a0V", "acb"),
        (None, "a0", "Zz", "cab"),
        ("a1", None, "a2", "abc"),
    ],
)
def test_a_task_moves_between_its_neighbours(
    ann: Api, before: str | None, after: str | None, key: str, order: str
) -> None:
    c = three(ann)[2]
    assert move(ann, c, prevIndex=before, nextIndex=after) == key
    assert titles(ann) == list(order)


def test_the_only_task_moves_between_no_neighbours(ann: Api) -> None:
    assert move(ann, ann.task(), prevIndex=None, nextIndex=None) == "a0"


def test_null_alone_means_the_beginning_or_the_end(ann: Api) -> None:
    a, _, c = three(ann)
    move(ann, c, prevIndex=None)
    assert titles(ann) == ["c", "a", "b"]
    move(ann, a, nextIndex=None)
    assert titles(ann) == ["c", "b", "a"]


def test_one_neighbour_alone_is_enough(ann: Api) -> None:
    a, b, c = three(ann)
    move(ann, c, prevIndex=a["sortKey"])
    assert titles(ann) == ["a", "c", "b"]
    move(ann, a, nextIndex=b["sortKey"])
    assert titles(ann) == ["c", "a", "b"]


def test_there_is_always_room_between_two_neighbours(ann: Api) -> None:
    first, last = ann.task("first")["sortKey"], ann.task("last")["sortKey"]
    expected = ["first"]
    for number in range(20):
        task = ann.task(str(number))
        key = move(ann, task, prevIndex=first, nextIndex=last)
        assert first < key < last
        expected.append(str(number))
        first = key
    assert titles(ann) == [*expected, "last"]


@pytest.mark.parametrize(
    ("before", "after"), [("a1", "a0"), ("a0", "a0"), ("a2", "a1"), ("a0", "Zz"), ("b00", "a5"), ("a1", "a0V")]
)
def test_a_previous_key_that_is_not_before_the_next_is_refused(ann: Api, before: str, after: str) -> None:
    tasks = three(ann)
    shown = ann.tasks()
    response = ann.patch(f"/api/v2/todo/{tasks[2]['id']}", title="x", prevIndex=before, nextIndex=after)
    assert {path[0] for path in fields_of(response)} <= {"prevIndex", "nextIndex"}
    assert ann.tasks() == shown


@pytest.mark.parametrize("field", ["sortKey", "prevIndex", "nextIndex"])
def test_what_is_no_fractional_index_key_is_refused(ann: Api, field: str) -> None:
    tasks = three(ann)
    shown = ann.tasks()
    for key in NOT_A_KEY:
        response = ann.patch(f"/api/v2/todo/{tasks[1]['id']}", title="x", **{field: key})
        assert fields_of(response) == [[field]], key
    assert ann.tasks() == shown


def test_a_nonsense_neighbour_is_refused_beside_a_good_one(ann: Api) -> None:
    tasks = three(ann)
    shown = ann.tasks()
    for fields in ({"prevIndex": "first", "nextIndex": "a1"}, {"prevIndex": "a0", "nextIndex": "last"}):
        assert ann.patch(f"/api/v2/todo/{tasks[2]['id']}", **fields).status_code == 400
    assert ann.tasks() == shown


def test_a_sort_key_can_be_set_outright(ann: Api) -> None:
    a = three(ann)[0]
    assert move(ann, a, sortKey="a1V") == "a1V"
    assert titles(ann) == ["b", "a", "c"]


def test_a_change_of_anything_else_keeps_the_place(ann: Api) -> None:
    b = three(ann)[1]
    assert move(ann, b, priority="high", completed=True, description="x") == b["sortKey"]
    assert titles(ann) == ["a", "b", "c"]


def test_capitals_come_before_small_letters(ann: Api) -> None:
    for title, key in (("3", "a0"), ("1", "Zy"), ("4", "a0a"), ("2", "Zz"), ("5", "aa")):
        move(ann, ann.task(title), sortKey=key)
    assert titles(ann) == ["1", "2", "3", "4", "5"]
