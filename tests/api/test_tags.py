"""Tags: contract, section 6."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.support import JSON, Api, fields_of

TAGS = "/api/v2/tag"
TAG = ["id", "name", "color"]
COLORS = ["blue", "red", "green", "yellow", "purple", "orange", "pink"]
UNKNOWN = "tag_" + "0" * 26


def listed(api: Api, **query: Any) -> list[JSON]:
    return list(api.get(TAGS, **query).json["tags"])


def names(api: Api, **query: Any) -> set[str]:
    return {tag["name"] for tag in listed(api, **query)}


def count_of(api: Api, tag: JSON) -> int:
    return next(int(found["_count"]["todos"]) for found in listed(api) if found["id"] == tag["id"])


# -- creating


def test_a_new_tag_is_answered_whole(ann: Api) -> None:
    response = ann.post(TAGS, name="urgent", color="red")
    assert response.status_code == 201
    assert list(response.json) == ["msg", "tag"]
    assert response.json["msg"] == "todo added sucessfully"
    tag = response.json["tag"]
    assert list(tag) == TAG
    assert re.fullmatch(r"tag_[0-9a-z]{26}", tag["id"])
    assert tag == {"id": tag["id"], "name": "urgent", "color": "red"}


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("  urgent ", "urgent"),
        ("\turgent\n", "urgent"),
        ("very urgent", "very urgent"),
        ("x", "x"),
        ("x" * 50, "x" * 50),
        (" " + "ü" * 50 + " ", "ü" * 50),
    ],
)
def test_a_tag_name_is_trimmed(ann: Api, sent: str, name: str) -> None:
    tag = ann.tag(sent)
    assert tag["name"] == name
    assert names(ann) == {name}
    renamed = ann.patch(f"{TAGS}/{ann.tag('other')['id']}", name=f"{sent}!"[-50:])
    assert renamed.json["tag"]["name"] == f"{sent}!"[-50:].strip()


@pytest.mark.parametrize("color", COLORS)
def test_a_tag_has_one_of_seven_colors(ann: Api, color: str) -> None:
    tag = ann.tag(color=color)
    assert tag["color"] == color
    other = COLORS[COLORS.index(color) - 1]
    assert ann.patch(f"{TAGS}/{tag['id']}", color=other).json["tag"] == {**tag, "color": other}


@pytest.mark.parametrize(
    ("body", "offending"),
    [
        ({"name": ""}, ["name"]),
        ({"name": "   "}, ["name"]),
        ({"name": "x" * 51}, ["name"]),
        ({"name": " " + "x" * 51}, ["name"]),
        ({"name": None}, ["name"]),
        ({"name": 7}, ["name"]),
        ({"name": ["urgent"]}, ["name"]),
        ({"name": "taken"}, ["name"]),
        ({"name": " taken "}, ["name"]),
        ({"color": "black"}, ["color"]),
        ({"color": "Red"}, ["color"]),
        ({"color": "#ff0000"}, ["color"]),
        ({"color": ""}, ["color"]),
        ({"color": None}, ["color"]),
        ({"color": 7}, ["color"]),
    ],
)
def test_nonsense_makes_and_changes_no_tag(ann: Api, body: dict[str, Any], offending: list[str]) -> None:
    ann.tag("taken")
    tag = ann.tag("urgent", color="red")
    before = listed(ann)
    assert fields_of(ann.post(TAGS, **{"name": "new", **body})) == [offending]
    assert fields_of(ann.patch(f"{TAGS}/{tag['id']}", **{"name": "new", **body})) == [offending]
    assert listed(ann) == before


def test_a_tag_needs_a_name(ann: Api) -> None:
    assert fields_of(ann.post(TAGS, color="red")) == [["name"]]
    assert listed(ann) == []


def test_every_offending_field_is_told(ann: Api) -> None:
    assert fields_of(ann.post(TAGS, color="black")) == [["name"], ["color"]]


def test_a_tag_name_is_unique_within_the_account(ann: Api, ben: Api) -> None:
    ann.tag("urgent")
    assert ben.tag("urgent")["name"] == "urgent"
    assert fields_of(ben.post(TAGS, name="urgent")) == [["name"]]
    assert len(listed(ann)) == len(listed(ben)) == 1


def test_a_tag_name_is_free_again_once_nobody_has_it(ann: Api) -> None:
    tag = ann.tag("urgent")
    assert ann.patch(f"{TAGS}/{tag['id']}", name="later").status_code == 200
    again = ann.tag("urgent")
    assert ann.delete(f"{TAGS}/bulk", tagIds=again["id"]).status_code == 200
    assert ann.tag("urgent")["id"] not in (tag["id"], again["id"])


def test_what_the_server_decides_cannot_be_sent(ann: Api) -> None:
    tag = ann.tag("urgent", id=UNKNOWN, _count={"todos": 9}, nonsense=1)
    assert list(tag) == TAG
    assert tag["id"] != UNKNOWN
    assert count_of(ann, tag) == 0


def test_a_color_that_is_left_out_is_one_of_the_seven_and_the_same_again(make_app: MakeApp) -> None:
    drawn = []
    for seed in (1, 1, 2):
        api = Api(make_app(seed=seed)).sign_in("ann@example.com")
        drawn.append([api.tag(f"tag {number}")["color"] for number in range(60)])
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(drawn[0]) == set(drawn[2]) == set(COLORS)


# -- reading


def test_the_list_holds_the_own_tags_with_their_counts(ann: Api, ben: Api) -> None:
    first, second = ann.tag("first"), ann.tag("second")
    ben.tag("third")
    ann.task(tags=[second["id"]])
    response = ann.get(TAGS)
    assert response.status_code == 200
    assert list(response.json) == ["tags"]
    tags = response.json["tags"]
    assert sorted(tags, key=lambda tag: str(tag["name"])) == [
        {**first, "_count": {"todos": 0}},
        {**second, "_count": {"todos": 1}},
    ]
    assert all(list(tag) == [*TAG, "_count"] for tag in tags)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", {"Urgent", "not urgent", "Später"}),
        ("urgent", {"Urgent", "not urgent"}),
        ("URG", {"Urgent", "not urgent"}),
        ("t u", {"not urgent"}),
        ("SPÄT", {"Später"}),
        ("nowhere", set()),
    ],
)
def test_tags_are_found_by_a_part_of_the_name(ann: Api, ben: Api, search: str, found: set[str]) -> None:
    for name in ("Urgent", "not urgent", "Später"):
        ann.tag(name)
    ben.tag("urgent of Ben")
    assert names(ann, search=search) == found


@pytest.mark.parametrize("way", ["repeated", "brackets", "commas", "commas and repeated"])
def test_tags_are_found_by_their_ids(ann: Api, ben: Api, way: str) -> None:
    first, _, third = (ann.tag(name)["id"] for name in ("first", "second", "third"))
    theirs = ben.tag("theirs")["id"]
    queries: dict[str, dict[str, Any]] = {
        "repeated": {"ids": [first, third, theirs, UNKNOWN]},
        "brackets": {"ids[]": [first, third, theirs, UNKNOWN]},
        "commas": {"ids": f"{first},{third},{theirs},{UNKNOWN}"},
        "commas and repeated": {"ids": [f"{first},{theirs}", f"{third},{first}"]},
    }
    query = queries[way]
    assert [tag["name"] for tag in listed(ann, **query)] == ["first", "third"]
    assert names(ann, search="thi", **query) == {"third"}


def test_one_id_finds_one_tag(ann: Api) -> None:
    first, _ = ann.tag("first"), ann.tag("second")
    for name in ("ids", "ids[]"):
        assert names(ann, **{name: first["id"]}) == {"first"}
        assert names(ann, **{name: UNKNOWN}) == set()


def test_a_tag_counts_the_tasks_that_carry_it_now(ann: Api) -> None:
    tag, other = ann.tag("urgent"), ann.tag("other")
    tasks = [ann.task(tags=[tag["id"]]) for _ in range(3)]
    child = ann.task(parentId=tasks[0]["id"], tags=[tag["id"], other["id"]])
    assert (count_of(ann, tag), count_of(ann, other)) == (4, 1)
    assert ann.patch(f"/api/v2/todo/{tasks[1]['id']}", completed=True).status_code == 200
    assert count_of(ann, tag) == 4
    assert ann.patch(f"/api/v2/todo/{tasks[2]['id']}", tags=[other["id"]]).status_code == 200
    assert (count_of(ann, tag), count_of(ann, other)) == (3, 2)
    assert ann.delete(f"/api/v2/todo/{child['id']}").status_code == 200
    assert (count_of(ann, tag), count_of(ann, other)) == (2, 1)


def test_the_count_is_that_of_the_own_tags(ann: Api, ben: Api) -> None:
    response = ann.get(f"{TAGS}/count")
    assert (response.status_code, response.json) == (200, {"count": 0})
    tag, _ = ann.tag("first"), ann.tag("second")
    ben.tag("third")
    assert (ann.get(f"{TAGS}/count").json, ben.get(f"{TAGS}/count").json) == ({"count": 2}, {"count": 1})
    assert ann.delete(f"{TAGS}/bulk", tagIds=tag["id"]).status_code == 200
    assert ann.get(f"{TAGS}/count").json == {"count": 1}


# -- changing


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "later"},
        {"color": "pink"},
        {"name": "later", "color": "pink"},
        {"name": "urgent"},
        {"name": "urgent", "color": "pink"},
        {"color": "pink", "id": UNKNOWN, "nonsense": 1},
    ],
)
def test_name_and_color_of_a_tag_can_change(ann: Api, changes: dict[str, Any]) -> None:
    tag, other = ann.tag("urgent", color="red"), ann.tag("other", color="blue")
    task = ann.task(tags=[tag["id"], other["id"]])
    expected = {**tag, **{key: changes[key] for key in changes if key in ("name", "color")}}
    response = ann.patch(f"{TAGS}/{tag['id']}", **changes)
    assert response.status_code == 200
    assert list(response.json) == ["tag"]
    assert list(response.json["tag"]) == TAG
    assert response.json == {"tag": expected}
    assert listed(ann) == [{**expected, "_count": {"todos": 1}}, {**other, "_count": {"todos": 1}}]
    shown = ann.shown(task["id"])
    assert shown is not None
    assert shown["tags"] == [expected, other]


# -- deleting


def test_a_bulk_delete_counts_the_own_tags_alone(ann: Api, ben: Api) -> None:
    first, second = ann.tag("first"), ann.tag("second")
    ann.tag("kept")
    theirs = ben.tag("theirs")
    wanted = ",".join([first["id"], UNKNOWN, theirs["id"], second["id"], "nonsense", first["id"]])
    response = ann.delete(f"{TAGS}/bulk", tagIds=wanted)
    assert response.status_code == 200
    assert response.json == {"deletedCount": 2}
    assert (names(ann), names(ben)) == ({"kept"}, {"theirs"})
    assert ann.delete(f"{TAGS}/bulk", tagIds=wanted).json == {"deletedCount": 0}


def test_a_deleted_tag_is_taken_off_every_task(ann: Api) -> None:
    gone, kept = ann.tag("gone"), ann.tag("kept")
    both = ann.task("both", tags=[gone["id"], kept["id"]])
    child = ann.task("child", parentId=both["id"], tags=[gone["id"]])
    assert ann.delete(f"{TAGS}/bulk", tagIds=gone["id"]).json == {"deletedCount": 1}
    assert {task["title"]: task["tags"] for task in ann.tasks()} == {"both": [kept], "child": []}
    shown = ann.shown(both["id"])
    assert shown is not None
    assert [(found["id"], found["tags"]) for found in shown["children"]] == [(child["id"], [])]
    assert ann.tasks(tagIds=gone["id"]) == []
    assert ann.post("/api/v2/todo", title="late", tags=[gone["id"]]).status_code == 400


@pytest.mark.parametrize("query", [{}, {"tagIds": ""}, {"tagIds": " , "}, {"ids": UNKNOWN}])
def test_a_bulk_delete_needs_ids(ann: Api, query: dict[str, str]) -> None:
    ann.tag("kept")
    assert fields_of(ann.delete(f"{TAGS}/bulk", **query)) == [["tagIds"]]
    assert names(ann) == {"kept"}
