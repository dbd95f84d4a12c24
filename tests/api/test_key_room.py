"""Sort keys have at most 200 characters, those that come in and those that are made; where that does not do, it is
said."""

from __future__ import annotations

from typing import Any

import pytest
from fractional_indexing import validate_order_key
from hypothesis import given, settings
from hypothesis import strategies as st

from mockflow.errors import SeedInvalid
from tests.conftest import MakeApp
from tests.support import JSON, Api, Reply, fields_of

TODO = "/api/v2/todo"
LONGEST = 200
LAST = "z" * LONGEST
DAY, NEXT_DAY = "2030-01-31", "2030-02-01"
EVERY_DAY = {"pattern": "daily"}
EXTREMES = [
    "a0", "a1", "Zz", "zz", "z" * 26, "z" * 27, "z" * 28, "z" * 199, LAST, "A" + "0" * 25 + "1",
    "A" + "0" * 26 + "1", "a0" + "V" * 198,     "a0" + "0" * 197 + "1", "a0" + "z" * 198,
]  # fmt: skip


def no_room(reply: Reply) -> bool:
    return fields_of(reply) == [["sortKey"]] and "There is no room" in reply.json["message"]


@pytest.mark.parametrize("field", ["sortKey", "prevIndex", "nextIndex"])
def test_a_longer_key_is_refused_and_one_of_that_length_is_not(ann: Api, field: str) -> None:
    path = f"{TODO}/{ann.task()['id']}"
    for length in (201, 500, 5000):
        assert fields_of(ann.patch(path, **{field: "z" * length})) == [[field]]
    longest = "a0" + "V" * (LONGEST - 2)
    assert ann.patch(path, **{field: longest}).status_code == 200


@pytest.mark.parametrize("field", ["prevIndex", "nextIndex"])
def test_a_longer_key_is_refused_for_a_section(ann: Api, field: str) -> None:
    project = ann.project()["id"]
    path = f"/api/v2/projects/{project}/sections/{ann.section(project)['id']}"
    assert fields_of(ann.patch(path, **{field: "z" * 201})) == [[field]]
    assert ann.patch(path, **{field: "a0" + "V" * 198}).status_code == 200


def test_behind_the_last_key_there_is_no_room_until_it_moves(ann: Api) -> None:
    last = ann.task("last", dueDate=DAY)["id"]
    assert ann.patch(f"{TODO}/{last}", sortKey=LAST).status_code == 200
    before = ann.tasks()
    for _ in range(3):
        assert no_room(ann.post(TODO, title="one more", dueDate=DAY))
    assert ann.tasks() == before
    assert ann.task("of another day")["sortKey"] == "a0"
    assert ann.patch(f"{TODO}/{last}", sortKey="a5").status_code == 200
    assert ann.task("now", dueDate=DAY)["sortKey"] == "a6"


def test_many_tasks_go_behind_a_key_that_has_but_little_room(ann: Api) -> None:
    task = ann.task("last", dueDate=DAY)["id"]
    ann.patch(f"{TODO}/{task}", sortKey="z" * 198)
    keys = ["z" * 198]
    while (reply := ann.post(TODO, title="one more", dueDate=DAY)).status_code == 201:
        keys.append(reply.json["todo"]["sortKey"])
    assert no_room(reply)
    assert keys == sorted(set(keys))
    assert len(keys) > 3
    assert max(map(len, keys)) == LONGEST


def test_a_task_that_cannot_come_back_is_not_completed(ann: Api) -> None:
    ann.patch(f"{TODO}/{ann.task('tomorrow', dueDate=NEXT_DAY)['id']}", sortKey=LAST)
    task = ann.task("daily", dueDate=DAY, recurrenceRule=EVERY_DAY)
    before = ann.tasks()
    assert no_room(ann.patch(f"{TODO}/{task['id']}", completed=True))
    bulk = ann.call("PATCH", f"{TODO}/bulk", query_string={"todoIds": task["id"]}, json={"completed": True})
    assert no_room(bulk)
    assert ann.tasks() == before


def test_there_is_no_room_beside_a_neighbour_either(ann: Api) -> None:
    one, other, third = (ann.task(title, dueDate=DAY)["id"] for title in "abc")
    ann.patch(f"{TODO}/{one}", sortKey="a0" + "0" * 197 + "1")
    ann.patch(f"{TODO}/{other}", sortKey="a0" + "0" * 197 + "2")
    between = {"prevIndex": "a0" + "0" * 197 + "1", "nextIndex": "a0" + "0" * 197 + "2"}
    assert no_room(ann.patch(f"{TODO}/{third}", **between))
    assert no_room(ann.patch(f"{TODO}/{third}", prevIndex=between["prevIndex"]))
    ann.patch(f"{TODO}/{one}", sortKey=LAST)
    assert no_room(ann.patch(f"{TODO}/{third}", nextIndex=None))


