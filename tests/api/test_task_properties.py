"""What stays true whatever is done with tasks: contract, section 4."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import MakeApp
from tests.support import JSON, Api

FEW = settings(max_examples=25, deadline=None, derandomize=True, database=None)
BULK = "/api/v2/todo/bulk"
ACTIONS = ["create", "add a subtask", "reparent", "complete", "reopen", "delete", "complete two", "delete two"]


def start_over(api: Api) -> None:
    tasks = api.tasks()
    if tasks:
        api.delete(BULK, todoIds=",".join(task["id"] for task in tasks))
    assert api.tasks() == []


def test_any_moves_leave_the_order_that_a_plain_list_gets(make_app: MakeApp) -> None:
    ann = Api(make_app()).sign_in("ann@example.com")

    @FEW
    @given(st.integers(2, 6), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
    def moves_like_a_list(count: int, moves: list[tuple[int, int]]) -> None:
        start_over(ann)
        expected = [ann.task(str(number))["title"] for number in range(count)]
        for source, target in moves:
            moved = expected.pop(source % count)
            place = target % count
            _move(ann, moved, place)
            expected.insert(place, moved)
            assert [task["title"] for task in ann.tasks()] == expected
        keys = [task["sortKey"] for task in ann.tasks()]
        assert keys == sorted(set(keys))
        assert ann.task("new")["title"] == ann.tasks()[-1]["title"]

    moves_like_a_list()


def test_any_actions_leave_a_sound_tree(make_app: MakeApp) -> None:
    ann = Api(make_app()).sign_in("ann@example.com")

    @FEW
    @given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 9), st.integers(0, 9)), max_size=15))
    def stays_sound(actions: list[tuple[str, int, int]]) -> None:
        start_over(ann)
        for action, first, second in actions:
            before = {task["id"]: task["parentId"] for task in ann.tasks()}
            _act(ann, action, first, second)
            after = ann.tasks()
            _check_tree(after)
            assert all(before.get(task["id"], task["parentId"]) == task["parentId"] for task in after)

    stays_sound()


def _move(api: Api, title: str, place: int) -> None:
    tasks = api.tasks()
    [moved] = [task for task in tasks if task["title"] == title]
    keys = [None, *(task["sortKey"] for task in tasks if task["title"] != title), None]
    response = api.patch(f"/api/v2/todo/{moved['id']}", prevIndex=keys[place], nextIndex=keys[place + 1])
    assert response.status_code == 200, response.text


def _act(api: Api, action: str, first: int, second: int) -> None:
    tasks = api.tasks()
    if action == "create" or not tasks:
        rule: Any = {"pattern": "daily"} if first % 2 else None
        api.task(dueDate=f"2026-03-1{second}", recurrenceRule=rule)
        return
    one, other = tasks[first % len(tasks)], tasks[second % len(tasks)]
    path, both = f"/api/v2/todo/{one['id']}", f"{one['id']},{other['id']}"
    if action == "add a subtask":
        response = api.post("/api/v2/todo", title="subtask", parentId=one["id"])
        assert response.status_code == (201 if one["parentId"] is None else 400)
    elif action == "reparent":
        assert api.patch(path, parentId=other["id"]).json["todo"]["parentId"] == one["parentId"]
    elif action in ("complete", "reopen"):
        done = action == "complete"
        assert api.patch(path, completed=done).json["todo"]["completed"] is done
    elif action == "delete":
        assert api.delete(path).status_code == 200
    elif action == "complete two":
        assert api.call("PATCH", BULK, query_string={"todoIds": both}, json={"completed": True}).status_code == 200
    else:
        assert api.delete(BULK, todoIds=both).status_code == 200


def _check_tree(tasks: list[JSON]) -> None:
    by_id = {task["id"]: task for task in tasks}
    assert len(by_id) == len(tasks)
    children = [child for task in tasks for child in task["children"]]
    assert len({child["id"] for child in children}) == len(children)
    assert {child["id"] for child in children} == {task["id"] for task in tasks if task["parentId"] is not None}
    for task in tasks:
        assert (task["completedAt"] is not None) == task["completed"]
        for child in task["children"]:
            assert child["parentId"] == task["id"]
            assert child["children"] == []
            assert child == by_id[child["id"]]