def test_a_section_finds_no_room_behind_the_last(ann: Api) -> None:
    project, other = ann.project("one")["id"], ann.project("other")["id"]
    sections = f"/api/v2/projects/{project}/sections"
    last, moved = ann.section(project)["id"], ann.section(other)["id"]
    assert ann.patch(f"{sections}/{last}", prevIndex="z" * 199).status_code == 200
    replies = [ann.post(sections, name="one more") for _ in range(10)]
    assert {reply.status_code for reply in replies} == {200, 400}
    assert no_room(replies[-1])
    assert no_room(ann.patch(f"/api/v2/projects/{other}/sections/{moved}", projectId=project))
    assert [found["id"] for found in ann.get(f"/api/v2/projects/{other}/sections").json["sections"]] == [moved]


@pytest.mark.parametrize(
    ("tasks", "told"),
    [
        ([{"title": "a", "sortKey": "z" * 201}], "at most 200 characters"),
        ([{"title": "a", "sortKey": LAST}, {"title": "b"}], "There is no room"),
    ],
)
def test_seeds_say_where_a_key_has_no_room(make_app: MakeApp, tmp_path: Any, tasks: list[JSON], told: str) -> None:
    persona = {"email": "a@b.test", "password": "Passw0rd!", "for": "it", "tasks": tasks}
    path = tmp_path / "seeds.yaml"
    path.write_text(str({"about": "keys", "personas": [persona]}).replace("'", '"'))
    with pytest.raises(SeedInvalid, match=told):
        make_app(seeds=str(path))


# -- any sequence of changes

DAYS = st.sampled_from([None, DAY, NEXT_DAY])
PICKS = st.integers(0, 7)
NEIGHBOURS = st.one_of(st.none(), PICKS, st.sampled_from(EXTREMES))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), DAYS, st.booleans()),
        st.tuples(st.just("put"), PICKS, st.sampled_from(EXTREMES)),
        st.tuples(st.just("move"), PICKS, NEIGHBOURS, NEIGHBOURS, st.sampled_from(["both", "prev", "next"])),
        st.tuples(st.just("complete"), PICKS),
        st.tuples(st.just("bulk"), PICKS, DAYS),
        st.tuples(st.just("section")),
        st.tuples(st.just("move section"), PICKS, NEIGHBOURS, NEIGHBOURS, st.booleans()),
    ),
    min_size=3,
    max_size=12,
)


class Keys:
    """One account whose tasks and sections are moved about."""

    def __init__(self, api: Api) -> None:
        assert api.post("/_mockflow/reset").status_code == 200
        self.api = api.sign_in("ann@example.com")
        self.projects = [self.api.project("one")["id"], self.api.project("two")["id"]]

    def sections(self) -> list[JSON]:
        listed = (self.api.get(f"/api/v2/projects/{one}/sections").json["sections"] for one in self.projects)
        return [section for of_one in listed for section in of_one]

    def step(self, kind: str, *how: Any) -> Reply | None:
        if kind == "create":
            rule = EVERY_DAY if how[1] else None
            return self.api.post(TODO, title="x", dueDate=how[0], recurrenceRule=rule)
        if kind == "section":
            return self.api.post(f"/api/v2/projects/{self.projects[0]}/sections", name="x")
        records = self.sections() if kind == "move section" else self.api.tasks()
        return self.change(kind, records, records[how[0] % len(records)], *how[1:]) if records else None

    def change(self, kind: str, records: list[JSON], record: JSON, *how: Any) -> Reply:
        path = f"{TODO}/{record['id']}"
        if kind == "put":
            return self.api.patch(path, sortKey=how[0])
        if kind == "complete":
            return self.api.patch(path, completed=not record["completed"])
        if kind == "bulk":
            return self.api.call("PATCH", f"{TODO}/bulk?todoIds={record['id']}", json={"dueDate": how[0]})
        prev, following = (self.key(records, neighbour) for neighbour in how[:2])
        if kind == "move":
            places = {"prevIndex": prev, "nextIndex": following}
            return self.api.patch(
                path, **{k: v for k, v in places.items() if how[2] == "both" or k.startswith(how[2])}
            )
        path = f"/api/v2/projects/{record['projectId']}/sections/{record['id']}"
        target = {"projectId": self.projects[1]} if how[2] else {"prevIndex": prev, "nextIndex": following}
        return self.api.patch(path, **target)

    @staticmethod
    def key(records: list[JSON], neighbour: int | str | None) -> str | None:
        return records[neighbour % len(records)]["sortKey"] if isinstance(neighbour, int) else neighbour

    def check(self, reply: Reply | None) -> None:
        assert reply is None or reply.status_code < 500, reply.text
        for records in (self.api.tasks(), *([one] for one in self.sections())):
            keys = [record["sortKey"] for record in records]
            assert keys == sorted(keys)
            for key in keys:
                assert len(key) <= LONGEST
                validate_order_key(key)
        made = reply.json.get("todo") if reply is not None and reply.status_code == 201 else None
        if made is not None:
            others = [one["sortKey"] for one in self.api.tasks() if one["dueDate"] == made["dueDate"]]
            assert sorted(others)[-1] == made["sortKey"]
            assert others.count(made["sortKey"]) == 1


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(STEPS)
def _keys_stay_short_and_ordered(api: Api, steps: list[tuple[Any, ...]]) -> None:
    keys = Keys(api)
    for step in steps:
        keys.check(keys.step(*step))


def test_whatever_is_created_and_moved_keys_stay_short_and_ordered(make_app: MakeApp) -> None:
    _keys_stay_short_and_ordered(Api(make_app()))
